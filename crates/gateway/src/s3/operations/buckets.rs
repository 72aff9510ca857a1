//! Buckets as such.

use bytes::Bytes;
use hearth_model::identity::Region;
use hearth_services::s3::{BucketQuery, NewBucket, Ownership, Refusal, Tagged, Tags, canonical_id};
use s3s::{
    dto::{
        Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
        DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput,
        HeadBucketOutput, ListBucketsInput, ListBucketsOutput, Owner, TagSet, Tagging,
    },
    xml::{DeError, Deserializer},
};

use super::{Answer, Call, access, attributes::refuse_present, tagging, timestamp};

pub(in crate::s3) async fn create(call: Call, input: CreateBucketInput) -> Answer<CreateBucketOutput> {
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    refuse_present(&[
        ("a directory bucket's Location", configuration.location.is_some()),
        ("a directory bucket's type", configuration.bucket.is_some()),
    ])?;
    let ownership = match &input.object_ownership {
        None => Ownership::BucketOwnerEnforced,
        Some(name) => access::read_ownership(name)?,
    };
    access::check_bucket_acl(&call, input.acl.as_ref(), ownership)?;
    let new = NewBucket {
        location: configuration.location_constraint.map(|location| location.as_str().to_owned()),
        ownership,
        tags: tags(call.document.get())?,
    };
    let created = call.buckets.create(&call.caller, &input.bucket, &new)?;
    let in_oldest = created.partition.region.as_str() == Region::DEFAULT;
    let location = if in_oldest {
        format!("/{}", created.name)
    } else {
        format!("http://{}/{}/", call.host, created.name)
    };
    Ok(CreateBucketOutput { location: Some(location) })
}

/// The tags of a new bucket, which `s3s` does not know yet.
fn tags(document: Option<&Bytes>) -> Answer<Tags> {
    let Some(document) = document else { return Ok(Tags::default()) };
    let mut tag_set = TagSet::new();
    let read = Deserializer::new(document).named_element("CreateBucketConfiguration", |xml| {
        xml.for_each_element(|xml, name| match name {
            b"LocationConstraint" => xml.text(|_| Ok(())),
            b"Tags" => {
                tag_set = xml.list_content("Tag")?;
                Ok(())
            }
            _ => Err(DeError::UnexpectedTagName),
        })
    });
    read.map_err(|_| Refusal::MalformedXml)?;
    tagging::read(Tagged::Bucket, Tagging { tag_set })
}

pub(in crate::s3) async fn delete(call: Call, input: DeleteBucketInput) -> Answer<DeleteBucketOutput> {
    call.buckets.delete_bucket(&call.caller, &input.bucket)?;
    Ok(DeleteBucketOutput::default())
}

pub(in crate::s3) async fn head(call: Call, input: HeadBucketInput) -> Answer<HeadBucketOutput> {
    let bucket = call.buckets.describe(&input.bucket)?;
    Ok(HeadBucketOutput {
        access_point_alias: Some(false),
        bucket_region: Some(bucket.partition.region.to_string()),
        ..HeadBucketOutput::default()
    })
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
        after: input.continuation_token.clone(),
        most,
    };
    // AWS says so to whoever asks for something.
    let says_region =
        [&input.prefix, &input.bucket_region, &input.continuation_token].into_iter().any(Option::is_some)
            || input.max_buckets.is_some();
    let account = call.caller.partition.account;
    let page = call.buckets.list(account, &query);
    let buckets = page.buckets.into_iter().map(|bucket| Bucket {
        bucket_region: says_region.then(|| bucket.partition.region.to_string()),
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
