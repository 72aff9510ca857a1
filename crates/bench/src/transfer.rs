//! Large transfers: over HTTP, and what the disk and the loopback device do alone.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    load::{self, Client},
    stopwatch::Stopwatch,
};

/// How much is handed to the kernel at a time, and taken from it. More is slower, as it leaves the processor's caches.
const CHUNK_BYTES: usize = 256 * 1024;

/// What the machine does with so many bytes, without any server.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Bare {
    /// Writing a file, in MiB per second. As with Hearth, the file is not synchronised.
    pub(crate) write: f64,
    /// Reading it again.
    pub(crate) read: f64,
    /// Sending the bytes from one thread to another through a connection.
    pub(crate) loopback: f64,
}

impl Bare {
    /// Measures one after the other; the file lies in `folder` for that time.
    ///
    /// # Errors
    /// If the disk does not take the file.
    pub(crate) async fn measure(folder: &Path, bytes: u64) -> io::Result<Self> {
        let path = folder.join("transfer");
        let (write, read) = tokio::task::spawn_blocking(move || disk(&path, bytes)).await??;
        Ok(Self { write, read, loopback: loopback(bytes).await? })
    }

    /// The slower one of what a put goes through.
    pub(crate) fn put(&self) -> f64 {
        self.write.min(self.loopback)
    }

    /// The slower one of what a get goes through.
    pub(crate) fn get(&self) -> f64 {
        self.read.min(self.loopback)
    }
}

/// Sends a request with so many bytes behind its head, and tells with how many MiB per second that went, up to the answer.
///
/// # Errors
/// If the connection breaks, or the answer is no success.
pub(crate) async fn upload(address: SocketAddr, head: &[u8], bytes: u64) -> io::Result<f64> {
    let mut client = Client::connect(address).await?;
    let since_start = Stopwatch::start();
    client.send(head).await?;
    client.send_body(bytes).await?;
    client.answer().await?;
    Ok(speed(bytes, since_start.elapsed()))
}

/// Sends a request whose answer has so many bytes, and tells with how many MiB per second they came.
///
/// # Errors
/// If the connection breaks, or the answer is no success or has another length.
pub(crate) async fn download(address: SocketAddr, request: &[u8], bytes: u64) -> io::Result<f64> {
    let mut client = Client::connect(address).await?;
    let since_start = Stopwatch::start();
    client.send(request).await?;
    let length = client.skip_answer().await?;
    if length != bytes {
        return Err(io::Error::other(format!("an answer has {length} bytes, not {bytes}")));
    }
    Ok(speed(bytes, since_start.elapsed()))
}

/// How long it takes to write a small file beside the one whose place it then takes, so often.
///
/// # Errors
/// If the disk does not take it.
pub(crate) fn replace(folder: &Path, content: &[u8], times: usize) -> io::Result<Vec<Duration>> {
    let (draft, path) = (folder.join("draft"), folder.join("small"));
    let mut latencies = Vec::with_capacity(times);
    for _ in 0..times {
        let since_start = Stopwatch::start();
        File::create_new(&draft)?.write_all(content)?;
        fs::rename(&draft, &path)?;
        latencies.push(since_start.elapsed());
    }
    fs::remove_file(&path)?;
    Ok(latencies)
}

fn disk(path: &Path, bytes: u64) -> io::Result<(f64, f64)> {
    let mut buffer = vec![b'x'; CHUNK_BYTES];
    let since_start = Stopwatch::start();
    let mut file = File::create_new(path)?;
    for chunk in chunks(bytes) {
        file.write_all(&buffer[..chunk])?;
    }
    drop(file);
    let write = speed(bytes, since_start.elapsed());
    let since_start = Stopwatch::start();
    let mut file = File::open(path)?;
    while file.read(&mut buffer)? > 0 {}
    let read = speed(bytes, since_start.elapsed());
    fs::remove_file(path)?;
    Ok((write, read))
}

async fn loopback(bytes: u64) -> io::Result<f64> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut sender = TcpStream::connect(listener.local_addr()?).await?;
    let (mut receiver, _) = listener.accept().await?;
    let since_start = Stopwatch::start();
    let mut sending = JoinSet::new();
    sending.spawn(async move { send(&mut sender, bytes).await });
    receive(&mut receiver, bytes).await?;
    let elapsed = since_start.elapsed();
    load::ended(sending).await?;
    Ok(speed(bytes, elapsed))
}

/// Sends so many bytes.
pub(crate) async fn send(stream: &mut TcpStream, bytes: u64) -> io::Result<()> {
    let buffer = vec![b'x'; CHUNK_BYTES];
    for chunk in chunks(bytes) {
        stream.write_all(&buffer[..chunk]).await?;
    }
    Ok(())
}

/// Receives so many bytes.
pub(crate) async fn receive(stream: &mut TcpStream, bytes: u64) -> io::Result<()> {
    let (mut buffer, mut remaining) = (vec![0; CHUNK_BYTES], bytes);
    while remaining > 0 {
        match stream.read(&mut buffer).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => remaining -= read as u64,
        }
    }
    Ok(())
}

/// The sizes of the chunks of so many bytes.
fn chunks(bytes: u64) -> impl Iterator<Item = usize> {
    let mut remaining = bytes;
    std::iter::from_fn(move || {
        let chunk = usize::try_from(remaining).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        remaining -= chunk as u64;
        (chunk > 0).then_some(chunk)
    })
}

#[expect(clippy::cast_precision_loss, reason = "a speed is a measurement: it has no 53 bits")]
fn speed(bytes: u64, elapsed: Duration) -> f64 {
    bytes as f64 / f64::from(1 << 20) / elapsed.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_all_bytes() {
        let check = |bytes, expect: &[usize]| assert_eq!(chunks(bytes).collect::<Vec<_>>(), expect);
        check(0, &[]);
        check(1, &[1]);
        check(2 * CHUNK_BYTES as u64 + 5, &[CHUNK_BYTES, CHUNK_BYTES, 5]);
    }

    #[tokio::test]
    async fn the_machine_can_be_measured() {
        let folder = tempfile::tempdir().expect("a folder");
        let bare = Bare::measure(folder.path(), 1 << 20).await.expect("it is measured");
        assert!(bare.put() > 0.0 && bare.get() > 0.0, "{bare:?}");
        assert_eq!(replace(folder.path(), b"x", 3).expect("a disk").len(), 3);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
