//! What nobody has set, as tools ask for it and AWS answers by default; and setting what is so anyway.

use hearth_services::s3::{Missing, Refusal};
use s3s::dto::{
    BucketAccelerateStatus, DeleteBucketAnalyticsConfigurationInput,
    DeleteBucketAnalyticsConfigurationOutput, DeleteBucketIntelligentTieringConfigurationInput,
    DeleteBucketIntelligentTieringConfigurationOutput, DeleteBucketInventoryConfigurationInput,
    DeleteBucketInventoryConfigurationOutput, DeleteBucketMetricsConfigurationInput,
    DeleteBucketMetricsConfigurationOutput, DeleteBucketReplicationInput, DeleteBucketReplicationOutput,
    DeleteBucketWebsiteInput, DeleteBucketWebsiteOutput, GetBucketAccelerateConfigurationInput,
    GetBucketAccelerateConfigurationOutput, GetBucketAnalyticsConfigurationInput,
    GetBucketAnalyticsConfigurationOutput, GetBucketIntelligentTieringConfigurationInput,
    GetBucketIntelligentTieringConfigurationOutput, GetBucketInventoryConfigurationInput,
    GetBucketInventoryConfigurationOutput, GetBucketLoggingInput, GetBucketLoggingOutput,
    GetBucketMetricsConfigurationInput, GetBucketMetricsConfigurationOutput, GetBucketReplicationInput,
    GetBucketReplicationOutput, GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput,
    GetBucketWebsiteInput, GetBucketWebsiteOutput, GetObjectLegalHoldInput, GetObjectLegalHoldOutput,
    GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput, GetObjectRetentionInput,
    GetObjectRetentionOutput, ListBucketAnalyticsConfigurationsInput,
    ListBucketAnalyticsConfigurationsOutput, ListBucketIntelligentTieringConfigurationsInput,
    ListBucketIntelligentTieringConfigurationsOutput, ListBucketInventoryConfigurationsInput,
    ListBucketInventoryConfigurationsOutput, ListBucketMetricsConfigurationsInput,
    ListBucketMetricsConfigurationsOutput, Payer, PutBucketAccelerateConfigurationInput,
    PutBucketAccelerateConfigurationOutput, PutBucketLoggingInput, PutBucketLoggingOutput,
    PutBucketRequestPaymentInput, PutBucketRequestPaymentOutput, PutObjectLegalHoldInput,
    PutObjectLegalHoldOutput, PutObjectRetentionInput, PutObjectRetentionOutput,
};

use super::{Answer, Call, objects::find};
use crate::s3::unsupported::not_there;

/// Operations on what no bucket has: with the error that says so, with an answer that is always the same, or on locks.
macro_rules! operations {
    (missing: $($name:ident($input:ident) -> $output:ident = $missing:ident;)*) => {
        $(
            pub(in crate::s3) async fn $name(call: Call, input: $input) -> Answer<$output> {
                call.buckets.describe(&input.bucket)?;
                Err(Refusal::NotConfigured(Missing::$missing).into())
            }
        )*
    };
    (answered: $($name:ident($input:ident) -> $output:ident = $answer:expr;)*) => {
        $(
            pub(in crate::s3) async fn $name(call: Call, input: $input) -> Answer<$output> {
                call.buckets.describe(&input.bucket)?;
                Ok($answer)
            }
        )*
    };
    (locks: $($name:ident($input:ident) -> $output:ident;)*) => {
        $(
            pub(in crate::s3) async fn $name(call: Call, input: $input) -> Answer<$output> {
                find(&call, &input.bucket, &input.key, input.version_id.as_deref())?;
                Err(Refusal::InvalidRequest("Bucket is missing Object Lock Configuration".into()).into())
            }
        )*
    };
}

