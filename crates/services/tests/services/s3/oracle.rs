//! Whatever happens in a bucket, a later process finds what the one before it had, or would have had.

use bytes::Bytes;
use hearth_services::s3::{
    Completion, CopyObject, CopySource, Expected, ListQuery, NamedPart, NewUpload, Setting, Tagged, Tags,
    UploadId, VersionId, Versioning, WriteConditions,
};
use proptest::prelude::*;

use super::{
    kept::KeptWorld,
    support::{BUCKET, caller},
};

/// Something that a client does.
#[derive(Clone, Debug)]
enum Step {
    Put {
        key: usize,
        bytes: usize,
    },
    Delete {
        key: usize,
    },
    DeleteVersion {
        key: usize,
        index: prop::sample::Index,
    },
    Tag {
        key: usize,
        index: prop::sample::Index,
        tags: u8,
    },
    Copy {
        from: usize,
        to: usize,
    },
    Version {
        enabled: bool,
    },
    Begin {
        key: usize,
    },
    Part {
        index: prop::sample::Index,
        number: u32,
        bytes: usize,
    },
    Complete {
        index: prop::sample::Index,
    },
    Abort {
        index: prop::sample::Index,
    },
    /// The process is killed between two operations.
    Restart,
    /// It is killed in the middle of the next one, with so many changes on the disk.
    Die {
        changes: usize,
    },
}

/// Its key, its id, and the numbers of its parts with their ETags.
type SeenUpload = (String, UploadId, Vec<(u32, String)>);

const KEYS: [&str; 3] = ["a", "a/b", "\u{1}"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..KEYS.len();
    let index = any::<prop::sample::Index>;
    let bytes = || prop_oneof![Just(0), 1_usize..100, Just(40_000)];
    let step = prop_oneof![
        5 => (key(), bytes()).prop_map(|(key, bytes)| Step::Put { key, bytes }),
        2 => key().prop_map(|key| Step::Delete { key }),
        2 => (key(), index()).prop_map(|(key, index)| Step::DeleteVersion { key, index }),
        1 => (key(), index(), 0_u8..3).prop_map(|(key, index, tags)| Step::Tag { key, index, tags }),
        2 => (key(), key()).prop_map(|(from, to)| Step::Copy { from, to }),
        1 => any::<bool>().prop_map(|enabled| Step::Version { enabled }),
        1 => key().prop_map(|key| Step::Begin { key }),
        3 => (index(), 1_u32..3, bytes()).prop_map(|(index, number, bytes)| Step::Part { index, number, bytes }),
        1 => index().prop_map(|index| Step::Complete { index }),
        1 => index().prop_map(|index| Step::Abort { index }),
        3 => Just(Step::Restart),
        2 => (0_usize..3).prop_map(|changes| Step::Die { changes }),
    ];
    prop::collection::vec(step, 1..40)
}

impl KeptWorld {
    /// Everything that clients can find out.
    async fn seen(&self) -> Vec<String> {
        let query = ListQuery { most: 1_000, ..ListQuery::default() };
        let mut seen = vec![format!("{:?}", self.buckets().configuration(BUCKET).expect("it exists"))];
        for listed in self.buckets().list_versions(BUCKET, &query).expect("a list").entries {
            let content = match listed.version.object() {
                Some(object) => {
                    let read =
                        self.read(listed.key.as_str(), Some(&listed.version.id)).await.expect("it is read");
                    assert_eq!(read.len() as u64, object.content.bytes());
                    read
                }
                None => "deleted".to_owned(),
            };
            seen.push(format!("{} {:?} {content}", listed.key, listed.version));
        }
        for upload in self.uploads() {
            seen.push(format!("{upload:?}"));
        }
        seen
    }

    fn uploads(&self) -> Vec<SeenUpload> {
        let query = ListQuery { most: 1_000, ..ListQuery::default() };
        let uploads = self.buckets().list_uploads(BUCKET, &query).expect("a list").entries.into_iter();
        let parts = |key: &str, id: &UploadId| {
            let listed = self.buckets().list_parts(BUCKET, key, id, 0, 1_000).expect("it is there");
            listed.parts.into_iter().map(|(number, part)| (number, part.etag.to_string())).collect()
        };
        let upload = uploads.map(|upload| {
            let parts = parts(upload.key.as_str(), &upload.id);
            (upload.key.to_string(), upload.id, parts)
        });
        upload.collect()
    }

