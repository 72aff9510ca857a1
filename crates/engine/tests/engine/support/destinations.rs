//! Aliases and destinations that a test decides about.

use std::{
    collections::BTreeMap,
    future::ready,
    sync::{Arc, Weak},
};

use hearth_engine::{
    Engine, Function,
    port::{Aliases, BoxFuture, Delivery, DeliveryContent, DeliveryError, DestinationSink},
};
use hearth_model::{destination::DeadLetterAttributes, identity::Version, reference::AliasName};
use parking_lot::Mutex;
use serde_json::Value;

/// Keeps what is delivered, but for what goes to the queue `full`.
#[derive(Default)]
pub(crate) struct Surroundings {
    aliases: Mutex<BTreeMap<String, Version>>,
    deliveries: Mutex<Vec<Delivery>>,
}

impl Surroundings {
    pub(crate) fn connect(engine: &Engine) -> Arc<Self> {
        let surroundings = Arc::new(Self::default());
        let aliases: Weak<dyn Aliases> = Arc::downgrade(&surroundings) as _;
        let destinations: Weak<dyn DestinationSink> = Arc::downgrade(&surroundings) as _;
        engine.connect(aliases, destinations);
        surroundings
    }

    pub(crate) fn point(&self, alias: &str, number: u64) {
        self.aliases.lock().insert(alias.to_owned(), Version::Published(number));
    }

    /// What was delivered since the last call: to whom, and the record.
    pub(crate) fn records(&self) -> Vec<(String, Value)> {
        let record = |delivery: Delivery| match delivery.content {
            DeliveryContent::Record(record) => {
                let record = serde_json::from_slice(&record).expect("a record is JSON");
                Some((delivery.destination.to_string(), record))
            }
            DeliveryContent::DeadLetter { .. } => None,
        };
        self.deliveries.lock().drain(..).filter_map(record).collect()
    }

    /// As `records`, but dead letters.
    pub(crate) fn dead_letters(&self) -> Vec<(String, String, DeadLetterAttributes)> {
        let letter = |delivery: Delivery| match delivery.content {
            DeliveryContent::Record(_) => None,
            DeliveryContent::DeadLetter { event, attributes } => {
                let event = String::from_utf8(event.to_vec()).expect("an event is text");
                Some((delivery.destination.to_string(), event, attributes))
            }
        };
        self.deliveries.lock().drain(..).filter_map(letter).collect()
    }
}

impl Aliases for Surroundings {
    fn resolve(&self, _function: &Function, alias: &AliasName) -> Option<Version> {
        self.aliases.lock().get(alias.as_str()).copied()
    }
}

impl DestinationSink for Surroundings {
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), DeliveryError>> {
        if delivery.destination.resource() == "full" {
            return Box::pin(ready(Err(DeliveryError { reason: "the queue is full".to_owned() })));
        }
        self.deliveries.lock().push(delivery);
        Box::pin(ready(Ok(())))
    }
}
