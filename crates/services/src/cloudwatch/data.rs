//! `GetMetricData`: many metrics at once.

use hearth_model::{identity::Partition, time::Timestamp};

use super::{Metric, Metrics, Period, Refusal, Span, Statistic, Unit};

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct DataRequest {
    /// Of which metrics.
    pub queries: Vec<DataQuery>,
    /// From when on.
    pub from: Timestamp,
    /// Until when: what begins then is not wanted any more.
    pub until: Timestamp,
    /// Whether the oldest values come first; by default the newest do.
    pub ascending: bool,
    /// How many values at most, of all metrics together.
    pub most_values: usize,
    /// The token of the page before.
    pub token: Option<String>,
}

/// One statistic of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct DataQuery {
    /// What the result is called.
    pub id: String,
    /// What people shall read beside the result.
    pub label: Option<String>,
    /// The metric.
    pub metric: Metric,
    /// What one value stands for.
    pub period: Period,
    /// The statistic, with the name that it was asked for by.
    pub statistic: (Statistic, String),
    /// The unit that is wanted; if nobody said, and there are several, the first one.
    pub unit: Option<Unit>,
}

/// Results, as far as they fit into one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct DataPage {
    /// One for each query whose values were not all told before.
    pub results: Vec<DataResult>,
    /// Where the next page begins, if there is one.
    pub next_token: Option<String>,
}

/// Values of one query.
#[derive(Clone, Debug, PartialEq)]
pub struct DataResult {
    /// What the query called it.
    pub id: String,
    /// What people shall read beside it.
    pub label: String,
    /// The values, each with the time at which its period began.
    pub values: Vec<(Timestamp, f64)>,
    /// Whether these were the last.
    pub complete: bool,
    /// What there is to know about them: a code and a text.
    pub messages: Vec<(&'static str, String)>,
}

impl Metrics {
    /// `GetMetricData`.
    ///
    /// # Errors
    /// If nothing can be in the time that is wanted, or the token is none.
    pub fn data(&self, partition: &Partition, request: &DataRequest) -> Result<DataPage, Refusal> {
        if request.from == request.until {
            let message = "The parameter StartTime must not equal parameter EndTime.";
            return Err(Refusal::Validation(message.into()));
        }
        if request.from > request.until {
            let message = "The parameter EndTime must be greater than StartTime.";
            return Err(Refusal::Validation(message.into()));
        }
        let (first, mut told) = request.place()?;
        let mut room = request.most_values;
        let mut page = DataPage { results: Vec::new(), next_token: None };
        for (position, query) in request.queries.iter().enumerate().skip(first) {
            let mut result = self.result(partition, request, query);
            let values = result.values.split_off(told.min(result.values.len()));
            let fits = values.len().min(room);
            result.complete = fits == values.len();
            result.values = values;
            result.values.truncate(fits);
            room -= fits;
            page.results.push(result);
            if page.results.last().is_some_and(|result| !result.complete) {
                page.next_token = Some(format!("{position}.{}", told + fits));
                break;
            }
            told = 0;
        }
        Ok(page)
    }

    /// The whole result of a query.
    fn result(&self, partition: &Partition, request: &DataRequest, query: &DataQuery) -> DataResult {
        let span = Span { time: request.from..request.until, period: query.period };
        let mut points = self.datapoints(partition, &query.metric, &span, query.unit);
        let mut messages = Vec::new();
        let mut units: Vec<Unit> = points.iter().map(|point| point.unit).collect();
        units.sort_unstable();
        units.dedup();
        if let [first, _, ..] = units[..] {
            points.retain(|point| point.unit == first);
            let names: Vec<_> = units.iter().map(|unit| unit.as_str()).collect();
            messages.push(("MultipleUnits", format!("Multiple units returned: '[{}]'", names.join(", "))));
        }
        let statistic = query.statistic.0;
        let found = points.len();
        let value = |point: super::Datapoint| Some((point.at, point.set.statistic(statistic)?));
        let mut values: Vec<_> = points.into_iter().filter_map(value).collect();
        if values.len() < found {
            let message = "percentiles are told only of values that are known one by one and not negative: of \
                           statistic sets, and of more than 5,000 different values within a period, they are not";
            messages.push(("PercentilesUnavailable", message.to_owned()));
        }
        if !request.ascending {
            values.reverse();
        }
        let label = query.label.clone().unwrap_or_else(|| request.label(query));
        DataResult { id: query.id.clone(), label, values, complete: true, messages }
    }
}

impl DataRequest {
    /// Which query the page begins with, and how many of its values were told before.
    fn place(&self) -> Result<(usize, usize), Refusal> {
        let Some(token) = &self.token else { return Ok((0, 0)) };
        let place =
            token.split_once('.').and_then(|(query, told)| Some((query.parse().ok()?, told.parse().ok()?)));
        place.filter(|(query, _)| *query < self.queries.len()).ok_or(Refusal::InvalidToken)
    }

    /// The metric's name, and then what tells the queries apart. Source: recorded answers.
    fn label(&self, query: &DataQuery) -> String {
        let mut label = query.metric.name.clone();
        if self.queries.iter().any(|other| other.statistic.1 != query.statistic.1) {
            label = format!("{label} {}", query.statistic.1);
        }
        if self.queries.iter().any(|other| other.period != query.period) {
            label = format!("{label} {}", query.period.seconds());
        }
        label
    }
}
