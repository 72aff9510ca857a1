//! Parameters that several operations have.

use std::{collections::BTreeMap, fmt};

use hearth_model::time::Timestamp;
use hearth_services::cloudwatch::{InvalidStatistic, Metric, Period, Refusal, Statistic, Unit};
use serde::{Deserialize, Serialize};

use crate::rpc::WireTimestamp;

/// Dimensions of a metric. Source: the API's published model, as all limits here.
const MOST_DIMENSIONS: usize = 30;
const MOST_NAME: usize = 255;
const MOST_DIMENSION_VALUE: usize = 1_024;

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct DimensionDocument {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
}

/// A parameter's name: where it stands, and what it is called there.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    /// Such as `MetricData.member.1.`; empty at the top.
    pub(super) place: &'a str,
    pub(super) name: &'a str,
}

pub(super) const fn at<'a>(place: &'a str, name: &'a str) -> Name<'a> {
    Name { place, name }
}

pub(super) fn required<T>(given: Option<T>, name: Name<'_>) -> Result<T, Refusal> {
    given.ok_or_else(|| Refusal::Missing(format!("The parameter {name} is required.").into()))
}

pub(super) fn moment(given: Option<WireTimestamp>, name: Name<'_>) -> Result<Timestamp, Refusal> {
    Ok(required(given, name)?.0)
}

/// A text that is there and not empty.
pub(super) fn text(given: Option<String>, name: Name<'_>, most: usize) -> Result<String, Refusal> {
    let text = required(given.filter(|text| !text.is_empty()), name)?;
    if text.chars().count() > most {
        let message = format!("The parameter {name} must be shorter than {} characters.", most + 1);
        return Err(Refusal::InvalidValue(message.into()));
    }
    Ok(text)
}

pub(super) fn metric(
    place: &str,
    namespace: Option<String>,
    name: Option<String>,
    dimensions: Vec<DimensionDocument>,
) -> Result<Metric, Refusal> {
    Ok(Metric {
        namespace: self::namespace(namespace, at(place, "Namespace"))?,
        name: metric_name(name, at(place, "MetricName"))?,
        dimensions: self::dimensions(dimensions, at(place, "Dimensions"))?,
    })
}

pub(super) fn namespace(given: Option<String>, name: Name<'_>) -> Result<String, Refusal> {
    let namespace = text(given, name, MOST_NAME)?;
    if namespace.starts_with(':') { Err(invalid(&namespace, name)) } else { Ok(namespace) }
}

pub(super) fn metric_name(given: Option<String>, name: Name<'_>) -> Result<String, Refusal> {
    text(given, name, MOST_NAME)
}

pub(super) fn dimensions(
    given: Vec<DimensionDocument>,
    name: Name<'_>,
) -> Result<BTreeMap<String, String>, Refusal> {
    at_most(given.len(), MOST_DIMENSIONS, name)?;
    let mut dimensions = BTreeMap::new();
    for (position, dimension) in given.into_iter().enumerate() {
        let place = format!("{name}.member.{}.", position + 1);
        let key = text(dimension.name, at(&place, "Name"), MOST_NAME)?;
        let value = text(dimension.value, at(&place, "Value"), MOST_DIMENSION_VALUE)?;
        if dimensions.insert(key, value).is_some() {
            let message = "No metric may specify the same dimension name twice.";
            return Err(Refusal::InvalidValue(message.into()));
        }
    }
    Ok(dimensions)
}

pub(super) fn dimension_documents(dimensions: BTreeMap<String, String>) -> Vec<DimensionDocument> {
    let document = |(name, value)| DimensionDocument { name: Some(name), value: Some(value) };
    dimensions.into_iter().map(document).collect()
}

pub(super) fn period(given: Option<i64>, name: Name<'_>) -> Result<Period, Refusal> {
    Period::parse(required(given, name)?).map_err(|_| {
        let message =
            format!("The parameter {name} must be 1, 5, 10, 20, 30, or a multiple of 60 up to 86400.");
        Refusal::InvalidValue(message.into())
    })
}

pub(super) fn unit(given: Option<&str>, name: Name<'_>) -> Result<Option<Unit>, Refusal> {
    given.map(|text| Unit::parse(text).ok_or_else(|| invalid(text, name))).transpose()
}

pub(super) fn statistic(given: &str, name: Name<'_>) -> Result<Statistic, Refusal> {
    Statistic::parse(given).map_err(|error| match error {
        InvalidStatistic::Unknown => invalid(given, name),
        InvalidStatistic::Unsupported => Refusal::Unsupported(format!("{name}: {error}").into()),
    })
}

pub(super) fn at_most(given: usize, most: usize, name: Name<'_>) -> Result<(), Refusal> {
    if given <= most {
        return Ok(());
    }
    Err(Refusal::InvalidValue(
        format!("The collection {name} must not have a size greater than {most}.").into(),
    ))
}

pub(super) fn invalid(value: impl fmt::Display, name: Name<'_>) -> Refusal {
    Refusal::InvalidValue(format!("The value {value} for parameter {name} is invalid.").into())
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.place, self.name)
    }
}
