//! What a manifest allows by naming a function as the target of events: the permission that AWS demands besides, in the
//! function's policy, as SAM gives it for the events of a template.

use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{
    Services,
    lambda::{Permission, Refusal},
    s3::BucketName,
};

/// Lets a bucket invoke a function, if it may not yet.
///
/// # Errors
/// If the function's policy is full. A function that is not there is no failure: that its code cannot be used was said.
pub(super) fn let_in(
    services: &Services,
    partition: &Partition,
    bucket: &BucketName,
    function: &FunctionName,
) -> Result<(), Refusal> {
    let permission = Permission {
        statement_id: statement_id(bucket),
        action: "lambda:InvokeFunction".to_owned(),
        principal: "s3.amazonaws.com".to_owned(),
        source_arn: Some(bucket.arn()),
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
    bucket: &BucketName,
    function: &FunctionName,
) {
    let id = statement_id(bucket);
    let _gone = services.functions().remove_permission(partition, function.as_str(), None, None, &id);
}

/// Names of statements have no dots, and those of buckets no underscores.
fn statement_id(bucket: &BucketName) -> String {
    format!("hearth-s3-{}", bucket.as_str().replace('.', "_"))
}
