//! A bucket: what is in it, and every way in which that changes.

use std::{
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

use hearth_model::{
    bucket_notification::{EventType, Sequencer},
    identity::Partition,
    time::Timestamp,
};
use parking_lot::RwLock;

use super::{
    BucketName, Configuration, Content, Entry, Object, ObjectKey, Part, Refusal, Tags, Upload, UploadId,
    Version, VersionId, Versioning,
    history::History,
    kept::{Subject, Unrecorded},
    notify::Notice,
};

/// A bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) name: BucketName,
    /// Where it lives.
    pub(super) partition: Partition,
    pub(super) created: Timestamp,
    pub(super) state: RwLock<State>,
}

/// What changes of a bucket.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) configuration: Configuration,
    pub(super) objects: BTreeMap<ObjectKey, History>,
    /// By key, and then in the order in which they began.
    pub(super) uploads: BTreeMap<ObjectKey, Vec<Upload>>,
    pub(super) last_sequencer: Sequencer,
    /// What the journal has not heard of yet.
    pub(super) unrecorded: Unrecorded,
    /// Nobody finds it any more; somebody may hold it still.
    pub(super) deleted: bool,
}

/// What a change leads to.
#[derive(Debug, Default)]
#[must_use = "whoever waits for events must be told"]
pub(super) struct Effects {
    /// What happened, in order.
    pub(super) events: Vec<Event>,
    /// What targets are to be told besides.
    pub(super) notices: Vec<Notice>,
    /// What is gone: to be dropped once nothing is locked, as its files go with it.
    pub(super) discarded: Vec<Content>,
}

/// Something that happened to an object.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) kind: EventType,
    pub(super) key: ObjectKey,
    pub(super) version: VersionId,
    /// The object, if there is one still.
    pub(super) entry: Option<Entry>,
    pub(super) sequencer: Option<Sequencer>,
    pub(super) at: Timestamp,
}

/// What became of a deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The version that is gone, or the delete marker that was made.
    pub version: Option<VersionId>,
    /// Whether that is a delete marker.
    pub delete_marker: bool,
}

impl Effects {
    fn discard(&mut self, version: &Version) {
        self.discarded.extend(version.object().map(|object| object.content.clone()));
    }
}

impl State {
    /// The current object of a key.
    pub(super) fn current(&self, key: &ObjectKey) -> Option<&Arc<Object>> {
        self.objects.get(key)?.current().object()
    }

    /// Makes an object the current one.
    pub(super) fn put(
        &mut self,
        key: ObjectKey,
        object: Arc<Object>,
        tags: Tags,
        kind: EventType,
        now: Timestamp,
        effects: &mut Effects,
    ) -> VersionId {
        let (id, order) = (self.configuration.versioning.next_version(), self.next_sequencer(now));
        let entry = Entry::Object(object);
        let version = Version { id: id.clone(), modified: now, entry: entry.clone(), tags, order };
        self.push(key.clone(), version, effects);
        let (entry, sequencer) = (Some(entry), Some(order));
        effects.events.push(Event { kind, key, version: id.clone(), entry, sequencer, at: now });
        id
    }

