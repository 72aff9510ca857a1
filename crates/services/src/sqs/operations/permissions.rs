//! Permissions, which are statements of a queue's policy.

use hearth_model::{identity::AccountId, sqs::QueueAddress};
use serde::Serialize;
use serde_json::{Value, json};

use crate::sqs::{Queues, Refusal, RefusalKind};

impl Queues {
    /// `AddPermission`: adds a statement to the queue's policy. Like all policies, it decides nothing.
    ///
    /// # Errors
    /// If there is no such queue, there is a statement of this label, or the policy would have too many.
    pub fn add_permission(
        &self,
        queue: &QueueAddress,
        label: &str,
        accounts: &[String],
        actions: &[String],
    ) -> Result<(), Refusal> {
        let statement = Statement::new(queue, label, accounts, actions)?;
        self.change_policy(queue, |policy| {
            if statements(policy)?.iter().any(|known| known["Sid"] == label) {
                return Err(Refusal::parameter("Label", label, "Already exists."));
            }
            if statements(policy)?.len() >= MOST_STATEMENTS {
                let message = format!(
                    "{} statements were found in the submitted policy, max allowed is {MOST_STATEMENTS}",
                    MOST_STATEMENTS + 1
                );
                return Err(Refusal::new(RefusalKind::OverLimit, message));
            }
            statements(policy)?.push(serde_json::to_value(statement).expect("texts can always be written"));
            Ok(())
        })
    }

    /// `RemovePermission`: takes a statement out of the queue's policy.
    ///
    /// # Errors
    /// If there is no such queue or statement.
    pub fn remove_permission(&self, queue: &QueueAddress, label: &str) -> Result<(), Refusal> {
        self.change_policy(queue, |policy| {
            let statements = statements(policy)?;
            let position = statements.iter().position(|known| known["Sid"] == label);
            let position = position.ok_or_else(|| Refusal::parameter("Label", label, "can't find label."))?;
            statements.remove(position);
            Ok(())
        })
    }

    /// A policy without statements is none.
    fn change_policy(
        &self,
        queue: &QueueAddress,
        change: impl FnOnce(&mut Value) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        self.with(&region, |state, _| {
            let attributes = &mut state.record_mut(&queue.name)?.attributes;
            let mut policy = match &attributes.policy {
                Some(text) => serde_json::from_str(text).expect("a policy was checked when it was set"),
                None => json!({
                    "Version": "2008-10-17",
                    "Id": format!("{queue}/SQSDefaultPolicy"),
                    "Statement": [],
                }),
            };
            change(&mut policy)?;
            attributes.policy = (!statements(&mut policy)?.is_empty()).then(|| policy.to_string());
            Ok(())
        })
    }
}

/// "An Amazon SQS policy can have a maximum of seven actions per statement" and 20 statements. Source: API reference,
/// `AddPermission`.
const MOST_STATEMENTS: usize = 20;
const MOST_ACTIONS: usize = 7;

/// What `AddPermission` writes.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    sid: &'a str,
    effect: &'static str,
    principal: Value,
    action: Value,
    resource: String,
}

impl<'a> Statement<'a> {
    fn new(
        queue: &QueueAddress,
        label: &'a str,
        accounts: &[String],
        actions: &[String],
    ) -> Result<Self, Refusal> {
        let fits = (1..=80).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !fits {
            let reason =
                "Label can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(Refusal::parameter("Label", label, reason));
        }
        if accounts.is_empty() {
            return Err(Refusal::missing("PrincipalId"));
        }
        if actions.is_empty() {
            return Err(Refusal::missing("Actions"));
        }
        if actions.len() > MOST_ACTIONS {
            let message = format!("{} Actions were found, maximum allowed is {MOST_ACTIONS}.", actions.len());
            return Err(Refusal::new(RefusalKind::OverLimit, message));
        }
        if let Some(unknown) = actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
            let reason = "Only the queue owner is allowed to invoke this action.";
            return Err(Refusal::parameter("ActionName", format!("SQS:{unknown}"), reason));
        }
        let known = |account: &String| {
            AccountId::parse(account)
                .ok_or_else(|| Refusal::parameter("PrincipalId", account, "Unable to verify."))
        };
        let accounts = accounts.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        let principals = accounts.into_iter().map(AccountId::root_arn);
        Ok(Self {
            sid: label,
            effect: "Allow",
            principal: json!({ "AWS": one_or_all(principals) }),
            action: one_or_all(actions.iter().map(|action| format!("SQS:{action}"))),
            resource: queue.to_string(),
        })
    }
}

/// What an owner can share with others.
const ACTIONS: [&str; 8] = [
    "*",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
];

fn one_or_all(texts: impl Iterator<Item = String>) -> Value {
    let mut texts: Vec<_> = texts.map(Value::String).collect();
    if texts.len() == 1 { texts.remove(0) } else { Value::Array(texts) }
}

/// The statements of a policy, as a list.
fn statements(policy: &mut Value) -> Result<&mut Vec<Value>, Refusal> {
    let statement = &mut policy["Statement"];
    if statement.is_null() {
        *statement = json!([]);
    } else if !statement.is_array() {
        *statement = json!([statement.take()]);
    }
    statement.as_array_mut().ok_or_else(|| Refusal::invalid("The policy's statements are no list."))
}
