//! Reserved and provisioned concurrency, and what an account may have.
//!
//! Source: Lambda developer guide, "Configuring reserved concurrency" and "Configuring provisioned concurrency"; recorded
//! answers.

use std::{collections::BTreeMap, fmt, sync::Arc};

use hearth_engine::{ProvisionError, ProvisionedConcurrency, ProvisioningStatus};
use hearth_model::{
    identity::{Partition, Version},
    limits,
    pool::ReservationRefused,
    reference::{AliasName, FunctionReference, NameShape, Qualifier},
    routing::Routing,
    time::Timestamp,
    validation::Violation,
};

use crate::lambda::{
    Alias, Functions, Page, PageRequest, Refusal,
    entry::{Entry, State},
};

/// What concurrency is provisioned for: a published version, or those that an alias points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lambda) enum Target {
    Version(u64),
    Alias(AliasName),
}

/// Concurrency that is to be provisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lambda) struct Provision {
    pub(in crate::lambda) count: u32,
    pub(in crate::lambda) modified: Timestamp,
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
        let routing = state.routing_of(&entry, &target)?;
        if routing.additional().is_some() {
            let message = "Alias with weights can not be used with Provisioned Concurrency";
            return Err(Refusal::invalid(message));
        }
        state.check_alone(&target, &routing)?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let shares = shares(&routing, count)?;
        let before = shares.keys().filter_map(|number| entry.function.provisioned(*number)).reduce(together);
        self.allot(&entry, shares).map_err(|error| not_provisionable(&error))?;
        let modified = self.now();
        let arn = arn(&entry, &target);
        state.provisions.insert(target, Provision { count, modified });
        // Environments take microseconds, so that some may be there by now. The answer nevertheless says what AWS's says at
        // that moment, and whoever asks afterwards sees them.
        let (allocated, available) = before.map_or((0, 0), |before| (before.allocated, before.available));
        let provisioned = ProvisionedConcurrency {
            requested: count,
            allocated: allocated.min(count),
            available: available.min(count),
            status: ProvisioningStatus::InProgress,
        };
        Ok(ProvisionView { arn, modified, provisioned })
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
        state.routing_of(&entry, &target)?;
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
        state.routing_of(&entry, &target)?;
        if !self.give_back(&entry, &mut state, &target)? {
            return Err(Refusal::NotProvisioned);
        }
        Ok(())
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
            entry.state().versions().map(|version| version.content.code.digest().zipped_bytes).sum()
        };
        AccountSettings {
            concurrency: usage.limit,
            unreserved_concurrency: usage.limit.saturating_sub(reserved),
            code_bytes: entries.iter().map(code_bytes).sum(),
            functions: entries.len(),
        }
    }

    /// Lets the provisioned concurrency of an alias follow it to other versions, or other weights: each version gets its
    /// part.
    ///
    /// Source: `AllocatedProvisionedConcurrentExecutions` in the API reference, of weighted aliases; "Create a routing
    /// configuration for a Lambda alias" in the developer guide. How parts are rounded is not documented.
    pub(super) fn move_provision(
        &self,
        entry: &Entry,
        state: &State,
        alias: &Alias,
        to: &Routing,
    ) -> Result<(), Refusal> {
        let target = Target::Alias(alias.name.clone());
        let Some(provision) = state.provisions.get(&target).filter(|_| alias.routing != *to) else {
            return Ok(());
        };
        let (from, to_shares) = (shares(&alias.routing, provision.count)?, shares(to, provision.count)?);
        state.check_alone(&target, to)?;
        let (given_back, taken): (BTreeMap<_, _>, BTreeMap<_, _>) = nothing(&from)
            .chain(to_shares.clone())
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .partition(|(number, count)| from.get(number).is_some_and(|before| count <= before));
        let moved = self.allot(entry, given_back.into_iter().chain(taken));
        if moved.is_err() {
            // Somebody else took the room meanwhile, or this fits as it did before.
            let back = nothing(&to_shares).chain(from);
            self.allot(entry, back).map_err(|error| not_provisionable(&error))?;
        }
        moved.map_err(|error| not_provisionable(&error))
    }

    /// Provisions again what was in an earlier process.
    pub(in crate::lambda) fn restore_provisions(&self, entry: &Entry, state: &State) -> Result<(), Refusal> {
        for (target, provision) in &state.provisions {
            let shares = shares(&state.routing_of(entry, target)?, provision.count)?;
            self.allot(entry, shares).map_err(|error| not_provisionable(&error))?;
        }
        Ok(())
    }

    /// Takes away what an alias has that is deleted.
    pub(super) fn drop_provision(
        &self,
        entry: &Entry,
        state: &mut State,
        alias: &AliasName,
    ) -> Result<(), Refusal> {
        self.give_back(entry, state, &Target::Alias(alias.clone())).map(drop)
    }

    /// Takes away what a target has; `false` if it has nothing.
    fn give_back(&self, entry: &Entry, state: &mut State, target: &Target) -> Result<bool, Refusal> {
        let Some(provision) = state.provisions.get(target) else { return Ok(false) };
        let shares = shares(&state.routing_of(entry, target)?, provision.count)?;
        self.allot(entry, nothing(&shares)).map_err(|error| not_provisionable(&error))?;
        state.provisions.remove(target);
        Ok(true)
    }

    fn allot(
        &self,
        entry: &Entry,
        counts: impl IntoIterator<Item = (u64, u32)>,
    ) -> Result<(), ProvisionError> {
        let mut counts = counts.into_iter();
        counts.try_for_each(|(number, count)| self.engine().set_provisioned(&entry.function, number, count))
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

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(number) => number.fmt(f),
            Self::Alias(name) => name.fmt(f),
        }
    }
}

