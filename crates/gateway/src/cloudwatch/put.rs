//! `PutMetricData`.

use hearth_services::cloudwatch::{Measurement, Metric, Refusal, StatisticSet, Unit};
use serde::Deserialize;

use super::parameter::{self, DimensionDocument, Name, at};
use crate::rpc::{Answer, Call, WireDouble, WireTimestamp};

const MOST_DATA: usize = 1_000;
const MOST_VALUES: usize = 150;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    namespace: Option<String>,
    metric_data: Vec<Datum>,
    entity_metric_data: Vec<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Datum {
    metric_name: Option<String>,
    dimensions: Vec<DimensionDocument>,
    timestamp: Option<WireTimestamp>,
    value: Option<WireDouble>,
    statistic_values: Option<Statistics>,
    values: Vec<WireDouble>,
    counts: Vec<WireDouble>,
    unit: Option<String>,
    storage_resolution: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Statistics {
    sample_count: Option<WireDouble>,
    sum: Option<WireDouble>,
    minimum: Option<WireDouble>,
    maximum: Option<WireDouble>,
}

pub(super) fn put(call: &Call<'_>) -> Answer {
    let Request { namespace, metric_data, entity_metric_data } = call.document()?;
    let namespace = parameter::namespace(namespace, at("", "Namespace"))?;
    if namespace.starts_with("AWS/") {
        return Err(parameter::invalid("AWS/", at("", "Namespace")).into());
    }
    if namespace == "Hearth" {
        let message = "The namespace Hearth has the metrics that Hearth itself reports: choose another one";
        return Err(Refusal::InvalidValue(message.into()).into());
    }
    if !entity_metric_data.is_empty() {
        return Err(Refusal::Unsupported("Hearth has no entities: use MetricData".into()).into());
    }
    if metric_data.is_empty() {
        return Err(Refusal::Missing("The parameter MetricData is required.".into()).into());
    }
    parameter::at_most(metric_data.len(), MOST_DATA, at("", "MetricData"))?;
    let measurement = |(position, datum): (usize, Datum)| {
        datum.measurement(&namespace, &format!("MetricData.member.{}.", position + 1))
    };
    let measurements = metric_data.into_iter().enumerate().map(measurement).collect::<Result<_, _>>()?;
    call.gateway.metrics().put(&call.partition, measurements)?;
    call.done()
}

impl Datum {
    fn measurement(self, namespace: &str, place: &str) -> Result<Measurement, Refusal> {
        let values = self.set(place)?;
        let resolution = match self.storage_resolution {
            None | Some(60) => 60,
            Some(1) => 1,
            Some(other) => return Err(parameter::invalid(other, at(place, "StorageResolution"))),
        };
        let metric = Metric {
            namespace: namespace.to_owned(),
            name: parameter::metric_name(self.metric_name, at(place, "MetricName"))?,
            dimensions: parameter::dimensions(self.dimensions, at(place, "Dimensions"))?,
        };
        Ok(Measurement {
            metric,
            at: self.timestamp.map(|at| at.0),
            unit: parameter::unit(self.unit.as_deref(), at(place, "Unit"))?.unwrap_or(Unit::NONE),
            high_resolution: resolution == 1,
            values,
        })
    }

    /// The values, of which there are three forms.
    fn set(&self, place: &str) -> Result<StatisticSet, Refusal> {
        match (self.value, &self.values[..], &self.statistic_values) {
            (Some(value), [], None) => {
                let value = number(value, at(place, "Value"))?;
                Ok(StatisticSet::of_statistics(1.0, value, value, value))
            }
            (None, [_, ..], None) => self.counted(place),
            (None, [], Some(statistics)) => statistics.set(&format!("{place}StatisticValues.")),
            (None, [], None) => {
                let message = format!(
                    "At least one of the parameters {}, {} or {} must be specified.",
                    at(place, "Value"),
                    at(place, "Values"),
                    at(place, "StatisticValues")
                );
                Err(Refusal::Missing(message.into()))
            }
            (Some(_), [_, ..], _) => Err(exclusive(at(place, "Value"), at(place, "Values"))),
            (Some(_), [], Some(_)) => Err(exclusive(at(place, "Value"), at(place, "StatisticValues"))),
            (None, [_, ..], Some(_)) => Err(exclusive(at(place, "Values"), at(place, "StatisticValues"))),
        }
    }

    fn counted(&self, place: &str) -> Result<StatisticSet, Refusal> {
        let (values, counts) = (at(place, "Values"), at(place, "Counts"));
        parameter::at_most(self.values.len(), MOST_VALUES, values)?;
        if !self.counts.is_empty() && self.counts.len() != self.values.len() {
            let message = format!("The parameters {values} and {counts} must be of the same size.");
            return Err(Refusal::InvalidValue(message.into()));
        }
        let counts_given = self.counts.iter().copied().chain(std::iter::repeat(WireDouble(1.0)));
        let pair = |(value, count): (&WireDouble, WireDouble)| {
            let (value, count) = (number(*value, values)?, number(count, counts)?);
            if count > 0.0 { Ok((value, count)) } else { Err(parameter::invalid(count, counts)) }
        };
        let pairs = self.values.iter().zip(counts_given).map(pair).collect::<Result<Vec<_>, _>>()?;
        Ok(StatisticSet::of_values(pairs).expect("there is a value"))
    }
}

impl Statistics {
    fn set(&self, place: &str) -> Result<StatisticSet, Refusal> {
        let member = |given: Option<WireDouble>, name| {
            number(parameter::required(given, at(place, name))?, at(place, name))
        };
        let (maximum, minimum) = (member(self.maximum, "Maximum")?, member(self.minimum, "Minimum")?);
        let (count, sum) = (member(self.sample_count, "SampleCount")?, member(self.sum, "Sum")?);
        let refusal = if maximum < minimum {
            format!("The parameter {place}Maximum must be greater than {place}Minimum.")
        } else if count <= 0.0 {
            format!("The parameter {place}SampleCount must be greater than 0.")
        } else {
            return Ok(StatisticSet::of_statistics(count, sum, minimum, maximum));
        };
        Err(Refusal::InvalidValue(refusal.into()))
    }
}

/// CloudWatch takes zero, and what is between 2^-360 and 2^360 or their negatives.
fn number(WireDouble(value): WireDouble, name: Name<'_>) -> Result<f64, Refusal> {
    let fits = value == 0.0 || (2f64.powi(-360)..=2f64.powi(360)).contains(&value.abs());
    if fits { Ok(value) } else { Err(parameter::invalid(value, name)) }
}

fn exclusive(one: Name<'_>, other: Name<'_>) -> Refusal {
    let message =
        format!("The parameters {one} and {other} are mutually exclusive and you have specified both.");
    Refusal::Combination(message.into())
}
