//! What nobody has set, as tools ask for it and AWS answers by default.

use hearth_services::s3::{Missing, Refusal};
use s3s::dto::{
    GetBucketAccelerateConfigurationInput, GetBucketAccelerateConfigurationOutput, GetBucketLoggingInput,
    GetBucketLoggingOutput, GetBucketReplicationInput, GetBucketReplicationOutput,
    GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput, GetBucketWebsiteInput,
    GetBucketWebsiteOutput, GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput, Payer,
};

use super::{Answer, Call};

pub(in crate::s3) async fn acceleration(
    call: Call,
    input: GetBucketAccelerateConfigurationInput,
) -> Answer<GetBucketAccelerateConfigurationOutput> {
    call.buckets.describe(&input.bucket)?;
    Ok(GetBucketAccelerateConfigurationOutput::default())
}

pub(in crate::s3) async fn logging(
    call: Call,
    input: GetBucketLoggingInput,
) -> Answer<GetBucketLoggingOutput> {
    call.buckets.describe(&input.bucket)?;
    Ok(GetBucketLoggingOutput::default())
}

pub(in crate::s3) async fn request_payment(
    call: Call,
    input: GetBucketRequestPaymentInput,
) -> Answer<GetBucketRequestPaymentOutput> {
    call.buckets.describe(&input.bucket)?;
    Ok(GetBucketRequestPaymentOutput { payer: Some(Payer::from_static(Payer::BUCKET_OWNER)) })
}

pub(in crate::s3) async fn replication(
    call: Call,
    input: GetBucketReplicationInput,
) -> Answer<GetBucketReplicationOutput> {
    none(&call, &input.bucket, Missing::Replication)
}

pub(in crate::s3) async fn website(
    call: Call,
    input: GetBucketWebsiteInput,
) -> Answer<GetBucketWebsiteOutput> {
    none(&call, &input.bucket, Missing::Website)
}

pub(in crate::s3) async fn object_lock(
    call: Call,
    input: GetObjectLockConfigurationInput,
) -> Answer<GetObjectLockConfigurationOutput> {
    none(&call, &input.bucket, Missing::ObjectLock)
}

fn none<T>(call: &Call, bucket: &str, what: Missing) -> Answer<T> {
    call.buckets.describe(bucket)?;
    Err(Refusal::NotConfigured(what).into())
}
