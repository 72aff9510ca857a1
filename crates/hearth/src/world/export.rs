//! Gives what is kept away while everything goes on.

use std::io::{self, BufWriter, Write};

use bytes::Bytes;
use hearth_engine::port::BoxFuture;
use hearth_gateway::control::{Archive, Export, NotExported};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::lives::Lives;
use crate::terminal::Chain;

/// So much is sent at once, and so often before the client has taken it.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES: usize = 4;

impl Export for Lives {
    fn export(&self) -> BoxFuture<'static, Result<Archive, NotExported>> {
        let (life, store) = (self.now(), self.store.clone());
        Box::pin(async move {
            let store = store.ok_or(NotExported::Ephemeral)?;
            life.engine().journal().kept().await?;
            let snapshot = spawn_blocking(move || store.snapshot()).await;
            // A task that was not aborted can only fail by a panic, which is passed on.
            let snapshot = snapshot.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
            let snapshot =
                snapshot.map_err(|error| NotExported::Unreadable { reason: Chain(&error).to_string() })?;
            let (sender, archive) = mpsc::channel(PIECES);
            // Ends with the archive, or with whoever takes it.
            spawn_blocking(move || {
                let pieces = BufWriter::with_capacity(PIECE_BYTES, Pieces(sender.clone()));
                if let Err(error) = snapshot.write(pieces) {
                    let _ = sender.blocking_send(Err(io::Error::other(Chain(&error).to_string())));
                }
            });
            Ok(archive)
        })
    }
}

/// Sends what is written.
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
