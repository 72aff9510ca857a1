//! Setting, reading and forgetting what applies by one name of a function.

use std::sync::Arc;

use hearth_model::{
    asynchronous::{EventAge, RetryAttempts},
    destination::Destination,
    identity::Partition,
    reference::{FunctionReference, NameShape, Qualifier},
    time::Timestamp,
};

use super::{AsynchronousChange, change::Change};
use crate::lambda::{
    Functions, Page, PageRequest, Refusal,
    entry::{Entry, State, StateGuard},
};

/// What was set for the asynchronous invocations of a version or alias; Lambda's defaults apply to what is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsynchronousConfiguration {
    /// How often an event is tried again after an error of the function.
    pub maximum_retry_attempts: Option<RetryAttempts>,
    /// How long an event is kept.
    pub maximum_event_age: Option<EventAge>,
    /// What gets a record of each success.
    pub on_success: Option<Arc<Destination>>,
    /// What gets a record of each failure.
    pub on_failure: Option<Arc<Destination>>,
    /// When it was set last.
    pub modified: Timestamp,
}

/// A configuration as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsynchronousView {
    /// The ARN of the version or alias, always with a qualifier.
    pub arn: String,
    /// What was set.
    pub configuration: AsynchronousConfiguration,
}

/// A function, and a name by which events are sent to it.
struct Target {
    entry: Arc<Entry>,
    qualifier: Qualifier,
}

impl Functions {
    /// `PutFunctionEventInvokeConfig`: Lambda's defaults apply to what is not given.
    ///
    /// # Errors
    /// If there is no such function, version or alias, nothing is given, or something cannot be set.
    pub fn configure_asynchronous(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        given: &AsynchronousChange,
    ) -> Result<AsynchronousView, Refusal> {
        let (target, change) = self.check_asynchronous(partition, name, qualifier, given)?;
        let configuration = change.of(AsynchronousConfiguration::default(), self.now());
        let mut state = target.state()?;
        Ok(self.set_asynchronous(&target, &mut state, configuration))
    }

    /// `UpdateFunctionEventInvokeConfig`: what is not given stays.
    ///
    /// # Errors
    /// As [`configure_asynchronous`](Self::configure_asynchronous), and if nothing was set before.
    pub fn reconfigure_asynchronous(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        given: &AsynchronousChange,
    ) -> Result<AsynchronousView, Refusal> {
        let (target, change) = self.check_asynchronous(partition, name, qualifier, given)?;
        let mut state = target.state()?;
        let before = state.asynchronous.get(&target.qualifier).cloned();
        let configuration = change.of(before.ok_or_else(|| not_set(&target.arn()))?, self.now());
        Ok(self.set_asynchronous(&target, &mut state, configuration))
    }

    /// `GetFunctionEventInvokeConfig`.
    ///
    /// # Errors
    /// If nothing was set.
    pub fn asynchronous_configuration(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<AsynchronousView, Refusal> {
        let target = self.configured(partition, name, qualifier)?;
        let configuration = target.entry.state().asynchronous.get(&target.qualifier).cloned();
        let configuration = configuration.ok_or_else(|| not_set(&target.arn()))?;
        Ok(AsynchronousView { arn: target.arn(), configuration })
    }

    /// `DeleteFunctionEventInvokeConfig`: Lambda's defaults apply again.
    ///
    /// # Errors
    /// If nothing was set.
    pub fn forget_asynchronous(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<(), Refusal> {
        let target = self.configured(partition, name, qualifier)?;
        let mut state = target.entry.state();
        state.asynchronous.remove(&target.qualifier).ok_or_else(|| not_set(&target.arn()))?;
        self.apply_asynchronous(&target.entry, &state, target.qualifier.clone());
        Ok(())
    }

    /// `ListFunctionEventInvokeConfigs`.
    ///
    /// # Errors
    /// If there is no such function, or the page is none.
    pub fn asynchronous_configurations(
        &self,
        partition: &Partition,
        name: &str,
        request: &PageRequest,
    ) -> Result<Page<AsynchronousView>, Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, None)?;
        let target = self.asynchronous_target(partition, &reference)?.ok_or_else(no_function)?;
        let state = target.entry.state();
        let view = |(qualifier, configuration): (&Qualifier, &AsynchronousConfiguration)| AsynchronousView {
            arn: arn(&target.entry, qualifier),
            configuration: configuration.clone(),
        };
        request.of(state.asynchronous.iter().map(view).collect(), |view| view.arn.clone())
    }

    /// Checks what is to be set, and for what.
    fn check_asynchronous(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        given: &AsynchronousChange,
    ) -> Result<(Target, Change), Refusal> {
        let change = given.read()?;
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        if *given == AsynchronousChange::default() {
            return Err(Refusal::invalid(
                "You must specify at least one of error handling or destination setting.",
            ));
        }
        let target = self.asynchronous_target(partition, &reference)?.ok_or_else(no_function)?;
        for destination in change.destinations() {
            self.check_destination(&target.entry, destination)?;
        }
        Ok((target, change))
    }

    fn set_asynchronous(
        &self,
        target: &Target,
        state: &mut State,
        configuration: AsynchronousConfiguration,
    ) -> AsynchronousView {
        state.asynchronous.insert(target.qualifier.clone(), configuration.clone());
        self.apply_asynchronous(&target.entry, state, target.qualifier.clone());
        AsynchronousView { arn: target.arn(), configuration }
    }

    /// Where something may be set. AWS does not tell a function without configuration from none.
    fn configured(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Target, Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let target = self.asynchronous_target(partition, &reference)?;
        target.ok_or_else(|| not_set(&reference.qualified_arn(partition)))
    }

    fn asynchronous_target(
        &self,
        partition: &Partition,
        reference: &FunctionReference,
    ) -> Result<Option<Target>, Refusal> {
        let partition = self.partition_of(partition, reference)?;
        let qualifier = reference.qualifier.clone().unwrap_or(Qualifier::LATEST);
        Ok(self.entry(&partition, &reference.name).map(|entry| Target { entry, qualifier }))
    }
}

impl Target {
    /// The function's state, if it has a version or alias of this name.
    fn state(&self) -> Result<StateGuard<'_>, Refusal> {
        let state = self.entry.state();
        if state.qualified(&self.qualifier).is_some() { Ok(state) } else { Err(no_function()) }
    }

    fn arn(&self) -> String {
        arn(&self.entry, &self.qualifier)
    }
}

fn arn(entry: &Entry, qualifier: &Qualifier) -> String {
    format!("{}:{qualifier}", entry.function.arn())
}

fn no_function() -> Refusal {
    Refusal::NotFound("The function doesn't exist.".into())
}

fn not_set(arn: &str) -> Refusal {
    Refusal::NotFound(format!("The function {arn} doesn't have an EventInvokeConfig").into())
}
