//! Who may do what. Hearth lets everybody do everything; what owners say about that is kept and shown.

use hearth_services::s3::{Missing, Ownership, PublicAccessBlock, Refusal, Setting, canonical_id};
use http::StatusCode;
use s3s::dto::{
    BucketCannedACL, DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput,
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, GetBucketAclInput, GetBucketAclOutput,
    GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput, GetObjectAclInput, GetObjectAclOutput,
    GetPublicAccessBlockInput, GetPublicAccessBlockOutput, Grant, Grantee, ObjectCannedACL, ObjectOwnership,
    Owner, OwnershipControls, OwnershipControlsRule, Permission, PublicAccessBlockConfiguration,
    PutBucketAclInput, PutBucketAclOutput, PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput,
    PutObjectAclInput, PutObjectAclOutput, PutPublicAccessBlockInput, PutPublicAccessBlockOutput, Type,
};

use super::{Answer, Call, objects};
use crate::s3::{failure::Failure, unsupported::not_there};

pub(in crate::s3) async fn ownership(
    call: Call,
    input: GetBucketOwnershipControlsInput,
) -> Answer<GetBucketOwnershipControlsOutput> {
    let ownership = call.buckets.configuration(&input.bucket)?.ownership;
    let ownership = ownership.ok_or(Refusal::NotConfigured(Missing::OwnershipControls))?;
    let object_ownership = ObjectOwnership::from_static(ownership.name());
    let rules = vec![OwnershipControlsRule { object_ownership }];
    Ok(GetBucketOwnershipControlsOutput { ownership_controls: Some(OwnershipControls { rules }) })
}

pub(in crate::s3) async fn set_ownership(
    call: Call,
    input: PutBucketOwnershipControlsInput,
) -> Answer<PutBucketOwnershipControlsOutput> {
    let [rule] = input.ownership_controls.rules.as_slice() else { return Err(Refusal::MalformedXml.into()) };
    let ownership = read_ownership(&rule.object_ownership)?;
    call.buckets.configure(&call.caller, &input.bucket, Setting::Ownership(Some(ownership)))?;
    Ok(PutBucketOwnershipControlsOutput::default())
}

pub(in crate::s3) async fn delete_ownership(
    call: Call,
    input: DeleteBucketOwnershipControlsInput,
) -> Answer<DeleteBucketOwnershipControlsOutput> {
    call.buckets.configure(&call.caller, &input.bucket, Setting::Ownership(None))?;
    Ok(DeleteBucketOwnershipControlsOutput::default())
}

pub(in crate::s3) async fn public_access(
    call: Call,
    input: GetPublicAccessBlockInput,
) -> Answer<GetPublicAccessBlockOutput> {
    let block = call.buckets.configuration(&input.bucket)?.public_access;
    let block = block.ok_or(Refusal::NotConfigured(Missing::PublicAccessBlock))?;
    let shown = PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_acls),
        block_public_policy: Some(block.block_policy),
        ignore_public_acls: Some(block.ignore_acls),
        restrict_public_buckets: Some(block.restrict_buckets),
    };
    Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(shown) })
}

pub(in crate::s3) async fn set_public_access(
    call: Call,
    input: PutPublicAccessBlockInput,
) -> Answer<PutPublicAccessBlockOutput> {
    let given = input.public_access_block_configuration;
    let block = PublicAccessBlock {
        block_acls: given.block_public_acls.unwrap_or(false),
        ignore_acls: given.ignore_public_acls.unwrap_or(false),
        block_policy: given.block_public_policy.unwrap_or(false),
        restrict_buckets: given.restrict_public_buckets.unwrap_or(false),
    };
    call.buckets.configure(&call.caller, &input.bucket, Setting::PublicAccess(Some(block)))?;
    Ok(PutPublicAccessBlockOutput::default())
}

pub(in crate::s3) async fn delete_public_access(
    call: Call,
    input: DeletePublicAccessBlockInput,
) -> Answer<DeletePublicAccessBlockOutput> {
    call.buckets.configure(&call.caller, &input.bucket, Setting::PublicAccess(None))?;
    Ok(DeletePublicAccessBlockOutput::default())
}

pub(in crate::s3) async fn bucket_acl(call: Call, input: GetBucketAclInput) -> Answer<GetBucketAclOutput> {
    let (owner, grants) = owners_list(&call, &input.bucket)?;
    Ok(GetBucketAclOutput { grants: Some(grants), owner: Some(owner) })
}

