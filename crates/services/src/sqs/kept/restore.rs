//! Entries, as the queues that they were.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::journal::{NotLoaded, Unreadable};
use hearth_model::{
    identity::Partition,
    sqs::{KeptQueue, QueueAddress},
    time::{Moment, Timestamp},
};

use super::{
    MESSAGES, QUEUES, REGIONS, REMEMBERED, STANDINGS,
    document::{
        MessageDocument, MoveV1, QueueDocument, QueueV1, RegionDocument, RememberedDocument,
        StandingDocument, queue_name,
    },
};
use crate::{
    kept::{read, read_prefix, unreadable},
    sqs::{Content, Queues, attributes::Attributes, region::Record},
};

impl Queues {
    /// Brings back what the journal has. To be called once, before anything else happens.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn restore(&self) -> Result<(), NotLoaded> {
        let now = self.engine().clock().moment();
        let journal = self.engine().journal();
        let mut kept = Kept { now, ..Kept::default() };
        journal.load(REGIONS, |key, value| kept.region(key, value))?;
        journal.load(QUEUES, |key, value| kept.queue(key, value))?;
        journal.load(MESSAGES, |key, value| kept.message(key, value))?;
        journal.load(STANDINGS, |key, value| kept.standing(key, value))?;
        journal.load(REMEMBERED, |key, value| kept.remembered(key, value))?;
        for (partition, created) in &kept.created {
            let region = self.region_or_new(partition);
            self.with(&region, |state, _| state.queues.handle_created(*created));
        }
        for (partition, queues) in kept.by_partition() {
            let region = self.region_or_new(&partition);
            self.with(&region, |state, _| {
                for KeptEntry { queue, record, .. } in queues {
                    state.records.insert(queue.name.clone(), record);
                    state.queues.handle_restore(now, queue).expect("names were found to differ");
                }
            });
        }
        Ok(())
    }
}

/// What was read.
#[derive(Default)]
struct Kept {
    now: Moment,
    created: BTreeMap<Partition, u32>,
    /// By their keys.
    queues: BTreeMap<Vec<u8>, KeptEntry>,
}

struct KeptEntry {
    partition: Partition,
    queue: KeptQueue<Arc<Content>>,
    record: Record,
}

impl Kept {
    fn region(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (partition, rest) = read_prefix(key)?;
        let RegionDocument::V1(created) = read(value)?;
        if !rest.is_empty() {
            return Err(unreadable("its key names more than an account and region"));
        }
        self.created.insert(partition, created);
        Ok(())
    }

    fn queue(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (partition, rest) = read_prefix(key)?;
        let id = rest.try_into().map(u32::from_be_bytes).map_err(|_| unreadable("its key names no queue"))?;
        let QueueDocument::V1(document) = read(value)?;
        let QueueV1 { name, attributes, tags, created_at, modified_at, reserved, moves } = document;
        let address = QueueAddress { partition, name: queue_name(&name)? };
        let twin =
            |entry: &KeptEntry| entry.queue.name == address.name && entry.partition == address.partition;
        if self.queues.values().any(twin) {
            return Err(unreadable(format!("there are two queues `{name}`")));
        }
        let attributes = Attributes::create(&address, &attributes)
            .map_err(|refusal| unreadable(format!("the attributes of queue `{name}`: {refusal}")))?;
        let queue = KeptQueue {
            name: address.name.clone(),
            id,
            settings: attributes.settings(&address),
            numbered: reserved,
            messages: Vec::new(),
            remembered: Vec::new(),
            moves: moves.into_iter().map(MoveV1::read).collect::<Result<_, _>>()?,
        };
        let (created_at, modified_at) =
            (Timestamp::from_unix_nanos(created_at), Timestamp::from_unix_nanos(modified_at));
        let record = Record { attributes, tags, created_at, modified_at, reserved };
        self.queues.insert(key.to_vec(), KeptEntry { partition: address.partition, queue, record });
        Ok(())
    }

    fn message(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let now = self.now;
        let (queue, number) = self.find(key)?;
        let MessageDocument::V1(document) = read(value)?;
        queue.messages.push(document.read(now, &queue.name, number)?);
        Ok(())
    }

    fn standing(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let now = self.now;
        let (queue, number) = self.find(key)?;
        let StandingDocument::V1(document) = read(value)?;
        let standing = document.read(now)?;
        // Its message, if that cannot be read, was found to be so.
        if let Ok(index) = queue.messages.binary_search_by_key(&number, |message| message.place.number) {
            queue.messages[index].standing = standing;
        }
        Ok(())
    }

    fn remembered(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let now = self.now;
        let (queue, number) = self.find(key)?;
        let RememberedDocument::V1(document) = read(value)?;
        queue.remembered.push(document.read(now, number));
        Ok(())
    }

    /// The queue of a key, and the message's number in it.
    fn find(&mut self, key: &[u8]) -> Result<(&mut KeptQueue<Arc<Content>>, u64), Unreadable> {
        let (queue, number) =
            key.split_last_chunk().ok_or_else(|| unreadable("its key names no message of a queue"))?;
        let entry = self.queues.get_mut(queue);
        let entry = entry.ok_or_else(|| unreadable("the queue that it belongs to is not there"))?;
        Ok((&mut entry.queue, u64::from_be_bytes(*number)))
    }

    fn by_partition(self) -> BTreeMap<Partition, Vec<KeptEntry>> {
        let mut all: BTreeMap<Partition, Vec<KeptEntry>> = BTreeMap::new();
        for entry in self.queues.into_values() {
            all.entry(entry.partition.clone()).or_default().push(entry);
        }
        all
    }
}
