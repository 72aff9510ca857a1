//! What services make of entries that nobody has written.

#![no_main]

use std::sync::Arc;

use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::Journal,
    testing::{FakeSandbox, NOW, RawEntries},
};
use hearth_services::Services;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let journal = Journal::on(Arc::new(RawEntries::parse(bytes)));
        let options = EngineOptions { journal, ..EngineOptions::default() };
        let engine = Engine::new(options, Arc::new(FakeSandbox::default()), Clock::frozen(NOW));
        // Refused or not.
        let _ = Services::new(engine).restore().await;
    });
});
