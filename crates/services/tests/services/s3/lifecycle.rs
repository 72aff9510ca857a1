//! Objects that go by themselves.

use hearth_services::s3::{
    Expiration, Lifecycle, LifecycleFilter, LifecycleRule, ListQuery, NewUpload, NoncurrentExpiration,
    Setting, StorageClass, Transition, TransitionMinimum, Versioning, When,
};

use super::support::{BUCKET, S3World, caller};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

impl S3World {
    fn live_by(&self, rules: Vec<LifecycleRule>) {
        let lifecycle = Some(Lifecycle::new(rules, TransitionMinimum::default()).expect("rules"));
        self.buckets().configure(&caller(), BUCKET, Setting::Lifecycle(lifecycle)).expect("it is set");
    }
}

fn rule(prefix: &str) -> LifecycleRule {
    let filter = LifecycleFilter { prefix: Some(prefix.to_owned()), ..LifecycleFilter::default() };
    LifecycleRule { id: prefix.to_owned(), enabled: true, filter, ..LifecycleRule::default() }
}

#[tokio::test]
async fn objects_expire_at_midnight() {
    let world = S3World::with_bucket();
    let expiration = Some(Expiration::At(When::Days(2)));
    world.live_by(vec![LifecycleRule { expiration, ..rule("tmp/") }]);
    let stored = world.put("tmp/a", "x").await;
    world.put("kept", "x").await;
    // Put on Monday at 17:22: two days later is Wednesday, and what has begun is rounded up.
    let (due, id) = stored.expiration.expect("it will go");
    assert_eq!((due.as_unix_seconds(), &*id), (1_709_769_600, "tmp/"));
    world.advance(2 * DAY + 6 * HOUR).await;
    assert_eq!(world.keys(), ["kept", "tmp/a"]);
    world.put("tmp/b", "x").await;
    world.advance(HOUR).await;
    assert_eq!(world.keys(), ["kept", "tmp/b"]);
    world.advance(3 * DAY).await;
    assert_eq!(world.keys(), ["kept"]);
    world.advance(365 * DAY).await;
    assert_eq!(world.clock.next_deadline(), None, "nothing waits any more");
}

#[tokio::test]
async fn what_was_there_before_the_rule_expires_too() {
    let world = S3World::with_bucket();
    world.put("old", "x").await;
    world.advance(10 * DAY).await;
    let off = LifecycleRule { enabled: false, expiration: Some(Expiration::At(When::Days(1))), ..rule("") };
    world.live_by(vec![off.clone()]);
    world.advance(DAY).await;
    assert_eq!(world.keys(), ["old"]);
    world.live_by(vec![LifecycleRule { enabled: true, ..off }]);
    world.advance(DAY).await;
    assert!(world.keys().is_empty());
}

#[tokio::test]
async fn versions_expire() {
    let world = S3World::with_bucket();
    world.version(Versioning::Enabled);
    for content in ["1", "2", "3", "4"] {
        world.put("key", content).await;
    }
    let expiration = Some(Expiration::At(When::Days(5)));
    let noncurrent_expiration = Some(NoncurrentExpiration { days: 1, keep: Some(1) });
    world.live_by(vec![LifecycleRule { expiration, noncurrent_expiration, ..rule("") }]);
    let versions = || {
        let query = ListQuery { most: 100, ..ListQuery::default() };
        world.buckets().list_versions(BUCKET, &query).expect("a list").entries.len()
    };
    world.advance(2 * DAY).await;
    assert_eq!(versions(), 2, "the current one, and the newest of the others");
    world.advance(4 * DAY).await;
    assert!(world.keys().is_empty());
    world.advance(DAY).await;
    assert_eq!(versions(), 2, "a marker, and the newest of the others");
}

#[tokio::test]
async fn uploads_and_storage_classes_follow_rules() {
    let world = S3World::with_bucket();
    world.buckets().create_upload(&caller(), BUCKET, "key", NewUpload::default()).expect("an upload");
    world.put("key", &"x".repeat(128 * 1024)).await;
    world.put("small", "x").await;
    let to = Transition { when: When::Days(30), storage_class: StorageClass::StandardInfrequent, keep: None };
    world.live_by(vec![LifecycleRule { transitions: vec![to], abort_upload_days: Some(7), ..rule("") }]);
    let query = ListQuery { most: 100, ..ListQuery::default() };
    let uploads = || world.buckets().list_uploads(BUCKET, &query).expect("a list").entries.len();
    let class_of = |position: usize| {
        let listed = world.buckets().list_objects(BUCKET, &query).expect("a list");
        listed.entries[position].object.attributes.storage_class
    };
    let class = || class_of(0);
    world.advance(7 * DAY).await;
    assert_eq!((uploads(), class()), (1, StorageClass::Standard));
    world.advance(DAY).await;
    assert_eq!((uploads(), class()), (0, StorageClass::Standard));
    world.advance(24 * DAY).await;
    assert_eq!(class(), StorageClass::StandardInfrequent);
    assert_eq!(class_of(1), StorageClass::Standard, "it is too small");
}
