//! Reserved and provisioned concurrency, and what an account may have.
//!
//! Source: Lambda developer guide, "Configuring reserved concurrency" and "Configuring provisioned concurrency"; recorded
//! answers.

use std::sync::Arc;

use hearth_engine::{ProvisionError, ProvisionedConcurrency};
use hearth_model::{
    identity::{Partition, Version},
    limits,
    pool::ReservationRefused,
    reference::{AliasName, FunctionReference, NameShape, Qualifier},
    time::Timestamp,
    validation::Violation,
};

use crate::lambda::{
    Functions, Page, PageRequest, Refusal,
    entry::{Entry, State},
};

/// What concurrency is provisioned for: a published version, or the one that an alias mainly points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lambda) enum Target {
    Version(u64),
    Alias(AliasName),
}

/// Concurrency that is to be provisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lambda) struct Provision {
    count: u32,
    modified: Timestamp,
}

/// Provisioned concurrency as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionView {
    /// The ARN of the version or alias.
    pub arn: String,
    /// When it was set last.
    pub modified: Timestamp,
    /// How far it is.
    pub provisioned: ProvisionedConcurrency,
}

/// What an account may have in a region, and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountSettings {
    /// Concurrent executions.
    pub concurrency: u32,
    /// Of those, what no function has reserved.
    pub unreserved_concurrency: u32,
    /// The zips of all versions together.
    pub code_bytes: u64,
    /// Functions.
    pub functions: usize,
}

impl Functions {
    /// `PutFunctionConcurrency`; none is `DeleteFunctionConcurrency`.
    ///
    /// # Errors
    /// If there is no such function, a version or alias is named, or it is more than can be reserved.
    pub fn reserve(&self, partition: &Partition, name: &str, count: Option<i64>) -> Result<(), Refusal> {
        const MEMBER: &str = "reservedConcurrentExecutions";
        if let Some(negative) = count.filter(|count| *count < 0) {
            return Err(Violation::value_at_least(MEMBER, negative, 0).into());
        }
        let entry = self.unqualified(partition, name)?;
        let reserved = count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        // An update that is under way would set again what was reserved when it began.
        let _change = self.begin_change(&entry)?;
        self.engine().set_reserved(&entry.function, reserved).map_err(|error| not_reservable(&error))?;
        entry.state().reserved_concurrency = reserved;
        Ok(())
    }

    /// `GetFunctionConcurrency`.
    ///
    /// # Errors
    /// If there is no such function, or a version or alias is named.
    pub fn reserved(&self, partition: &Partition, name: &str) -> Result<Option<u32>, Refusal> {
        Ok(self.unqualified(partition, name)?.state().reserved_concurrency)
    }

    /// `PutProvisionedConcurrencyConfig`.
    ///
    /// # Errors
    /// If there is no such version or alias, it shares its environments with another one that has some, or it is more
    /// than can be provisioned.
    pub fn provision(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: &str,
        count: i64,
    ) -> Result<ProvisionView, Refusal> {
        if count < 1 {
            return Err(Violation::value_at_least("provisionedConcurrentExecutions", count, 1).into());
        }
        let (entry, target) = self.target(partition, name, qualifier)?;
        let mut state = entry.state();
        let number = state.number(&entry, &target)?;
        state.check_alone(&target, number)?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.engine()
            .set_provisioned(&entry.function, number, count)
            .map_err(|error| not_provisionable(&error))?;
        let provision = Provision { count, modified: self.now() };
        state.provisions.insert(target.clone(), provision);
        view(&entry, &state, &target, provision)
    }

    /// `GetProvisionedConcurrencyConfig`.
    ///
    /// # Errors
    /// If there is no such version or alias, or it has none.
    pub fn provisioned(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: &str,
    ) -> Result<ProvisionView, Refusal> {
        let (entry, target) = self.target(partition, name, qualifier)?;
        let state = entry.state();
        state.number(&entry, &target)?;
        let provision = state.provisions.get(&target).ok_or(Refusal::NotProvisioned)?;
        view(&entry, &state, &target, *provision)
    }

