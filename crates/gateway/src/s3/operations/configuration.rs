//! What is set for buckets, and does not have a module of its own.

use std::sync::Arc;

use hearth_services::s3::{Cors, CorsRule, Encryption, Missing, Refusal, Setting, Versioning};
use s3s::dto::{
    BucketVersioningStatus, CORSRule, DeleteBucketCorsInput, DeleteBucketCorsOutput,
    DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput, DeleteBucketPolicyInput,
    DeleteBucketPolicyOutput, GetBucketCorsInput, GetBucketCorsOutput, GetBucketEncryptionInput,
    GetBucketEncryptionOutput, GetBucketPolicyInput, GetBucketPolicyOutput, GetBucketPolicyStatusInput,
    GetBucketPolicyStatusOutput, GetBucketVersioningInput, GetBucketVersioningOutput, PolicyStatus,
    PutBucketCorsInput, PutBucketCorsOutput, PutBucketEncryptionInput, PutBucketEncryptionOutput,
    PutBucketPolicyInput, PutBucketPolicyOutput, PutBucketVersioningInput, PutBucketVersioningOutput,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use serde_json::Value;

use super::{
    Answer, Call,
    attributes::{EncryptionNames, encryption as read_encryption},
};
use crate::s3::unsupported::not_there;

pub(in crate::s3) async fn versioning(
    call: Call,
    input: GetBucketVersioningInput,
) -> Answer<GetBucketVersioningOutput> {
    let status = match call.buckets.configuration(&input.bucket)?.versioning {
        Versioning::Off => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    let status = status.map(BucketVersioningStatus::from_static);
    Ok(GetBucketVersioningOutput { mfa_delete: None, status })
}

pub(in crate::s3) async fn set_versioning(
    call: Call,
    input: PutBucketVersioningInput,
) -> Answer<PutBucketVersioningOutput> {
    let given = input.versioning_configuration;
    if given.mfa_delete.is_some_and(|mfa| mfa.as_str() == "Enabled") {
        return Err(not_there("MfaDelete"));
    }
    let versioning = match given.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => return Err(Refusal::MalformedXml.into()),
    };
    call.buckets.configure(&call.caller, &input.bucket, Setting::Versioning(versioning))?;
    Ok(PutBucketVersioningOutput::default())
}

pub(in crate::s3) async fn policy(call: Call, input: GetBucketPolicyInput) -> Answer<GetBucketPolicyOutput> {
    let policy = call.buckets.configuration(&input.bucket)?.policy;
    let policy = policy.ok_or(Refusal::NotConfigured(Missing::Policy))?;
    Ok(GetBucketPolicyOutput { policy: Some(policy.to_string()) })
}

/// AWS finds out whether a policy gives the public something; here it does if one of its statements is for everybody without
/// any condition.
pub(in crate::s3) async fn policy_status(
    call: Call,
    input: GetBucketPolicyStatusInput,
) -> Answer<GetBucketPolicyStatusOutput> {
    let policy = call.buckets.configuration(&input.bucket)?.policy;
    let policy = policy.ok_or(Refusal::NotConfigured(Missing::Policy))?;
    let document: Value = serde_json::from_str(&policy).unwrap_or_default();
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is_everybody = |principal: &Value| match principal {
        Value::Array(several) => several.contains(&Value::from("*")),
        one => one == "*",
    };
    let is_public = statements.iter().any(|statement| {
        let principal = &statement["Principal"];
        statement["Effect"] == "Allow"
            && (is_everybody(principal) || is_everybody(&principal["AWS"]))
            && statement.get("Condition").is_none()
    });
    Ok(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public: Some(is_public) }) })
}

pub(in crate::s3) async fn set_policy(
    call: Call,
    input: PutBucketPolicyInput,
) -> Answer<PutBucketPolicyOutput> {
    let malformed = |message: &'static str| Refusal::MalformedPolicy(message.into());
    let document: Value = serde_json::from_str(&input.policy)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
    if document.get("Statement").is_none() {
        return Err(malformed("Missing required field Statement").into());
    }
    let policy = Setting::Policy(Some(Arc::from(input.policy)));
    call.buckets.configure(&call.caller, &input.bucket, policy)?;
    Ok(PutBucketPolicyOutput::default())
}

