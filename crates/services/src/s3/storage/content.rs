//! What an object, or a part of one, consists of.

use std::{
    io::{self, Read, Seek, SeekFrom},
    mem,
    ops::Range,
    slice,
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use hearth_engine::work::WorkTracker;
use md5::{Digest, Md5};

use super::{
    ContentReader, Download, FileName, Wanted, Written,
    blob::Blob,
    draft::Digests,
    folder::{blocking, finished},
};

/// Bytes on disk; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pieces: Arc<[Piece]>,
    bytes: u64,
}

/// A part of a file.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) blob: Arc<Blob>,
    pub(super) start: u64,
    pub(super) bytes: u64,
}

/// A part of a file, as it is kept.
#[derive(Clone, Copy, Debug)]
pub(in crate::s3) struct KeptPiece {
    pub(in crate::s3) file: FileName,
    pub(in crate::s3) start: u64,
    pub(in crate::s3) bytes: u64,
}

/// A place in content, to read from.
#[derive(Debug)]
pub(super) struct Cursor {
    pieces: Arc<[Piece]>,
    /// The piece that is read next, and where in it.
    next: usize,
    offset: u64,
    file: Option<std::fs::File>,
}

impl Content {
    pub(super) fn of_file(blob: Blob, bytes: u64) -> Self {
        Self { pieces: [Piece { blob: Arc::new(blob), start: 0, bytes }].into(), bytes }
    }

    /// Parts of files behind each other.
    pub(super) fn of_pieces(pieces: Arc<[Piece]>) -> Self {
        Self { bytes: pieces.iter().map(|piece| piece.bytes).sum(), pieces }
    }

    /// All of these behind each other.
    pub(in crate::s3) fn joined<'a>(contents: impl IntoIterator<Item = &'a Self>) -> Self {
        let pieces = contents.into_iter().flat_map(|content| content.pieces.iter().cloned()).collect();
        Self::of_pieces(pieces)
    }

    /// The parts of files that it consists of.
    pub(in crate::s3) fn pieces(&self) -> impl Iterator<Item = KeptPiece> {
        self.pieces.iter().map(|piece| KeptPiece {
            file: piece.blob.name(),
            start: piece.start,
            bytes: piece.bytes,
        })
    }

    /// How many bytes there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Those in a range, which ends with the content at the latest.
    #[must_use]
    pub fn slice(&self, range: &Range<u64>) -> Self {
        let mut end = 0;
        let cut = self.pieces.iter().filter_map(|piece| {
            let begin = end;
            end += piece.bytes;
            let from = range.start.clamp(begin, end);
            let bytes = range.end.clamp(from, end) - from;
            (bytes > 0).then(|| Piece {
                blob: Arc::clone(&piece.blob),
                start: piece.start + from - begin,
                bytes,
            })
        });
        Self::of_pieces(cut.collect())
    }

    /// Begins to read.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn open(&self, work: &WorkTracker) -> io::Result<Download> {
        ContentReader::open(self.cursor(), self.bytes, work).await
    }

    /// Reads everything into memory.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn read(&self, work: &WorkTracker) -> io::Result<Bytes> {
        let (mut cursor, bytes) = (self.cursor(), self.bytes);
        let most = usize::try_from(bytes).map_err(io::Error::other)?;
        finished(blocking(work, move || {
            let mut all = Vec::with_capacity(most);
            while let Some(chunk) = cursor.read(most, BytesMut::new())? {
                all.extend_from_slice(&chunk);
            }
            Ok(all.into())
        }))
        .await
    }

    /// Reads everything to find out its digests.
    pub(in crate::s3) async fn digest(&self, work: &WorkTracker, wanted: Wanted) -> io::Result<Written> {
        const CHUNK_BYTES: usize = 256 * 1024;
        let (mut cursor, content) = (self.cursor(), self.clone());
        finished(blocking(work, move || {
            let mut digests = Digests::new(&wanted);
            let mut buffer = BytesMut::new();
            while let Some(chunk) = cursor.read(CHUNK_BYTES, mem::take(&mut buffer))? {
                digests.update(slice::from_ref(&chunk));
                buffer = chunk.try_into_mut().unwrap_or_default();
            }
            Ok(digests.finish(content))
        }))
        .await
    }

    fn cursor(&self) -> Cursor {
        Cursor { pieces: Arc::clone(&self.pieces), next: 0, offset: 0, file: None }
    }
}

impl Cursor {
    /// Reads on, at most so many bytes; `None` at the end. Blocks.
    ///
    /// `buffer` is where to: one that is there already spares the system the work of finding memory.
    pub(super) fn read(&mut self, most: usize, mut buffer: BytesMut) -> io::Result<Option<Bytes>> {
        let Some(piece) = self.pieces.get(self.next) else { return Ok(None) };
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut file = piece.blob.open()?;
                if piece.start > 0 {
                    file.seek(SeekFrom::Start(piece.start))?;
                }
                file
            }
        };
        let bytes = usize::try_from(piece.bytes - self.offset).map_or(most, |left| left.min(most));
        buffer.resize(bytes, 0);
        file.read_exact(&mut buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "a file of an object is too short"),
            _ => error,
        })?;
        self.offset += bytes as u64;
        if self.offset == piece.bytes {
            (self.next, self.offset) = (self.next + 1, 0);
        } else {
            self.file = Some(file);
        }
        Ok(Some(buffer.freeze()))
    }
}

/// The hash of these bytes.
pub(in crate::s3) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}