    /// Deletes an object, or one version of it. `expired` if nobody did but a lifecycle rule.
    pub(super) fn delete(
        &mut self,
        key: &ObjectKey,
        version: Option<&VersionId>,
        expired: bool,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Deleted {
        let (delete, mark) = if expired {
            (EventType::ExpirationDelete, EventType::ExpirationDeleteMarkerCreated)
        } else {
            (EventType::RemovedDelete, EventType::RemovedDeleteMarkerCreated)
        };
        let versioning = self.configuration.versioning;
        match version {
            None if versioning != Versioning::Off => {
                let (id, order) = (versioning.next_version(), self.next_sequencer(now));
                let (entry, tags) = (Entry::DeleteMarker, Tags::default());
                let marker = Version { id: id.clone(), modified: now, entry: entry.clone(), tags, order };
                self.push(key.clone(), marker, effects);
                let (key, entry, sequencer) = (key.clone(), Some(entry), Some(order));
                let event = Event { kind: mark, key, version: id.clone(), entry, sequencer, at: now };
                effects.events.push(event);
                Deleted { version: Some(id), delete_marker: true }
            }
            None => {
                self.delete_version(delete, key, &VersionId::Null, now, effects);
                Deleted::default()
            }
            Some(id) => {
                let removed = self.delete_version(delete, key, id, now, effects);
                let delete_marker = matches!(removed, Some(Version { entry: Entry::DeleteMarker, .. }));
                Deleted { version: Some(id.clone()), delete_marker }
            }
        }
    }

    /// Deletes a version for good, if it is there.
    fn delete_version(
        &mut self,
        kind: EventType,
        key: &ObjectKey,
        id: &VersionId,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Option<Version> {
        let removed = self.remove(key, id)?;
        effects.discard(&removed);
        let sequencer = Some(self.next_sequencer(now));
        let (key, version) = (key.clone(), id.clone());
        effects.events.push(Event { kind, key, version, entry: None, sequencer, at: now });
        Some(removed)
    }

    /// Gives a version other tags.
    pub(super) fn tag(
        &mut self,
        key: &ObjectKey,
        version: Option<&VersionId>,
        tags: Tags,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<VersionId, Refusal> {
        let id = self.version(key, version)?.0.id.clone();
        let kind = if tags.is_empty() { EventType::TaggingDelete } else { EventType::TaggingPut };
        let history = self.objects.get_mut(key).expect("it was found in it");
        let tagged = history.find_mut(&id).expect("it was found in it");
        tagged.tags = tags;
        let (entry, order) = (Some(tagged.entry.clone()), tagged.order);
        self.unrecorded.note(Subject::Version(key.clone(), order));
        effects.events.push(Event {
            kind,
            key: key.clone(),
            version: id.clone(),
            entry,
            sequencer: None,
            at: now,
        });
        Ok(id)
    }

    /// Changes what is known of a version's object, but not its content.
    pub(super) fn replace(&mut self, key: &ObjectKey, id: &VersionId, object: Arc<Object>) {
        if let Some(version) = self.objects.get_mut(key).and_then(|history| history.find_mut(id)) {
            version.entry = Entry::Object(object);
            self.unrecorded.note(Subject::Version(key.clone(), version.order));
        }
    }

    /// What is set, to set something else.
    pub(super) fn configuration_mut(&mut self) -> &mut Configuration {
        self.unrecorded.note(Subject::Bucket);
        &mut self.configuration
    }

    /// The object of a key, or of one of its versions.
    pub(super) fn version(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<(&Version, &Arc<Object>), Refusal> {
        let history = self.objects.get(key);
        let no_such_key = |delete_marker| Refusal::NoSuchKey { key: key.to_string(), delete_marker };
        match version {
            None => {
                let current = history.ok_or_else(|| no_such_key(None))?.current();
                let object = current.object().ok_or_else(|| no_such_key(Some(current.id.clone())))?;
                Ok((current, object))
            }
            Some(id) => {
                let found = history.and_then(|history| history.find(id));
                let found = found.ok_or_else(|| Refusal::NoSuchVersion {
                    key: key.to_string(),
                    version: id.to_string(),
                })?;
                let object = found.object().ok_or_else(|| Refusal::IsDeleteMarker { version: id.clone() })?;
                Ok((found, object))
            }
        }
    }

    /// When and by which rule an object will go.
    pub(super) fn expiration(
        &self,
        key: &ObjectKey,
        version: &Version,
        object: &Object,
    ) -> Option<(Timestamp, String)> {
        let lifecycle = self.configuration.lifecycle.as_ref()?;
        let is_current = self.objects.get(key)?.current().id == version.id;
        let due = lifecycle.expiration(key.as_str(), object, &version.tags, version.modified);
        due.filter(|_| is_current).map(|(due, rule)| (due, rule.id.clone()))
    }

    pub(super) fn upload(&self, key: &ObjectKey, id: &UploadId) -> Result<&Upload, Refusal> {
        let uploads = self.uploads.get(key).map(Vec::as_slice).unwrap_or_default();
        uploads.iter().find(|upload| upload.id == *id).ok_or_else(|| no_such_upload(id))
    }

    /// The upload of a place among all.
    pub(super) fn upload_at(&self, key: &ObjectKey, order: Sequencer) -> Option<&Upload> {
        self.uploads.get(key)?.iter().find(|upload| upload.order == order)
    }

    /// Adds an upload, the latest one.
    pub(super) fn add_upload(&mut self, key: ObjectKey, upload: Upload) {
        self.unrecorded.note(Subject::Upload(key.clone(), upload.order));
        self.uploads.entry(key).or_default().push(upload);
    }

    /// Adds a part to an upload; one of the same number goes.
    pub(super) fn add_part(
        &mut self,
        key: &ObjectKey,
        id: &UploadId,
        number: u32,
        part: Part,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let uploads = self.uploads.get_mut(key).map(Vec::as_mut_slice).unwrap_or_default();
        let upload = uploads.iter_mut().find(|upload| upload.id == *id).ok_or_else(|| no_such_upload(id))?;
        self.unrecorded.note(Subject::Part(key.clone(), upload.order, number));
        effects.discarded.extend(upload.parts.insert(number, part).map(|replaced| replaced.content));
        Ok(())
    }

    /// Ends an upload; its parts stay as long as anybody has them.
    pub(super) fn remove_upload(
        &mut self,
        key: &ObjectKey,
        id: &UploadId,
        effects: &mut Effects,
    ) -> Result<Upload, Refusal> {
        let btree_map::Entry::Occupied(mut uploads) = self.uploads.entry(key.clone()) else {
            return Err(no_such_upload(id));
        };
        let position = uploads.get().iter().position(|upload| upload.id == *id);
        let removed = uploads.get_mut().remove(position.ok_or_else(|| no_such_upload(id))?);
        if uploads.get().is_empty() {
            uploads.remove();
        }
        effects.discarded.extend(removed.parts.values().map(|part| part.content.clone()));
        self.unrecorded.note(Subject::Upload(key.clone(), removed.order));
        for number in removed.parts.keys() {
            self.unrecorded.note(Subject::Part(key.clone(), removed.order, *number));
        }
        Ok(removed)
    }

    fn push(&mut self, key: ObjectKey, version: Version, effects: &mut Effects) {
        self.unrecorded.note(Subject::Version(key.clone(), version.order));
        match self.objects.entry(key) {
            btree_map::Entry::Vacant(free) => {
                free.insert(History::new(version));
            }
            btree_map::Entry::Occupied(mut taken) => {
                if let Some(replaced) = taken.get_mut().push(version) {
                    self.unrecorded.note(Subject::Version(taken.key().clone(), replaced.order));
                    effects.discard(&replaced);
                }
            }
        }
    }

    fn remove(&mut self, key: &ObjectKey, id: &VersionId) -> Option<Version> {
        let history = self.objects.get_mut(key)?;
        let removed = history.remove(id)?;
        if history.is_empty() {
            self.objects.remove(key);
        }
        self.unrecorded.note(Subject::Version(key.clone(), removed.order));
        Some(removed)
    }

    pub(super) fn next_sequencer(&mut self, now: Timestamp) -> Sequencer {
        self.last_sequencer = self.last_sequencer.next(now);
        self.last_sequencer
    }
}

fn no_such_upload(id: &UploadId) -> Refusal {
    Refusal::NoSuchUpload { upload: id.to_string() }
}
