//! What of logs survives the process: what clients have made, set and written.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `logs.groups` | group that a client has made, or set something for | its name |
//! | `logs.streams` | stream that a client has made | the group's name, `*`, its own, `*` |
//! | `logs.events` | batch of events that a client has put | the key of the stream, the batch's number |
//!
//! No name has a `*` in it. Batches go when their events have made room for others in memory. What functions write is the engine's to
//! keep (`hearth_engine::log`), and comes back with it in the order in which both were written.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use hearth_engine::{
    journal::{Journal, NotLoaded, Stream, Unreadable},
    log::{LogGroup, LogLine, Message},
};
use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Logs, NewEvent,
    service::{GroupSettings, State},
};
use crate::kept::{named_key, read, read_named_key, read_prefix, unreadable, write};

const GROUPS: Stream = Stream("logs.groups");
const STREAMS: Stream = Stream("logs.streams");
const EVENTS: Stream = Stream("logs.events");

#[derive(Serialize, Deserialize)]
enum GroupDocument {
    V1 { created_at: i64, retention_days: Option<u32>, tags: Vec<(String, String)> },
}

#[derive(Serialize, Deserialize)]
enum StreamDocument {
    V1 { created_at: i64 },
}

#[derive(Serialize, Deserialize)]
enum EventsDocument {
    V1 {
        ingested_at: i64,
        events: Vec<(i64, String)>,
    },
    /// With the number of the first one's line.
    V2 {
        first: u64,
        ingested_at: i64,
        events: Vec<(i64, String)>,
    },
}

/// The batches of events that the journal has.
#[derive(Debug, Default)]
pub(super) struct Batches {
    /// The number of the last one.
    last: u64,
    /// Of each group in their order: the number of the line after a batch, and the batch's key.
    of_groups: HashMap<GroupKey, VecDeque<(u64, Vec<u8>)>>,
}

/// Where a group is, and its name.
type GroupKey = (Partition, LogGroupName);

/// A batch that was read.
struct Batch {
    number: u64,
    key: Vec<u8>,
    group: GroupKey,
    stream: String,
    /// The number of the first one's line; none in the form in which that was not written.
    first: Option<u64>,
    ingested_at: Timestamp,
    events: Vec<(i64, String)>,
}

impl Logs {
    /// Brings back what the journal has, and what functions had logged. To be called once, before anything else happens.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let (journal, groups) = (self.engine().journal(), self.engine().log_groups());
        self.engine().keep_logs()?;
        let mut state = self.state.lock();
        journal.load(GROUPS, |key, value| {
            let (partition, name) = read_named_key(key)?;
            let name = group_name(name)?;
            let GroupDocument::V1 { created_at, retention_days, tags } = read(value)?;
            groups.group(&partition, &name).restore(Timestamp::from_unix_nanos(created_at));
            let settings = GroupSettings { retention_days, tags: tags.into_iter().collect() };
            *state.settings_mut(&partition, &name) = settings;
            Ok(())
        })?;
        journal.load(STREAMS, |key, value| {
            let (partition, names) = read_named_key(key)?;
            let (name, stream) = split(names.as_bytes())?;
            let StreamDocument::V1 { created_at } = read(value)?;
            let created_at = Timestamp::from_unix_nanos(created_at);
            let group = groups.group(&partition, &name);
            // One that a function made, and for which nobody has set anything.
            if group.created_at().is_none() {
                group.restore(created_at);
            }
            group.restore_stream(&stream, created_at);
            Ok(())
        })?;
        let mut batches = Vec::new();
        journal.load(EVENTS, |key, value| {
            batches.push(read_batch(key, value)?);
            Ok(())
        })?;
        batches.sort_by_key(|batch| batch.number);
        let mut lines = self.engine().read_logs()?;
        let mut ends = Vec::new();
        for Batch { number, key, group: (partition, name), stream, first, ingested_at, events } in batches {
            state.batches.last = number;
            let Some(stream) = groups.group(&partition, &name).stream(&stream) else { continue };
            let place = (partition, name);
            let lines: &mut Vec<LogLine> = lines.entry(place.clone()).or_default();
            let first =
                first.unwrap_or_else(|| lines.last().map_or(0, |last| last.sequence.saturating_add(1)));
            lines.extend((first..).zip(events).map(|(sequence, (at, text))| LogLine {
                sequence,
                at: Timestamp::from_unix_millis(at),
                ingested_at,
                stream: Arc::clone(&stream),
                request_id: None,
                message: Message::Event(text.into()),
            }));
            ends.push((place, lines.last().map_or(first, |last| last.sequence.saturating_add(1)), key));
        }
        let numbers: HashMap<_, _> = lines
            .into_iter()
            .map(|(place, lines)| {
                let renumbering = groups.group(&place.0, &place.1).restore_lines(lines);
                (place, renumbering)
            })
            .collect();
        for (place, end, key) in ends {
            let end = numbers[&place].number_now(end);
            state.batches.of_groups.entry(place).or_default().push_back((end, key));
        }
        Ok(())
    }
}

