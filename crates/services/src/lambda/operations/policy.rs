//! Resource policies: who may invoke a function, or what a version or alias of it.
//!
//! Whoever reaches Hearth may do everything, so that nobody is refused for want of a permission; services that ask whether
//! they may invoke a function find the answer here.
//!
//! Source: `AddPermission` in the Lambda API reference and its published model; recorded answers.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{
    identity::{AccountId, Partition, Version},
    reference::{FunctionReference, NameShape, Qualifier},
    validation::{ValidationError, Violation},
};

use crate::lambda::{
    Functions, Refusal, RevisionId,
    entry::{Entry, State},
};

/// What `AddPermission` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// What tells it from the others.
    pub statement_id: String,
    /// What is allowed: `lambda:InvokeFunction`.
    pub action: String,
    /// Who may: a service, an account, a role, everybody.
    pub principal: String,
    /// On behalf of what.
    pub source_arn: Option<String>,
    /// On behalf of whose.
    pub source_account: Option<String>,
    /// A token that the caller must show.
    pub event_source_token: Option<String>,
    /// The organization of the principal.
    pub principal_organization: Option<String>,
    /// How callers of the function's URL are authenticated.
    pub url_authorization: Option<String>,
}

/// A permission that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// For what: an ARN with the qualifier, if there is one.
    pub resource: String,
    /// Who may.
    pub principal: Principal,
    /// What was asked for.
    pub permission: Permission,
}

/// Who may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Everybody.
    Anybody,
    /// A service of AWS.
    Service(String),
    /// An account, user or role, by its ARN.
    Identity(String),
}

/// All permissions of a function, or of one of its versions or aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The permissions, in the order in which they were given.
    pub statements: Vec<Statement>,
    /// Changes whenever they do.
    pub revision: RevisionId,
}

/// The policies of a function by qualifier; none is the function's own.
pub(in crate::lambda) type Policies = BTreeMap<Option<String>, Policy>;

impl Functions {
    /// `AddPermission`.
    ///
    /// # Errors
    /// If there is no such function, version or alias, there is a statement of this name, or it is another revision.
    pub fn add_permission(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        revision: Option<&str>,
        permission: Permission,
    ) -> Result<Statement, Refusal> {
        permission.check_form()?;
        let (reference, entry) = self.policy_of(partition, name, qualifier)?;
        let principal = Principal::parse(&permission.principal)?;
        let mut state = entry.state();
        let key = state.policy_key(&entry, &reference)?;
        let statements = match state.policies.get(&key) {
            Some(policy) => {
                check_revision(policy, revision)?;
                policy.statements.clone()
            }
            None => Vec::new(),
        };
        if statements.iter().any(|known| known.permission.statement_id == permission.statement_id) {
            return Err(Refusal::Conflict(
                format!(
                    "The statement id ({}) provided already exists. Please provide a new statement id, or remove the \
                     existing statement.",
                    permission.statement_id
                )
                .into(),
            ));
        }
        let statement = Statement { resource: resource(&entry, key.as_deref()), principal, permission };
        let statements = statements.into_iter().chain([statement.clone()]).collect();
        state.policies.insert(key, Policy { statements, revision: RevisionId::draw() });
        Ok(statement)
    }

    /// `GetPolicy`.
    ///
    /// # Errors
    /// If there is no such function, version or alias, or it has none.
    pub fn policy(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Policy, Refusal> {
        let (reference, entry) = self.policy_of(partition, name, qualifier)?;
        let state = entry.state();
        let key = state.policy_key(&entry, &reference)?;
        let policy = state.policies.get(&key).cloned();
        policy.ok_or_else(|| Refusal::NotFound("The resource you requested does not exist.".into()))
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
        let (reference, entry) = self.policy_of(partition, name, qualifier)?;
        let mut state = entry.state();
        let key = state.policy_key(&entry, &reference)?;
        let Some(policy) = state.policies.get_mut(&key) else {
            let resource = resource(&entry, key.as_deref());
            return Err(Refusal::NotFound(format!("No policy is found for: {resource}").into()));
        };
        let position =
            policy.statements.iter().position(|known| known.permission.statement_id == statement_id);
        let Some(position) = position else {
            let message = format!("Statement {statement_id} is not found in resource policy.");
            return Err(Refusal::NotFound(message.into()));
        };
        check_revision(policy, revision)?;
        policy.statements.remove(position);
        policy.revision = RevisionId::draw();
        if policy.statements.is_empty() {
            state.policies.remove(&key);
        }
        Ok(())
    }

    fn policy_of(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<(FunctionReference, Arc<Entry>), Refusal> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        if reference.qualifier == Some(Qualifier::Version(Version::Latest)) {
            return Err(Refusal::invalid("We currently do not support adding policies for $LATEST."));
        }
        let place = self.partition_of(partition, &reference)?;
        let entry = self.entry(&place, &reference.name);
        let entry = entry.ok_or_else(|| Refusal::function_not_found(&reference, &place))?;
        Ok((reference, entry))
    }
}

impl State {
    /// Under which key the policy of a version or alias that exists is kept.
    fn policy_key(&self, entry: &Entry, reference: &FunctionReference) -> Result<Option<String>, Refusal> {
        let Some(qualifier) = &reference.qualifier else { return Ok(None) };
        if self.qualified(qualifier).is_some() {
            return Ok(Some(qualifier.to_string()));
        }
        let arn = resource(entry, Some(&qualifier.to_string()));
        Err(Refusal::NotFound(match qualifier {
            Qualifier::Alias(_) => format!("Cannot find alias arn: {arn}").into(),
            Qualifier::Version(_) | Qualifier::Nothing(_) => format!("Function not found: {arn}").into(),
        }))
    }
}

impl Permission {
    fn check_form(&self) -> Result<(), ValidationError> {
        let word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        let action = match self.action.strip_prefix("lambda:") {
            Some("*") => true,
            Some(name) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()),
            None => self.action == "*",
        };
        let id = (!word(&self.statement_id))
            .then(|| Violation::pattern("statementId", &self.statement_id, "([a-zA-Z0-9-_]+)"));
        let action = (!action)
            .then(|| Violation::pattern("action", &self.action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])"));
        ValidationError::check(id.into_iter().chain(action))
    }
}

impl Principal {
    fn parse(text: &str) -> Result<Self, Refusal> {
        if text == "*" {
            return Ok(Self::Anybody);
        }
        if AccountId::parse(text).is_some() {
            return Ok(Self::Identity(format!("arn:aws:iam::{text}:root")));
        }
        if text.starts_with("arn:") {
            return Ok(Self::Identity(text.to_owned()));
        }
        if text.contains('.') && !text.contains(char::is_whitespace) {
            return Ok(Self::Service(text.to_owned()));
        }
        Err(Refusal::invalid("The provided principal was invalid. Please check the principal and try again."))
    }
}

fn resource(entry: &Entry, qualifier: Option<&str>) -> String {
    match qualifier {
        Some(qualifier) => format!("{}:{qualifier}", entry.function.arn()),
        None => entry.function.arn().to_string(),
    }
}

fn check_revision(policy: &Policy, given: Option<&str>) -> Result<(), Refusal> {
    if policy.revision.is_meant_by(given) {
        return Ok(());
    }
    Err(Refusal::PreconditionFailed(
        "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest \
         Revision Id"
            .into(),
    ))
}
