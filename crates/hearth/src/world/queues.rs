//! From a manifest's declarations to queues, and to mappings that give their messages to functions.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::{
    event_source::Scaling,
    identity::{FunctionName, Partition},
    sqs::{QueueAddress, QueueName},
};
use hearth_services::{
    Services,
    lambda::{MappingChange, MappingFilter, MappingId, NewMapping, PageRequest, PollersChange},
    sqs::AttributeMap,
};
use parking_lot::Mutex;

use super::{
    Change, EventSource, Verb,
    change::{failed, succeeded},
};
use crate::manifest::{
    DeadLetter, Manifest, ManifestError, QueueDeclaration, QueueEventSettings, QueueSettings,
};

/// The queues and mappings that a world has made, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct Queues {
    partition: Partition,
    made: Mutex<BTreeMap<QueueName, QueueSettings>>,
    mapped: Mutex<BTreeMap<Mapped, (MappingId, QueueEventSettings)>>,
}

/// What a mapping connects.
type Mapped = (FunctionName, QueueName);

impl Queues {
    pub(super) fn new(partition: Partition) -> Self {
        Self { partition, made: Mutex::default(), mapped: Mutex::default() }
    }

    /// What an earlier process made of a manifest, as far as it is there, counts as made by this one.
    pub(super) fn recall(&self, services: &Services, earlier: &Manifest) {
        let made = earlier.queues.iter().map(|queue| (queue.name.clone(), queue.settings.clone()));
        self.made.lock().extend(made);
        for function in &earlier.functions {
            for events in &function.queue_events {
                let mapped = (function.configuration.name.clone(), events.queue.clone());
                if let Some(id) = self.find_mapping(services, &mapped) {
                    self.mapped.lock().insert(mapped, (id, events.settings.clone()));
                }
            }
        }
    }

