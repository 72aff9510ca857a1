//! What a metric is called.

use std::collections::BTreeMap;

/// A metric's name. Two metrics with other dimensions are two metrics, whatever else they share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metric {
    /// Whose metric it is, such as `AWS/Lambda`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is a metric of: values by their names.
    pub dimensions: BTreeMap<String, String>,
}

/// Which metrics are wanted; each part that is there narrows them down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricFilter {
    /// The namespace.
    pub namespace: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// Dimensions that the metric has, among others; with this value if there is one.
    pub dimensions: Vec<(String, Option<String>)>,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit(&'static str);

impl MetricFilter {
    /// Whether it lets a metric through.
    #[must_use]
    pub fn matches(&self, metric: &Metric) -> bool {
        let has = |(name, value): &(String, Option<String>)| {
            let given = metric.dimensions.get(name);
            given.is_some_and(|given| value.as_ref().is_none_or(|value| value == given))
        };
        self.namespace.as_ref().is_none_or(|namespace| *namespace == metric.namespace)
            && self.name.as_ref().is_none_or(|name| *name == metric.name)
            && self.dimensions.iter().all(has)
    }
}

impl Unit {
    /// It counts things.
    pub const COUNT: Self = Self("Count");
    /// It is a time.
    pub const MILLISECONDS: Self = Self("Milliseconds");
    /// Nobody said.
    pub const NONE: Self = Self("None");

    /// All that there are, in no order that means something.
    ///
    /// Source: `StandardUnit` of the API's published model.
    pub const ALL: [Self; 27] = [
        Self("Seconds"),
        Self("Microseconds"),
        Self::MILLISECONDS,
        Self("Bytes"),
        Self("Kilobytes"),
        Self("Megabytes"),
        Self("Gigabytes"),
        Self("Terabytes"),
        Self("Bits"),
        Self("Kilobits"),
        Self("Megabits"),
        Self("Gigabits"),
        Self("Terabits"),
        Self("Percent"),
        Self::COUNT,
        Self("Bytes/Second"),
        Self("Kilobytes/Second"),
        Self("Megabytes/Second"),
        Self("Gigabytes/Second"),
        Self("Terabytes/Second"),
        Self("Bits/Second"),
        Self("Kilobits/Second"),
        Self("Megabits/Second"),
        Self("Gigabits/Second"),
        Self("Terabits/Second"),
        Self("Count/Second"),
        Self::NONE,
    ];

    /// The unit of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.0 == text)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
