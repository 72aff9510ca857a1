//! What of buckets a later process knows.

use std::{collections::BTreeMap, fs, time::Duration};

use bytes::Bytes;
use hearth_engine::testing::NOW;
use hearth_model::{
    bucket_notification::{EventPattern, Filter, Rule, Target},
    identity::Partition,
};
use hearth_services::s3::{
    Attributes, Caller, ChecksumAlgorithm, Completion, CopyObject, CopySource, Cors, CorsRule, Encryption,
    Expected, Expiration, GetObject, Lifecycle, LifecycleFilter, LifecycleRule, ListQuery, NamedPart,
    NewBucket, NewNotification, NewUpload, NoncurrentExpiration, Ownership, PublicAccessBlock, PutObject,
    Select, Setting, StorageClass, Tagged, Tags, Transition, TransitionMinimum, Version, VersionId,
    Versioning, When, WriteConditions,
};
use hearth_services::sqs::ReceiveRequest;
use proptest::prelude::*;

use super::{
    kept::KeptWorld,
    support::{BUCKET, caller},
};
use crate::world::{arn, here};

const MIB: usize = 1024 * 1024;

impl KeptWorld {
    fn set(&self, setting: Setting) {
        self.buckets().configure(&caller(), BUCKET, setting).expect("it is set");
    }

    fn versions(&self) -> Vec<Version> {
        let query = ListQuery { most: 1_000, ..ListQuery::default() };
        let listed = self.buckets().list_versions(BUCKET, &query).expect("a list");
        listed.entries.into_iter().map(|listed| listed.version).collect()
    }

    async fn put_part(
        &self,
        key: &str,
        upload: &hearth_services::s3::UploadId,
        number: u32,
        content: Vec<u8>,
    ) {
        let mut draft = self.buckets().part_draft(BUCKET, key, upload, None, false).expect("a draft");
        draft.write(Bytes::from(content)).await.expect("the disk takes it");
        let put = (draft, Expected::default());
        self.buckets().put_part(&caller(), BUCKET, key, upload, number, put).await.expect("a part");
    }

    /// The bodies of the messages in a queue.
    async fn messages(&self) -> Vec<String> {
        let queue = hearth_model::sqs::QueueAddress::parse_arn(QUEUE).expect("an ARN");
        let request = ReceiveRequest { maximum: Some(10), ..ReceiveRequest::default() };
        let received = self.services.queues().receive(&queue, request).await.expect("messages");
        received.iter().map(|message| message.body().to_owned()).collect()
    }

    fn tell(&self, target: Target, arn: &str) {
        let rule = Rule {
            id: "all".to_owned(),
            target,
            arn: arn.to_owned(),
            events: vec![EventPattern::parse("s3:ObjectCreated:*").expect("a pattern")],
            filter: Some(Filter { prefix: Some("in/".to_owned()), suffix: None }),
        };
        let new = NewNotification { rules: vec![rule], skip_validation: true };
        self.buckets().set_notification(&caller(), BUCKET, new).expect("it is set");
    }

    fn create_queue(&self) {
        let queues = self.services.queues();
        queues.create_queue(&here(), "listener", &BTreeMap::new(), BTreeMap::new()).expect("a queue");
    }
}

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:listener";

fn tags(tagged: Tagged) -> Tags {
    Tags::new(tagged, vec![("team".to_owned(), "a".to_owned()), ("b".to_owned(), String::new())])
        .expect("tags")
}

