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
    BucketName, Configuration, Content, Entry, Object, ObjectKey, Refusal, Tags, Upload, UploadId, Version,
    VersionId, Versioning, history::History,
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
    /// Nobody finds it any more; somebody may hold it still.
    pub(super) deleted: bool,
}

/// What a change leads to.
#[derive(Debug, Default)]
#[must_use = "whoever waits for events must be told"]
pub(super) struct Effects {
    /// What happened, in order.
    pub(super) events: Vec<Event>,
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
        let id = self.configuration.versioning.next_version();
        let entry = Entry::Object(object);
        let version = Version { id: id.clone(), modified: now, entry: entry.clone(), tags };
        self.push(key.clone(), version, effects);
        self.happened(kind, key, id.clone(), Some(entry), now, effects);
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
                let id = versioning.next_version();
                let entry = Entry::DeleteMarker;
                let marker =
                    Version { id: id.clone(), modified: now, entry: entry.clone(), tags: Tags::default() };
                self.push(key.clone(), marker, effects);
                self.happened(mark, key.clone(), id.clone(), Some(entry), now, effects);
                Deleted { version: Some(id), delete_marker: true }
            }
            None => {
                if let Some(removed) = self.remove(key, &VersionId::Null) {
                    effects.discard(&removed);
                    self.happened(delete, key.clone(), VersionId::Null, None, now, effects);
                }
                Deleted::default()
            }
            Some(id) => {
                let removed = self.remove(key, id);
                let delete_marker = matches!(removed, Some(Version { entry: Entry::DeleteMarker, .. }));
                if let Some(removed) = removed {
                    effects.discard(&removed);
                    self.happened(delete, key.clone(), id.clone(), None, now, effects);
                }
                Deleted { version: Some(id.clone()), delete_marker }
            }
        }
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
        let entry = Some(tagged.entry.clone());
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
        }
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

    pub(super) fn upload_mut(&mut self, key: &ObjectKey, id: &UploadId) -> Result<&mut Upload, Refusal> {
        let uploads = self.uploads.get_mut(key).map(Vec::as_mut_slice).unwrap_or_default();
        uploads.iter_mut().find(|upload| upload.id == *id).ok_or_else(|| no_such_upload(id))
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
        Ok(removed)
    }

    fn push(&mut self, key: ObjectKey, version: Version, effects: &mut Effects) {
        match self.objects.entry(key) {
            btree_map::Entry::Vacant(free) => {
                free.insert(History::new(version));
            }
            btree_map::Entry::Occupied(mut taken) => {
                if let Some(replaced) = taken.get_mut().push(version) {
                    effects.discard(&replaced);
                }
            }
        }
    }

    fn remove(&mut self, key: &ObjectKey, id: &VersionId) -> Option<Version> {
        let history = self.objects.get_mut(key)?;
        let removed = history.remove(id);
        if history.is_empty() {
            self.objects.remove(key);
        }
        removed
    }

    fn happened(
        &mut self,
        kind: EventType,
        key: ObjectKey,
        version: VersionId,
        entry: Option<Entry>,
        at: Timestamp,
        effects: &mut Effects,
    ) {
        self.last_sequencer = self.last_sequencer.next(at);
        let sequencer = Some(self.last_sequencer);
        effects.events.push(Event { kind, key, version, entry, sequencer, at });
    }
}

fn no_such_upload(id: &UploadId) -> Refusal {
    Refusal::NoSuchUpload { upload: id.to_string() }
}
