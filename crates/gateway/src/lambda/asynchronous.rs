//! What applies to asynchronous invocations: `FunctionEventInvokeConfig`.

use hearth_services::lambda::{AsynchronousChange, AsynchronousView};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, unix_seconds};
use crate::rest_json::{self, Answer, answer};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    maximum_retry_attempts: Option<i64>,
    maximum_event_age_in_seconds: Option<i64>,
    destination_config: Option<DestinationConfig>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationConfig {
    on_success: Option<Destination>,
    on_failure: Option<Destination>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    last_modified: f64,
    function_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<u64>,
    destination_config: DestinationConfig,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigurationList {
    function_event_invoke_configs: Vec<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) fn put(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let change = call.document::<Request>()?.into();
    let view =
        call.functions().configure_asynchronous(&call.partition, &name, qualifier.as_deref(), &change)?;
    answer(StatusCode::OK, &Configuration::of(view))
}

pub(super) fn update(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let change = call.document::<Request>()?.into();
    let view =
        call.functions().reconfigure_asynchronous(&call.partition, &name, qualifier.as_deref(), &change)?;
    answer(StatusCode::OK, &Configuration::of(view))
}

pub(super) fn configuration(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let view = call.functions().asynchronous_configuration(&call.partition, &name, qualifier.as_deref())?;
    answer(StatusCode::OK, &Configuration::of(view))
}

pub(super) fn delete(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    call.functions().forget_asynchronous(&call.partition, &name, qualifier.as_deref())?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn list(call: &Call<'_>, name: &str) -> Answer {
    let page = call.functions().asynchronous_configurations(
        &call.partition,
        &Call::segment(name)?,
        &call.page()?,
    )?;
    let function_event_invoke_configs = page.items.into_iter().map(Configuration::of).collect();
    answer(
        StatusCode::OK,
        &ConfigurationList { function_event_invoke_configs, next_marker: page.next_marker },
    )
}

impl From<Request> for AsynchronousChange {
    fn from(request: Request) -> Self {
        let destinations = request.destination_config.unwrap_or_default();
        // Who gives `OnSuccess` without a destination wants none.
        let arn = |destination: Destination| destination.destination.unwrap_or_default();
        Self {
            maximum_retry_attempts: request.maximum_retry_attempts,
            maximum_event_age_s: request.maximum_event_age_in_seconds,
            on_success: destinations.on_success.map(arn),
            on_failure: destinations.on_failure.map(arn),
        }
    }
}

impl Configuration {
    /// Both destinations are always there, and empty if nothing gets records; recorded in November 2023.
    fn of(view: AsynchronousView) -> Self {
        let set = view.configuration;
        let destination = |arn: Option<String>| Some(Destination { destination: arn });
        Self {
            last_modified: unix_seconds(set.modified),
            function_arn: view.arn,
            maximum_retry_attempts: set.maximum_retry_attempts.map(|attempts| attempts.get()),
            maximum_event_age_in_seconds: set.maximum_event_age.map(|age| age.duration().as_secs()),
            destination_config: DestinationConfig {
                on_success: destination(set.on_success.map(|destination| destination.to_string())),
                on_failure: destination(set.on_failure.map(|destination| destination.to_string())),
            },
        }
    }
}