pub(in crate::s3) async fn set_bucket_acl(
    call: Call,
    input: PutBucketAclInput,
) -> Answer<PutBucketAclOutput> {
    let ownership = call.buckets.configuration(&input.bucket)?.ownership;
    match (ownership, input.acl.as_ref().map(BucketCannedACL::as_str)) {
        // Even what is so anyway.
        (Some(Ownership::BucketOwnerEnforced), _) => Err(Refusal::AclNotSupported.into()),
        (_, Some("private")) => Ok(PutBucketAclOutput::default()),
        (_, acl) => Err(list_not_there(acl)),
    }
}

pub(in crate::s3) async fn object_acl(call: Call, input: GetObjectAclInput) -> Answer<GetObjectAclOutput> {
    objects::find(&call, &input.bucket, &input.key, input.version_id.as_deref())?;
    let (owner, grants) = owners_list(&call, &input.bucket)?;
    Ok(GetObjectAclOutput { grants: Some(grants), owner: Some(owner), request_charged: None })
}

pub(in crate::s3) async fn set_object_acl(
    call: Call,
    input: PutObjectAclInput,
) -> Answer<PutObjectAclOutput> {
    objects::find(&call, &input.bucket, &input.key, input.version_id.as_deref())?;
    let owners = input.access_control_policy.as_ref().and_then(|policy| policy.grants.as_ref());
    match (&input.acl, owners) {
        (Some(acl), _) => check_object_acl(&call, &input.bucket, Some(acl))?,
        (None, Some(grants)) if *grants == owners_list(&call, &input.bucket)?.1 => {}
        (None, _) => return Err(refused_list(&call, &input.bucket, None)?),
    }
    Ok(PutObjectAclOutput::default())
}

pub(super) fn read_ownership(given: &ObjectOwnership) -> Answer<Ownership> {
    Ok(Ownership::parse(given.as_str()).ok_or(Refusal::MalformedXml)?)
}

/// Whether an object may have the list that a request names: one that says nothing but what is so anyway.
pub(super) fn check_object_acl(call: &Call, bucket: &str, acl: Option<&ObjectCannedACL>) -> Answer<()> {
    match acl.map(ObjectCannedACL::as_str) {
        None | Some("private" | "bucket-owner-full-control") if !has_grants(call) => Ok(()),
        acl => Err(refused_list(call, bucket, acl)?),
    }
}

/// The same for a new bucket.
pub(super) fn check_bucket_acl(
    call: &Call,
    acl: Option<&BucketCannedACL>,
    ownership: Ownership,
) -> Answer<()> {
    match (acl.map(BucketCannedACL::as_str), ownership) {
        (None | Some("private"), _) if !has_grants(call) => Ok(()),
        (_, Ownership::BucketOwnerEnforced) => {
            let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
            Err(Failure::new("InvalidBucketAclWithObjectOwnership", StatusCode::BAD_REQUEST, message))
        }
        (acl, Ownership::BucketOwnerPreferred | Ownership::ObjectWriter) => Err(list_not_there(acl)),
    }
}

/// Whether a request gives somebody something, one by one.
fn has_grants(call: &Call) -> bool {
    call.headers.keys().any(|name| name.as_str().starts_with("x-amz-grant-"))
}

fn refused_list(call: &Call, bucket: &str, acl: Option<&str>) -> Answer<Failure> {
    Ok(match call.buckets.configuration(bucket)?.ownership {
        Some(Ownership::BucketOwnerEnforced) => Refusal::AclNotSupported.into(),
        Some(Ownership::BucketOwnerPreferred | Ownership::ObjectWriter) | None => list_not_there(acl),
    })
}

fn list_not_there(acl: Option<&str>) -> Failure {
    match acl {
        Some(acl) => not_there(&format!("the access control list {acl}")),
        None => not_there("access control lists with grants"),
    }
}

/// The list that everything has: its owner may do everything.
fn owners_list(call: &Call, bucket: &str) -> Answer<(Owner, Vec<Grant>)> {
    let id = canonical_id(call.buckets.describe(bucket)?.partition.account);
    let owner = Owner { display_name: None, id: Some(id.clone()) };
    let grantee = Grantee {
        display_name: None,
        email_address: None,
        id: Some(id),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    };
    let permission = Some(Permission::from_static(Permission::FULL_CONTROL));
    Ok((owner, vec![Grant { grantee: Some(grantee), permission }]))
}
