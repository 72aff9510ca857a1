//! `GetMetricData`.

use std::collections::BTreeSet;

use hearth_services::cloudwatch::{DataQuery, DataRequest, DataResult, Refusal};
use serde::{Deserialize, Serialize};

use super::parameter::{self, DimensionDocument, at};
use crate::rpc::{Answer, Call, WireTimestamp};

const MOST_QUERIES: usize = 500;
const MOST_DATAPOINTS: usize = 100_800;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    metric_data_queries: Vec<Query>,
    start_time: Option<WireTimestamp>,
    end_time: Option<WireTimestamp>,
    next_token: Option<String>,
    scan_by: Option<String>,
    max_datapoints: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Query {
    id: Option<String>,
    metric_stat: Option<MetricStat>,
    expression: Option<String>,
    label: Option<String>,
    return_data: Option<bool>,
    account_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MetricStat {
    metric: MetricDocument,
    period: Option<i64>,
    stat: Option<String>,
    unit: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MetricDocument {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Vec<DimensionDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    metric_data_results: Vec<ResultDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    messages: [Message; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResultDocument {
    id: String,
    label: String,
    timestamps: Vec<WireTimestamp>,
    values: Vec<f64>,
    status_code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    code: &'static str,
    value: String,
}

pub(super) fn data(call: &Call<'_>) -> Answer {
    let request = call.document::<Request>()?.parse(&call.partition.account.to_string())?;
    let page = call.gateway.metrics().data(&call.partition, &request)?;
    let metric_data_results = page.results.into_iter().map(ResultDocument::of).collect();
    call.answer(&Document { metric_data_results, next_token: page.next_token, messages: [] })
}

impl Request {
    fn parse(self, account: &str) -> Result<DataRequest, Refusal> {
        let from = parameter::moment(self.start_time, at("", "StartTime"))?;
        let until = parameter::moment(self.end_time, at("", "EndTime"))?;
        if self.metric_data_queries.is_empty() {
            return Err(Refusal::Missing("The parameter MetricDataQueries is required.".into()));
        }
        parameter::at_most(self.metric_data_queries.len(), MOST_QUERIES, at("", "MetricDataQueries"))?;
        let ascending = match self.scan_by.as_deref() {
            None | Some("TimestampDescending") => false,
            Some("TimestampAscending") => true,
            Some(other) => return Err(parameter::invalid(other, at("", "ScanBy"))),
        };
        let most_values = match self.max_datapoints {
            None => MOST_DATAPOINTS,
            Some(most @ 1..=MOST_DATAPOINTS) => most,
            Some(other) => return Err(parameter::invalid(other, at("", "MaxDatapoints"))),
        };
        let mut ids = BTreeSet::new();
        let mut queries = Vec::new();
        for (position, query) in self.metric_data_queries.into_iter().enumerate() {
            let place = format!("MetricDataQueries.member.{}.", position + 1);
            let wanted = query.return_data.unwrap_or(true);
            let query = query.parse(&place, account)?;
            if !ids.insert(query.id.clone()) {
                let message =
                    format!("The values for parameter id in MetricDataQueries are not unique: {}.", query.id);
                return Err(Refusal::Validation(message.into()));
            }
            // Without metric math, what is not returned is good for nothing.
            if wanted {
                queries.push(query);
            }
        }
        Ok(DataRequest { queries, from, until, ascending, most_values, token: self.next_token })
    }
}

impl Query {
    fn parse(self, place: &str, account: &str) -> Result<DataQuery, Refusal> {
        let id = parameter::text(self.id, at(place, "Id"), 255)?;
        let begins = id.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins || !id.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
            let message = format!(
                "The value {id} for parameter {} is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
                at(place, "Id")
            );
            return Err(Refusal::Validation(message.into()));
        }
        let unsupported = |what: &str, name: &str| {
            Err(Refusal::Unsupported(format!("{}: Hearth has no {what}", at(place, name)).into()))
        };
        if self.expression.is_some() {
            return unsupported(
                "metric math and no Metrics Insights; ask for the metrics and calculate with what comes back",
                "Expression",
            );
        }
        if self.label.as_ref().is_some_and(|label| label.contains("${")) {
            return unsupported("dynamic labels", "Label");
        }
        if self.account_id.is_some_and(|owner| owner != account) {
            return unsupported("metrics of linked accounts", "AccountId");
        }
        let stat = parameter::required(self.metric_stat, at(place, "MetricStat"))?;
        let place = format!("{place}MetricStat.");
        let name = parameter::required(stat.stat, at(&place, "Stat"))?;
        let statistic = parameter::statistic(&name, at(&place, "Stat"))?;
        let MetricDocument { namespace, metric_name, dimensions } = stat.metric;
        Ok(DataQuery {
            id,
            label: self.label,
            metric: parameter::metric(&format!("{place}Metric."), namespace, metric_name, dimensions)?,
            period: parameter::period(stat.period, at(&place, "Period"))?,
            statistic: (statistic, name),
            unit: parameter::unit(stat.unit.as_deref(), at(&place, "Unit"))?,
        })
    }
}

impl ResultDocument {
    fn of(result: DataResult) -> Self {
        let (timestamps, values) =
            result.values.into_iter().map(|(at, value)| (WireTimestamp(at), value)).unzip();
        let messages = result.messages.into_iter().map(|(code, value)| Message { code, value }).collect();
        Self {
            id: result.id,
            label: result.label,
            timestamps,
            values,
            status_code: if result.complete { "Complete" } else { "PartialData" },
            messages,
        }
    }
}
