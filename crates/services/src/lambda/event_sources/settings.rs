//! What a mapping is, checked.

use hearth_model::{
    event_source::{
        BatchSize, BatchingWindow, Configuration, FilterCriteria, InvalidFilter, MaximumConcurrency,
        ProvisionedPollers, Scaling,
    },
    identity::Partition,
    reference::{FunctionReference, NameShape},
    validation::{ValidationError, Violation},
};

use super::{MappingChange, PollersChange};
use crate::lambda::{Functions, Refusal};

/// What an owner has chosen about a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) function: FunctionReference,
    /// Where the function lives.
    pub(super) function_partition: Partition,
    pub(super) enabled: bool,
    pub(super) configuration: Configuration,
    pub(super) filters: FilterCriteria,
    pub(super) kms_key_arn: Option<String>,
}

impl Settings {
    /// Those of a new mapping.
    pub(super) fn create(
        functions: &Functions,
        partition: &Partition,
        fifo: bool,
        change: MappingChange,
    ) -> Result<Self, Refusal> {
        let name = change.function.as_deref().ok_or_else(|| Violation::missing("functionName"))?;
        let (function, function_partition) = find(functions, partition, name)?;
        let settings = Self {
            function,
            function_partition,
            enabled: true,
            configuration: Configuration::default(),
            filters: FilterCriteria::default(),
            kms_key_arn: None,
        };
        settings.apply(fifo, change)
    }

    /// Those of a mapping that is changed.
    pub(super) fn change(
        &self,
        functions: &Functions,
        partition: &Partition,
        fifo: bool,
        change: MappingChange,
    ) -> Result<Self, Refusal> {
        let mut settings = self.clone();
        if let Some(name) = &change.function {
            (settings.function, settings.function_partition) = find(functions, partition, name)?;
        }
        settings.apply(fifo, change)
    }

    /// The ARN of the function, version or alias.
    pub(super) fn function_arn(&self) -> String {
        self.function.arn(&self.function_partition)
    }

    /// Everything but the function.
    fn apply(mut self, fifo: bool, change: MappingChange) -> Result<Self, Refusal> {
        let configuration = &mut self.configuration;
        if let Some(messages) = change.batch_size {
            configuration.batch_size = BatchSize::new(messages)?;
        }
        if let Some(seconds) = change.window_s {
            configuration.window = BatchingWindow::from_seconds(seconds)?;
        }
        if let Some(types) = &change.response_types {
            configuration.reports_item_failures = reports_item_failures(types)?;
        }
        configuration.scaling =
            scaling(configuration.scaling, change.maximum_concurrency, change.provisioned_pollers)?;
        if let Some(name) = change.foreign {
            let message = format!("Unsupported {name} parameter for given event source mapping type.");
            return Err(Refusal::invalid(message));
        }
        configuration.check(fifo).map_err(|error| Refusal::invalid(error.to_string()))?;
        if let Some(patterns) = &change.filters {
            self.filters = filters(patterns)?;
        }
        self.enabled = change.enabled.unwrap_or(self.enabled);
        if let Some(arn) = change.kms_key_arn {
            self.kms_key_arn = Some(arn).filter(|arn| !arn.is_empty());
        }
        Ok(self)
    }
}

/// Finds a function that exists; the version is looked for at each invocation.
fn find(
    functions: &Functions,
    partition: &Partition,
    name: &str,
) -> Result<(FunctionReference, Partition), Refusal> {
    let reference = FunctionReference::parse(NameShape::Namespaced, name, None)?;
    let partition = functions.partition_of(partition, &reference)?;
    Ok((reference, partition))
}

fn scaling(
    current: Scaling,
    maximum_concurrency: Option<Option<i64>>,
    pollers: Option<PollersChange>,
) -> Result<Scaling, Refusal> {
    let maximum = match (maximum_concurrency, current) {
        (Some(given), _) => given.map(MaximumConcurrency::new).transpose()?,
        (None, Scaling::MaximumConcurrency(maximum)) => Some(maximum),
        (None, Scaling::Standard | Scaling::Provisioned(_)) => None,
    };
    let pollers = match (pollers, current) {
        (Some(PollersChange { minimum: None, maximum: None }), _) => None,
        (Some(PollersChange { minimum, maximum }), _) => Some(ProvisionedPollers::new(minimum, maximum)?),
        (None, Scaling::Provisioned(pollers)) => Some(pollers),
        (None, Scaling::Standard | Scaling::MaximumConcurrency(_)) => None,
    };
    match (maximum, pollers) {
        (None, None) => Ok(Scaling::Standard),
        (Some(maximum), None) => Ok(Scaling::MaximumConcurrency(maximum)),
        (None, Some(pollers)) => Ok(Scaling::Provisioned(pollers)),
        (Some(_), Some(_)) => Err(Refusal::invalid(
            "ScalingConfig and ProvisionedPollerConfig exclude each other: choose one of them, and give the other as {}",
        )),
    }
}

/// Reads `FunctionResponseTypes`.
fn reports_item_failures(types: &[String]) -> Result<bool, Refusal> {
    const MEMBER: &str = "functionResponseTypes";
    let given = || format!("[{}]", types.join(", "));
    let unknown = types.iter().any(|name| name != "ReportBatchItemFailures").then(|| {
        let constraint =
            "Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]";
        Violation::new(MEMBER, given(), constraint)
    });
    let many = (types.len() > 1).then(|| Violation::length_at_most(MEMBER, &given(), 1));
    ValidationError::check(unknown.into_iter().chain(many))?;
    Ok(!types.is_empty())
}

fn filters(patterns: &[Option<String>]) -> Result<FilterCriteria, Refusal> {
    const MOST: usize = 4_096;
    let long = patterns.iter().flatten().find(|pattern| pattern.chars().count() > MOST);
    if let Some(long) = long {
        return Err(Violation::length_at_most("filterCriteria.filters.member.pattern", long, MOST).into());
    }
    let patterns = patterns.iter().map(Option::as_deref).collect::<Option<Vec<_>>>();
    let filters = patterns.ok_or(InvalidFilter::Pattern).and_then(FilterCriteria::parse);
    filters.map_err(|error| Refusal::invalid(error.to_string()))
}
