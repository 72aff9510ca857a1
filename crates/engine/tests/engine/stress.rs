//! Everything at once, on several threads.

use std::{sync::Arc, time::Duration};

use hearth_engine::{EngineOptions, InvokeError};
use hearth_model::pool::{EnvironmentState, PoolPolicy};
use tokio::task::JoinSet;

use crate::support::{World, configuration, empty_package, request};

const TASKS: usize = 16;
const INVOCATIONS: usize = 400;

/// Good and bad ends, with and without a pause in which the caller may go away.
const EVENTS: [&str; 8] = [
    "count",
    "yield;count",
    "crash",
    "yield;exit 1",
    "fail X",
    "fault",
    "print hello;yield;yield",
    "write x;oom",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_left_over() {
    // Nothing expires by itself under a frozen clock: a short life, and a clock that moves.
    let pool = PoolPolicy {
        idle_lifetime: Duration::from_millis(1),
        scaling_burst: 100_000,
        ..PoolPolicy::default()
    };
    let options =
        EngineOptions { pool, log_bytes: 100_000, timeline_bytes: 100_000, ..EngineOptions::default() };
    let world = World::with(options);
    world.sandbox.limit(TASKS);
    let functions = [world.deploy("a").await, world.deploy("b").await];
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let engine = Arc::clone(&world.engine);
        let function = Arc::clone(&functions[task % 2]);
        tasks.spawn(async move {
            for round in 0..INVOCATIONS {
                let invocation = engine.invoke(&function, request(EVENTS[(task + round) % EVENTS.len()]));
                let goes_away = async {
                    if round % 3 == 0 {
                        tokio::task::yield_now().await;
                    } else {
                        std::future::pending::<()>().await;
                    }
                };
                tokio::select! {
                    biased;
                    reply = invocation => drop(reply.expect("there is concurrency")),
                    () = goes_away => {}
                }
            }
        });
    }
    let passes = async {
        loop {
            world.clock.advance(Duration::from_millis(1)).await;
        }
    };
    let changes = async {
        loop {
            let update = world.engine.update(&functions[0], configuration("a"), empty_package(), Vec::new());
            update.await.expect("it updates");
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = passes => {}
        () = changes => {}
        () = async { while let Some(task) = tasks.join_next().await { task.expect("it does not panic") } } => {}
    }
    world.engine.work().idle().await;

    let mut invocations = 0;
    for function in &functions {
        assert_eq!(function.concurrency(), 0);
        assert!(
            function.environments().iter().all(|environment| environment.state == EnvironmentState::Idle)
        );
        let metrics = function.metrics();
        assert!(metrics.errors > 0 && metrics.platform_faults > 0 && metrics.cold_starts > 0);
        invocations += metrics.invocations;
    }
    assert_eq!(invocations, (TASKS * INVOCATIONS) as u64, "those whose caller went away have run too");
    let environments = functions.iter().map(|function| function.environments().len()).sum::<usize>();
    assert_eq!(world.sandbox.live(), environments);
    world.engine.shutdown(Duration::ZERO).await;
    assert_eq!(world.sandbox.live(), 0);
    assert_eq!(world.try_invoke(&functions[0], "").await.expect_err("it is over"), InvokeError::ShuttingDown);
}