#[tokio::test]
async fn everything_that_is_set_for_a_bucket_is_there_again() {
    let world = KeptWorld::with_bucket();
    world.clock.advance(Duration::from_secs(5)).await;
    world.set(Setting::Versioning(Versioning::Suspended));
    world.set(Setting::Tags(tags(Tagged::Bucket)));
    world.set(Setting::Policy(Some(r#"{"Version":"2012-10-17"}"#.into())));
    world.set(Setting::Cors(Some(
        Cors::new(vec![CorsRule {
            id: Some("one".to_owned()),
            origins: vec!["https://*.example.org".to_owned()],
            methods: vec!["PUT".to_owned()],
            headers: vec!["*".to_owned()],
            exposed_headers: vec!["etag".to_owned()],
            max_age_s: Some(60),
        }])
        .expect("rules"),
    )));
    let rule = LifecycleRule {
        id: "one".to_owned(),
        enabled: false,
        filter: LifecycleFilter {
            prefix: Some("in/".to_owned()),
            bare_prefix: true,
            tags: vec![("a".to_owned(), "b".to_owned())],
            larger_than: Some(1),
            smaller_than: Some(9),
        },
        expiration: Some(Expiration::At(When::Days(3))),
        noncurrent_expiration: Some(NoncurrentExpiration { days: 4, keep: Some(2) }),
        transitions: vec![Transition {
            when: When::Date(hearth_model::time::Timestamp::UNIX_EPOCH),
            storage_class: StorageClass::GlacierInstant,
            keep: None,
        }],
        noncurrent_transitions: vec![Transition {
            when: When::Days(7),
            storage_class: StorageClass::OneZoneInfrequent,
            keep: Some(1),
        }],
        abort_upload_days: Some(8),
    };
    let markers = LifecycleRule {
        id: "markers".to_owned(),
        expiration: Some(Expiration::LoneDeleteMarkers),
        ..LifecycleRule::default()
    };
    let lifecycle = Lifecycle::new(vec![rule, markers], TransitionMinimum::VariesByStorageClass);
    world.set(Setting::Lifecycle(Some(lifecycle.expect("rules"))));
    world.set(Setting::Encryption(Encryption::Kms {
        key: Some("alias/mine".into()),
        dual_layer: true,
        bucket_key: true,
    }));
    world.set(Setting::Ownership(Some(Ownership::ObjectWriter)));
    world.set(Setting::PublicAccess(Some(PublicAccessBlock {
        block_acls: true,
        ignore_acls: false,
        block_policy: true,
        restrict_buckets: false,
    })));
    world.tell(Target::Function, &arn("listener"));
    let there = Caller {
        partition: Partition {
            region: hearth_model::identity::Region::parse("eu-west-1").expect("a region"),
            ..here()
        },
        ..caller()
    };
    let new = NewBucket { location: Some("eu-west-1".to_owned()), ..NewBucket::default() };
    world.buckets().create(&there, "elsewhere", &new).expect("a bucket");
    world.buckets().configure(&there, "elsewhere", Setting::Ownership(None)).expect("it is set");
    let of = |world: &KeptWorld| {
        [BUCKET, "elsewhere"].map(|name| {
            let view = world.buckets().describe(name).expect("it exists");
            format!("{view:?} {:?}", world.buckets().configuration(name).expect("it exists"))
        })
    };
    let next = world.restart().await;
    assert_eq!(of(&next), of(&world));
}

#[tokio::test]
async fn an_object_is_what_it_was() {
    let world = KeptWorld::with_bucket();
    let attributes = Attributes {
        cache_control: Some("no-store".into()),
        content_disposition: Some("inline".into()),
        content_encoding: Some("br".into()),
        content_language: Some("de".into()),
        content_type: Some("text/plain".into()),
        expires: Some(NOW),
        website_redirect: Some("/other".into()),
        metadata: [("name".to_owned(), "Grüße".to_owned())].into(),
        storage_class: StorageClass::StandardInfrequent,
        encryption: Encryption::default(),
    };
    let put = PutObject { attributes, tags: tags(Tagged::Object), ..PutObject::default() };
    world.try_put("in/ä\u{0}/ key", "content", put).await.expect("it is put");
    world.put("empty", "").await;
    let large: String = "0123456789".repeat(60_000);
    world.put("large", &large).await;
    let next = world.restart().await;
    assert_eq!(format!("{:?}", next.versions()), format!("{:?}", world.versions()));
    assert_eq!(next.read("in/ä\u{0}/ key", None).await.as_deref(), Ok("content"));
    assert_eq!(next.read("empty", None).await.as_deref(), Ok(""));
    assert_eq!(next.read("large", None).await.as_deref(), Ok(&*large));
    assert_eq!(next.files(), 2);
}

#[tokio::test]
async fn versions_and_what_deletes_them_stay_in_order() {
    let world = KeptWorld::with_bucket();
    world.put("a", "null").await;
    world.version(Versioning::Enabled);
    let first = world.put("a", "first").await.version.expect("a version");
    let tagged = world.buckets().tag(&caller(), BUCKET, "a", Some(&VersionId::Null), tags(Tagged::Object));
    tagged.expect("it is tagged");
    let gone = world.put("a", "gone").await.version.expect("a version");
    let marker = world.delete("a", None).version.expect("a marker");
    world.delete("a", Some(&gone));
    world.version(Versioning::Suspended);
    world.put("b", "one").await;
    world.put("b", "two").await;
    let next = world.restart().await;
    assert_eq!(format!("{:?}", next.versions()), format!("{:?}", world.versions()));
    let ids: Vec<_> = next.versions().into_iter().map(|version| version.id).collect();
    assert_eq!(ids, [marker, first, VersionId::Null, VersionId::Null]);
    assert_eq!(next.read("b", None).await.as_deref(), Ok("two"));
    assert_eq!(next.files(), 3);
    next.put("a", "null again").await;
    assert_eq!(next.read("a", None).await.as_deref(), Ok("null again"));
    let last = next.restart().await;
    assert_eq!((last.versions().len(), last.files()), (4, 3), "the null version is another one");
}

#[tokio::test]
async fn uploads_go_on() {
    let world = KeptWorld::with_bucket();
    let new = NewUpload {
        attributes: Attributes { content_type: Some("image/png".into()), ..Attributes::default() },
        tags: tags(Tagged::Object),
        checksum: Some(ChecksumAlgorithm::Sha256),
        ..NewUpload::default()
    };
    let begin =
        |new: NewUpload| world.buckets().create_upload(&caller(), BUCKET, "key", new).expect("one").id;
    let (first, aborted, second) = (begin(new), begin(NewUpload::default()), begin(NewUpload::default()));
    world.put_part("key", &first, 1, vec![1; 5 * MIB]).await;
    world.put_part("key", &first, 2, b"replaced".to_vec()).await;
    world.put_part("key", &first, 2, b"end".to_vec()).await;
    world.put_part("key", &aborted, 1, b"aborted".to_vec()).await;
    world.buckets().abort_upload(&caller(), BUCKET, "key", &aborted).expect("it is there");
    world.services.engine().work().idle().await;

    let next = world.restart().await;
    let query = ListQuery { most: 10, ..ListQuery::default() };
    let uploads = next.buckets().list_uploads(BUCKET, &query).expect("a list").entries;
    assert_eq!(uploads.iter().map(|upload| &upload.id).collect::<Vec<_>>(), [&first, &second]);
    assert_eq!(next.files(), 2);
    let parts = next.buckets().list_parts(BUCKET, "key", &first, 0, 10).expect("a list");
    let named = parts.parts.iter().map(|(number, part)| NamedPart {
        number: *number,
        etag: part.etag.to_string(),
        checksum: Some(part.checksum.clone()),
    });
    let completion = Completion { parts: named.collect(), ..Completion::default() };
    let conditions = WriteConditions::default();
    let done = next.buckets().complete_upload(&caller(), BUCKET, "key", &first, &completion, &conditions);
    let etag = done.expect("an object").object.etag;

    let last = next.restart().await;
    let get = GetObject { select: Select::Part(2), ..GetObject::default() };
    assert_eq!(last.read_with("key", &get).await.as_deref(), Ok(b"end".as_slice()));
    let got = last.buckets().get(BUCKET, "key", &GetObject::default()).expect("an object");
    assert_eq!((got.object.etag, got.content.bytes()), (etag, 5 * MIB as u64 + 3));
    assert_eq!(got.object.attributes.content_type.as_deref(), Some("image/png"));
    assert_eq!(got.version.tags, tags(Tagged::Object));
    assert_eq!(format!("{:?}", got.object.parts), format!("{:?}", done_parts(&next)));
}

fn done_parts(world: &KeptWorld) -> std::sync::Arc<[hearth_services::s3::ObjectPart]> {
    world.buckets().get(BUCKET, "key", &GetObject::default()).expect("an object").object.parts.clone()
}

#[tokio::test]
async fn copies_share_a_file_until_the_last_one_goes() {
    let world = KeptWorld::with_bucket();
    world.put("a", "content").await;
    let source = CopySource { bucket: BUCKET.to_owned(), key: "a".to_owned(), ..CopySource::default() };
    world.buckets().copy(&caller(), &source, BUCKET, "b", CopyObject::default()).await.expect("a copy");
    let next = world.restart().await;
    assert_eq!(next.files(), 1);
    next.delete("a", None);
    let next = next.restart().await;
    assert_eq!(next.read("b", None).await.as_deref(), Ok("content"));
    next.delete("b", None);
    next.services.engine().work().idle().await;
    assert_eq!(next.files(), 0);
    next.buckets().delete_bucket(&caller(), BUCKET).expect("it is empty");
    assert_eq!(next.storage.entries(), 0, "nothing is left");
    assert!(next.restart().await.buckets().describe(BUCKET).is_err());
}

#[tokio::test]
async fn what_goes_with_a_bucket_does_not_come_back() {
    let world = KeptWorld::with_bucket();
    let upload =
        world.buckets().create_upload(&caller(), BUCKET, "key", NewUpload::default()).expect("one").id;
    world.put_part("key", &upload, 1, b"part".to_vec()).await;
    world.buckets().delete_bucket(&caller(), BUCKET).expect("no objects are in it");
    world.services.engine().work().idle().await;
    assert_eq!((world.storage.entries(), world.files()), (0, 0));
    world.create_bucket();
    let query = ListQuery { most: 10, ..ListQuery::default() };
    assert!(world.restart().await.buckets().list_uploads(BUCKET, &query).expect("a list").entries.is_empty());
}

#[tokio::test]
async fn files_without_a_name_are_collected() {
    let world = KeptWorld::with_bucket();
    world.put("a", "content").await;
    let mut draft = world.buckets().draft(BUCKET, None, false).expect("a draft");
    draft.write(Bytes::from(vec![1; MIB])).await.expect("the disk takes it");
    world.services.engine().work().idle().await;
    assert_eq!(world.files(), 2, "an upload is half-written");
    let (storage, folder) = world.copy();
    fs::write(folder.path().join("objects/mine.txt"), "of somebody else").expect("written");
    fs::create_dir(folder.path().join("objects/0123456789abcdef")).expect("made");
    let next = KeptWorld::start(storage, folder, NOW).expect("it can be read");
    next.services.engine().work().idle().await;
    assert!(next.folder().join("objects/mine.txt").exists());
    fs::remove_file(next.folder().join("objects/mine.txt")).expect("it is there");
    assert_eq!(next.files(), 1);
    assert!(!next.folder().join("objects/0123456789abcdef").exists());
    assert_eq!(next.read("a", None).await.as_deref(), Ok("content"));
}

#[tokio::test]
async fn objects_whose_files_are_lost_hold_nothing_up() {
    let world = KeptWorld::with_bucket();
    world.put("a", "content").await;
    world.put("b", "content").await;
    type Damage = fn(&std::path::Path);
    let damages: [Damage; 2] = [
        |file| fs::remove_file(file).expect("it is there"),
        |file| fs::write(file, "conten").expect("written"),
    ];
    for damage in damages {
        let (storage, folder) = world.copy();
        let shelf = fs::read_dir(folder.path().join("objects")).expect("a folder").next().expect("one");
        let shelf = shelf.expect("an entry").path();
        damage(&shelf.join("000"));
        fs::write(shelf.join("3ff"), "of nobody").expect("written");
        let next = KeptWorld::start(storage, folder, NOW).expect("it starts");
        assert_eq!(next.keys(), ["a", "b"]);
        assert_eq!(next.read("b", None).await.as_deref(), Ok("content"));
        let got = next.buckets().get(BUCKET, "a", &GetObject::default()).expect("it is known");
        got.content.open(next.buckets().work()).await.map(drop).expect_err("its content is lost");
        next.services.engine().work().idle().await;
        assert_eq!(fs::read_to_string(shelf.join("3ff")).expect("it stays"), "of nobody");

        fs::write(shelf.join("000"), "content").expect("it is put back");
        assert_eq!(next.read("a", None).await.as_deref(), Ok("content"));
        let last = next.restart().await;
        last.services.engine().work().idle().await;
        assert!(!last.folder().join("objects").join(shelf.file_name().expect("a name")).join("3ff").exists());
        assert_eq!(last.read("a", None).await.as_deref(), Ok("content"));
    }
}

#[tokio::test]
async fn what_is_no_entry_of_a_bucket_is_told() {
    let world = KeptWorld::with_bucket();
    world.put("a", "content").await;
    let check = |index, damage: fn(&mut Vec<u8>), expect: &str| {
        let (storage, folder) = world.copy();
        storage.damage(index, damage);
        let error = KeptWorld::start(storage, folder, NOW).err().expect("it cannot be read");
        assert!(error.contains(expect), "{error}");
    };
    check(0, Vec::clear, "`s3.buckets`: its value is damaged, or of a later Hearth");
    check(1, |value| value[0] = 9, "`s3.versions`: its value is damaged, or of a later Hearth");
    check(1, |value| value.push(0), "its value has something after its end");
}

#[tokio::test]
async fn an_event_that_nobody_was_told_of_comes_after_a_restart() {
    let world = KeptWorld::with_bucket();
    world.create_queue();
    world.tell(Target::Queue, QUEUE);
    assert_eq!(world.messages().await.len(), 1, "a test event");
    // It dies when the object is there and its event on its way.
    world.storage.die_after(1);
    world.put("in/a", "content").await;
    assert_eq!(world.messages().await.len(), 1);
    let next = world.try_restart().expect("it can be read");
    assert_eq!(next.read("in/a", None).await.as_deref(), Ok("content"));
    assert!(next.messages().await.is_empty());
    next.services.resume();
    let told = next.messages().await;
    assert!(told.len() == 1 && told[0].contains("ObjectCreated:Put"), "{told:?}");
    let last = next.restart().await;
    assert!(last.messages().await.is_empty(), "once");
}

#[tokio::test]
async fn what_is_due_meanwhile_is_done() {
    let world = KeptWorld::with_bucket();
    let rule = LifecycleRule {
        id: "one".to_owned(),
        enabled: true,
        expiration: Some(Expiration::At(When::Days(1))),
        ..LifecycleRule::default()
    };
    let lifecycle = Lifecycle::new(vec![rule], TransitionMinimum::default()).expect("rules");
    world.set(Setting::Lifecycle(Some(lifecycle)));
    world.put("a", "content").await;
    let (storage, folder) = world.copy();
    let later = NOW + Duration::from_secs(60 * 60 * 24 * 3);
    let next = KeptWorld::start(storage, folder, later).expect("it can be read");
    assert_eq!(next.keys(), ["a"]);
    next.services.resume();
    next.clock.advance(Duration::ZERO).await;
    assert!(next.keys().is_empty());
}

proptest! {
    /// Whatever is there is buckets or an error.
    #[test]
    fn nothing_that_is_kept_makes_hearth_panic(
        index in 0_usize..6,
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let world = KeptWorld::with_bucket();
            world.version(Versioning::Enabled);
            world.put("a", "content").await;
            let upload = world.buckets().create_upload(&caller(), BUCKET, "key", NewUpload::default()).expect("one");
            world.put_part("key", &upload.id, 1, b"part".to_vec()).await;
            let (storage, folder) = world.copy();
            storage.damage(index, |value| {
                let at = place.index(value.len() + 1);
                let end = (at + bytes.len()).min(value.len());
                value.splice(at..end, bytes.iter().copied());
            });
            if let Ok(world) = KeptWorld::start(storage, folder, NOW) {
                for version in world.versions() {
                    let get = GetObject { version: Some(version.id.clone()), ..GetObject::default() };
                    // Content that is not there cannot be read.
                    if let Ok(got) = world.buckets().get(BUCKET, "a", &get) {
                        drop(got.content.open(world.buckets().work()).await);
                    }
                }
                world.put("a", "again").await;
                world.delete("a", None);
            }
        });
    }
}
