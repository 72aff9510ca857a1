//! Content that is on its way in.

use std::{
    fs::File,
    io::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use hearth_engine::work::WorkTracker;
use md5::Md5;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::{
    Content, SMALL_BYTES,
    blob::NewBlob,
    folder::{Folder, blocking, finished},
};
use crate::s3::{Checksum, ChecksumAlgorithm, checksum::ChecksumHasher};

/// How much is handed to threads that may block at a time. An upload takes at most three times that in memory: what is
/// being hashed, what is being written, what comes in.
const BATCH_BYTES: usize = 512 * 1024;

/// Which digests are computed on the way, besides the MD5 that an ETag is.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::s3) struct Wanted {
    /// A checksum.
    pub(in crate::s3) checksum: Option<ChecksumAlgorithm>,
    /// What a signature covers.
    pub(in crate::s3) sha256: bool,
}

/// Content that came in whole.
#[derive(Debug)]
pub(in crate::s3) struct Written {
    pub(in crate::s3) content: Content,
    pub(in crate::s3) bytes: u64,
    pub(in crate::s3) md5: [u8; 16],
    pub(in crate::s3) checksum: Option<Checksum>,
    pub(in crate::s3) sha256: Option<[u8; 32]>,
}

/// Takes content as it comes; what is dropped before its end leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    folder: Arc<Folder>,
    wanted: Wanted,
    bytes: u64,
    /// What came in and was not handed on.
    batch: Vec<Bytes>,
    batch_bytes: usize,
    /// Once it is too much for memory.
    large: Option<Large>,
}

/// Hashing and writing, side by side.
#[derive(Debug)]
struct Large {
    /// Before the stages: a file that is being written may be removed.
    blob: NewBlob,
    digests: Stage<Digests>,
    file: Stage<File>,
}

/// Something that takes one batch after the other on a thread that may block.
#[derive(Debug)]
enum Stage<T> {
    Idle(T),
    Busy(oneshot::Receiver<io::Result<T>>),
    /// Somebody has taken it.
    Gone,
}

/// The digests of what went through.
pub(super) struct Digests {
    md5: Md5,
    checksum: Option<ChecksumHasher>,
    sha256: Option<Sha256>,
}

impl Written {
    /// The digests of a document, which is not kept.
    pub(in crate::s3) fn document(document: &Bytes, wanted: Wanted) -> Self {
        let mut digests = Digests::new(&wanted);
        digests.update(std::slice::from_ref(document));
        Self { bytes: document.len() as u64, ..digests.finish(Content::default()) }
    }
}

impl Draft {
    pub(super) fn new(folder: Arc<Folder>, wanted: Wanted) -> Self {
        Self { folder, wanted, bytes: 0, batch: Vec::new(), batch_bytes: 0, large: None }
    }

    /// How many bytes came.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes more content.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn write(&mut self, data: Bytes) -> io::Result<()> {
        self.bytes += data.len() as u64;
        self.batch_bytes += data.len();
        self.batch.push(data);
        if self.batch_bytes >= BATCH_BYTES { self.hand_on().await } else { Ok(()) }
    }

    /// Ends the content, from now on to be read.
    pub(in crate::s3) async fn finish(mut self) -> io::Result<Written> {
        if self.large.is_none() && self.batch_bytes <= SMALL_BYTES {
            return self.finish_small().await;
        }
        self.hand_on().await?;
        let Some(mut large) = self.large.take() else { return self.finish_small().await };
        let digests = large.digests.idle().await?;
        let (blob, file) = (large.blob, large.file.idle().await?);
        let blob = finished(blocking(self.folder.work(), move || blob.finish(&file))).await?;
        Ok(digests.finish(Content::of_file(blob, self.bytes)))
    }

    async fn finish_small(self) -> io::Result<Written> {
        let Self { folder, wanted, bytes, batch, .. } = self;
        let mut digests = Digests::new(&wanted);
        if bytes == 0 {
            return Ok(digests.finish(Content::default()));
        }
        digests.update(&batch);
        let write = {
            let folder = Arc::clone(&folder);
            move || {
                let (blob, mut file) = NewBlob::create(&folder, false)?;
                write_all(&mut file, &batch)?;
                blob.finish(&file)
            }
        };
        // To wait for the disk takes longer than the hop.
        let blob = if folder.is_kept() { finished(blocking(folder.work(), write)).await? } else { write()? };
        Ok(digests.finish(Content::of_file(blob, bytes)))
    }

    async fn hand_on(&mut self) -> io::Result<()> {
        self.batch_bytes = 0;
        let batch: Arc<[Bytes]> = std::mem::take(&mut self.batch).into();
        if self.large.is_none() {
            let folder = Arc::clone(&self.folder);
            let made = blocking(self.folder.work(), move || NewBlob::create(&folder, true));
            let (blob, file) = finished(made).await?;
            let digests = Stage::Idle(Digests::new(&self.wanted));
            self.large = Some(Large { blob, digests, file: Stage::Idle(file) });
        }
        let Some(large) = &mut self.large else { return Ok(()) };
        let hash = |digests: &mut Digests, batch: &[Bytes]| {
            digests.update(batch);
            Ok(())
        };
        let work = self.folder.work();
        large.digests.feed(work, Arc::clone(&batch), hash).await?;
        large.file.feed(work, batch, write_all).await
    }
}

impl<T: Send + 'static> Stage<T> {
    /// Waits for the last batch to be done, and hands over the next one.
    async fn feed(
        &mut self,
        work: &WorkTracker,
        batch: Arc<[Bytes]>,
        take: fn(&mut T, &[Bytes]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut stage = self.idle().await?;
        *self = Self::Busy(blocking(work, move || take(&mut stage, &batch).map(|()| stage)));
        Ok(())
    }

    /// Takes what has nothing more to do.
    async fn idle(&mut self) -> io::Result<T> {
        match std::mem::replace(self, Self::Gone) {
            Self::Idle(stage) => Ok(stage),
            Self::Busy(task) => finished(task).await,
            Self::Gone => Err(io::Error::other("an upload goes on after an error")),
        }
    }
}

impl Digests {
    pub(super) fn new(wanted: &Wanted) -> Self {
        Self {
            md5: Md5::new(),
            checksum: wanted.checksum.map(ChecksumAlgorithm::hasher),
            sha256: wanted.sha256.then(Sha256::new),
        }
    }

    pub(super) fn update(&mut self, batch: &[Bytes]) {
        for data in batch {
            self.md5.update(data);
            if let Some(checksum) = &mut self.checksum {
                checksum.update(data);
            }
            if let Some(sha256) = &mut self.sha256 {
                sha256.update(data);
            }
        }
    }

    pub(super) fn finish(self, content: Content) -> Written {
        Written {
            bytes: content.bytes(),
            content,
            md5: self.md5.finalize().into(),
            checksum: self.checksum.map(ChecksumHasher::finish),
            sha256: self.sha256.map(|digest| digest.finalize().into()),
        }
    }
}

fn write_all(file: &mut File, batch: &[Bytes]) -> io::Result<()> {
    batch.iter().try_for_each(|data| file.write_all(data))
}

impl std::fmt::Debug for Digests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digests")
    }
}
