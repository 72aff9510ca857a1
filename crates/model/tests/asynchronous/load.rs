//! Six hours of a busy function.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hearth_model::{
    asynchronous::{Condition, Outcome, Output, Queue},
    identity::RequestId,
    reference::Qualifier,
    time::Instant,
};
use proptest::{prelude::*, test_runner::TestRunner};

/// An event every two seconds for six hours, and all that follows from them, take milliseconds.
#[test]
fn six_hours_of_a_function_that_often_fails() {
    const EVENTS: u64 = 6 * 60 * 60 / 2;
    let mut runner = TestRunner::deterministic();
    let mut dice = move || runner.rng().random_range(0..100_u32);
    let mut queue = Queue::new(Queue::DEFAULT_CAPACITY);
    // When running attempts will be over.
    let mut running = BTreeSet::new();
    let mut arrivals =
        (0..EVENTS).map(|number| (Instant::ORIGIN + Duration::from_secs(2 * number), number)).peekable();
    let mut ends = BTreeMap::new();
    let mut attempts = 0_u32;
    let mut last = Instant::ORIGIN;
    loop {
        let arrival = arrivals.peek().map(|(at, _)| *at);
        let end = running.first().map(|(at, _)| *at);
        let Some(now) = [arrival, end, queue.poll_timeout()].into_iter().flatten().min() else { break };
        last = now;
        if let Some((_, number)) = arrivals.next_if(|(at, _)| *at == now) {
            let id = RequestId::from_random(number.into());
            queue.handle_accept(now, id, Qualifier::LATEST).expect("there is room");
        }
        while let Some((_, id)) = running.first().copied().filter(|(at, _)| *at == now) {
            running.pop_first();
            let outcome = match dice() {
                0..50 => Outcome::Success,
                50..70 => Outcome::FunctionError,
                70..98 => Outcome::Throttled,
                _ => Outcome::PlatformFault,
            };
            queue.handle_result(now, id, outcome);
        }
        queue.handle_timeout(now);
        while let Some(output) = queue.poll_output() {
            match output {
                Output::Attempt { id, .. } => {
                    attempts += 1;
                    running.insert((now + Duration::from_millis(u64::from(dice()) * 30 + 1), id));
                }
                Output::Ended(ending) => {
                    assert_eq!(ends.insert(ending.id, ending.condition), None, "{} ended twice", ending.id);
                }
            }
        }
    }
    assert!(queue.is_empty());
    assert_eq!(ends.len() as u64, EVENTS);
    let count = |condition| ends.values().filter(|end| **end == condition).count();
    let (well, badly) = (count(Condition::Success), count(Condition::RetriesExhausted));
    assert_eq!(well + badly, ends.len());
    // Two of seven runs end badly, and three in a row end an event: 2.3 % of them.
    assert!((150..350).contains(&badly), "{badly}");
    // 1 + 2/7 + (2/7)² runs for an event, and seven of ten attempts are runs: 1.95 attempts for an event.
    assert!((20_500..21_700).contains(&attempts), "{attempts}");
    assert!(last - Instant::ORIGIN >= Duration::from_hours(6) - Duration::from_secs(2));
}
