//! The rules that there are, and what they have seen.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Fault, FaultKind, Occurrence, Rule};
use crate::{
    random::{GOLDEN_GAMMA, mix},
    wildcard,
};

/// Names a rule; counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

/// The rules, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Active>,
    last_id: u64,
}

#[derive(Debug)]
struct Active {
    id: FaultId,
    rule: Rule,
    /// How many calls it has concerned, and how many of them went wrong.
    seen: u64,
    injected: u64,
}

/// A rule and what it has done.
#[derive(Clone, Copy, Debug)]
pub struct FaultView<'a> {
    /// What names it.
    pub id: FaultId,
    /// The rule.
    pub rule: &'a Rule,
    /// How many calls it has concerned.
    pub seen: u64,
    /// How many of them went wrong.
    pub injected: u64,
}

/// Where something can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// A function is invoked.
    Invoke,
    /// An environment of a function initialises.
    Init,
    /// A queue takes a message.
    Send,
    /// Somebody is told of a change of a bucket.
    Notify,
    /// A bucket takes an object, or a part of one.
    Write,
    /// Something is written to a disk so that it survives.
    Keep,
}

/// Something that is to go wrong now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injected {
    /// The rule that says so.
    pub id: FaultId,
    /// What.
    pub fault: Fault,
}

impl Faults {
    /// Adds a rule. Returns what names it from now on.
    pub fn add(&mut self, rule: Rule) -> FaultId {
        self.last_id += 1;
        let id = FaultId(self.last_id);
        self.rules.push(Active { id, rule, seen: 0, injected: 0 });
        id
    }

    /// Takes a rule away; false if there is none of this name.
    pub fn remove(&mut self, id: FaultId) -> bool {
        let before = self.rules.len();
        self.rules.retain(|active| active.id != id);
        self.rules.len() < before
    }

    /// Takes all rules away.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// All rules.
    pub fn list(&self) -> impl Iterator<Item = FaultView<'_>> {
        self.rules.iter().map(|Active { id, rule, seen, injected }| FaultView {
            id: *id,
            rule,
            seen: *seen,
            injected: *injected,
        })
    }

    /// Something of this name is called: what is to go wrong, in the order of the rules.
    pub fn handle_call(&mut self, point: Point, name: &str) -> Vec<Injected> {
        let concerned = |active: &&mut Active| {
            point_of(active.rule.fault.kind()) == point && wildcard::matches(&active.rule.name, name)
        };
        let call = |active: &mut Active| {
            active.seen += 1;
            let injected = active.rule.occurrence.has(active.seen);
            active.injected += u64::from(injected);
            injected.then(|| Injected { id: active.id, fault: active.rule.fault.clone() })
        };
        self.rules.iter_mut().filter(concerned).filter_map(call).collect()
    }
}

impl Occurrence {
    /// Whether the call of this number, counted from 1, goes wrong.
    fn has(&self, call: u64) -> bool {
        let Some(place) = call.checked_sub(self.from.get()) else { return false };
        let within = self.count.is_none_or(|count| place < count.get());
        let drawn = mix(self.seed.wrapping_add(GOLDEN_GAMMA.wrapping_mul(call))) % 100;
        within && drawn < u64::from(self.percent)
    }
}

