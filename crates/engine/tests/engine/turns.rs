//! While a clock stands, the order of everything is the same in each run, on however many threads.

use std::{sync::Arc, thread, time::Duration};

use hearth_engine::{
    activity::yield_now,
    asynchronous::AsynchronousRequest,
    clock::Clock,
    work::{WorkKind, WorkTracker},
};
use hearth_model::time::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::support::World;

/// A clock that stands, and who is watched by it.
fn frozen() -> (Clock, WorkTracker) {
    let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
    let work = WorkTracker::new(clock.activity().clone());
    (clock, work)
}

/// What tasks have said, in order.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn say(&self, what: impl Into<String>) {
        self.0.lock().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock())
    }
}

/// Tasks that wake and begin each other, let others go first, and wait for the clock and for threads.
async fn dance() -> Vec<String> {
    const DANCERS: usize = 6;
    let (clock, work) = frozen();
    let said = Said::default();
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..DANCERS).map(|_| mpsc::unbounded_channel::<usize>()).unzip();
    for (dancer, mut receiver) in receivers.into_iter().enumerate() {
        let (clock, tracker, said, senders) = (clock.clone(), work.clone(), said.clone(), senders.clone());
        work.spawn(WorkKind::Delivery, async move {
            while let Some(left) = receiver.recv().await {
                said.say(format!("{dancer} has {left} left"));
                if left % 3 == 0 {
                    yield_now().await;
                    said.say(format!("{dancer} let others go first"));
                }
                if left % 5 == 0 {
                    clock.sleep(Duration::from_millis(10)).await;
                    said.say(format!("{dancer} slept"));
                }
                if left % 4 == 0 {
                    let _busy = tracker.busy(WorkKind::Content);
                    let (done, is_done) = oneshot::channel();
                    thread::spawn(move || done.send(()));
                    is_done.await.expect("it ends");
                    said.say(format!("{dancer} heard of a thread"));
                }
                let Some(left) = left.checked_sub(1) else { continue };
                senders[(dancer + 1) % DANCERS].send(left).expect("somebody dances");
                if left % 7 == 0 {
                    let (said, sender) = (said.clone(), senders[left % DANCERS].clone());
                    tracker.spawn(WorkKind::Delivery, async move {
                        said.say(format!("somebody new, of {dancer}"));
                        sender.send(left / 2).expect("somebody dances");
                    });
                }
            }
        });
    }
    work.spawn(WorkKind::Delivery, async move {
        for (dancer, sender) in senders.iter().enumerate() {
            sender.send(20 + dancer).expect("somebody dances");
        }
    });
    clock.advance(Duration::from_secs(1)).await;
    said.take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dance_is_the_same_each_time() {
    let first = dance().await;
    assert!(first.len() > 300, "{}", first.len());
    for _ in 0..50 {
        assert_eq!(dance().await, first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_has_a_turn_while_another_ones_thread_is_waited_for() {
    let (clock, work) = frozen();
    let said = Said::default();
    let (begun, has_begun) = oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let (tracker, says) = (work.clone(), said.clone());
    work.spawn(WorkKind::Delivery, async move {
        let _busy = tracker.busy(WorkKind::Content);
        let (done, is_done) = oneshot::channel();
        thread::spawn(move || {
            may_go_on.recv().expect("it is told");
            done.send(())
        });
        begun.send(()).expect("somebody waits");
        is_done.await.expect("it ends");
        says.say("the first one");
    });
    has_begun.await.expect("it begins");
    let says = said.clone();
    work.spawn(WorkKind::Delivery, async move { says.say("the second one") });
    go_on.send(()).expect("it listens");
    clock.advance(Duration::ZERO).await;
    assert_eq!(said.take(), ["the first one", "the second one"]);
}

#[tokio::test]
async fn what_comes_from_outside_comes_last() {
    let (clock, work) = frozen();
    let said = Said::default();
    let (tracker, says) = (work.clone(), said.clone());
    work.spawn(WorkKind::Delivery, async move {
        says.say("begins");
        let others = says.clone();
        tracker.spawn(WorkKind::Delivery, async move { others.say("what it began") });
        yield_now().await;
        says.say("goes on");
    });
    let says = said.clone();
    work.spawn(WorkKind::Delivery, async move { says.say("from outside") });
    clock.advance(Duration::ZERO).await;
    assert_eq!(said.take(), ["begins", "what it began", "goes on", "from outside"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_turn_goes_on_when_the_clock_runs() {
    let clock = Clock::steered();
    let work = WorkTracker::new(clock.activity().clone());
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    clock.freeze();
    // It computes, and it is its turn.
    work.spawn(WorkKind::Delivery, async move {
        begun.send(()).expect("somebody waits");
        may_go_on.recv().expect("it is told");
    });
    has_begun.await.expect("it begins");
    let (done, is_done) = oneshot::channel();
    work.spawn(WorkKind::Delivery, async move { done.send(()).expect("somebody waits") });
    clock.resume();
    is_done.await.expect("it need not wait for the first one");
    go_on.send(()).expect("it listens");
    work.idle().await;
}

/// As on Lambda, where those who are invoked at the same moment do not wait for each other.
#[tokio::test]
async fn who_is_invoked_at_the_same_moment_is_served_side_by_side() {
    let world = World::new();
    let function = world.deploy("busy").await;
    let accept = || {
        let event = AsynchronousRequest { event: "count".into(), ..AsynchronousRequest::default() };
        world.engine.accept(&function, event).expect("it is accepted");
    };
    world.clock.activity().watch(WorkKind::Connection, async { (0..10).for_each(|_| accept()) }).await;
    world.engine.settle().await;
    assert_eq!(function.environments().len(), 10);
    // Later, one is enough.
    accept();
    world.engine.settle().await;
    assert_eq!((function.environments().len(), function.metrics().invocations), (10, 11));
}
