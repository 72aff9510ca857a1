//! The operations on event source mappings.

use std::collections::BTreeMap;

use hearth_model::event_source::{FilterCriteria, Scaling};
use hearth_services::lambda::{
    MappingChange, MappingFilter, MappingView, NewMapping, PollersChange, Refusal,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    call::{Call, unix_seconds},
    settings::{not_there, says_nothing},
};
use crate::{
    error::ApiError,
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct CreateRequest {
    event_source_arn: Option<String>,
    starting_position: Option<String>,
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    settings: SettingsRequest,
}

/// What creating and updating have in common.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SettingsRequest {
    function_name: Option<String>,
    enabled: Option<bool>,
    batch_size: Option<i64>,
    maximum_batching_window_in_seconds: Option<i64>,
    filter_criteria: Option<FiltersRequest>,
    scaling_config: Option<ScalingRequest>,
    provisioned_poller_config: Option<PollersRequest>,
    function_response_types: Option<Vec<String>>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    metrics_config: Value,
    /// Everything else, much of which only mappings of other sources have.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FiltersRequest {
    filters: Option<Vec<FilterRequest>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterRequest {
    pattern: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingRequest {
    maximum_concurrency: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PollersRequest {
    minimum_pollers: Option<i64>,
    maximum_pollers: Option<i64>,
    #[serde(default)]
    poller_group_name: Value,
}

/// `EventSourceMappingConfiguration`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MappingDocument {
    #[serde(rename = "UUID")]
    id: String,
    batch_size: u16,
    maximum_batching_window_in_seconds: u16,
    event_source_arn: String,
    event_source_mapping_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_criteria: Option<FiltersDocument>,
    function_arn: String,
    function_response_types: Vec<&'static str>,
    #[serde(rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
    last_modified: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioned_poller_config: Option<PollersDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scaling_config: Option<ScalingDocument>,
    state: &'static str,
    state_transition_reason: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FiltersDocument {
    filters: Vec<FilterDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterDocument {
    pattern: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingDocument {
    maximum_concurrency: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PollersDocument {
    minimum_pollers: u32,
    maximum_pollers: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MappingList {
    event_source_mappings: Vec<MappingDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let CreateRequest { event_source_arn, starting_position, tags, settings } = call.document()?;
    let new = NewMapping { event_source_arn, starting_position, tags, settings: settings.read()? };
    let created = call.mappings().create(&call.partition, new)?;
    answer(StatusCode::ACCEPTED, &MappingDocument::of(created))
}

pub(super) fn mapping(call: &Call<'_>, id: &str) -> Answer {
    let mapping = call.mappings().mapping(&call.partition, &Call::segment(id)?)?;
    answer(StatusCode::OK, &MappingDocument::of(mapping))
}

pub(super) fn update(call: &Call<'_>, id: &str) -> Answer {
    let change = call.document::<SettingsRequest>()?.read()?;
    let updated = call.mappings().update(&call.partition, &Call::segment(id)?, change)?;
    answer(StatusCode::ACCEPTED, &MappingDocument::of(updated))
}

pub(super) fn delete(call: &Call<'_>, id: &str) -> Answer {
    let deleted = call.mappings().delete(&call.partition, &Call::segment(id)?)?;
    answer(StatusCode::ACCEPTED, &MappingDocument::of(deleted))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let parameter = |name| Ok::<_, ApiError>(call.parameter(name)?.map(|value| value.into_owned()));
    let filter = MappingFilter {
        event_source_arn: parameter("EventSourceArn")?,
        function: parameter("FunctionName")?,
    };
    let page = call.mappings().list(&call.partition, &filter, &call.page()?)?;
    let event_source_mappings = page.items.into_iter().map(MappingDocument::of).collect();
    answer(StatusCode::OK, &MappingList { event_source_mappings, next_marker: page.next_marker })
}

impl SettingsRequest {
    fn read(self) -> Result<MappingChange, Refusal> {
        if !says_nothing(&self.metrics_config) {
            return Err(not_there("MetricsConfig"));
        }
        let group = self.provisioned_poller_config.as_ref().map(|pollers| &pollers.poller_group_name);
        let group = group.filter(|group| !says_nothing(group)).map(|_| "PollerGroupName");
        let patterns = |criteria: FiltersRequest| {
            let filters = criteria.filters.unwrap_or_default();
            filters.into_iter().map(|filter| filter.pattern).collect()
        };
        let given = |name: &&str| self.others.get(*name).is_some_and(|value| !says_nothing(value));
        Ok(MappingChange {
            foreign: FOREIGN.into_iter().find(given).or(group),
            function: self.function_name,
            enabled: self.enabled,
            batch_size: self.batch_size,
            window_s: self.maximum_batching_window_in_seconds,
            filters: self.filter_criteria.map(patterns),
            maximum_concurrency: self.scaling_config.map(|scaling| scaling.maximum_concurrency),
            provisioned_pollers: self.provisioned_poller_config.map(|pollers| PollersChange {
                minimum: pollers.minimum_pollers,
                maximum: pollers.maximum_pollers,
            }),
            response_types: self.function_response_types,
            kms_key_arn: self.kms_key_arn,
        })
    }
}

/// What only mappings of streams, brokers and databases have.
const FOREIGN: [&str; 15] = [
    "AmazonManagedKafkaEventSourceConfig",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "LoggingConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "Queues",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
];

impl MappingDocument {
    fn of(view: MappingView) -> Self {
        let configuration = view.configuration;
        let (scaling_config, provisioned_poller_config) = match configuration.scaling {
            Scaling::Standard => (None, None),
            Scaling::MaximumConcurrency(maximum) => {
                (Some(ScalingDocument { maximum_concurrency: maximum.get() }), None)
            }
            Scaling::Provisioned(pollers) => {
                let (minimum_pollers, maximum_pollers) = (pollers.minimum(), pollers.maximum());
                (None, Some(PollersDocument { minimum_pollers, maximum_pollers }))
            }
        };
        Self {
            id: view.id.to_string(),
            batch_size: configuration.batch_size.get(),
            maximum_batching_window_in_seconds: configuration.window.as_seconds(),
            event_source_arn: view.queue.to_string(),
            event_source_mapping_arn: view.id.arn(&view.partition),
            filter_criteria: FiltersDocument::of(&view.filters),
            function_arn: view.function_arn,
            function_response_types: if configuration.reports_item_failures {
                vec!["ReportBatchItemFailures"]
            } else {
                Vec::new()
            },
            kms_key_arn: view.kms_key_arn,
            last_modified: unix_seconds(view.modified),
            provisioned_poller_config,
            scaling_config,
            state: view.state.as_str(),
            state_transition_reason: "USER_INITIATED",
        }
    }
}

impl FiltersDocument {
    fn of(filters: &FilterCriteria) -> Option<Self> {
        let filter = |pattern: &str| FilterDocument { pattern: pattern.to_owned() };
        (!filters.is_empty()).then(|| Self { filters: filters.patterns().map(filter).collect() })
    }
}
