//! The way from guests to Hearth's own endpoint, which does not leave the process.
//!
//! A [`Connection`] behaves as one of TCP's: bytes in both directions, each of which ends for itself, and a writer that waits while
//! much is under way. But whoever puts something on it wakes who waits for it, so that what is under way is
//! [seen](crate::activity). What is in the hands of the operating system is not.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker, ready},
};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The way to the endpoint; clones lead to the same.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<Line>>);

/// Hearth's own endpoint.
pub trait Endpoint: Send + Sync + 'static {
    /// Serves a connection, of which this is the server's end.
    fn accept(&self, connection: Connection);
}

/// Where a wire leads.
enum Line {
    /// Nowhere yet. These wait to be accepted.
    Waiting(Vec<Connection>),
    LeadsTo(Weak<dyn Endpoint>),
}

/// Connections that wait for an endpoint; more are refused.
const BACKLOG: usize = 4_096;

/// What may be under way in each direction of a connection.
const CAPACITY: usize = 64 * 1024;

impl Wire {
    /// Leads the wire to an endpoint. Only the first call has an effect.
    pub fn lead_to(&self, endpoint: Weak<dyn Endpoint>) {
        let mut line = self.0.lock();
        let Line::Waiting(waiting) = &mut *line else { return };
        let waiting = std::mem::take(waiting);
        let accepting = endpoint.upgrade();
        *line = Line::LeadsTo(endpoint);
        drop(line);
        if let Some(endpoint) = accepting {
            waiting.into_iter().for_each(|connection| endpoint.accept(connection));
        }
    }

    /// Opens a connection, as to a port that is bound: it waits there until somebody listens. `None` if it is refused.
    #[must_use]
    pub fn connect(&self) -> Option<Connection> {
        let (client, server) = Connection::pair();
        let endpoint = match &mut *self.0.lock() {
            Line::Waiting(waiting) if waiting.len() == BACKLOG => return None,
            Line::Waiting(waiting) => {
                waiting.push(server);
                return Some(client);
            }
            Line::LeadsTo(endpoint) => endpoint.upgrade()?,
        };
        endpoint.accept(server);
        Some(client)
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::Waiting(Vec::new())
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leads_somewhere = matches!(&*self.0.lock(), Line::LeadsTo(_));
        f.debug_struct("Wire").field("leads_somewhere", &leads_somewhere).finish()
    }
}

/// One end of a connection. Dropped, it is closed.
#[derive(Debug)]
pub struct Connection {
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
}

impl Connection {
    /// Both ends of one.
    #[must_use]
    pub fn pair() -> (Self, Self) {
        let (there, back) = (Arc::<Pipe>::default(), Arc::<Pipe>::default());
        (
            Self { incoming: Arc::clone(&back), outgoing: Arc::clone(&there) },
            Self { incoming: there, outgoing: back },
        )
    }

    /// Takes up to `most` bytes of what has come; none if nothing more ever comes. Nobody is woken for what comes later.
    pub fn try_read(&self, most: usize) -> Poll<Bytes> {
        self.incoming.take(most)
    }

    /// Waits until there is something to read, or nothing more ever comes.
    pub fn poll_readable(&self, context: &Context<'_>) -> Poll<()> {
        self.incoming.poll_readable(context)
    }

    /// How many bytes can be written at once.
    ///
    /// # Errors
    /// If nobody reads them any more, or this end said that there are no more.
    pub fn room(&self) -> io::Result<usize> {
        self.outgoing.state.lock().room()
    }

    /// Waits until there is room, or never will be.
    pub fn poll_writable(&self, context: &Context<'_>) -> Poll<()> {
        self.outgoing.poll_room(context).map(drop)
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// If nobody reads it any more, or this end said that there is no more.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.put(bytes)
    }

    /// Says that nothing more is written.
    pub fn finish(&self) {
        self.outgoing.change(|state| state.is_finished = true);
    }

    /// Says that nothing more is read.
    pub fn abandon(&self) {
        self.incoming.change(|state| {
            state.is_abandoned = true;
            state.bytes = BytesMut::new();
        });
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.finish();
        self.abandon();
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_readable(context));
        self.incoming.take_into(buffer);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.outgoing.poll_room(context))?;
        Poll::Ready(self.try_write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.finish();
        Poll::Ready(Ok(()))
    }
}

/// One direction, with one who writes and one who reads.
#[derive(Debug, Default)]
struct Pipe {
    state: Mutex<PipeState>,
}

#[derive(Debug, Default)]
struct PipeState {
    /// What is under way.
    bytes: BytesMut,
    /// Nothing more is written.
    is_finished: bool,
    /// Nothing more is read.
    is_abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn take(&self, most: usize) -> Poll<Bytes> {
        let mut state = self.state.lock();
        if !state.is_readable() {
            return Poll::Pending;
        }
        let bytes = if most < state.bytes.len() {
            state.bytes.split_to(most)
        } else {
            // With its memory: who waits for a while keeps none.
            std::mem::take(&mut state.bytes)
        };
        let writer = state.writer.take();
        drop(state);
        wake(writer);
        Poll::Ready(bytes.freeze())
    }

    fn take_into(&self, buffer: &mut ReadBuf<'_>) {
        if let Poll::Ready(bytes) = self.take(buffer.remaining()) {
            buffer.put_slice(&bytes);
        }
    }

