//! After settling nothing happens, whatever was done before.

use std::time::Duration;

use hearth_testkit::Tally;
use proptest::{prelude::*, test_runner::Config};
use tokio::runtime::Builder;

use crate::{
    deed::deeds,
    town::{QUEUES, Town},
};

/// Whatever can be seen to happen.
async fn seen(town: &Town) -> (Option<u64>, Tally, Vec<String>) {
    let last = town.hearth.timeline().last().map(|event| event.sequence);
    let mut queues = Vec::new();
    for queue in QUEUES {
        let attributes = town.sqs.get_queue_attributes().queue_url(town.hearth.queue_url(queue));
        let attributes = attributes.attribute_names("All".into()).send().await.expect("there is a queue");
        let mut attributes: Vec<_> = attributes.attributes.unwrap_or_default().into_iter().collect();
        attributes.sort();
        queues.push(format!("{queue}: {attributes:?}"));
    }
    // What settles now has begun nothing; all that there was before is in the timeline.
    (last, town.hearth.settle().await, queues)
}

/// Looks for as long as some hundred requests take: what a guest does takes it no longer.
async fn check_nothing_happens(town: &Town) {
    let settled = seen(town).await;
    for _ in 0..10 {
        let now = seen(town).await;
        let since = town.hearth.timeline().into_iter().filter(|event| Some(event.sequence) > settled.0);
        assert_eq!(since.collect::<Vec<_>>(), []);
        assert!(now.1.is_empty(), "{:?}", now.1);
        assert_eq!(now, settled);
    }
}

proptest! {
    #![proptest_config(Config { cases: 12, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_happens_after_settling(deeds in deeds(1..25)) {
        let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let town = Town::found().await;
            let mut citizens = Vec::new();
            for (number, deed) in deeds.iter().enumerate() {
                deed.be_done(number, &town, &mut citizens).await;
                if number % 4 == 3 {
                    town.hearth.settle().await;
                    check_nothing_happens(&town).await;
                }
            }
            town.hearth.advance(Duration::from_secs(60 * 60)).await;
            check_nothing_happens(&town).await;
        });
    }
}
