//! Who else may have a layer: other accounts, one version at a time.
//!
//! An organization is any: what is for one is for all accounts of one Hearth.
//!
//! Source: the operations in the Lambda API reference and its published model; "Granting layer access to other accounts" in the
//! developer guide; refusals as they are known from AWS.

use hearth_model::{
    identity::{AccountId, Partition},
    validation::{ValidationError, Violation},
};

use super::layers::{LayerName, positive};
use crate::lambda::{
    Functions, Permission, PolicyView, Principal, Refusal, RevisionId, Statement,
    kept::record_layer,
    policy::{Policy, is_organization, statement_id_violations},
};

/// The only thing that another account may be allowed.
pub(super) const GET_LAYER_VERSION: &str = "lambda:GetLayerVersion";

/// What `AddLayerVersionPermission` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerPermission {
    /// What tells it from the others.
    pub statement_id: String,
    /// What is allowed: `lambda:GetLayerVersion`.
    pub action: String,
    /// Who may: an account, or everybody.
    pub principal: String,
    /// The organization of the accounts; only with everybody.
    pub organization: Option<String>,
}

/// The policy of a layer's version.
#[derive(Clone, Debug)]
pub(in crate::lambda) struct LayerPolicy {
    pub(in crate::lambda) policy: Policy,
    /// Changes whenever the policy does.
    pub(in crate::lambda) revision: RevisionId,
}

impl Functions {
    /// `AddLayerVersionPermission`; the statement, and the policy's revision.
    ///
    /// # Errors
    /// If there is no such version, there is a statement of this name, it is another revision, or what is asked for is not
    /// allowed.
    pub fn add_layer_permission(
        &self,
        partition: &Partition,
        name: &str,
        number: i64,
        revision: Option<&str>,
        permission: LayerPermission,
    ) -> Result<(Statement, RevisionId), Refusal> {
        permission.check_form()?;
        self.change_layer_policy(partition, name, number, |resource, policy| {
            let principal = Principal::parse(&permission.principal)?;
            let statement =
                Statement { resource: resource.to_owned(), principal, permission: permission.into() };
            let (old, own) = policy.as_ref().map(|policy| (&policy.policy, policy.revision)).unzip();
            let changed = old.unwrap_or(&Policy::default()).with(statement.clone())?;
            check_revision(own, revision)?;
            let changed = policy.insert(LayerPolicy { policy: changed, revision: RevisionId::draw() });
            Ok((statement, changed.revision))
        })
    }

    /// `GetLayerVersionPolicy`.
    ///
    /// # Errors
    /// If there is no such version, or it has no policy.
    pub fn layer_policy(
        &self,
        partition: &Partition,
        name: &str,
        number: i64,
    ) -> Result<PolicyView, Refusal> {
        self.change_layer_policy(partition, name, number, |_, policy| {
            let LayerPolicy { policy, revision } = policy.as_ref().ok_or_else(no_policy)?;
            Ok(PolicyView { document: policy.document(), revision: *revision })
        })
    }

    /// `RemoveLayerVersionPermission`.
    ///
    /// # Errors
    /// If there is no such version or statement, or it is another revision.
    pub fn remove_layer_permission(
        &self,
        partition: &Partition,
        name: &str,
        number: i64,
        revision: Option<&str>,
        statement_id: &str,
    ) -> Result<(), Refusal> {
        self.change_layer_policy(partition, name, number, |_, policy| {
            let own = policy.as_ref().ok_or_else(no_policy)?;
            check_revision(Some(own.revision), revision)?;
            let changed = own.policy.without(statement_id)?;
            *policy =
                (!changed.is_empty()).then(|| LayerPolicy { policy: changed, revision: RevisionId::draw() });
            Ok(())
        })
    }

    /// The way to the policy of one of the caller's layers; `action` gets the version's ARN too.
    fn change_layer_policy<R>(
        &self,
        caller: &Partition,
        name: &str,
        number: i64,
        action: impl FnOnce(&str, &mut Option<LayerPolicy>) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let number = positive(number)?;
        let (place, name) = LayerName::own(caller, name, "lambda:GetLayerVersionPolicy")?;
        let mut layers = self.layers().write();
        let layer = layers.layer_mut(&place, &name);
        let layer = layer.filter(|layer| layer.versions.contains_key(&number));
        let arn = format!("{}:{number}", name.arn(&place));
        let layer =
            layer.ok_or_else(|| Refusal::NotFound(format!("Layer version {arn} does not exist.").into()))?;
        let mut policy = layer.policies.remove(&number);
        let before = policy.as_ref().map(|policy| policy.revision);
        let result = action(&arn, &mut policy);
        let changed = before != policy.as_ref().map(|policy| policy.revision);
        layer.policies.extend(policy.map(|policy| (number, policy)));
        if changed {
            record_layer(self.journal(), &place, &name, layer, number);
        }
        result
    }
}

impl LayerPolicy {
    /// Whether an account may have the version.
    pub(super) fn is_for(&self, account: AccountId) -> bool {
        self.policy.is_for(account)
    }
}

impl LayerPermission {
    /// Checks what AWS's front end checks.
    fn check_form(&self) -> Result<(), ValidationError> {
        let action = (self.action != GET_LAYER_VERSION)
            .then(|| Violation::pattern("action", &self.action, GET_LAYER_VERSION));
        let account =
            self.principal.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
        let fits = self.principal == "*" || AccountId::parse(account.unwrap_or(&self.principal)).is_some();
        let principal = (!fits).then(|| {
            Violation::pattern(
                "principal",
                &self.principal,
                r"\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root",
            )
        });
        let organization = self.organization.as_ref().filter(|id| !is_organization(id));
        let organization =
            organization.map(|id| Violation::pattern("organizationId", id, "o-[a-z0-9]{10,32}"));
        let violations = [action, principal, organization].into_iter().flatten();
        ValidationError::check(statement_id_violations(&self.statement_id).chain(violations))
    }
}

impl From<LayerPermission> for Permission {
    fn from(given: LayerPermission) -> Self {
        Self {
            statement_id: given.statement_id,
            action: given.action,
            principal: given.principal,
            principal_organization: given.organization,
            ..Self::default()
        }
    }
}

fn no_policy() -> Refusal {
    Refusal::NotFound("No policy is associated with the given resource.".into())
}

/// A policy that is not there has no revision that anybody could mean.
fn check_revision(own: Option<RevisionId>, given: Option<&str>) -> Result<(), Refusal> {
    let meant = match own {
        Some(own) => own.is_meant_by(given),
        None => given.is_none_or(str::is_empty),
    };
    if meant {
        return Ok(());
    }
    Err(Refusal::PreconditionFailed(
        "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest \
         Revision Id"
            .into(),
    ))
}
