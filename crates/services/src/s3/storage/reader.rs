//! Reading content, a chunk ahead of whoever takes it.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hearth_engine::work::WorkTracker;
use tokio::task::JoinHandle;

use super::{
    SMALL_BYTES,
    content::Cursor,
    folder::{blocking, finished},
};

/// Memory that a download takes: two of these, one on its way and one that is being read.
const CHUNK_BYTES: usize = 512 * 1024;

/// Content that is being read.
#[derive(Debug)]
pub enum Download {
    /// It is small, and all here.
    Whole(Bytes),
    /// It comes chunk by chunk.
    Stream(ContentReader),
}

/// Chunks of content.
#[derive(Debug)]
pub struct ContentReader {
    /// What was read before somebody asked for it.
    first: Option<Bytes>,
    ahead: Option<ReadAhead>,
    /// What is still to be taken.
    bytes: u64,
    work: WorkTracker,
}

/// The next chunk, and the way to those behind it.
type ReadAhead = JoinHandle<io::Result<(Cursor, Option<Bytes>)>>;

impl ContentReader {
    /// Reads the first chunk, so that a file that cannot be read is noticed before anything is sent.
    pub(super) async fn open(mut cursor: Cursor, bytes: u64, work: &WorkTracker) -> io::Result<Download> {
        if bytes <= SMALL_BYTES as u64 {
            let mut whole = cursor.read(SMALL_BYTES)?.unwrap_or_default();
            while let Some(more) = cursor.read(SMALL_BYTES)? {
                whole = [whole, more].concat().into();
            }
            return Ok(Download::Whole(whole));
        }
        let (cursor, first) = finished(read(cursor, work)).await?;
        let ahead = Some(read(cursor, work));
        Ok(Download::Stream(Self { first, ahead, bytes, work: work.clone() }))
    }

    /// How many bytes are still to come.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.bytes
    }

    /// The next chunk; `None` at the end. After an error there is nothing more.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(self.taken(first))));
        }
        let Some(ahead) = &mut self.ahead else { return Poll::Ready(None) };
        let read_ahead = ready!(Pin::new(ahead).poll(context)).map_err(io::Error::other).flatten();
        self.ahead = None;
        Poll::Ready(match read_ahead {
            Ok((cursor, Some(chunk))) => {
                self.ahead = Some(read(cursor, &self.work));
                Some(Ok(self.taken(chunk)))
            }
            Ok((_, None)) => None,
            Err(error) => Some(Err(error)),
        })
    }

    fn taken(&mut self, chunk: Bytes) -> Bytes {
        self.bytes -= chunk.len() as u64;
        chunk
    }
}

fn read(mut cursor: Cursor, work: &WorkTracker) -> ReadAhead {
    blocking(work, move || {
        let chunk = cursor.read(CHUNK_BYTES)?;
        Ok((cursor, chunk))
    })
}
