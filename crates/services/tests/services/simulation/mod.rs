//! Whole worlds at random, with faults: queues, buckets, schedules, asynchronous invocations, and functions that lose their
//! environments, their time and their answers.
//!
//! What happens follows from a seed, which a test that fails prints; the variables `HEARTH_SIMULATION_SEED` and
//! `HEARTH_SIMULATION_RUNS` are for other numbers.

mod normal;
mod town;

use std::{env, str::FromStr};

use hearth_engine::random::random_number;

use self::{normal::normal, town::Town};

/// Enough to take about a second in a debug build.
const RUNS: u64 = 12;

#[tokio::test]
async fn whatever_goes_wrong_nothing_is_lost_nor_out_of_order() {
    let first = from_environment("HEARTH_SIMULATION_SEED").unwrap_or_else(random_number);
    let runs = from_environment("HEARTH_SIMULATION_RUNS").unwrap_or(RUNS);
    for seed in (0..runs).map(|run| first.wrapping_add(run)) {
        println!("HEARTH_SIMULATION_RUNS=1 HEARTH_SIMULATION_SEED={seed}");
        let mut town = Town::new(seed).await;
        town.live().await;
        town.rest().await;
        assert_eq!(town.complaints().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_timeline() {
    let seed = from_environment("HEARTH_SIMULATION_SEED").unwrap_or_else(random_number);
    println!("HEARTH_SIMULATION_SEED={seed}");
    let mut timelines = Vec::new();
    for _ in 0..2 {
        let mut town = Town::new(seed).await;
        town.live().await;
        town.rest().await;
        timelines.push(normal(&town.timeline()));
    }
    let [first, second] = &timelines[..] else { panic!("there are two") };
    let differs = first.lines().zip(second.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None);
    assert_eq!(first.len(), second.len());
    assert!(first.contains("\"event\":\"injected\""), "faults are in the timeline");
}

fn from_environment<T: FromStr>(name: &str) -> Option<T> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a whole number, not `{value}`")))
}
