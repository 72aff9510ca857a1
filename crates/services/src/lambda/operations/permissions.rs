//! Who may invoke a function, or what a version or alias of it.
//!
//! Whoever reaches Hearth may do everything, so that nobody is refused for want of a permission; but those who come through
//! a function's URL, and are nobody, need one as on AWS.
//!
//! Source: `AddPermission` in the Lambda API reference and its published model; recorded answers.

use std::collections::BTreeMap;

use hearth_model::{
    identity::{AccountId, Partition, Version},
    reference::{FunctionReference, NameShape, Qualifier},
};

use crate::lambda::{
    Functions, Permission, Principal, Refusal, RevisionId, Statement,
    entry::{Entry, State},
    policy::Policy,
};

/// The policy of a function, or of one of its versions or aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyView {
    /// The policy as IAM writes it.
    pub document: String,
    /// The revision of what it is on; a policy has none of its own, but changes that.
    pub revision: RevisionId,
}

/// The policies of a function by qualifier; none is the function's own.
pub(in crate::lambda) type Policies = BTreeMap<Option<Qualifier>, Policy>;

impl Functions {
    /// `AddPermission`.
    ///
    /// # Errors
    /// If there is no such function, version or alias, it is another revision, there is a statement of this name, or what is
    /// asked for is not allowed.
    pub fn add_permission(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        revision: Option<&str>,
        permission: Permission,
    ) -> Result<Statement, Refusal> {
        permission.check_form()?;
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        if reference.qualifier == Some(Qualifier::LATEST) {
            return Err(Refusal::invalid("We currently do not support adding policies for $LATEST."));
        }
        let place = self.partition_of(partition, &reference)?;
        let entry = self.entry(&place, &reference.name);
        let entry = entry.ok_or_else(|| Refusal::function_not_found(&reference, &place))?;
        let principal = Principal::parse(&permission.principal)?;
        if permission.url_authorization.is_some() && permission.action != "lambda:InvokeFunctionUrl" {
            let message = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action.";
            return Err(Refusal::invalid(message));
        }
        if permission.via_url.is_some() && permission.action != "lambda:InvokeFunction" {
            let message = "InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action.";
            return Err(Refusal::invalid(message));
        }
        let mut state = entry.state();
        check_revision(state.own_revision(&entry, reference.qualifier.as_ref())?, revision)?;
        let resource = resource(&entry, reference.qualifier.as_ref());
        let statement = Statement { resource, principal, permission };
        let policy = state.policies.get(&reference.qualifier).cloned().unwrap_or_default();
        state.set_policy(&entry, reference.qualifier, policy.with(statement.clone())?)?;
        Ok(statement)
    }

    /// `GetPolicy`.
    ///
    /// # Errors
    /// If there is no such function, or what is named has no policy.
    pub fn policy(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<PolicyView, Refusal> {
        let (reference, place) = self.policy_place(partition, name, qualifier)?;
        let entry = self.entry(&place, &reference.name);
        let entry = entry.ok_or_else(|| Refusal::function_not_found(&reference, &place))?;
        let state = entry.state();
        let none = || Refusal::NotFound("The resource you requested does not exist.".into());
        let document = state.policies.get(&reference.qualifier).ok_or_else(none)?.document();
        let revision = state.own_revision(&entry, reference.qualifier.as_ref())?;
        Ok(PolicyView { document, revision })
    }

    /// Whether a service may invoke what is named on behalf of a resource of an account.
    pub(crate) fn lets_in(
        &self,
        partition: &Partition,
        name: &str,
        service: &str,
        resource: &str,
        account: AccountId,
    ) -> bool {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, None);
        let Ok(reference) = reference else { return false };
        let place = self.partition_of(partition, &reference);
        let entry = place.ok().and_then(|place| self.entry(&place, &reference.name));
        entry.is_some_and(|entry| entry.lets_in(&reference, service, || resource.to_owned(), account, None))
    }

    /// `RemovePermission`.
    ///
    /// # Errors
    /// If there is no such function, version, alias or statement, or it is another revision.
    pub fn remove_permission(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        revision: Option<&str>,
        statement_id: &str,
    ) -> Result<(), Refusal> {
        let (reference, place) = self.policy_place(partition, name, qualifier)?;
        let Some(entry) = self.entry(&place, &reference.name) else {
            let message = format!("No policy found for: {}", reference.name.arn(&place));
            return Err(Refusal::NotFound(message.into()));
        };
        let mut state = entry.state();
        let own = state.own_revision(&entry, reference.qualifier.as_ref())?;
        let none = || Refusal::NotFound("No policy is associated with the given resource.".into());
        let policy = state.policies.get(&reference.qualifier).ok_or_else(none)?.without(statement_id)?;
        check_revision(own, revision)?;
        state.set_policy(&entry, reference.qualifier, policy)
    }

    /// Where a policy is looked for: `$LATEST` has the function's own.
    fn policy_place(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<(FunctionReference, Partition), Refusal> {
        let mut reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        reference.qualifier.take_if(|qualifier| *qualifier == Qualifier::LATEST);
        let place = self.partition_of(partition, &reference)?;
        Ok((reference, place))
    }
}

impl State {
    /// Sets a policy, or takes away one that is empty.
    fn set_policy(
        &mut self,
        entry: &Entry,
        qualifier: Option<Qualifier>,
        policy: Policy,
    ) -> Result<(), Refusal> {
        self.own_revision(entry, qualifier.as_ref())?;
        self.set_revision(qualifier.as_ref(), RevisionId::draw());
        if policy.is_empty() {
            self.policies.remove(&qualifier);
        } else {
            self.policies.insert(qualifier, policy);
        }
        Ok(())
    }

    /// The revision that a policy changes.
    fn own_revision(&self, entry: &Entry, qualifier: Option<&Qualifier>) -> Result<RevisionId, Refusal> {
        let own = match qualifier {
            None => Some(self.latest.revision),
            Some(Qualifier::Version(version)) => self.version(*version).map(|version| version.revision),
            Some(Qualifier::Alias(name)) => self.aliases.get(name).map(|alias| alias.revision),
            Some(Qualifier::Nothing(_)) => None,
        };
        own.ok_or_else(|| {
            let arn = resource(entry, qualifier);
            Refusal::NotFound(match qualifier {
                Some(Qualifier::Alias(_)) => format!("Cannot find alias arn: {arn}").into(),
                Some(Qualifier::Version(_) | Qualifier::Nothing(_)) | None => {
                    format!("Function not found: {arn}").into()
                }
            })
        })
    }

    fn set_revision(&mut self, qualifier: Option<&Qualifier>, revision: RevisionId) {
        match qualifier {
            None | Some(Qualifier::Version(Version::Latest)) => self.latest.revision = revision,
            Some(Qualifier::Version(Version::Published(number))) => {
                if let Some(version) = self.published.get_mut(*number) {
                    version.revision = revision;
                }
            }
            Some(Qualifier::Alias(name)) => {
                if let Some(alias) = self.aliases.get_mut(name) {
                    alias.revision = revision;
                }
            }
            Some(Qualifier::Nothing(_)) => {}
        }
    }
}

fn resource(entry: &Entry, qualifier: Option<&Qualifier>) -> String {
    match qualifier {
        Some(qualifier) => format!("{}:{qualifier}", entry.function.arn()),
        None => entry.function.arn().to_string(),
    }
}

fn check_revision(own: RevisionId, given: Option<&str>) -> Result<(), Refusal> {
    if own.is_meant_by(given) { Ok(()) } else { Err(Refusal::stale_function()) }
}
