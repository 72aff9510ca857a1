//! Mappings as they are written and read.
//!
//! A mapping has no place of its own in its queue: what it has received is in flight there.

use std::collections::BTreeMap;

use hearth_engine::journal::{NotLoaded, Stream, Unreadable};
use hearth_model::{
    event_source::{
        BatchSize, BatchingWindow, Configuration, FilterCriteria, MaximumConcurrency, ProvisionedPollers,
        Scaling,
    },
    identity::{AccountId, FunctionName, Partition, Region},
    reference::{FunctionReference, Qualifier},
    sqs::QueueAddress,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    EventSourceMappings, MappingId,
    mapping::{Mapping, NewState},
    settings::Settings,
};
use crate::kept::{prefix, read, read_prefix, unreadable, write};

const MAPPINGS: Stream = Stream("lambda.mappings");

#[derive(Serialize, Deserialize)]
enum MappingDocument {
    V1(MappingV1),
}

#[derive(Serialize, Deserialize)]
struct MappingV1 {
    /// Its place in the order in which mappings were made.
    number: u64,
    queue: String,
    function_account: String,
    function_region: String,
    function: String,
    qualifier: Option<String>,
    enabled: bool,
    batch_size: u16,
    window_s: u16,
    scaling: ScalingV1,
    reports_item_failures: bool,
    filters: Vec<String>,
    kms_key_arn: Option<String>,
    tags: BTreeMap<String, String>,
    modified: i64,
}

#[derive(Serialize, Deserialize)]
enum ScalingV1 {
    Standard,
    Maximum(u32),
    Provisioned { minimum: u32, maximum: u32 },
}

impl EventSourceMappings {
    /// Brings back what the journal has. To be called once, before anything else happens; messages are received from
    /// [`resume`](Self::resume) on.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let journal = self.surroundings().engine.journal();
        journal.load(MAPPINGS, |key, value| {
            let (partition, rest) = read_prefix(key)?;
            let id = rest.try_into().map(MappingId::from_bytes);
            let id = id.map_err(|_| unreadable("its key names no event source mapping"))?;
            let MappingDocument::V1(document) = read(value)?;
            let (number, queue, state) = document.read()?;
            self.take(Mapping::restored(self.surroundings(), id, number, partition, queue, state));
            Ok(())
        })
    }
}

impl Mapping {
    /// Tells the journal what the mapping is now.
    pub(super) fn record(&self, settings: &Settings, tags: &BTreeMap<String, String>, modified: Timestamp) {
        self.engine().journal().record(|change| {
            let document = MappingV1::of(self, settings, tags, modified);
            change.put(MAPPINGS, self.key(), write(&MappingDocument::V1(document)));
        });
    }

    /// Tells the journal that the mapping is gone.
    pub(super) fn record_deleted(&self) {
        self.engine().journal().record(|change| change.remove(MAPPINGS, self.key()));
    }

    fn key(&self) -> Vec<u8> {
        let mut key = prefix(self.partition());
        key.extend(self.id.to_bytes());
        key
    }
}

impl MappingV1 {
    fn of(
        mapping: &Mapping,
        settings: &Settings,
        tags: &BTreeMap<String, String>,
        modified: Timestamp,
    ) -> Self {
        let Settings { function, function_partition, enabled, configuration, filters, kms_key_arn } =
            settings;
        let Configuration { batch_size, window, scaling, reports_item_failures } = configuration;
        Self {
            number: mapping.number,
            queue: mapping.queue.to_string(),
            function_account: function_partition.account.to_string(),
            function_region: function_partition.region.to_string(),
            function: function.name.to_string(),
            qualifier: function.qualifier.as_ref().map(ToString::to_string),
            enabled: *enabled,
            batch_size: batch_size.get(),
            window_s: window.as_seconds(),
            scaling: ScalingV1::of(*scaling),
            reports_item_failures: *reports_item_failures,
            filters: filters.patterns().map(str::to_owned).collect(),
            kms_key_arn: kms_key_arn.clone(),
            tags: tags.clone(),
            modified: modified.as_unix_nanos(),
        }
    }

    fn read(self) -> Result<(u64, QueueAddress, NewState), Unreadable> {
        let queue = QueueAddress::parse_arn(&self.queue)
            .ok_or_else(|| unreadable(format!("`{}` is no queue", self.queue)))?;
        let configuration = Configuration {
            batch_size: BatchSize::new(self.batch_size.into()).map_err(wrong)?,
            window: BatchingWindow::from_seconds(self.window_s.into()).map_err(wrong)?,
            scaling: self.scaling.read()?,
            reports_item_failures: self.reports_item_failures,
        };
        configuration.check(queue.name.is_fifo()).map_err(wrong)?;
        let partition = || {
            let account = AccountId::parse(&self.function_account)?;
            Some(Partition { account, region: Region::parse(&self.function_region)? })
        };
        let settings = Settings {
            function: FunctionReference {
                account: None,
                region: None,
                name: FunctionName::parse(&self.function).map_err(wrong)?,
                qualifier: self.qualifier.as_deref().map(Qualifier::read),
            },
            function_partition: partition()
                .ok_or_else(|| unreadable("its function is in no account and region"))?,
            enabled: self.enabled,
            configuration,
            filters: FilterCriteria::parse(self.filters.iter().map(String::as_str)).map_err(wrong)?,
            kms_key_arn: self.kms_key_arn,
        };
        let modified = Timestamp::from_unix_nanos(self.modified);
        Ok((self.number, queue, NewState { settings, tags: self.tags, modified }))
    }
}

impl ScalingV1 {
    fn of(scaling: Scaling) -> Self {
        match scaling {
            Scaling::Standard => Self::Standard,
            Scaling::MaximumConcurrency(maximum) => Self::Maximum(maximum.get()),
            Scaling::Provisioned(pollers) => {
                Self::Provisioned { minimum: pollers.minimum(), maximum: pollers.maximum() }
            }
        }
    }

    fn read(self) -> Result<Scaling, Unreadable> {
        Ok(match self {
            Self::Standard => Scaling::Standard,
            Self::Maximum(maximum) => {
                Scaling::MaximumConcurrency(MaximumConcurrency::new(maximum.into()).map_err(wrong)?)
            }
            Self::Provisioned { minimum, maximum } => {
                let pollers = ProvisionedPollers::new(Some(minimum.into()), Some(maximum.into()));
                Scaling::Provisioned(pollers.map_err(wrong)?)
            }
        })
    }
}

/// What is written is not allowed.
fn wrong(error: impl std::error::Error) -> Unreadable {
    unreadable(error.to_string())
}
