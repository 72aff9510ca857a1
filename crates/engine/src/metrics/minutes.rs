//! What happened minute by minute, as CloudWatch has it.

use std::{collections::VecDeque, mem};

use hearth_model::time::Timestamp;

/// The minutes of the wall clock in which something happened, as far as they are not too long ago.
#[derive(Debug)]
pub(crate) struct Minutes<T> {
    /// Counted from the epoch.
    minute: i64,
    current: T,
    over: VecDeque<(i64, T)>,
}

/// What happens within a minute. The default is nothing at all.
pub(crate) trait Activities: Clone + Default + PartialEq {
    /// How the next minute begins: with what goes on from this one.
    fn following(&self) -> Self;
}

/// Minutes that are kept: of a function that is never idle, those of three hours.
const KEPT: usize = 180;

const NANOS: i64 = 60_000_000_000;

impl<T: Activities> Minutes<T> {
    /// The minute of `now`, for something to happen in it. If another one is over by that, `over` is told of it.
    pub(crate) fn at(&mut self, now: Timestamp, over: impl FnOnce(&T)) -> &mut T {
        let minute = now.as_unix_nanos().div_euclid(NANOS);
        // If the clock is set back, time stands still here.
        if minute > self.minute {
            let following = self.current.following();
            let ended = mem::replace(&mut self.current, following);
            over(&ended);
            self.keep(self.minute, ended);
            self.go_on(minute);
        }
        &mut self.current
    }

    /// What happened in the current minute, which may be over by now.
    pub(crate) const fn current(&self) -> &T {
        &self.current
    }

    /// When something happened for the last time, counted in minutes.
    pub(crate) const fn newest(&self) -> i64 {
        self.minute
    }

    /// The minutes in which something happened, oldest first, each with its beginning. The current one is among them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, &T)> {
        let over = self.over.iter().map(|(minute, activities)| (*minute, activities));
        let current = (self.current != T::default()).then_some((self.minute, &self.current));
        let beginning = |(minute, activities)| (Timestamp::from_unix_nanos(minute * NANOS), activities);
        over.chain(current).map(beginning)
    }

    /// Goes to another minute. Nothing happened in those between, but something may have gone on in them.
    fn go_on(&mut self, minute: i64) {
        let kept = i64::try_from(KEPT).expect("a small number");
        for between in (self.minute + 1).max(minute - kept)..minute {
            if self.current == T::default() {
                break;
            }
            self.keep(between, self.current.clone());
        }
        self.minute = minute;
    }

    fn keep(&mut self, minute: i64, activities: T) {
        if activities != T::default() {
            if self.over.len() == KEPT {
                self.over.pop_front();
            }
            self.over.push_back((minute, activities));
        }
    }
}

impl<T: Default> Default for Minutes<T> {
    fn default() -> Self {
        Self { minute: i64::MIN / NANOS, current: T::default(), over: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happened, and what goes on.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Counts(u32, u32);

    impl Activities for Counts {
        fn following(&self) -> Self {
            Self(0, self.1)
        }
    }

    fn at(minutes: &mut Minutes<Counts>, second: i64) -> &mut Counts {
        minutes.at(Timestamp::from_unix_millis(second * 1_000), |_| {})
    }

    /// Second, count and what goes on.
    fn seen(minutes: &Minutes<Counts>) -> Vec<(i64, u32, u32)> {
        minutes.iter().map(|(start, counts)| (start.as_unix_seconds(), counts.0, counts.1)).collect()
    }

    #[test]
    fn minutes_are_those_of_the_clock() {
        let mut minutes = Minutes::default();
        assert_eq!(seen(&minutes), []);
        at(&mut minutes, 59).0 += 1;
        at(&mut minutes, 60).0 += 2;
        at(&mut minutes, 30).0 += 3;
        at(&mut minutes, 500).0 += 4;
        assert_eq!(seen(&minutes), [(0, 1, 0), (60, 5, 0), (480, 4, 0)]);
        at(&mut minutes, 1_000);
        assert_eq!(seen(&minutes).len(), 3, "nothing happened since");
    }

    #[test]
    fn what_goes_on_is_there_in_every_minute() {
        let mut minutes = Minutes::default();
        *at(&mut minutes, -1) = Counts(1, 1);
        at(&mut minutes, 120).1 = 0;
        at(&mut minutes, 240).0 = 1;
        assert_eq!(seen(&minutes), [(-60, 1, 1), (0, 0, 1), (60, 0, 1), (240, 1, 0)]);
    }

    #[test]
    fn the_past_is_bounded() {
        let mut minutes = Minutes::default();
        *at(&mut minutes, 0) = Counts(0, 1);
        at(&mut minutes, 1_000_000 * 60).1 = 0;
        let seen = seen(&minutes);
        assert_eq!((seen.len(), seen[0].0), (180, (1_000_000 - 180) * 60));
    }

    #[test]
    fn a_minute_that_is_over_is_told() {
        let mut minutes = Minutes::default();
        let mut total = 0;
        for second in [10, 20, 70, 200] {
            minutes.at(Timestamp::from_unix_millis(second * 1_000), |over: &Counts| total += over.0).0 += 1;
        }
        assert_eq!(total + minutes.current().0, 4);
    }
}
