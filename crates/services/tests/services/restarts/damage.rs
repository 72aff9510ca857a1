//! What services make of entries that they have not written: an error that says what is wrong, or a start, but never a panic.

use std::sync::{Arc, LazyLock};

use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::{Journal, Storage},
    testing::{FakeSandbox, MemoryStorage, NOW, RawEntries},
};
use hearth_services::Services;
use proptest::prelude::*;

use super::{Lasting, apis, events, gateway_v2, logs};
use crate::world::World;

/// A start with what is in a storage, and some time after it.
fn restore(storage: impl Storage) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (sandbox, clock) = (FakeSandbox::default(), Clock::frozen(NOW));
        let options = EngineOptions { journal: Journal::on(Arc::new(storage)), ..EngineOptions::default() };
        let services = Services::new(Engine::new(options, Arc::new(sandbox.clone()), clock.clone()));
        services.restore().await.map_err(|error| error.to_string())?;
        services.resume();
        World { services, clock, sandbox }.advance(3_600).await;
        Ok(())
    })
}

/// Entries of all kinds.
fn sample() -> MemoryStorage {
    static SAMPLE: LazyLock<MemoryStorage> = LazyLock::new(make_sample);
    SAMPLE.fork()
}

fn make_sample() -> MemoryStorage {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let lasting = Lasting::new();
        let world = lasting.start().await;
        apis::make(&world);
        gateway_v2::make(&world);
        logs::make(&world);
        events::make(&world).await;
        lasting.storage.fork()
    })
}

#[test]
fn what_is_damaged_is_refused() {
    let sample = sample();
    assert!(sample.entries() > 15, "{}", sample.entries());
    restore(sample.fork()).expect("it is whole");
    for index in 0..sample.entries() {
        let copy = sample.fork();
        copy.damage(index, Vec::clear);
        let error = restore(copy).expect_err("there is no value");
        assert!(error.contains("damaged"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_value_is_no_reason_to_panic(
        index in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..8),
        cut in any::<bool>(),
    ) {
        let sample = sample();
        sample.damage(index.index(sample.entries()), |value| {
            let at = place.index(value.len());
            if cut {
                value.truncate(at);
            }
            let end = (at + bytes.len()).min(value.len());
            value.splice(at..end, bytes);
        });
        // Refused or not: what is changed may be a description.
        let _ = restore(sample);
    }

    #[test]
    fn anything_may_be_there(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = restore(RawEntries::parse(&bytes));
    }

    /// As `anything_may_be_there`, with values that begin like those of a form that there is.
    #[test]
    fn anything_may_be_in_a_value(
        stream in 0_u8..40,
        key in prop::collection::vec(any::<u8>(), 0..20),
        value in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let lengths = [u8::try_from(key.len()).expect("short"), u8::try_from(value.len() + 1).expect("short"), 0];
        let bytes = [&[2 * stream + 1][..], &lengths, &key, &[0], &value].concat();
        let _ = restore(RawEntries::parse(&bytes));
    }
}
