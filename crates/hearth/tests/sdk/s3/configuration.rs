//! What is set for buckets; and what AWS answers where nothing is, as tools ask of every bucket.

use aws_sdk_s3::types::{
    AccelerateConfiguration, AccessControlPolicy, BucketAccelerateStatus, BucketCannedAcl,
    BucketLifecycleConfiguration, BucketLoggingStatus, BucketVersioningStatus, CorsConfiguration, CorsRule,
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, ObjectCannedAcl,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, Payer, Permission,
    PublicAccessBlockConfiguration, RequestPaymentConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
    TransitionDefaultMinimumObjectSize,
};

use super::{BUCKET, code, put, set_versioning, text, with_bucket};

#[tokio::test(flavor = "multi_thread")]
async fn versioning_and_tags() {
    let (_hearth, client) = with_bucket().await;
    let versioning = || client.get_bucket_versioning().bucket(BUCKET).send();
    assert_eq!(versioning().await.unwrap().status(), None);
    for status in [BucketVersioningStatus::Enabled, BucketVersioningStatus::Suspended] {
        set_versioning(&client, status.clone()).await;
        assert_eq!(versioning().await.unwrap().status(), Some(&status));
    }
    let tags = || client.get_bucket_tagging().bucket(BUCKET).send();
    assert_eq!(code(tags().await), "NoSuchTagSet");
    let tag = Tag::builder().key("größe").value("a/b = c").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
    client.put_bucket_tagging().bucket(BUCKET).tagging(tagging).send().await.unwrap();
    assert_eq!(tags().await.unwrap().tag_set(), [tag]);
    client.delete_bucket_tagging().bucket(BUCKET).send().await.unwrap();
    assert_eq!(code(tags().await), "NoSuchTagSet");
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_and_cors() {
    let (_hearth, client) = with_bucket().await;
    let policy = || client.get_bucket_policy().bucket(BUCKET).send();
    assert_eq!(code(policy().await), "NoSuchBucketPolicy");
    assert_eq!(code(client.get_bucket_policy_status().bucket(BUCKET).send().await), "NoSuchBucketPolicy");
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::uploads/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    client.put_bucket_policy().bucket(BUCKET).policy(document).send().await.unwrap();
    assert_eq!(policy().await.unwrap().policy(), Some(document));
    let status = client.get_bucket_policy_status().bucket(BUCKET).send().await.unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(false));
    let malformed = client.put_bucket_policy().bucket(BUCKET).policy("nonsense").send().await;
    assert_eq!(code(malformed), "MalformedPolicy");
    client.delete_bucket_policy().bucket(BUCKET).send().await.unwrap();
    assert_eq!(code(policy().await), "NoSuchBucketPolicy");

    let cors = || client.get_bucket_cors().bucket(BUCKET).send();
    assert_eq!(code(cors().await), "NoSuchCORSConfiguration");
    let rule = CorsRule::builder().allowed_methods("PUT").allowed_origins("https://*.example.org");
    let rule = rule.allowed_headers("*").expose_headers("ETag").max_age_seconds(9).id("one").build().unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule.clone()).build().unwrap();
    client.put_bucket_cors().bucket(BUCKET).cors_configuration(rules).send().await.unwrap();
    assert_eq!(cors().await.unwrap().cors_rules(), [rule]);
    client.delete_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(code(cors().await), "NoSuchCORSConfiguration");
}

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_and_encryption() {
    let (_hearth, client) = with_bucket().await;
    let lifecycle = || client.get_bucket_lifecycle_configuration().bucket(BUCKET).send();
    assert_eq!(code(lifecycle().await), "NoSuchLifecycleConfiguration");
    let rule = LifecycleRule::builder().id("one").status(ExpirationStatus::Enabled);
    let rule = rule.filter(LifecycleRuleFilter::builder().prefix("tmp/").build());
    let rule = rule.expiration(LifecycleExpiration::builder().days(1).build()).build().unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule.clone()).build().unwrap();
    let set = client.put_bucket_lifecycle_configuration().bucket(BUCKET).lifecycle_configuration(rules);
    let minimum = TransitionDefaultMinimumObjectSize::AllStorageClasses128K;
    let set = set.send().await.unwrap();
    assert_eq!(set.transition_default_minimum_object_size(), Some(&minimum));
    let shown = lifecycle().await.unwrap();
    assert_eq!(shown.rules(), [rule]);
    assert_eq!(shown.transition_default_minimum_object_size(), Some(&minimum));
    let stored = put(&client, "tmp/a", text("x")).await;
    assert!(stored.expiration().unwrap().contains("rule-id=\"one\""), "{:?}", stored.expiration());
    client.delete_bucket_lifecycle().bucket(BUCKET).send().await.unwrap();
    assert_eq!(code(lifecycle().await), "NoSuchLifecycleConfiguration");

    let encryption = async || {
        let shown = client.get_bucket_encryption().bucket(BUCKET).send().await.unwrap();
        let rule = shown.server_side_encryption_configuration.unwrap().rules.remove(0);
        let default = rule.apply_server_side_encryption_by_default.unwrap();
        (default.sse_algorithm, rule.bucket_key_enabled)
    };
    assert_eq!(encryption().await, (ServerSideEncryption::Aes256, Some(false)));
    let kms = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms);
    let kms = kms.kms_master_key_id("alias/mine").build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(kms);
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule.bucket_key_enabled(true).build());
    let set = client.put_bucket_encryption().bucket(BUCKET);
    set.server_side_encryption_configuration(rules.build().unwrap()).send().await.unwrap();
    assert_eq!(encryption().await, (ServerSideEncryption::AwsKms, Some(true)));
    let stored = put(&client, "key", text("x")).await;
    assert_eq!(stored.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!((stored.ssekms_key_id(), stored.bucket_key_enabled()), (Some("alias/mine"), Some(true)));
    client.delete_bucket_encryption().bucket(BUCKET).send().await.unwrap();
    assert_eq!(encryption().await, (ServerSideEncryption::Aes256, Some(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_off_as_for_every_new_bucket() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("x")).await;
    let controls = client.get_bucket_ownership_controls().bucket(BUCKET).send().await.unwrap();
    let rules = controls.ownership_controls.unwrap().rules;
    assert_eq!(*rules[0].object_ownership(), ObjectOwnership::BucketOwnerEnforced);
    let of_bucket = client.get_bucket_acl().bucket(BUCKET).send().await.unwrap();
    let of_object = client.get_object_acl().bucket(BUCKET).key("key").send().await.unwrap();
    assert_eq!(of_bucket.grants(), of_object.grants());
    assert_eq!(of_bucket.grants()[0].permission(), Some(&Permission::FullControl));
    let grantee = of_bucket.grants()[0].grantee().unwrap();
    assert_eq!(grantee.id(), of_bucket.owner().unwrap().id());

    let set_bucket = |acl| client.put_bucket_acl().bucket(BUCKET).acl(acl).send();
    for acl in [BucketCannedAcl::Private, BucketCannedAcl::PublicRead] {
        assert_eq!(code(set_bucket(acl).await), "AccessControlListNotSupported");
    }
    let set_object = |acl| client.put_object_acl().bucket(BUCKET).key("key").acl(acl).send();
    set_object(ObjectCannedAcl::BucketOwnerFullControl).await.unwrap();
    assert_eq!(code(set_object(ObjectCannedAcl::PublicRead).await), "AccessControlListNotSupported");
    let owners = AccessControlPolicy::builder().owner(of_object.owner().unwrap().clone());
    let owners = owners.set_grants(Some(of_object.grants().to_vec())).build();
    let set_document = |policy| {
        let request = client.put_object_acl().bucket(BUCKET).key("key");
        request.access_control_policy(policy).send()
    };
    set_document(owners).await.expect("it is so anyway");
    let nobody = AccessControlPolicy::builder().set_grants(Some(Vec::new())).build();
    assert_eq!(code(set_document(nobody).await), "AccessControlListNotSupported");
    let put_with = |acl| client.put_object().bucket(BUCKET).key("other").acl(acl).body(text("x")).send();
    put_with(ObjectCannedAcl::BucketOwnerFullControl).await.unwrap();
    assert_eq!(code(put_with(ObjectCannedAcl::PublicRead).await), "AccessControlListNotSupported");
    let granted = client.put_object().bucket(BUCKET).key("other").grant_read("uri=\"x\"").send().await;
    assert_eq!(code(granted), "AccessControlListNotSupported");
    let public = client.create_bucket().bucket("public").acl(BucketCannedAcl::PublicRead).send().await;
    assert_eq!(code(public), "InvalidBucketAclWithObjectOwnership");

    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerPreferred);
    let controls = OwnershipControls::builder().rules(rule.build().unwrap()).build().unwrap();
    let set = client.put_bucket_ownership_controls().bucket(BUCKET).ownership_controls(controls);
    set.send().await.unwrap();
    set_bucket(BucketCannedAcl::Private).await.unwrap();
    assert_eq!(code(set_bucket(BucketCannedAcl::PublicRead).await), "NotImplemented");
    client.delete_bucket_ownership_controls().bucket(BUCKET).send().await.unwrap();
    let none = client.get_bucket_ownership_controls().bucket(BUCKET).send().await;
    assert_eq!(code(none), "OwnershipControlsNotFoundError");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_is_blocked_as_for_every_new_bucket() {
    let (_hearth, client) = with_bucket().await;
    let block = || client.get_public_access_block().bucket(BUCKET).send();
    let all = PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true);
    let all = all.block_public_policy(true).restrict_public_buckets(true).build();
    let shown = block().await.unwrap();
    assert_eq!(shown.public_access_block_configuration(), Some(&all));
    client.delete_public_access_block().bucket(BUCKET).send().await.unwrap();
    assert_eq!(code(block().await), "NoSuchPublicAccessBlockConfiguration");
    let set = client.put_public_access_block().bucket(BUCKET).public_access_block_configuration(all.clone());
    set.send().await.unwrap();
    assert_eq!(block().await.unwrap().public_access_block_configuration(), Some(&all));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_set_is_what_aws_says_by_default() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("x")).await;
    let acceleration = client.get_bucket_accelerate_configuration().bucket(BUCKET).send().await.unwrap();
    assert_eq!(acceleration.status(), None);
    let logging = client.get_bucket_logging().bucket(BUCKET).send().await.unwrap();
    assert_eq!(logging.logging_enabled(), None);
    let payment = client.get_bucket_request_payment().bucket(BUCKET).send().await.unwrap();
    assert_eq!(payment.payer(), Some(&Payer::BucketOwner));
    let notification = client.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap();
    assert!(notification.lambda_function_configurations().is_empty());

    let website = client.get_bucket_website().bucket(BUCKET).send().await;
    assert_eq!(code(website), "NoSuchWebsiteConfiguration");
    let replication = client.get_bucket_replication().bucket(BUCKET).send().await;
    assert_eq!(code(replication), "ReplicationConfigurationNotFoundError");
    let locks = client.get_object_lock_configuration().bucket(BUCKET).send().await;
    assert_eq!(code(locks), "ObjectLockConfigurationNotFoundError");
    let retention = client.get_object_retention().bucket(BUCKET).key("key").send().await;
    assert_eq!(code(retention), "InvalidRequest");
    let hold = client.get_object_legal_hold().bucket(BUCKET).key("key").send().await;
    assert_eq!(code(hold), "InvalidRequest");

    let analytics = client.list_bucket_analytics_configurations().bucket(BUCKET).send().await.unwrap();
    assert!(analytics.analytics_configuration_list().is_empty());
    let inventory = client.list_bucket_inventory_configurations().bucket(BUCKET).send().await.unwrap();
    assert!(inventory.inventory_configuration_list().is_empty());
    let metrics = client.list_bucket_metrics_configurations().bucket(BUCKET).send().await.unwrap();
    assert!(metrics.metrics_configuration_list().is_empty());
    let tiering = client.list_bucket_intelligent_tiering_configurations().bucket(BUCKET).send().await;
    assert!(tiering.unwrap().intelligent_tiering_configuration_list().is_empty());
    for missing in [
        code(client.get_bucket_analytics_configuration().bucket(BUCKET).id("x").send().await),
        code(client.get_bucket_inventory_configuration().bucket(BUCKET).id("x").send().await),
        code(client.get_bucket_metrics_configuration().bucket(BUCKET).id("x").send().await),
        code(client.get_bucket_intelligent_tiering_configuration().bucket(BUCKET).id("x").send().await),
        code(client.delete_bucket_metrics_configuration().bucket(BUCKET).id("x").send().await),
    ] {
        assert_eq!(missing, "NoSuchConfiguration");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_so_anyway_may_be_set() {
    let (_hearth, client) = with_bucket().await;
    let payer = |payer| RequestPaymentConfiguration::builder().payer(payer).build().unwrap();
    let pays =
        |who| client.put_bucket_request_payment().bucket(BUCKET).request_payment_configuration(payer(who));
    pays(Payer::BucketOwner).send().await.unwrap();
    assert_eq!(code(pays(Payer::Requester).send().await), "NotImplemented");
    let off = BucketLoggingStatus::builder().build();
    client.put_bucket_logging().bucket(BUCKET).bucket_logging_status(off).send().await.unwrap();
    let status = |status| AccelerateConfiguration::builder().status(status).build();
    let accelerate = |on| {
        let request = client.put_bucket_accelerate_configuration().bucket(BUCKET);
        request.accelerate_configuration(status(on)).send()
    };
    accelerate(BucketAccelerateStatus::Suspended).await.unwrap();
    assert_eq!(code(accelerate(BucketAccelerateStatus::Enabled).await), "NotImplemented");
    client.delete_bucket_website().bucket(BUCKET).send().await.unwrap();
    client.delete_bucket_replication().bucket(BUCKET).send().await.unwrap();
}