    fn version_of(&self, key: &str, index: prop::sample::Index) -> Option<VersionId> {
        let query = ListQuery { most: 1_000, ..ListQuery::default() };
        let listed = self.buckets().list_versions(BUCKET, &query).expect("a list").entries;
        let ids: Vec<_> = listed.into_iter().filter(|listed| listed.key.as_str() == key).collect();
        (!ids.is_empty()).then(|| index.get(&ids).version.id.clone())
    }

    async fn take(&self, step: Step) {
        let (buckets, caller) = (self.buckets(), caller());
        let pick = |index: prop::sample::Index| {
            let uploads = self.uploads();
            (!uploads.is_empty()).then(|| index.get(&uploads).clone())
        };
        // What cannot be done is refused, and that changes nothing either.
        match step {
            Step::Put { key, bytes } => drop(self.put(KEYS[key], &"x".repeat(bytes)).await),
            Step::Delete { key } => drop(self.delete(KEYS[key], None)),
            Step::DeleteVersion { key, index } => {
                if let Some(version) = self.version_of(KEYS[key], index) {
                    self.delete(KEYS[key], Some(&version));
                }
            }
            Step::Tag { key, index, tags } => {
                let version = self.version_of(KEYS[key], index);
                let tags = (0..tags).map(|tag| (tag.to_string(), "value".to_owned())).collect();
                let tags = Tags::new(Tagged::Object, tags).expect("tags");
                let _ = buckets.tag(&caller, BUCKET, KEYS[key], version.as_ref(), tags);
            }
            Step::Copy { from, to } => {
                let key = KEYS[from].to_owned();
                let source = CopySource { bucket: BUCKET.to_owned(), key, ..CopySource::default() };
                let _ = buckets.copy(&caller, &source, BUCKET, KEYS[to], CopyObject::default()).await;
            }
            Step::Version { enabled } => {
                let versioning = if enabled { Versioning::Enabled } else { Versioning::Suspended };
                buckets.configure(&caller, BUCKET, Setting::Versioning(versioning)).expect("it is set");
            }
            Step::Begin { key } => {
                buckets.create_upload(&caller, BUCKET, KEYS[key], NewUpload::default()).expect("one");
            }
            Step::Part { index, number, bytes } => {
                let Some((key, id, _)) = pick(index) else { return };
                let mut draft = buckets.part_draft(BUCKET, &key, &id, None, false).expect("a draft");
                draft.write(Bytes::from(vec![b'p'; bytes])).await.expect("the disk takes it");
                let put = (draft, Expected::default());
                buckets.put_part(&caller, BUCKET, &key, &id, number, put).await.expect("a part");
            }
            Step::Complete { index } => {
                let Some((key, id, parts)) = pick(index) else { return };
                // Parts other than the last one would have to be large.
                let last = parts.into_iter().next_back();
                let named = last.map(|(number, etag)| NamedPart { number, etag, checksum: None });
                let completion = Completion { parts: named.into_iter().collect(), ..Completion::default() };
                let conditions = WriteConditions::default();
                let _ = buckets.complete_upload(&caller, BUCKET, &key, &id, &completion, &conditions);
            }
            Step::Abort { index } => {
                let Some((key, id, _)) = pick(index) else { return };
                buckets.abort_upload(&caller, BUCKET, &key, &id).expect("it is there");
            }
            Step::Restart | Step::Die { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_later_process_finds_what_was_there(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut world = KeptWorld::with_bucket();
            let mut dies = false;
            for step in steps {
                match step {
                    Step::Restart => {
                        let next = world.restart().await;
                        assert_eq!(next.seen().await, world.seen().await);
                        assert_eq!(next.files(), world.files(), "nothing was left to collect");
                        world = next;
                    }
                    Step::Die { changes } => {
                        world.storage.die_after(changes);
                        dies = true;
                        continue;
                    }
                    step => {
                        let before = world.seen().await;
                        world.take(step).await;
                        world.services.engine().work().idle().await;
                        if dies {
                            let (next, after) = (world.restart().await, world.seen().await);
                            let found = next.seen().await;
                            assert!(found == before || found == after, "half of it: {found:#?}");
                            world = next;
                        }
                    }
                }
                dies = false;
            }
        });
    }
}