impl State {
    pub(super) fn record_group(&mut self, journal: &Journal, partition: &Partition, group: &LogGroup) {
        let Some(created_at) = group.created_at() else { return };
        let GroupSettings { retention_days, tags } = self.settings_mut(partition, group.name()).clone();
        journal.record(|change| {
            let document = GroupDocument::V1 {
                created_at: created_at.as_unix_nanos(),
                retention_days,
                tags: tags.into_iter().collect(),
            };
            change.put(GROUPS, named_key(partition, group.name().as_str()), write(&document));
        });
    }

    pub(super) fn record_deletion(&mut self, journal: &Journal, partition: &Partition, name: &LogGroupName) {
        self.batches.of_groups.remove(&(partition.clone(), name.clone()));
        journal.record(|change| {
            change.remove(GROUPS, named_key(partition, name.as_str()));
            for stream in [STREAMS, EVENTS] {
                change.remove_all(stream, named_key(partition, &format!("{name}*")));
            }
        });
    }

    pub(super) fn record_stream(
        &self,
        journal: &Journal,
        partition: &Partition,
        group: &LogGroup,
        stream: &str,
    ) {
        let Some(created_at) = group.stream(stream).map(|stream| stream.created_at()) else { return };
        journal.record(|change| {
            let document = StreamDocument::V1 { created_at: created_at.as_unix_nanos() };
            change.put(STREAMS, stream_key(partition, group.name(), stream), write(&document));
        });
    }

    pub(super) fn record_stream_deletion(
        &mut self,
        journal: &Journal,
        partition: &Partition,
        group: &LogGroupName,
        stream: &str,
    ) {
        let key = stream_key(partition, group, stream);
        if let Some(batches) = self.batches.of_groups.get_mut(&(partition.clone(), group.clone())) {
            batches.retain(|(_, batch)| !batch.starts_with(&key));
        }
        journal.record(|change| {
            change.remove(STREAMS, key.clone());
            change.remove_all(EVENTS, key);
        });
    }

    /// Tells the journal of events that were put, up to the line of a number, and which ones are gone.
    pub(super) fn record_events(
        &mut self,
        journal: &Journal,
        (partition, group, stream): (&Partition, &LogGroup, &str),
        ingested_at: Timestamp,
        events: &[NewEvent],
        end: u64,
    ) {
        if events.is_empty() || !journal.is_durable() {
            return;
        }
        self.batches.last += 1;
        let number = self.batches.last.to_be_bytes();
        let key = [&*stream_key(partition, group.name(), stream), &number].concat();
        let place = (partition.clone(), group.name().clone());
        let batches = self.batches.of_groups.entry(place).or_default();
        batches.push_back((end, key.clone()));
        journal.record(|change| {
            let document = EventsDocument::V2 {
                first: end.saturating_sub(events.len() as u64),
                ingested_at: ingested_at.as_unix_nanos(),
                events: events.iter().map(|event| (event.at, event.message.clone())).collect(),
            };
            change.put(EVENTS, key, write(&document));
            while let Some((_, gone)) = batches.pop_front_if(|(end, _)| *end <= group.dropped()) {
                change.remove(EVENTS, gone);
            }
        });
    }
}

fn stream_key(partition: &Partition, group: &LogGroupName, stream: &str) -> Vec<u8> {
    named_key(partition, &format!("{group}*{stream}*"))
}

/// Reads the names of a group and a stream.
fn split(names: &[u8]) -> Result<(LogGroupName, String), Unreadable> {
    let mut names =
        str::from_utf8(names).map_err(|_| unreadable("its key has names that are no text"))?.split('*');
    let (Some(group), Some(stream), Some(""), None) =
        (names.next(), names.next(), names.next(), names.next())
    else {
        return Err(unreadable("its key names no log stream"));
    };
    Ok((group_name(group)?, stream.to_owned()))
}

fn group_name(name: &str) -> Result<LogGroupName, Unreadable> {
    name.parse().map_err(|_| unreadable(format!("`{name}` is no name of a log group")))
}

fn read_batch(key: &[u8], value: &[u8]) -> Result<Batch, Unreadable> {
    let (partition, rest) = read_prefix(key)?;
    let (names, number) =
        rest.split_last_chunk().ok_or_else(|| unreadable("its key names no batch of events"))?;
    let (group, stream) = split(names)?;
    let (first, ingested_at, events) = match read(value)? {
        EventsDocument::V1 { ingested_at, events } => (None, ingested_at, events),
        EventsDocument::V2 { first, ingested_at, events } => (Some(first), ingested_at, events),
    };
    if first.is_some_and(|first| first.checked_add(events.len() as u64).is_none()) {
        return Err(unreadable("its events have numbers that nothing can have"));
    }
    Ok(Batch {
        number: u64::from_be_bytes(*number),
        key: key.to_vec(),
        group: (partition, group),
        stream,
        first,
        ingested_at: Timestamp::from_unix_nanos(ingested_at),
        events,
    })
}
