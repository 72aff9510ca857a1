//! What comes of a file with log lines that nobody has written.

#![no_main]

use std::sync::Arc;

use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    log::read_raw_segment,
    testing::{FakeSandbox, NOW},
};
use hearth_model::identity::Partition;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let sandbox = Arc::new(FakeSandbox::default());
        let engine = Engine::new(EngineOptions::default(), sandbox, Clock::frozen(NOW));
        read_raw_segment(engine.log_groups(), bytes);
        for group in engine.log_groups().list(&Partition::default()) {
            for line in group.snapshot() {
                // As whoever reads it.
                let _ = line.to_string();
            }
        }
    });
});
