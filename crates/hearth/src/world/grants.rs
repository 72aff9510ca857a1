//! What a manifest allows by naming a function as the target of events: the permission that AWS demands besides, in the
//! function's policy, as SAM gives it for the events of a template.

use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{
    Services,
    apigateway::ApiId,
    lambda::{Permission, Refusal},
    s3::BucketName,
};

/// What invokes a function.
#[derive(Clone, Copy)]
pub(super) enum Grantee<'a> {
    Bucket(&'a BucketName),
    /// A rule of EventBridge, by its name.
    Rule(&'a str),
    /// The manifest's HTTP API.
    HttpApi,
    /// The manifest's WebSocket API.
    WebSocketApi,
}

/// Lets something invoke a function, if it may not yet.
///
/// # Errors
/// If the function's policy is full. A function that is not there is no failure: that its code cannot be used was said.
pub(super) fn let_in(
    services: &Services,
    partition: &Partition,
    grantee: Grantee<'_>,
    function: &FunctionName,
) -> Result<(), Refusal> {
    let permission = Permission {
        statement_id: grantee.statement_id(),
        action: "lambda:InvokeFunction".to_owned(),
        principal: grantee.principal().to_owned(),
        source_arn: Some(grantee.arn(partition)),
        source_account: Some(partition.account.to_string()),
        ..Permission::default()
    };
    match services.functions().add_permission(partition, function.as_str(), None, None, permission) {
        Ok(_) | Err(Refusal::Conflict(_) | Refusal::NotFound(_)) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

/// Takes the permission away. That of a function that is gone went with it, and somebody else may have taken it away before.
pub(super) fn shut_out(
    services: &Services,
    partition: &Partition,
    grantee: Grantee<'_>,
    function: &FunctionName,
) {
    let id = grantee.statement_id();
    let _gone = services.functions().remove_permission(partition, function.as_str(), None, None, &id);
}

impl Grantee<'_> {
    const fn principal(self) -> &'static str {
        match self {
            Self::Bucket(_) => "s3.amazonaws.com",
            Self::Rule(_) => "events.amazonaws.com",
            Self::HttpApi | Self::WebSocketApi => "apigateway.amazonaws.com",
        }
    }

    fn arn(self, Partition { account, region }: &Partition) -> String {
        match self {
            Self::Bucket(bucket) => bucket.arn(),
            Self::Rule(name) => format!("arn:aws:events:{region}:{account}:rule/{name}"),
            Self::HttpApi => format!("arn:aws:execute-api:{region}:{account}:{}/*", ApiId::MANIFEST),
            Self::WebSocketApi => {
                format!("arn:aws:execute-api:{region}:{account}:{}/*", ApiId::MANIFEST_WEBSOCKET)
            }
        }
    }

    /// Names of statements have no dots, those of buckets no underscores, and of its rules a function has at most one with this
    /// number.
    fn statement_id(self) -> String {
        match self {
            Self::Bucket(bucket) => format!("hearth-s3-{}", bucket.as_str().replace('.', "_")),
            Self::Rule(name) => format!("hearth-schedule-{}", name.replace('.', "_")),
            Self::HttpApi => "hearth-http".to_owned(),
            Self::WebSocketApi => "hearth-websocket".to_owned(),
        }
    }
}
