//! Reading content, a chunk ahead of whoever takes it.

use std::{
    future::Future,
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use hearth_engine::work::WorkTracker;
use tokio::sync::oneshot;

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
    /// What was taken last: its memory is used again.
    taken: Bytes,
    /// What is still to be taken.
    bytes: u64,
    work: WorkTracker,
}

/// The next chunk, and the way to those behind it.
type ReadAhead = oneshot::Receiver<io::Result<(Cursor, Option<Bytes>)>>;

impl ContentReader {
    /// Reads the first chunk, so that a file that cannot be read is noticed before anything is sent.
    pub(super) async fn open(mut cursor: Cursor, bytes: u64, work: &WorkTracker) -> io::Result<Download> {
        if bytes <= SMALL_BYTES as u64 {
            let mut whole = cursor.read(SMALL_BYTES, BytesMut::new())?.unwrap_or_default();
            while let Some(more) = cursor.read(SMALL_BYTES, BytesMut::new())? {
                whole = [whole, more].concat().into();
            }
            return Ok(Download::Whole(whole));
        }
        let (cursor, first) = finished(read(cursor, BytesMut::new(), work)).await?;
        let ahead = Some(read(cursor, BytesMut::new(), work));
        Ok(Download::Stream(Self { first, ahead, taken: Bytes::new(), bytes, work: work.clone() }))
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
                // Whoever took it has sent it by now, or else holds it, and then there is a new one.
                let buffer = mem::take(&mut self.taken).try_into_mut().unwrap_or_default();
                self.ahead = Some(read(cursor, buffer, &self.work));
                Some(Ok(self.taken(chunk)))
            }
            Ok((_, None)) => None,
            Err(error) => Some(Err(error)),
        })
    }

    fn taken(&mut self, chunk: Bytes) -> Bytes {
        self.bytes -= chunk.len() as u64;
        self.taken = chunk.clone();
        chunk
    }
}

fn read(mut cursor: Cursor, buffer: BytesMut, work: &WorkTracker) -> ReadAhead {
    blocking(work, move || {
        let chunk = cursor.read(CHUNK_BYTES, buffer)?;
        Ok((cursor, chunk))
    })
}
