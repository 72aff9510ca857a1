//! What of deliveries survives the process: the stream `delivery.parcels` has an entry for each that is to be tried again, under
//! its account, its region and a number.
//!
//! It is there until the next attempt has ended, so that one that was under way when the process ended is made once more.

use std::time::Duration;

use hearth_engine::journal::{Change, NotLoaded, Stream, Unreadable};
use hearth_model::{
    identity::{Partition, RequestId},
    schedule::RetryPolicy,
    sqs::QueueAddress,
    time::{Instant, Moment, Timestamp},
};
use serde::{Deserialize, Serialize};

use super::{Deliveries, Parcel, Sender, TargetAddress};
use crate::kept::{prefix, read, read_prefix, unreadable, write};

const PARCELS: Stream = Stream("delivery.parcels");

#[derive(Serialize, Deserialize)]
enum ParcelDocument {
    V1(ParcelV1),
}

#[derive(Serialize, Deserialize)]
struct ParcelV1 {
    sender: SenderV1,
    target: String,
    group: Option<String>,
    content: String,
    trace_header: Option<String>,
    firing: String,
    maximum_attempts: u32,
    maximum_age_s: u64,
    dead_letter: Option<String>,
    first_tried: i64,
    retries: u32,
    due: i64,
}

#[derive(Serialize, Deserialize)]
enum SenderV1 {
    Rule { arn: String, name: String },
    Schedule { arn: String, group: String, name: String, scheduled: i64, execution: String },
}

impl Deliveries {
    /// Brings back what the journal has. To be called once, before anything else happens but after targets are there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let now = self.engine().clock().moment();
        let mut kept = Vec::new();
        self.engine().journal().load(PARCELS, |key, value| {
            kept.push(read_parcel(now, key, value)?);
            Ok(())
        })?;
        self.wait_for(kept);
        Ok(())
    }
}

/// Says that a delivery waits.
pub(super) fn put(change: &mut Change, now: Moment, due: Instant, number: u64, parcel: &Parcel) {
    let document = ParcelDocument::V1(ParcelV1::of(now, due, parcel));
    change.put(PARCELS, key(&parcel.partition, number), write(&document));
}

/// Says that a delivery does not wait any more.
pub(super) fn remove(change: &mut Change, partition: &Partition, number: u64) {
    change.remove(PARCELS, key(partition, number));
}

fn key(partition: &Partition, number: u64) -> Vec<u8> {
    [&*prefix(partition), &number.to_be_bytes()].concat()
}

fn read_parcel(now: Moment, key: &[u8], value: &[u8]) -> Result<(Instant, u64, Parcel), Unreadable> {
    let (partition, number) = read_prefix(key)?;
    let number =
        number.try_into().map(u64::from_be_bytes).map_err(|_| unreadable("its key names no delivery"))?;
    let ParcelDocument::V1(document) = read(value)?;
    let due = now.instant_of(Timestamp::from_unix_nanos(document.due));
    Ok((due, number, document.read(now, partition)?))
}

impl ParcelV1 {
    fn of(now: Moment, due: Instant, parcel: &Parcel) -> Self {
        let Parcel {
            sender,
            partition: _,
            target,
            group,
            content,
            trace_header,
            firing,
            policy,
            dead_letter,
            first_tried,
            retries,
        } = parcel.clone();
        Self {
            sender: match sender {
                Sender::Rule { arn, name } => SenderV1::Rule { arn, name },
                Sender::Schedule { arn, group, name, scheduled, execution } => {
                    let scheduled = scheduled.as_unix_nanos();
                    SenderV1::Schedule { arn, group, name, scheduled, execution }
                }
            },
            target: target.to_string(),
            group,
            content,
            trace_header,
            firing: firing.to_string(),
            maximum_attempts: policy.maximum_attempts,
            maximum_age_s: policy.maximum_age.as_secs(),
            dead_letter: dead_letter.map(|queue| queue.to_string()),
            first_tried: now.wall_of(first_tried).as_unix_nanos(),
            retries,
            due: now.wall_of(due).as_unix_nanos(),
        }
    }

    fn read(self, now: Moment, partition: Partition) -> Result<Parcel, Unreadable> {
        let queue = |arn: String| {
            QueueAddress::parse_arn(&arn).ok_or_else(|| unreadable(format!("`{arn}` is no queue")))
        };
        Ok(Parcel {
            sender: match self.sender {
                SenderV1::Rule { arn, name } => Sender::Rule { arn, name },
                SenderV1::Schedule { arn, group, name, scheduled, execution } => {
                    let scheduled = Timestamp::from_unix_nanos(scheduled);
                    Sender::Schedule { arn, group, name, scheduled, execution }
                }
            },
            partition,
            target: TargetAddress::parse(&self.target)
                .map_err(|reason| unreadable(format!("its target `{}`: {reason}", self.target)))?,
            group: self.group,
            content: self.content,
            trace_header: self.trace_header,
            firing: RequestId::parse(&self.firing).ok_or_else(|| unreadable("its firing has no id"))?,
            policy: RetryPolicy {
                maximum_attempts: self.maximum_attempts,
                maximum_age: Duration::from_secs(self.maximum_age_s),
            },
            dead_letter: self.dead_letter.map(queue).transpose()?,
            first_tried: now.instant_of(Timestamp::from_unix_nanos(self.first_tried)),
            retries: self.retries,
        })
    }
}
