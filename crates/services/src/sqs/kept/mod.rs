//! What of queues survives the process: entries in the journal, and the queues that they become again.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `sqs.regions` | account and region | nothing |
//! | `sqs.queues` | queue, without messages | the queue's id |
//! | `sqs.messages` | message, as it came | the queue's id, the message's number |
//! | `sqs.standings` | message that has been received, or changed otherwise since | the same |
//! | `sqs.remembered` | message of a FIFO queue whose duplicates are known | the same |
//!
//! What a message says is written once; receiving it writes a few bytes. Moments are written as the wall showed them: when time
//! passed without the process, it passed. What waits (receives) and what is known of attempts to receive does not
//! survive, and neither does how long ago a queue was purged.

mod document;
mod record;
mod restore;

use hearth_engine::journal::Stream;

const REGIONS: Stream = Stream("sqs.regions");
const QUEUES: Stream = Stream("sqs.queues");
const MESSAGES: Stream = Stream("sqs.messages");
const STANDINGS: Stream = Stream("sqs.standings");
const REMEMBERED: Stream = Stream("sqs.remembered");

/// The streams whose keys begin with that of a queue.
const OF_QUEUES: [Stream; 3] = [MESSAGES, STANDINGS, REMEMBERED];

pub(super) use self::record::Unrecorded;
