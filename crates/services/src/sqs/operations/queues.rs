//! Queues themselves and their attributes.

use std::collections::BTreeMap;

use hearth_model::{
    identity::{AccountId, Partition},
    sqs::{self, QueueAddress, QueueName},
};

use super::{Page, PageRequest, tags::check_tags};
use crate::sqs::{
    AttributeMap, Queues, Refusal, RefusalKind,
    attributes::{Attributes, CHOSEN},
    redrive::RedrivePolicy,
    region::{Record, State},
};

impl Queues {
    /// `CreateQueue`. One that exists with these attributes is created once more.
    ///
    /// # Errors
    /// If name, attributes or tags are refused, or there is a queue of this name whose attributes differ.
    pub fn create_queue(
        &self,
        partition: &Partition,
        name: &str,
        attributes: &AttributeMap,
        tags: BTreeMap<String, String>,
    ) -> Result<QueueAddress, Refusal> {
        let name = check_name(name, attributes)?;
        let queue = QueueAddress { partition: partition.clone(), name };
        let created = Attributes::create(&queue, attributes)?;
        check_tags(&tags)?;
        let region = self.region_or_new(partition);
        self.with(&region, |state, now| {
            if let Some(record) = state.records.get(&queue.name) {
                return check_same(&record.attributes, &created, attributes);
            }
            check_redrive(state, &queue, &created, attributes)?;
            state.queues.handle_create(now, queue.name.clone(), created.settings(&queue))?;
            let (created_at, modified_at) = (now.wall, now.wall);
            let record = Record { attributes: created, tags, created_at, modified_at, reserved: 0 };
            state.records.insert(queue.name.clone(), record);
            state.unrecorded.note_changed(&queue.name);
            Ok(())
        })?;
        Ok(queue)
    }