impl State {
    /// The versions whose environments a target means.
    fn routing_of(&self, entry: &Entry, target: &Target) -> Result<Routing, Refusal> {
        let arn = entry.function.arn();
        match target {
            Target::Version(number) if self.published.contains_key(number) => {
                Ok(Routing::to(Version::Published(*number)))
            }
            Target::Version(number) => {
                Err(Refusal::NotFound(format!("Function not found: {arn}:{number}").into()))
            }
            Target::Alias(name) => match self.aliases.get(name).map(|alias| alias.routing) {
                Some(routing) if routing.primary() == Version::Latest => Err(unpublished()),
                Some(routing) => Ok(routing),
                None => Err(Refusal::NotFound(format!("Cannot find alias arn: {arn}:{name}").into())),
            },
        }
    }

    /// A version's environments belong to one configuration.
    fn check_alone(&self, target: &Target, routing: &Routing) -> Result<(), Refusal> {
        let conflict = |message: &'static str| Err(Refusal::Conflict(message.into()));
        for other in self.provisions.keys().filter(|other| *other != target) {
            match other {
                Target::Version(number) if routing.leads_to(Version::Published(*number)) => {
                    return conflict(
                        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned \
                         version",
                    );
                }
                Target::Alias(name)
                    if self.aliases.get(name).is_some_and(|other| routing.meets(&other.routing)) =>
                {
                    return conflict("Version is pointed by a Provisioned Concurrency alias");
                }
                Target::Version(_) | Target::Alias(_) => {}
            }
        }
        Ok(())
    }
}

/// How many environments each version gets.
fn shares(routing: &Routing, count: u32) -> Result<BTreeMap<u64, u32>, Refusal> {
    let share = |(version, count)| match version {
        Version::Published(number) => Ok((number, count)),
        Version::Latest => Err(unpublished()),
    };
    routing.split(count).map(share).collect()
}

/// None for each version that has some.
fn nothing(shares: &BTreeMap<u64, u32>) -> impl Iterator<Item = (u64, u32)> {
    shares.keys().map(|number| (*number, 0))
}

fn view(
    entry: &Entry,
    state: &State,
    target: &Target,
    provision: Provision,
) -> Result<ProvisionView, Refusal> {
    let shares = shares(&state.routing_of(entry, target)?, provision.count)?;
    let parts = shares.into_keys().filter_map(|number| entry.function.provisioned(number));
    let provisioned = parts.reduce(together).ok_or(Refusal::NotProvisioned)?;
    Ok(ProvisionView { arn: arn(entry, target), modified: provision.modified, provisioned })
}

fn arn(entry: &Entry, target: &Target) -> String {
    format!("{}:{target}", entry.function.arn())
}

/// What two versions have as one: it is ready when both are, and failed when one has.
fn together(one: ProvisionedConcurrency, other: ProvisionedConcurrency) -> ProvisionedConcurrency {
    let status = match (one.status, other.status) {
        (failed @ ProvisioningStatus::Failed(_), _) | (_, failed @ ProvisioningStatus::Failed(_)) => failed,
        (ProvisioningStatus::Ready, ProvisioningStatus::Ready) => ProvisioningStatus::Ready,
        (ProvisioningStatus::InProgress, _) | (_, ProvisioningStatus::InProgress) => {
            ProvisioningStatus::InProgress
        }
    };
    ProvisionedConcurrency {
        requested: one.requested + other.requested,
        allocated: one.allocated + other.allocated,
        available: one.available + other.available,
        status,
    }
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