    /// Makes all queues.
    pub(super) fn make_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.make(services, manifest))
    }

    /// Maps all queues to functions, which are there by now.
    pub(super) fn map_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.map(services, manifest))
    }

    /// Makes queues that are new, and changes those that are declared otherwise than before. Their messages stay.
    pub(super) fn make(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let differs = |queue: &&QueueDeclaration| self.made.lock().get(&queue.name) != Some(&queue.settings);
        let queues: Vec<_> = manifest.queues.iter().filter(differs).collect();
        // All of them exist before any names another one.
        let mut made = Vec::with_capacity(queues.len());
        for queue in &queues {
            made.push(self.make_one(services, queue, false));
        }
        let mut changes = Vec::with_capacity(queues.len());
        for (queue, made) in queues.into_iter().zip(made) {
            let made = match queue.settings.dead_letter {
                Some(_) => made.and_then(|()| self.make_one(services, queue, true)),
                None => made,
            };
            changes.push(match made {
                Ok(()) => {
                    let before = self.made.lock().insert(queue.name.clone(), queue.settings.clone());
                    let verb = if before.is_some() { Verb::Updated } else { Verb::Created };
                    Change::Queue(queue.name.clone(), verb)
                }
                Err(reason) => {
                    let reason = format!("queue `{}`: {reason}", queue.name);
                    failed(manifest, &queue.name, &queue.place, reason)
                }
            });
        }
        changes
    }

    /// Gives the messages of queues to the functions that shall have them.
    pub(super) fn map(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut changes = Vec::new();
        for function in &manifest.functions {
            let name = &function.configuration.name;
            // A function whose code cannot be used has said so.
            if services.functions().find(&self.partition, name).is_none() {
                continue;
            }
            for events in &function.queue_events {
                let mapped = (name.clone(), events.queue.clone());
                match self.map_one(services, &mapped, &events.settings) {
                    Ok(verb) => {
                        changes.extend(verb.map(|verb| {
                            Change::Events(name.clone(), EventSource::Queue(events.queue.clone()), verb)
                        }));
                    }
                    Err(reason) => changes.push(failed(manifest, name, &events.place, reason)),
                }
            }
        }
        changes
    }

    /// Ends the mappings that are no longer declared.
    pub(super) fn unmap(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let declared: BTreeSet<Mapped> = manifest
            .functions
            .iter()
            .flat_map(|function| {
                let name = &function.configuration.name;
                function.queue_events.iter().map(move |events| (name.clone(), events.queue.clone()))
            })
            .collect();
        let mut changes = Vec::new();
        self.mapped.lock().retain(|mapped, (id, _)| {
            if declared.contains(mapped) {
                return true;
            }
            // One that is not there any more was deleted by somebody else.
            let _ = services.event_source_mappings().delete(&self.partition, &id.to_string());
            let (function, queue) = mapped.clone();
            changes.push(Change::Events(function, EventSource::Queue(queue), Verb::Removed));
            false
        });
        changes
    }

    /// Deletes the queues that are no longer declared, unless there are messages in them.
    pub(super) fn unmake(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let declared: BTreeSet<&QueueName> = manifest.queues.iter().map(|queue| &queue.name).collect();
        let mut changes = Vec::new();
        self.made.lock().retain(|name, _| {
            if declared.contains(name) {
                return true;
            }
            let address = self.address(name);
            if services.queues().messages(&address) > 0 {
                changes.push(Change::KeptQueue(name.clone()));
            } else {
                // One that is not there any more was deleted by somebody else.
                let _ = services.queues().delete_queue(&address);
                changes.push(Change::Queue(name.clone(), Verb::Removed));
            }
            false
        });
        changes
    }

    fn make_one(
        &self,
        services: &Services,
        queue: &QueueDeclaration,
        with_dead_letters: bool,
    ) -> Result<(), String> {
        let (queues, name) = (services.queues(), &queue.name);
        let mut attributes = self.attributes(queue, with_dead_letters);
        let made = if queues.exists(&self.address(name)) {
            attributes.remove("FifoQueue");
            queues.set_attributes(&self.address(name), &attributes)
        } else {
            queues.create_queue(&self.partition, name.as_str(), &attributes, BTreeMap::new()).map(drop)
        };
        made.map_err(|refusal| refusal.to_string())
    }

    /// What a mapping has become; `None` if it is as it was.
    fn map_one(
        &self,
        services: &Services,
        mapped: &Mapped,
        settings: &QueueEventSettings,
    ) -> Result<Option<Verb>, String> {
        let mut all = self.mapped.lock();
        let before = all.get(mapped);
        if before.is_some_and(|(_, before)| before == settings) {
            return Ok(None);
        }
        let mappings = services.event_source_mappings();
        let known = before.map(|(id, _)| *id).or_else(|| self.find_mapping(services, mapped));
        let updated = known.and_then(|id| {
            // One that is not there any more was deleted by somebody else, and is created again.
            mappings.update(&self.partition, &id.to_string(), change(settings)).ok()
        });
        let (view, verb) = match updated {
            Some(view) => (view, Verb::Updated),
            None => {
                let (function, queue) = mapped;
                let new = NewMapping {
                    event_source_arn: Some(self.address(queue).to_string()),
                    settings: MappingChange { function: Some(function.to_string()), ..change(settings) },
                    ..NewMapping::default()
                };
                let created = mappings.create(&self.partition, new);
                (created.map_err(|refusal| refusal.to_string())?, Verb::Created)
            }
        };
        all.insert(mapped.clone(), (view.id, settings.clone()));
        Ok(Some(verb))
    }

    /// A mapping that was there before anything was declared.
    fn find_mapping(&self, services: &Services, (function, queue): &Mapped) -> Option<MappingId> {
        let filter = MappingFilter {
            event_source_arn: Some(self.address(queue).to_string()),
            function: Some(function.to_string()),
        };
        let mappings = services.event_source_mappings();
        let found = mappings.list(&self.partition, &filter, &PageRequest::default()).ok()?;
        found.items.first().map(|view| view.id)
    }

    /// The attributes of a queue, all of them, so that those that are no longer given go back to the default.
    fn attributes(&self, queue: &QueueDeclaration, with_dead_letters: bool) -> AttributeMap {
        let settings = &queue.settings;
        let dead_letters = settings.dead_letter.as_ref().filter(|_| with_dead_letters);
        let redrive = dead_letters.map(|DeadLetter { queue, max_receive_count }| {
            let target = self.address(queue);
            format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":{max_receive_count}}}"#)
        });
        let mut attributes = vec![
            ("VisibilityTimeout", settings.visibility_timeout_s.to_string()),
            ("DelaySeconds", settings.delay_s.to_string()),
            ("MessageRetentionPeriod", settings.retention_s.to_string()),
            ("MaximumMessageSize", settings.max_message_bytes.to_string()),
            ("ReceiveMessageWaitTimeSeconds", settings.receive_wait_s.to_string()),
            ("RedrivePolicy", redrive.unwrap_or_default()),
        ];
        if queue.name.is_fifo() {
            attributes.push(("FifoQueue", true.to_string()));
            attributes.push(("ContentBasedDeduplication", settings.content_based_deduplication.to_string()));
        }
        attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn address(&self, name: &QueueName) -> QueueAddress {
        QueueAddress { partition: self.partition.clone(), name: name.clone() }
    }
}

/// What makes a mapping what a manifest says it is.
fn change(settings: &QueueEventSettings) -> MappingChange {
    let configuration = settings.configuration;
    let types = configuration.reports_item_failures.then(|| "ReportBatchItemFailures".to_owned());
    MappingChange {
        enabled: Some(settings.enabled),
        batch_size: Some(configuration.batch_size.get().into()),
        window_s: Some(configuration.window.as_seconds().into()),
        filters: Some(settings.filters.patterns().map(|pattern| Some(pattern.to_owned())).collect()),
        maximum_concurrency: Some(match configuration.scaling {
            Scaling::MaximumConcurrency(maximum) => Some(maximum.get().into()),
            Scaling::Standard | Scaling::Provisioned(_) => None,
        }),
        provisioned_pollers: Some(PollersChange::default()),
        response_types: Some(types.into_iter().collect()),
        ..MappingChange::default()
    }
}