operations! { missing:
    analytics(GetBucketAnalyticsConfigurationInput) -> GetBucketAnalyticsConfigurationOutput = Other;
    delete_analytics(DeleteBucketAnalyticsConfigurationInput) -> DeleteBucketAnalyticsConfigurationOutput = Other;
    tiering(GetBucketIntelligentTieringConfigurationInput) -> GetBucketIntelligentTieringConfigurationOutput = Other;
    delete_tiering(DeleteBucketIntelligentTieringConfigurationInput)
        -> DeleteBucketIntelligentTieringConfigurationOutput = Other;
    inventory(GetBucketInventoryConfigurationInput) -> GetBucketInventoryConfigurationOutput = Other;
    delete_inventory(DeleteBucketInventoryConfigurationInput) -> DeleteBucketInventoryConfigurationOutput = Other;
    metrics(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput = Other;
    delete_metrics(DeleteBucketMetricsConfigurationInput) -> DeleteBucketMetricsConfigurationOutput = Other;
    object_lock(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput = ObjectLock;
    replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = Replication;
    website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = Website;
}

operations! { answered:
    acceleration(GetBucketAccelerateConfigurationInput) -> GetBucketAccelerateConfigurationOutput
        = GetBucketAccelerateConfigurationOutput::default();
    logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = GetBucketLoggingOutput::default();
    request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput
        = GetBucketRequestPaymentOutput { payer: Some(Payer::from_static(Payer::BUCKET_OWNER)) };
    all_analytics(ListBucketAnalyticsConfigurationsInput) -> ListBucketAnalyticsConfigurationsOutput
        = ListBucketAnalyticsConfigurationsOutput { is_truncated: Some(false), ..Default::default() };
    all_tiering(ListBucketIntelligentTieringConfigurationsInput) -> ListBucketIntelligentTieringConfigurationsOutput
        = ListBucketIntelligentTieringConfigurationsOutput { is_truncated: Some(false), ..Default::default() };
    all_inventories(ListBucketInventoryConfigurationsInput) -> ListBucketInventoryConfigurationsOutput
        = ListBucketInventoryConfigurationsOutput { is_truncated: Some(false), ..Default::default() };
    all_metrics(ListBucketMetricsConfigurationsInput) -> ListBucketMetricsConfigurationsOutput
        = ListBucketMetricsConfigurationsOutput { is_truncated: Some(false), ..Default::default() };
    delete_website(DeleteBucketWebsiteInput) -> DeleteBucketWebsiteOutput = DeleteBucketWebsiteOutput::default();
    delete_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput
        = DeleteBucketReplicationOutput::default();
}

operations! { locks:
    legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput;
    set_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput;
    retention(GetObjectRetentionInput) -> GetObjectRetentionOutput;
    set_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput;
}

pub(in crate::s3) async fn set_acceleration(
    call: Call,
    input: PutBucketAccelerateConfigurationInput,
) -> Answer<PutBucketAccelerateConfigurationOutput> {
    call.buckets.describe(&input.bucket)?;
    match input.accelerate_configuration.status.as_ref().map(BucketAccelerateStatus::as_str) {
        Some(BucketAccelerateStatus::SUSPENDED) => Ok(PutBucketAccelerateConfigurationOutput::default()),
        Some(BucketAccelerateStatus::ENABLED) => Err(not_there("transfer acceleration")),
        Some(_) | None => Err(Refusal::MalformedXml.into()),
    }
}

pub(in crate::s3) async fn set_logging(
    call: Call,
    input: PutBucketLoggingInput,
) -> Answer<PutBucketLoggingOutput> {
    call.buckets.describe(&input.bucket)?;
    match input.bucket_logging_status.logging_enabled {
        Some(_) => Err(not_there("logs of accesses to buckets")),
        None => Ok(PutBucketLoggingOutput::default()),
    }
}

pub(in crate::s3) async fn set_request_payment(
    call: Call,
    input: PutBucketRequestPaymentInput,
) -> Answer<PutBucketRequestPaymentOutput> {
    call.buckets.describe(&input.bucket)?;
    match input.request_payment_configuration.payer.as_str() {
        Payer::BUCKET_OWNER => Ok(PutBucketRequestPaymentOutput::default()),
        Payer::REQUESTER => Err(not_there("buckets whose requesters pay")),
        _ => Err(Refusal::MalformedXml.into()),
    }
}