    fn poll_readable(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        if state.is_readable() {
            return Poll::Ready(());
        }
        remember(&mut state.reader, context);
        Poll::Pending
    }

    fn put(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state.lock();
        let written = bytes.len().min(state.room()?);
        state.bytes.extend_from_slice(&bytes[..written]);
        let reader = state.reader.take();
        drop(state);
        wake(reader);
        Ok(written)
    }

    fn poll_room(&self, context: &Context<'_>) -> Poll<io::Result<usize>> {
        let mut state = self.state.lock();
        match state.room() {
            Ok(0) => {
                remember(&mut state.writer, context);
                Poll::Pending
            }
            room => Poll::Ready(room),
        }
    }

    fn change(&self, change: impl FnOnce(&mut PipeState)) {
        let mut state = self.state.lock();
        change(&mut state);
        let both = [state.reader.take(), state.writer.take()];
        drop(state);
        both.into_iter().for_each(wake);
    }
}

impl PipeState {
    fn is_readable(&self) -> bool {
        !self.bytes.is_empty() || self.is_finished || self.is_abandoned
    }

    fn room(&self) -> io::Result<usize> {
        if self.is_finished || self.is_abandoned {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(CAPACITY - self.bytes.len())
    }
}

fn remember(waker: &mut Option<Waker>, context: &Context<'_>) {
    match waker {
        Some(known) => known.clone_from(context.waker()),
        None => *waker = Some(context.waker().clone()),
    }
}

/// Without a lock: whoever is woken may come at once.
fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn all_bytes_pass_in_order_and_a_writer_waits_while_many_are_under_way() {
        let (mut client, mut server) = Connection::pair();
        let sent: Vec<u8> = (0..5_000_000_u32).map(|number| (number % 251) as u8).collect();
        let mut received = Vec::new();
        let (written, read) = tokio::join!(
            async {
                client.write_all(&sent).await?;
                client.shutdown().await
            },
            async {
                let mut most = 0;
                while let Poll::Ready(bytes) = std::future::poll_fn(|context| {
                    ready!(server.poll_readable(context));
                    Poll::Ready(server.try_read(100_000))
                })
                .await
                {
                    if bytes.is_empty() {
                        break;
                    }
                    most = most.max(bytes.len());
                    received.extend_from_slice(&bytes);
                }
                most
            }
        );
        written.expect("it is written");
        assert_eq!(read, CAPACITY);
        assert!(received == sent, "the bytes that were sent");
        server.write_all(b"answer").await.expect("the other direction is open");
        drop(server);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("it ends");
        assert_eq!(answer, "answer");
    }

    #[tokio::test]
    async fn each_direction_ends_for_itself() {
        let (client, mut server) = Connection::pair();
        assert_eq!(client.try_write(b"last words").expect("room"), 10);
        client.finish();
        assert!(client.try_write(b"more").is_err() && client.room().is_err());
        let mut read = String::new();
        server.read_to_string(&mut read).await.expect("it ends");
        assert_eq!(read, "last words");
        assert_eq!(client.try_read(9), Poll::Pending);
        server.write_all(b"heard").await.expect("somebody reads");
        assert_eq!(client.try_read(2), Poll::Ready(Bytes::from("he")));
        client.abandon();
        assert_eq!(client.try_read(9), Poll::Ready(Bytes::new()), "nothing is read any more");
        let error = server.write_all(b"heard").await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn who_waits_hears_of_the_end() {
        let (mut client, server) = Connection::pair();
        let full = vec![0; CAPACITY];
        client.write_all(&full).await.expect("room");
        let (written, ()) = tokio::join!(client.write_all(b"more"), async { drop(server) });
        assert_eq!(written.expect_err("nobody reads").kind(), io::ErrorKind::BrokenPipe);
        let (mut client, server) = Connection::pair();
        let (read, ()) = tokio::join!(client.read_u8(), async { drop(server) });
        assert_eq!(read.expect_err("nothing comes").kind(), io::ErrorKind::UnexpectedEof);
    }

    #[derive(Default)]
    struct Accepted(Mutex<Vec<Connection>>);

    impl Endpoint for Accepted {
        fn accept(&self, connection: Connection) {
            self.0.lock().push(connection);
        }
    }

    #[test]
    fn connections_wait_for_the_endpoint_and_are_refused_when_it_is_gone() {
        let wire = Wire::default();
        let early = wire.connect().expect("it waits");
        assert_eq!(early.try_write(b"hello").expect("room"), 5);
        let accepted = Arc::new(Accepted::default());
        let endpoint: Weak<dyn Endpoint> = Arc::<Accepted>::downgrade(&accepted);
        wire.lead_to(endpoint);
        let _late = wire.connect().expect("it is accepted");
        let connections = std::mem::take(&mut *accepted.0.lock());
        assert_eq!(connections.len(), 2);
        assert_eq!(connections[0].try_read(9), Poll::Ready(Bytes::from("hello")));
        drop(accepted);
        assert!(wire.connect().is_none());
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let wire = Wire::default();
        let waiting: Vec<_> = std::iter::from_fn(|| wire.connect()).collect();
        assert_eq!(waiting.len(), BACKLOG);
    }
}
