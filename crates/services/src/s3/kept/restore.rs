//! Entries, as the buckets that they were.

use std::{
    collections::{BTreeMap, btree_map},
    io,
    path::Path,
};

use hearth_engine::journal::{NotLoaded, Unreadable};
use hearth_model::{bucket_notification::Sequencer, identity::Partition, time::Timestamp};
use parking_lot::RwLock;

use super::{
    BUCKETS, NOTICES, PARTS, UPLOADS, VERSIONS,
    bucket::BucketDocument,
    notice::NoticeDocument,
    object::{PartDocument, UploadDocument, VersionDocument},
};
use crate::{
    kept::{read, read_prefix, unreadable},
    s3::{
        BucketName, Buckets, Content, ObjectKey, Version,
        bucket::{Bucket, State},
        history::History,
        notify::Notice,
        storage::{Earlier, FileName},
    },
};

impl Buckets {
    /// Brings back what the journal has. To be called once, before anything else happens.
    ///
    /// Objects whose content is lost hold nothing up: they are there, it is told which, and reading them fails.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn restore(&self) -> Result<(), NotLoaded> {
        let journal = self.journal();
        let Some(folder) = journal.folder() else { return Ok(()) };
        let unusable = |error: io::Error| NotLoaded {
            reason: format!("cannot use the files of objects in `{}`: {error}", folder.display()),
        };
        let mut kept = Kept {
            buckets: BTreeMap::new(),
            notices: Vec::new(),
            files: self.storage().earlier().map_err(unusable)?,
        };
        journal.load(BUCKETS, |key, value| kept.bucket(key, value))?;
        journal.load(VERSIONS, |key, value| kept.version(key, value))?;
        journal.load(UPLOADS, |key, value| kept.upload(key, value))?;
        journal.load(PARTS, |key, value| kept.part(key, value))?;
        journal.load(NOTICES, |key, value| kept.notice(key, value))?;
        let Kept { mut buckets, notices, files } = kept;
        let lost = files.finish().map_err(unusable)?;
        if let Some(first) = lost.first() {
            tell_lost(folder, lost.len(), *first, &mut buckets);
        }
        self.bring_back(buckets.into_values(), notices);
        Ok(())
    }
}

/// What was read.
struct Kept {
    /// By how the keys of what is in them begin, up to the slash.
    buckets: BTreeMap<Vec<u8>, Bucket>,
    notices: Vec<(Partition, Notice)>,
    files: Earlier,
}

impl Kept {
    fn bucket(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (partition, name) = read_prefix(key)?;
        let name = str::from_utf8(name).ok().and_then(|name| BucketName::parse(name).ok());
        let name = name.ok_or_else(|| unreadable("its key names no bucket"))?;
        if self.buckets.values().any(|known| known.name == name) {
            return Err(unreadable(format!("there are two buckets `{name}`")));
        }
        let BucketDocument::V1(document) = read(value)?;
        let (created, state) = document.read()?;
        let bucket = Bucket { name, partition, created, state: RwLock::new(state) };
        self.buckets.insert(key.to_vec(), bucket);
        Ok(())
    }

    fn version(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (state, object, order) = find(&mut self.buckets, key)?;
        let VersionDocument::V1(document) = read(value)?;
        state.bring_back(object, document.read(order, &mut self.files)?)
    }

    fn upload(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (state, object, order) = find(&mut self.buckets, key)?;
        let UploadDocument::V1(document) = read(value)?;
        state.uploads.entry(object).or_default().push(document.read(order)?);
        Ok(())
    }

    fn part(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (upload, number) =
            key.split_last_chunk().ok_or_else(|| unreadable("its key names no part of an upload"))?;
        let (state, object, order) = find(&mut self.buckets, upload)?;
        let uploads = state.uploads.get_mut(&object).into_iter().flatten();
        let upload = uploads.into_iter().find(|upload| upload.order == order);
        let upload = upload.ok_or_else(|| unreadable("the upload that it belongs to is not there"))?;
        let PartDocument::V1(document) = read(value)?;
        upload.parts.insert(u32::from_be_bytes(*number), document.read(&mut self.files)?);
        Ok(())
    }

    fn notice(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (partition, rest) = read_prefix(key)?;
        let named = rest.split_first_chunk().and_then(|(at, id)| Some((*at, id.try_into().ok()?)));
        let (at, id) = named.ok_or_else(|| unreadable("its key names no event"))?;
        let (at, id) = (Timestamp::from_unix_nanos(i64::from_be_bytes(at)), u128::from_be_bytes(id));
        let NoticeDocument::V1(document) = read(value)?;
        self.notices.push((partition, document.read(id, at)));
        Ok(())
    }
}

impl State {
    fn bring_back(&mut self, key: ObjectKey, version: Version) -> Result<(), Unreadable> {
        match self.objects.entry(key) {
            btree_map::Entry::Vacant(free) => {
                free.insert(History::new(version));
                Ok(())
            }
            btree_map::Entry::Occupied(mut taken) => match taken.get_mut().push(version) {
                None => Ok(()),
                Some(twin) => Err(unreadable(format!("there are two versions `{}`", twin.id))),
            },
        }
    }

    /// The first key with content that is like this, that of parts included.
    fn key_of_content(&self, is_like: impl Fn(&Content) -> bool) -> Option<&ObjectKey> {
        let mut objects = self.objects.iter().filter(|(_, history)| {
            history.versions().filter_map(Version::object).any(|object| is_like(&object.content))
        });
        let mut uploads = self.uploads.iter().filter(|(_, uploads)| {
            let mut parts = uploads.iter().flat_map(|upload| upload.parts.values());
            parts.any(|part| is_like(&part.content))
        });
        let object = objects.next().map(|(key, _)| key);
        object.or_else(|| uploads.next().map(|(key, _)| key))
    }
}

/// What a key of something in a bucket names: the bucket, the object and the place among all.
fn find<'a>(
    buckets: &'a mut BTreeMap<Vec<u8>, Bucket>,
    key: &[u8],
) -> Result<(&'a mut State, ObjectKey, Sequencer), Unreadable> {
    // Account, region and bucket.
    let mut slashes = key.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let named = slashes.nth(2).and_then(|(end, _)| {
        let (object, order) = key[end + 1..].split_last_chunk()?;
        Some((&key[..end], str::from_utf8(object).ok()?, u64::from_be_bytes(*order)))
    });
    let (bucket, object, order) = named.ok_or_else(|| unreadable("its key names nothing in a bucket"))?;
    let bucket = buckets.get_mut(bucket);
    let bucket = bucket.ok_or_else(|| unreadable("the bucket that it belongs to is not there"))?;
    let object = ObjectKey::parse(object).map_err(|_| unreadable("its key names no object"))?;
    Ok((bucket.state.get_mut(), object, Sequencer::from_number(order)))
}

/// Says which files are lost.
fn tell_lost(folder: &Path, files: usize, first: FileName, buckets: &mut BTreeMap<Vec<u8>, Bucket>) {
    let names = |content: &Content| content.pieces().any(|piece| piece.file == first);
    let owner = buckets.values_mut().find_map(|bucket| {
        let key = bucket.state.get_mut().key_of_content(names)?;
        Some(format!(", which `{key}` in bucket `{}` consists of", bucket.name))
    });
    let owner = owner.unwrap_or_default();
    tracing::warn!(
        "`{}` is damaged: {files} of the files with the content of objects are missing or too short, the first of them \
         `{first}`{owner}. Reading these objects fails, and everything else is there. Put the files back from a copy, or delete \
         the objects; `hearth state info` names all of them",
        folder.display()
    );
}
