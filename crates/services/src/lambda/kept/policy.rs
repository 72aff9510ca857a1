//! Policies as they are written.

use serde::{Deserialize, Serialize};

use crate::lambda::{Permission, Principal, Statement, policy::Policy};

/// A policy, statement by statement.
pub(super) type PolicyV1 = Vec<StatementV1>;

#[derive(Serialize, Deserialize)]
pub(super) struct StatementV1 {
    resource: String,
    principal: PrincipalV1,
    statement_id: String,
    action: String,
    /// The principal as it was asked for.
    given_principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    principal_organization: Option<String>,
    url_authorization: Option<String>,
    via_url: Option<bool>,
}

#[derive(Serialize, Deserialize)]
enum PrincipalV1 {
    Anybody,
    Service(String),
    Identity(String),
}

pub(super) fn write_policy(policy: &Policy) -> PolicyV1 {
    policy.statements().iter().map(StatementV1::of).collect()
}

pub(super) fn read_policy(policy: PolicyV1) -> Policy {
    policy.into_iter().map(StatementV1::read).collect()
}

impl StatementV1 {
    fn of(statement: &Statement) -> Self {
        let Statement { resource, principal, permission } = statement.clone();
        let Permission {
            statement_id,
            action,
            principal: given_principal,
            source_arn,
            source_account,
            event_source_token,
            principal_organization,
            url_authorization,
            via_url,
        } = permission;
        let principal = match principal {
            Principal::Anybody => PrincipalV1::Anybody,
            Principal::Service(name) => PrincipalV1::Service(name),
            Principal::Identity(arn) => PrincipalV1::Identity(arn),
        };
        Self {
            resource,
            principal,
            statement_id,
            action,
            given_principal,
            source_arn,
            source_account,
            event_source_token,
            principal_organization,
            url_authorization,
            via_url,
        }
    }

    fn read(self) -> Statement {
        let permission = Permission {
            statement_id: self.statement_id,
            action: self.action,
            principal: self.given_principal,
            source_arn: self.source_arn,
            source_account: self.source_account,
            event_source_token: self.event_source_token,
            principal_organization: self.principal_organization,
            url_authorization: self.url_authorization,
            via_url: self.via_url,
        };
        let principal = match self.principal {
            PrincipalV1::Anybody => Principal::Anybody,
            PrincipalV1::Service(name) => Principal::Service(name),
            PrincipalV1::Identity(arn) => Principal::Identity(arn),
        };
        Statement { resource: self.resource, principal, permission }
    }
}
