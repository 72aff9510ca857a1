//! The operations that there are. `s3s` says of all others that they are not implemented.

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, dto};

use super::{
    call::Call,
    failure::Failure,
    operations::{
        access, buckets, configuration, copy, defaults, delete, lifecycle, listing, multipart, notification,
        objects, tagging,
    },
};

/// What `s3s` calls.
pub(super) struct Api;

/// Each operation: what it takes, what it gives, and where it is.
macro_rules! operations {
    ($($name:ident($input:ident) -> $output:ident = $($path:ident)::+;)*) => {
        #[async_trait]
        impl S3 for Api {
            $(
                async fn $name(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                    perform(request, $($path)::+).await
                }
            )*
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;

    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = configuration::versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = configuration::set_versioning;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = configuration::policy;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = configuration::set_policy;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = configuration::delete_policy;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = configuration::cors;
    put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput = configuration::set_cors;
    delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput = configuration::delete_cors;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = configuration::encryption;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput = configuration::set_encryption;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput
        = configuration::delete_encryption;

    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput
        = access::ownership;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput
        = access::set_ownership;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput
        = access::delete_ownership;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = access::public_access;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput = access::set_public_access;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput
        = access::delete_public_access;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = access::bucket_acl;
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput = access::set_bucket_acl;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput = access::object_acl;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput = access::set_object_acl;

    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput)
        -> GetBucketLifecycleConfigurationOutput = lifecycle::rules;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput)
        -> PutBucketLifecycleConfigurationOutput = lifecycle::set_rules;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput = lifecycle::delete_rules;
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput = notification::rules;
    put_bucket_notification_configuration(PutBucketNotificationConfigurationInput)
        -> PutBucketNotificationConfigurationOutput = notification::set_rules;

    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput = configuration::policy_status;

    get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInput)
        -> GetBucketAccelerateConfigurationOutput = defaults::acceleration;
    get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = defaults::logging;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = defaults::replication;
    get_bucket_request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput
        = defaults::request_payment;
    get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = defaults::website;
    get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput
        = defaults::object_lock;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput = defaults::legal_hold;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput = defaults::set_legal_hold;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput = defaults::retention;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput = defaults::set_retention;
    put_bucket_accelerate_configuration(PutBucketAccelerateConfigurationInput)
        -> PutBucketAccelerateConfigurationOutput = defaults::set_acceleration;
    put_bucket_logging(PutBucketLoggingInput) -> PutBucketLoggingOutput = defaults::set_logging;
    put_bucket_request_payment(PutBucketRequestPaymentInput) -> PutBucketRequestPaymentOutput
        = defaults::set_request_payment;
    delete_bucket_website(DeleteBucketWebsiteInput) -> DeleteBucketWebsiteOutput = defaults::delete_website;
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput
        = defaults::delete_replication;
    list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsInput)
        -> ListBucketAnalyticsConfigurationsOutput = defaults::all_analytics;
    get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationInput)
        -> GetBucketAnalyticsConfigurationOutput = defaults::analytics;
    delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationInput)
        -> DeleteBucketAnalyticsConfigurationOutput = defaults::delete_analytics;
    list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsInput)
        -> ListBucketIntelligentTieringConfigurationsOutput = defaults::all_tiering;
    get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationInput)
        -> GetBucketIntelligentTieringConfigurationOutput = defaults::tiering;
    delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationInput)
        -> DeleteBucketIntelligentTieringConfigurationOutput = defaults::delete_tiering;
    list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput)
        -> ListBucketInventoryConfigurationsOutput = defaults::all_inventories;
    get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput)
        -> GetBucketInventoryConfigurationOutput = defaults::inventory;
    delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput)
        -> DeleteBucketInventoryConfigurationOutput = defaults::delete_inventory;
    list_bucket_metrics_configurations(ListBucketMetricsConfigurationsInput)
        -> ListBucketMetricsConfigurationsOutput = defaults::all_metrics;
    get_bucket_metrics_configuration(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput
        = defaults::metrics;
    delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationInput)
        -> DeleteBucketMetricsConfigurationOutput = defaults::delete_metrics;

    put_object(PutObjectInput) -> PutObjectOutput = objects::put;
    get_object(GetObjectInput) -> GetObjectOutput = objects::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = objects::head;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput = objects::attributes;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy::object;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete::one;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete::several;

    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = tagging::bucket;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput = tagging::set_bucket;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput = tagging::delete_bucket;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tagging::object;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tagging::set_object;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tagging::delete_object;

    list_objects(ListObjectsInput) -> ListObjectsOutput = listing::objects;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = listing::objects_v2;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = listing::versions;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = listing::uploads;

    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = multipart::create;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart::put_part;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::part;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart::parts;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = multipart::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = multipart::abort;
}

/// Calls an operation. Why it fails is left where the error document is made, as `s3s` has no room for all of it.
async fn perform<I, O, F>(
    mut request: S3Request<I>,
    operation: impl FnOnce(Call, I) -> F,
) -> S3Result<S3Response<O>>
where
    F: Future<Output = Result<O, Failure>>,
{
    let call: Call = request.extensions.remove().ok_or(S3ErrorCode::InternalError)?;
    match operation(Arc::clone(&call), request.input).await {
        Ok(output) => Ok(S3Response::new(output)),
        Err(failure) => {
            let mut error = S3Error::new(S3ErrorCode::InternalError);
            error.set_status_code(failure.status);
            // An operation fails once.
            let _failed_before = call.failure.set(failure);
            Err(error)
        }
    }
}
