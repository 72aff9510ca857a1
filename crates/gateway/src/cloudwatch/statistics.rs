//! `GetMetricStatistics`.

use std::collections::BTreeMap;

use hearth_services::cloudwatch::{Datapoint, Refusal, Span, Statistic};
use serde::{Deserialize, Serialize};

use super::parameter::{self, DimensionDocument, at};
use crate::rpc::{Answer, Call, WireTimestamp};

const MOST_STATISTICS: usize = 5;
const MOST_EXTENDED: usize = 10;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Vec<DimensionDocument>,
    start_time: Option<WireTimestamp>,
    end_time: Option<WireTimestamp>,
    period: Option<i64>,
    statistics: Vec<String>,
    extended_statistics: Vec<String>,
    unit: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    label: String,
    datapoints: Vec<DatapointDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DatapointDocument {
    timestamp: WireTimestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_count: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    average: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<f64>,
    unit: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extended_statistics: BTreeMap<String, f64>,
}

pub(super) fn statistics(call: &Call<'_>) -> Answer {
    let request: Request = call.document()?;
    let metric = parameter::metric("", request.namespace, request.metric_name, request.dimensions)?;
    let time = parameter::moment(request.start_time, at("", "StartTime"))?
        ..parameter::moment(request.end_time, at("", "EndTime"))?;
    let span = Span { time, period: parameter::period(request.period, at("", "Period"))? };
    let wanted = wanted(&request.statistics, &request.extended_statistics)?;
    let unit = parameter::unit(request.unit.as_deref(), at("", "Unit"))?;
    let datapoints = call.gateway.metrics().statistics(&call.partition, &metric, &span, unit)?;
    let datapoints = datapoints.iter().map(|datapoint| DatapointDocument::of(datapoint, &wanted)).collect();
    call.answer(&Document { label: metric.name, datapoints })
}

/// The statistics, with the names they were asked for by.
fn wanted<'a>(
    standard: &'a [String],
    extended: &'a [String],
) -> Result<Vec<(Statistic, &'a String)>, Refusal> {
    match (standard, extended) {
        ([], []) => {
            let message =
                "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
            return Err(Refusal::Missing(message.into()));
        }
        ([_, ..], [_, ..]) => {
            let message = "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.";
            return Err(Refusal::Combination(message.into()));
        }
        _ => {}
    }
    parameter::at_most(standard.len(), MOST_STATISTICS, at("", "Statistics"))?;
    parameter::at_most(extended.len(), MOST_EXTENDED, at("", "ExtendedStatistics"))?;
    let read = |list: &'static str, percentile: bool| {
        move |(position, name): (usize, &'a String)| {
            let place = format!("{list}.member.{}", position + 1);
            let statistic = parameter::statistic(name, at("", &place))?;
            if matches!(statistic, Statistic::Percentile(_)) == percentile {
                Ok((statistic, name))
            } else {
                Err(parameter::invalid(name, at("", &place)))
            }
        }
    };
    let standard = standard.iter().enumerate().map(read("Statistics", false));
    let extended = extended.iter().enumerate().map(read("ExtendedStatistics", true));
    standard.chain(extended).collect()
}

impl DatapointDocument {
    fn of(datapoint: &Datapoint, wanted: &[(Statistic, &String)]) -> Self {
        let value = |statistic| {
            let (statistic, _) = wanted.iter().find(|(wanted, _)| *wanted == statistic)?;
            datapoint.set.statistic(*statistic)
        };
        let percentiles =
            wanted.iter().filter(|(statistic, _)| matches!(statistic, Statistic::Percentile(_)));
        Self {
            timestamp: WireTimestamp(datapoint.at),
            sample_count: value(Statistic::SampleCount),
            average: value(Statistic::Average),
            sum: value(Statistic::Sum),
            minimum: value(Statistic::Minimum),
            maximum: value(Statistic::Maximum),
            unit: datapoint.unit.as_str(),
            extended_statistics: percentiles
                .filter_map(|(statistic, name)| Some(((*name).clone(), datapoint.set.statistic(*statistic)?)))
                .collect(),
        }
    }
}
