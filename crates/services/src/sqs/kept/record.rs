//! What has changed, as entries.

use std::{collections::BTreeSet, mem};

use hearth_engine::journal::{self, Journal};
use hearth_model::{
    identity::Partition,
    sqs::{Change, Place, QueueName, SequenceNumber, Subject},
    time::Moment,
};

use super::{
    MESSAGES, OF_QUEUES, QUEUES, REGIONS, REMEMBERED, STANDINGS,
    document::{
        MessageDocument, MessageV1, MoveV1, QueueDocument, QueueV1, RegionDocument, RememberedDocument,
        RememberedV1, StandingDocument, StandingV1,
    },
};
use crate::{
    kept::{prefix, write},
    sqs::{attributes::CHOSEN, region::State},
};

/// Changes that the rules do not know of, and that are not recorded yet.
#[derive(Debug, Default)]
pub(in crate::sqs) struct Unrecorded {
    /// The queues of which more has changed than messages.
    changed: BTreeSet<QueueName>,
    /// The ids of queues that are gone.
    deleted: Vec<u32>,
}

impl Unrecorded {
    pub(in crate::sqs) fn note_changed(&mut self, queue: &QueueName) {
        if !self.changed.contains(queue) {
            self.changed.insert(queue.clone());
        }
    }

    fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.deleted.is_empty()
    }

    pub(in crate::sqs) fn note_deleted(&mut self, id: u32) {
        self.deleted.push(id);
    }
}

impl State {
    /// Tells the journal what has changed.
    pub(in crate::sqs) fn record_changes(&mut self, journal: &Journal, partition: &Partition, now: Moment) {
        if !self.queues.has_changes() && self.unrecorded.is_empty() {
            return;
        }
        journal.record(|change| Recorder { state: self, prefix: prefix(partition), now, change }.run());
        // Nobody has taken it if nothing is kept.
        while self.queues.poll_change().is_some() {}
        self.unrecorded = Unrecorded::default();
    }
}

struct Recorder<'a> {
    state: &'a mut State,
    prefix: Vec<u8>,
    now: Moment,
    change: &'a mut journal::Change,
}

/// So many numbers of messages are reserved at once, for which a queue's own entry is written.
const RESERVED: u64 = 4_096;

impl Recorder<'_> {
    fn run(mut self) {
        while let Some(Change { queue, subject }) = self.state.queues.poll_change() {
            // With a queue that is gone by now, everything of it is gone.
            if let Some(id) = self.state.queues.id(&queue) {
                self.record(&queue, id, subject);
            }
        }
        let Unrecorded { changed, deleted } = mem::take(&mut self.state.unrecorded);
        if !changed.is_empty() {
            let created = RegionDocument::V1(self.state.queues.created());
            self.change.put(REGIONS, self.prefix.clone(), write(&created));
        }
        for id in deleted {
            self.change.remove(QUEUES, self.key(id));
            for stream in OF_QUEUES {
                self.change.remove_all(stream, self.key(id));
            }
        }
        for queue in changed {
            self.record_queue(&queue);
        }
    }

    fn record(&mut self, queue: &QueueName, id: u32, subject: Subject) {
        match subject {
            Subject::Added(place) => {
                let Some(message) = self.state.queues.message(queue, place) else { return };
                let document = MessageDocument::V1(MessageV1::of(self.now, &message));
                self.change.put(MESSAGES, self.key_of(id, place.number), write(&document));
                self.reserve(queue, place);
            }
            Subject::Standing(place) => {
                let Some(message) = self.state.queues.message(queue, place) else { return };
                let document = StandingDocument::V1(StandingV1::of(self.now, &message.standing));
                self.change.put(STANDINGS, self.key_of(id, place.number), write(&document));
            }
            Subject::Removed(place) => {
                self.change.remove(MESSAGES, self.key_of(id, place.number));
                self.change.remove(STANDINGS, self.key_of(id, place.number));
            }
            Subject::Purged => {
                for stream in OF_QUEUES {
                    self.change.remove_all(stream, self.key(id));
                }
            }
            Subject::Remembered(remembered) => {
                let number = remembered.sent.sequence.map_or(0, |SequenceNumber(number)| number);
                let document = RememberedDocument::V1(RememberedV1::of(self.now, &remembered));
                self.change.put(REMEMBERED, self.key_of(id, number), write(&document));
            }
            Subject::Forgotten(number) => self.change.remove(REMEMBERED, self.key_of(id, number)),
            Subject::Moves => self.state.unrecorded.note_changed(queue),
        }
    }

    /// Sees to it that a later process does not use a number again.
    fn reserve(&mut self, queue: &QueueName, place: Place) {
        if let Some(record) = self.state.records.get_mut(queue)
            && place.number > record.reserved
        {
            record.reserved = place.number + RESERVED;
            self.state.unrecorded.note_changed(queue);
        }
    }

    fn record_queue(&mut self, queue: &QueueName) {
        let (Some(record), Some(id)) = (self.state.records.get(queue), self.state.queues.id(queue)) else {
            return;
        };
        let chosen = |name: &str| Some((name.to_owned(), record.attributes.value(name)?));
        let document = QueueDocument::V1(QueueV1 {
            name: queue.to_string(),
            attributes: CHOSEN.into_iter().filter_map(chosen).collect(),
            tags: record.tags.clone(),
            created_at: record.created_at.as_unix_nanos(),
            modified_at: record.modified_at.as_unix_nanos(),
            reserved: record.reserved,
            moves: self.state.queues.move_tasks(queue).into_iter().flatten().map(MoveV1::of).collect(),
        });
        self.change.put(QUEUES, self.key(id), write(&document));
    }

    fn key(&self, queue: u32) -> Vec<u8> {
        [&*self.prefix, &queue.to_be_bytes()].concat()
    }

    fn key_of(&self, queue: u32, number: u64) -> Vec<u8> {
        [&*self.prefix, &queue.to_be_bytes(), &number.to_be_bytes()].concat()
    }
}
