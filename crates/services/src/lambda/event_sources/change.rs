//! What owners ask for.

use std::collections::BTreeMap;

/// What `CreateEventSourceMapping` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMapping {
    /// The queue's ARN.
    pub event_source_arn: Option<String>,
    /// Where in a stream to begin; queues have no such place.
    pub starting_position: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What may also change later.
    pub settings: MappingChange,
}

/// What a mapping shall be; all that is none stays as it is, or is as AWS has it by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingChange {
    /// The function, version or alias.
    pub function: Option<String>,
    /// Whether messages are received.
    pub enabled: Option<bool>,
    /// Messages of a batch at most.
    pub batch_size: Option<i64>,
    /// How long a batch waits for more messages, in seconds.
    pub window_s: Option<i64>,
    /// The patterns of filters; no patterns take filters away. A filter may lack its pattern.
    pub filters: Option<Vec<Option<String>>>,
    /// Batches that run at once at most; none within takes the limit away.
    pub maximum_concurrency: Option<Option<i64>>,
    /// Provisioned pollers; without numbers, there are none.
    pub provisioned_pollers: Option<PollersChange>,
    /// What the function's answers say: `ReportBatchItemFailures` or nothing.
    pub response_types: Option<Vec<String>>,
    /// The key by which AWS would encrypt the filters. It is told, and has no effect: they never leave the process.
    pub kms_key_arn: Option<String>,
    /// A parameter that was given and that only mappings of other sources have.
    pub foreign: Option<&'static str>,
}

/// Numbers of provisioned pollers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PollersChange {
    /// Those that always stand ready.
    pub minimum: Option<i64>,
    /// How many they can become.
    pub maximum: Option<i64>,
}