const fn point_of(kind: FaultKind) -> Point {
    match kind {
        FaultKind::Throttle
        | FaultKind::Delay
        | FaultKind::Fail
        | FaultKind::KillBeforeHandler
        | FaultKind::KillAfterHandler
        | FaultKind::DropResponse => Point::Invoke,
        FaultKind::KillDuringInit | FaultKind::FailInit => Point::Init,
        FaultKind::DuplicateMessage | FaultKind::ReorderMessage => Point::Send,
        FaultKind::DuplicateEvent => Point::Notify,
        FaultKind::NoSpace => Point::Write,
        FaultKind::DiskFull => Point::Keep,
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{GivenFault, InvalidFault},
        *,
    };

    fn given(kind: FaultKind) -> GivenFault {
        GivenFault { fault: Some(kind), function: Some("f*".to_owned()), ..GivenFault::default() }
    }

    fn rule(given: GivenFault) -> Rule {
        Rule::try_from(given).expect("a rule")
    }

    /// Which of so many calls go wrong.
    fn wrong(given: GivenFault, calls: u64) -> Vec<u64> {
        let mut faults = Faults::default();
        faults.add(rule(given));
        (1..=calls).filter(|_| !faults.handle_call(Point::Invoke, "fn").is_empty()).collect()
    }

    #[test]
    fn a_window_of_calls_goes_wrong() {
        let fail = || given(FaultKind::Fail);
        assert_eq!(wrong(fail(), 3), [1, 2, 3]);
        assert_eq!(wrong(GivenFault { from: Some(2), ..fail() }, 4), [2, 3, 4]);
        assert_eq!(wrong(GivenFault { from: Some(3), count: Some(1), ..fail() }, 9), [3]);
    }

    #[test]
    fn a_seed_decides_which_of_a_hundred() {
        let some = |seed| GivenFault { percent: Some(30), seed: Some(seed), ..given(FaultKind::Fail) };
        let first = wrong(some(1), 10_000);
        assert_eq!(wrong(some(1), 10_000), first);
        assert_ne!(wrong(some(2), 10_000), first);
        assert!((2_800..3_200).contains(&first.len()), "{}", first.len());
    }

    #[test]
    fn rules_see_only_what_they_are_about() {
        let mut faults = Faults::default();
        let first = faults.add(rule(given(FaultKind::Throttle)));
        let second = faults.add(rule(GivenFault { from: Some(2), ..given(FaultKind::FailInit) }));
        let ids = |injected: Vec<Injected>| injected.iter().map(|injected| injected.id).collect::<Vec<_>>();
        assert_eq!(ids(faults.handle_call(Point::Invoke, "other")), []);
        assert_eq!(ids(faults.handle_call(Point::Invoke, "f")), [first]);
        assert_eq!(ids(faults.handle_call(Point::Init, "f")), []);
        assert_eq!(ids(faults.handle_call(Point::Init, "f")), [second]);
        let seen: Vec<_> = faults.list().map(|view| (view.id.0, view.seen, view.injected)).collect();
        assert_eq!(seen, [(1, 1, 1), (2, 2, 1)]);
        assert!(faults.remove(first) && !faults.remove(first));
        assert_eq!(faults.add(rule(given(FaultKind::Throttle))), FaultId(3), "a name is not used again");
        faults.clear();
        assert!(faults.is_empty() && faults.handle_call(Point::Init, "f").is_empty());
    }

    #[test]
    fn what_is_written_reads_back() {
        for kind in [FaultKind::Fail, FaultKind::KillAfterHandler] {
            let given = GivenFault { percent: Some(5), seed: Some(7), from: Some(2), ..given(kind) };
            let rule = rule(given);
            assert_eq!(Rule::try_from(GivenFault::from(&rule)), Ok(rule));
        }
        let names = serde_json::to_value(FaultKind::KillBeforeHandler).expect("a name");
        assert_eq!(names, FaultKind::KillBeforeHandler.as_str());
    }

    #[test]
    fn a_rule_says_what_where_and_nothing_else() {
        let refused = |given: GivenFault| Rule::try_from(given).expect_err("no rule").to_string();
        let check = |given, message: &str| assert_eq!(refused(given), message);
        check(GivenFault::default(), &InvalidFault::Nothing.to_string());
        check(
            GivenFault { fault: Some(FaultKind::NoSpace), ..GivenFault::default() },
            "`bucket` is missing: `no-space` happens to a bucket; `*` means all of them",
        );
        check(given(FaultKind::NoSpace), "`function` does not go with `no-space`: leave it out");
        let disk = |name: &str| GivenFault {
            fault: Some(FaultKind::DiskFull),
            disk: Some(name.to_owned()),
            ..GivenFault::default()
        };
        assert!(
            ["journal", "code", "objects", "*", "*o*"]
                .map(disk)
                .into_iter()
                .all(|disk| Rule::try_from(disk).is_ok())
        );
        check(
            disk("floppy"),
            "`disk` must be `journal`, `code` or `objects`, or `*` for all of them, not `floppy`",
        );
        check(given(FaultKind::Delay), "`delay_ms` is missing: say how long the delay is");
        let delayed = GivenFault { delay_ms: Some(1), ..given(FaultKind::Fail) };
        check(delayed, "`delay_ms` does not go with `fail`: leave it out");
        let percent = GivenFault { percent: Some(101), ..given(FaultKind::Fail) };
        check(percent, "`percent` must be between 1 and 100, not 101");
        let from = GivenFault { from: Some(0), ..given(FaultKind::Fail) };
        check(from, "`from` must be at least 1, not 0");
    }
}