pub(in crate::s3) async fn delete_policy(
    call: Call,
    input: DeleteBucketPolicyInput,
) -> Answer<DeleteBucketPolicyOutput> {
    call.buckets.configure(&call.caller, &input.bucket, Setting::Policy(None))?;
    Ok(DeleteBucketPolicyOutput::default())
}

pub(in crate::s3) async fn cors(call: Call, input: GetBucketCorsInput) -> Answer<GetBucketCorsOutput> {
    let cors = call.buckets.configuration(&input.bucket)?.cors;
    let cors = cors.ok_or(Refusal::NotConfigured(Missing::Cors))?;
    let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    let rules = cors.rules().iter().map(|rule| CORSRule {
        allowed_headers: some(&rule.headers),
        allowed_methods: rule.methods.clone(),
        allowed_origins: rule.origins.clone(),
        expose_headers: some(&rule.exposed_headers),
        id: rule.id.clone(),
        max_age_seconds: rule.max_age_s,
    });
    Ok(GetBucketCorsOutput { cors_rules: Some(rules.collect()) })
}

pub(in crate::s3) async fn set_cors(call: Call, input: PutBucketCorsInput) -> Answer<PutBucketCorsOutput> {
    let rules = input.cors_configuration.cors_rules.into_iter().map(|rule| CorsRule {
        id: rule.id,
        origins: rule.allowed_origins,
        methods: rule.allowed_methods,
        headers: rule.allowed_headers.unwrap_or_default(),
        exposed_headers: rule.expose_headers.unwrap_or_default(),
        max_age_s: rule.max_age_seconds,
    });
    let cors = Cors::new(rules.collect())?;
    call.buckets.configure(&call.caller, &input.bucket, Setting::Cors(Some(cors)))?;
    Ok(PutBucketCorsOutput::default())
}

pub(in crate::s3) async fn delete_cors(
    call: Call,
    input: DeleteBucketCorsInput,
) -> Answer<DeleteBucketCorsOutput> {
    call.buckets.configure(&call.caller, &input.bucket, Setting::Cors(None))?;
    Ok(DeleteBucketCorsOutput::default())
}

pub(in crate::s3) async fn encryption(
    call: Call,
    input: GetBucketEncryptionInput,
) -> Answer<GetBucketEncryptionOutput> {
    let names = EncryptionNames::of(&call.buckets.configuration(&input.bucket)?.encryption);
    let by_default =
        ServerSideEncryptionByDefault { kms_master_key_id: names.key, sse_algorithm: names.algorithm };
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(by_default),
        bucket_key_enabled: Some(names.bucket_key.unwrap_or(false)),
    };
    let shown = ServerSideEncryptionConfiguration { rules: vec![rule] };
    Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(shown) })
}

pub(in crate::s3) async fn set_encryption(
    call: Call,
    input: PutBucketEncryptionInput,
) -> Answer<PutBucketEncryptionOutput> {
    let [rule] = input.server_side_encryption_configuration.rules.as_slice() else {
        return Err(Refusal::MalformedXml.into());
    };
    let given = rule.apply_server_side_encryption_by_default.clone().ok_or(Refusal::MalformedXml)?;
    let encryption =
        read_encryption(Some(&given.sse_algorithm), given.kms_master_key_id, rule.bucket_key_enabled)?;
    let encryption = Setting::Encryption(encryption.unwrap_or_default());
    call.buckets.configure(&call.caller, &input.bucket, encryption)?;
    Ok(PutBucketEncryptionOutput::default())
}

/// What everything is encrypted with anyway stays.
pub(in crate::s3) async fn delete_encryption(
    call: Call,
    input: DeleteBucketEncryptionInput,
) -> Answer<DeleteBucketEncryptionOutput> {
    let default = Setting::Encryption(Encryption::default());
    call.buckets.configure(&call.caller, &input.bucket, default)?;
    Ok(DeleteBucketEncryptionOutput::default())
}