    /// `DeleteQueue`: with all its messages.
    ///
    /// # Errors
    /// If there is no such queue.
    pub fn delete_queue(&self, queue: &QueueAddress) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        let remains = self.with(&region, |state, now| {
            let id = state.queues.id(&queue.name).ok_or_else(Refusal::no_such_queue)?;
            let remains = state.queues.handle_delete(now, &queue.name)?;
            state.forget(&queue.name, id);
            Ok::<_, Refusal>(remains)
        })?;
        drop(remains);
        Ok(())
    }

    /// `GetQueueUrl`: finds a queue, perhaps that of another account in the same region.
    ///
    /// # Errors
    /// If there is no such queue.
    pub fn find_queue(
        &self,
        partition: &Partition,
        name: &str,
        owner: Option<&str>,
    ) -> Result<QueueAddress, Refusal> {
        if name.is_empty() {
            return Err(Refusal::invalid(
                "Value for parameter QueueName is invalid. Reason: Must specify a queue name.",
            ));
        }
        let name = QueueName::parse(name).map_err(|_| Refusal::no_such_queue())?;
        let account = match owner {
            None => partition.account,
            Some(owner) => AccountId::parse(owner).ok_or_else(Refusal::no_such_queue)?,
        };
        let partition = Partition { account, region: partition.region.clone() };
        self.region(&partition)?.lock().record(&name)?;
        Ok(QueueAddress { partition, name })
    }

    /// Whether there is this queue.
    #[must_use]
    pub fn exists(&self, queue: &QueueAddress) -> bool {
        self.region(&queue.partition).is_ok_and(|region| region.lock().record(&queue.name).is_ok())
    }

    /// `ListQueues`, in the order of their names.
    ///
    /// # Errors
    /// If there cannot be such a page.
    pub fn list_queues(
        &self,
        partition: &Partition,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<QueueAddress>, Refusal> {
        let Ok(region) = self.region(partition) else { return page.of(std::iter::empty(), name_of) };
        let state = region.lock();
        let names = state.queues.names().filter(|name| name.as_str().starts_with(prefix));
        page.of(names.map(|name| QueueAddress { partition: partition.clone(), name: name.clone() }), name_of)
    }

    /// `ListDeadLetterSourceQueues`, in the order of their names.
    ///
    /// # Errors
    /// If there is no such queue, or cannot be such a page.
    pub fn dead_letter_sources(
        &self,
        queue: &QueueAddress,
        page: &PageRequest,
    ) -> Result<Page<QueueAddress>, Refusal> {
        let region = self.region(&queue.partition)?;
        let state = region.lock();
        state.record(&queue.name)?;
        let address =
            |name: &QueueName| QueueAddress { partition: queue.partition.clone(), name: name.clone() };
        page.of(state.queues.dead_letter_sources(&queue.name).map(address), name_of)
    }

    /// `GetQueueAttributes`: those of these names that the queue has; `All` names all.
    ///
    /// # Errors
    /// If there is no such queue, or there is never such an attribute.
    pub fn attributes(&self, queue: &QueueAddress, names: &[String]) -> Result<AttributeMap, Refusal> {
        let region = self.region(&queue.partition)?;
        let known = || CHOSEN.into_iter().chain(TOLD);
        if let Some(unknown) =
            names.iter().find(|name| *name != "All" && !known().any(|known| known == *name))
        {
            region.lock().record(&queue.name)?;
            return Err(Refusal::unknown_attribute(unknown));
        }
        let all = names.iter().any(|name| name == "All");
        let wanted = known().filter(|known| all || names.iter().any(|name| name == known));
        self.with(&region, |state, now| {
            let counts = state.queues.counts(now, &queue.name)?;
            let record = state.record(&queue.name)?;
            let value = |name: &str| match name {
                "ApproximateNumberOfMessages" => Some(counts.visible.to_string()),
                "ApproximateNumberOfMessagesDelayed" => Some(counts.delayed.to_string()),
                "ApproximateNumberOfMessagesNotVisible" => Some(counts.in_flight.to_string()),
                "CreatedTimestamp" => Some(record.created_at.as_unix_seconds().to_string()),
                "LastModifiedTimestamp" => Some(record.modified_at.as_unix_seconds().to_string()),
                "QueueArn" => Some(queue.to_string()),
                chosen => record.attributes.value(chosen),
            };
            Ok(wanted.filter_map(|name| Some((name.to_owned(), value(name)?))).collect())
        })
    }

    /// `SetQueueAttributes`.
    ///
    /// # Errors
    /// If there is no such queue, or an attribute is refused; nothing has changed then.
    pub fn set_attributes(&self, queue: &QueueAddress, attributes: &AttributeMap) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        self.with(&region, |state, now| {
            let mut changed = state.record(&queue.name)?.attributes.clone();
            changed.apply(queue, attributes)?;
            check_redrive(state, queue, &changed, attributes)?;
            state.queues.handle_settings(now, &queue.name, changed.settings(queue))?;
            let record = state.record_mut(&queue.name)?;
            (record.attributes, record.modified_at) = (changed, now.wall);
            Ok(())
        })
    }

    /// `PurgeQueue`: deletes all messages.
    ///
    /// # Errors
    /// If there is no such queue, or this was done less than 60 seconds ago.
    pub fn purge(&self, queue: &QueueAddress) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        let remains = self.with(&region, |state, now| state.queues.handle_purge(now, &queue.name));
        match remains {
            Ok(remains) => {
                drop(remains);
                Ok(())
            }
            Err(sqs::Refusal::PurgeInProgress) => Err(Refusal::new(
                RefusalKind::PurgeQueueInProgress,
                format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name),
            )),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// The attributes that a queue has of itself, in the order of their names.
const TOLD: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

fn name_of(queue: &QueueAddress) -> &str {
    queue.name.as_str()
}

fn check_name(name: &str, attributes: &AttributeMap) -> Result<QueueName, Refusal> {
    let fifo = attributes.get("FifoQueue").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let message = if fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo \
         suffix and be 1 to 80 in length"
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    };
    QueueName::parse(name).ok().filter(|name| name.is_fifo() == fifo).ok_or_else(|| Refusal::invalid(message))
}

/// Whether a queue has the attributes with which it is to be created; those that are not given may be any.
fn check_same(existing: &Attributes, wanted: &Attributes, given: &AttributeMap) -> Result<(), Refusal> {
    match given.keys().find(|name| existing.value(name) != wanted.value(name)) {
        None => Ok(()),
        Some(name) => Err(Refusal::new(
            RefusalKind::QueueNameExists,
            format!("A queue already exists with the same name and a different value for attribute {name}"),
        )),
    }
}

/// Whether a dead-letter queue that is given exists and takes the letters.
fn check_redrive(
    state: &State,
    queue: &QueueAddress,
    attributes: &Attributes,
    given: &AttributeMap,
) -> Result<(), Refusal> {
    let (Some(policy), Some(text)) = (attributes.redrive(), given.get("RedrivePolicy")) else {
        return Ok(());
    };
    let target = policy.rule().target;
    // A queue can be its own; then it is not there yet when it is created.
    if target == queue.name && state.records.contains_key(&target) {
        return Ok(());
    }
    let target = state.queues.settings(&target).ok_or_else(|| RedrivePolicy::no_target(text))?;
    if target.redrive_allow.allows(&queue.name) { Ok(()) } else { Err(RedrivePolicy::denied(text)) }
}
