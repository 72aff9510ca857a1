//! Buckets as such.

use hearth_model::identity::Region;
use hearth_services::s3::{BucketQuery, NewBucket, Ownership, Refusal, canonical_id};
use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput, Owner,
};

use super::{Answer, Call, access, attributes::refuse_present, timestamp};

pub(in crate::s3) async fn create(call: Call, input: CreateBucketInput) -> Answer<CreateBucketOutput> {
    refuse_present(&[
        ("x-amz-bucket-object-lock-enabled", input.object_lock_enabled_for_bucket == Some(true)),
        ("x-amz-grant-full-control", input.grant_full_control.is_some()),
        ("x-amz-grant-read", input.grant_read.is_some()),
        ("x-amz-grant-read-acp", input.grant_read_acp.is_some()),
        ("x-amz-grant-write", input.grant_write.is_some()),
        ("x-amz-grant-write-acp", input.grant_write_acp.is_some()),
    ])?;
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    refuse_present(&[
        ("a directory bucket's Location", configuration.location.is_some()),
        ("a directory bucket's type", configuration.bucket.is_some()),
    ])?;
    let ownership = match &input.object_ownership {
        None => Ownership::BucketOwnerEnforced,
        Some(name) => access::read_ownership(name)?,
    };
    access::check_bucket_acl(input.acl.as_ref(), Some(ownership))?;
    let new = NewBucket {
        location: configuration.location_constraint.map(|location| location.as_str().to_owned()),
        ownership,
    };
    let created = call.buckets.create(&call.caller, &input.bucket, &new)?;
    Ok(CreateBucketOutput { location: Some(format!("/{}", created.name)) })
}

pub(in crate::s3) async fn delete(call: Call, input: DeleteBucketInput) -> Answer<DeleteBucketOutput> {
    call.buckets.delete_bucket(&call.caller, &input.bucket)?;
    Ok(DeleteBucketOutput::default())
}

pub(in crate::s3) async fn head(call: Call, input: HeadBucketInput) -> Answer<HeadBucketOutput> {
    let bucket = call.buckets.describe(&input.bucket)?;
    let bucket_region = Some(bucket.partition.region.to_string());
    Ok(HeadBucketOutput { bucket_region, ..HeadBucketOutput::default() })
}

pub(in crate::s3) async fn location(
    call: Call,
    input: GetBucketLocationInput,
) -> Answer<GetBucketLocationOutput> {
    let region = call.buckets.describe(&input.bucket)?.partition.region;
    // The oldest region has no name here.
    let named = (region.as_str() != Region::DEFAULT).then(|| region.to_string());
    Ok(GetBucketLocationOutput { location_constraint: named.map(BucketLocationConstraint::from) })
}

pub(in crate::s3) async fn list(call: Call, input: ListBucketsInput) -> Answer<ListBucketsOutput> {
    const MOST: usize = 10_000;
    let most = match input.max_buckets {
        None => None,
        Some(most) => {
            Some(usize::try_from(most).ok().filter(|most| (1..=MOST).contains(most)).ok_or_else(|| {
                Refusal::argument(
                    "Argument max-buckets must be an integer between 1 and 10000",
                    "max-buckets",
                    most.to_string(),
                )
            })?)
        }
    };
    let query = BucketQuery {
        prefix: input.prefix.clone().unwrap_or_default(),
        region: input.bucket_region.as_deref().and_then(Region::parse),
        after: input.continuation_token,
        most,
    };
    let account = call.caller.partition.account;
    let page = call.buckets.list(account, &query);
    let buckets = page.buckets.into_iter().map(|bucket| Bucket {
        bucket_region: Some(bucket.partition.region.to_string()),
        creation_date: Some(timestamp::to_dto(bucket.created)),
        name: Some(bucket.name.to_string()),
    });
    Ok(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        continuation_token: page.next,
        owner: Some(Owner { display_name: None, id: Some(canonical_id(account)) }),
        prefix: input.prefix,
    })
}