    /// `DeleteProvisionedConcurrencyConfig`.
    ///
    /// # Errors
    /// If there is no such version or alias, or it has none.
    pub fn unprovision(&self, partition: &Partition, name: &str, qualifier: &str) -> Result<(), Refusal> {
        let (entry, target) = self.target(partition, name, qualifier)?;
        let mut state = entry.state();
        let number = state.number(&entry, &target)?;
        state.provisions.remove(&target).ok_or(Refusal::NotProvisioned)?;
        self.engine().set_provisioned(&entry.function, number, 0).map_err(|error| not_provisionable(&error))
    }

    /// `ListProvisionedConcurrencyConfigs`.
    ///
    /// # Errors
    /// If there is no such function, or the page is none.
    pub fn provisions(
        &self,
        partition: &Partition,
        name: &str,
        request: &PageRequest,
    ) -> Result<Page<ProvisionView>, Refusal> {
        let (_, entry) = self.entry_to_change(partition, name)?;
        let state = entry.state();
        let views =
            state.provisions.iter().map(|(target, provision)| view(&entry, &state, target, *provision));
        request.of(views.collect::<Result<_, _>>()?, |view: &ProvisionView| view.arn.clone())
    }

    /// `GetAccountSettings`.
    #[must_use]
    pub fn account_settings(&self, partition: &Partition) -> AccountSettings {
        let (entries, usage) = (self.entries(partition), self.engine().account_usage(partition));
        let reserved: u32 = entries.iter().filter_map(|entry| entry.state().reserved_concurrency).sum();
        let code_bytes = |entry: &Arc<Entry>| -> u64 {
            let state = entry.state();
            let versions = [&state.latest].into_iter().chain(state.published.values());
            versions.map(|version| version.content.code.digest().zipped_bytes).sum()
        };
        AccountSettings {
            concurrency: usage.limit,
            unreserved_concurrency: usage.limit.saturating_sub(reserved),
            code_bytes: entries.iter().map(code_bytes).sum(),
            functions: entries.len(),
        }
    }

    /// Lets the provisioned concurrency of an alias follow it to another version.
    pub(super) fn move_provision(
        &self,
        entry: &Entry,
        state: &State,
        alias: &AliasName,
        to: Version,
    ) -> Result<(), Refusal> {
        let target = Target::Alias(alias.clone());
        let Some(provision) = state.provisions.get(&target) else { return Ok(()) };
        let from = state.number(entry, &target)?;
        let Version::Published(to) = to else { return Err(unpublished()) };
        if from == to {
            return Ok(());
        }
        state.check_alone(&target, to)?;
        let engine = self.engine();
        let not_provisionable = |error| not_provisionable(&error);
        engine.set_provisioned(&entry.function, from, 0).map_err(not_provisionable)?;
        let moved = engine.set_provisioned(&entry.function, to, provision.count).map_err(not_provisionable);
        if moved.is_err() {
            // Somebody else took the room meanwhile, or this fits as it did before.
            engine.set_provisioned(&entry.function, from, provision.count).map_err(not_provisionable)?;
        }
        moved
    }

    /// Takes away what an alias has that is deleted.
    pub(super) fn drop_provision(
        &self,
        entry: &Entry,
        state: &mut State,
        alias: &AliasName,
    ) -> Result<(), Refusal> {
        let target = Target::Alias(alias.clone());
        if state.provisions.contains_key(&target) {
            let number = state.number(entry, &target)?;
            self.engine()
                .set_provisioned(&entry.function, number, 0)
                .map_err(|error| not_provisionable(&error))?;
            state.provisions.remove(&target);
        }
        Ok(())
    }

    fn target(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: &str,
    ) -> Result<(Arc<Entry>, Target), Refusal> {
        let reference = FunctionReference::parse(NameShape::Plain, name, Some(qualifier))?;
        let target = match &reference.qualifier {
            None | Some(Qualifier::Version(Version::Latest)) => return Err(unpublished()),
            Some(Qualifier::Version(Version::Published(number))) => Target::Version(*number),
            Some(Qualifier::Alias(name)) => Target::Alias(name.clone()),
            Some(Qualifier::Nothing(_)) => return Err(Refusal::function_not_found(&reference, partition)),
        };
        let (_, entry) = self.entry_to_change(partition, name)?;
        Ok((entry, target))
    }

