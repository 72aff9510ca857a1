//! The same deeds have the same consequences, in the same order, on however many threads.

use std::time::Duration;

use proptest::{prelude::*, test_runner::Config};
use tokio::runtime::{Builder, Runtime};

use crate::{
    deed::{Deed, all_done, deeds},
    town::Town,
};

/// What is there to see after these deeds, and an hour.
fn seen(runtime: &Runtime, deeds: &[Deed]) -> Vec<String> {
    runtime.block_on(async {
        let town = Town::found().await;
        let citizens = all_done(deeds, &town).await;
        town.hearth.advance(Duration::from_secs(60 * 60)).await;
        let records = town.records().await;
        drop(citizens);
        records
    })
}

proptest! {
    #![proptest_config(Config { cases: 8, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_same_deeds_have_the_same_consequences(deeds in deeds(1..40)) {
        let one_thread = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let many = Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
        let first = seen(&many, &deeds);
        for runtime in [&many, &one_thread] {
            let again = seen(runtime, &deeds);
            for (first, again) in first.iter().zip(&again) {
                prop_assert_eq!(first, again);
            }
            prop_assert_eq!(first.len(), again.len());
        }
    }
}