    /// The function that an operation on no single version is about.
    fn unqualified(&self, partition: &Partition, name: &str) -> Result<Arc<Entry>, Refusal> {
        if FunctionReference::parse(NameShape::Plain, name, None)?.qualifier.is_some() {
            return Err(Refusal::invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
                 operation. Please specify either a function name or an unqualified function ARN.",
            ));
        }
        Ok(self.entry_to_change(partition, name)?.1)
    }
}

impl State {
    /// The version whose environments a target means.
    fn number(&self, entry: &Entry, target: &Target) -> Result<u64, Refusal> {
        let arn = entry.function.arn();
        match target {
            Target::Version(number) if self.published.contains_key(number) => Ok(*number),
            Target::Version(number) => {
                Err(Refusal::NotFound(format!("Function not found: {arn}:{number}").into()))
            }
            Target::Alias(name) => match self.aliases.get(name).map(|alias| alias.routing.primary()) {
                Some(Version::Published(number)) => Ok(number),
                Some(Version::Latest) => Err(unpublished()),
                None => Err(Refusal::NotFound(format!("Cannot find alias arn: {arn}:{name}").into())),
            },
        }
    }

    /// A version's environments belong to one configuration.
    fn check_alone(&self, target: &Target, number: u64) -> Result<(), Refusal> {
        let conflict = |message: &'static str| Err(Refusal::Conflict(message.into()));
        let other = |alias: &&AliasName| Target::Alias(AliasName::clone(alias)) != *target;
        let provisioned =
            |alias: &&AliasName| self.provisions.contains_key(&Target::Alias(AliasName::clone(alias)));
        let primary = |alias: &&AliasName| {
            self.aliases
                .get(*alias)
                .is_some_and(|alias| alias.routing.primary() == Version::Published(number))
        };
        match target {
            Target::Alias(_) if self.provisions.contains_key(&Target::Version(number)) => conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
            ),
            Target::Alias(_) | Target::Version(_)
                if self.aliases.keys().filter(other).filter(provisioned).any(|alias| primary(&alias)) =>
            {
                conflict("Version is pointed by a Provisioned Concurrency alias")
            }
            Target::Alias(_) | Target::Version(_) => Ok(()),
        }
    }
}

fn view(
    entry: &Entry,
    state: &State,
    target: &Target,
    provision: Provision,
) -> Result<ProvisionView, Refusal> {
    let arn = match target {
        Target::Version(number) => format!("{}:{number}", entry.function.arn()),
        Target::Alias(name) => format!("{}:{name}", entry.function.arn()),
    };
    let provisioned = entry.function.provisioned(state.number(entry, target)?);
    let provisioned = provisioned.ok_or(Refusal::NotProvisioned)?;
    Ok(ProvisionView { arn, modified: provision.modified, provisioned })
}

fn unpublished() -> Refusal {
    Refusal::invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
}

fn not_reservable(error: &ReservationRefused) -> Refusal {
    Refusal::invalid(match error {
        ReservationRefused::AccountExhausted { .. } => format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [{}].",
            limits::MINIMUM_UNRESERVED_CONCURRENCY
        ),
        // The spaces are AWS's.
        ReservationRefused::ProvisionedAboveReserved { provisioned, reserved } => format!(
            " ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned concurrency \
             [{provisioned}]."
        ),
    })
}

fn not_provisionable(error: &ProvisionError) -> Refusal {
    match error {
        ProvisionError::NoSuchVersion { .. } => Refusal::NotFound(error.to_string().into()),
        ProvisionError::Refused(ReservationRefused::AccountExhausted { .. }) => Refusal::invalid(format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{}].",
            limits::MINIMUM_UNRESERVED_CONCURRENCY
        )),
        ProvisionError::Refused(ReservationRefused::ProvisionedAboveReserved { .. }) => Refusal::invalid(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
        ),
    }
}
