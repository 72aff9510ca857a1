//! S3: small objects, large ones, and lists of many keys.

use std::{io, net::SocketAddr, path::Path, time::Duration};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::{
    figures::{Target, median},
    floor::Floor,
    load::{self, Client, Load, Sample},
    process,
    server::{Ground, Server},
    stopwatch::Stopwatch,
    transfer::{self, Bare},
};

/// Connections that get small objects, and that put many.
const CONNECTIONS: usize = 64;
/// A small object.
const SMALL_BYTES: usize = 1024;
/// Keys under a prefix, which are a list's page.
const PAGE: usize = 1_000;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, each of which measures all but the lists.
    pub(crate) rounds: usize,
    /// How long a server is driven before anything counts.
    pub(crate) warm_up: Duration,
    /// How long it is measured.
    pub(crate) measured: Duration,
    /// Small files that are written without any server, in a round.
    pub(crate) files: usize,
    /// The size of a large object.
    pub(crate) large_bytes: u64,
    /// Keys in the bucket that is listed, as many as a page under each prefix.
    pub(crate) keys: usize,
    /// Lists.
    pub(crate) lists: usize,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Objects {
    /// Round by round.
    pub(crate) rounds: Vec<Round>,
    /// The size of the large object.
    pub(crate) large_bytes: u64,
    /// Keys in the bucket that was listed.
    pub(crate) keys: usize,
    /// What each of them occupies, without content.
    pub(crate) kib_each: f64,
    /// `ListObjectsV2` with a prefix, a thousand keys, one list after the other.
    pub(crate) listed: Sample,
}

/// One round.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Round {
    /// Writing a file of 1 KiB and renaming it to where one is already.
    pub(crate) replaced: Sample,
    /// hyper that keeps 1 KiB in memory, one connection.
    pub(crate) floor_put: Sample,
    /// `PutObject` of 1 KiB, one connection.
    pub(crate) put: Sample,
    /// hyper that answers with these.
    pub(crate) floor_get: Sample,
    /// `GetObject`.
    pub(crate) get: Sample,
    /// What the machine does with the large object's bytes.
    pub(crate) bare: Bare,
    /// `PutObject` of the large object, in MiB per second.
    pub(crate) large_put: f64,
    /// `GetObject` of it.
    pub(crate) large_get: f64,
    /// By how much memory grew at most meanwhile.
    pub(crate) growth_kib: u64,
}

/// Measures one after the other.
///
/// # Errors
/// If a server does not start, answers with anything but a success, or lists other keys than there are.
pub(crate) async fn measure(
    ground: Ground<'_>,
    effort: Effort,
    mut progress: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<Objects> {
    let floor = Server::floor(Floor::Object).await?;
    let hearth = Server::hearth(ground, false).await?;
    // Each time another connection: one that nothing is asked on for a minute is closed.
    Client::connect(hearth.address).await?.call(&request("PUT", "/bench", &[])).await?;
    let mut rounds = Vec::with_capacity(effort.rounds);
    for round in 1..=effort.rounds {
        progress(&format!("objects, round {round} of {}", effort.rounds))?;
        rounds.push(measure_round(&floor, &hearth, ground.world.path(), effort).await?);
    }
    floor.end().await?;

    progress(&format!("a bucket of {} keys", effort.keys))?;
    Client::connect(hearth.address).await?.call(&request("PUT", "/full", &[])).await?;
    let before = process::memory(hearth.process)?;
    fill(hearth.address, "full", effort.keys, &[]).await?;
    let after = process::memory(hearth.process)?;
    let mut client = Client::connect(hearth.address).await?;
    let listed = list(&mut client, effort.keys, effort.lists).await?;
    hearth.end().await?;
    Ok(Objects {
        rounds,
        large_bytes: effort.large_bytes,
        keys: effort.keys,
        kib_each: process::each_kib(after.resident_kib.saturating_sub(before.resident_kib), effort.keys),
        listed,
    })
}

async fn measure_round(floor: &Server, hearth: &Server, folder: &Path, effort: Effort) -> io::Result<Round> {
    let content = [b'x'; SMALL_BYTES];
    let (put, get) =
        (request("PUT", "/bench/small", &content).into(), request("GET", "/bench/small", &[]).into());
    let drive = |server: &Server, request, connections| {
        let load = Load { connections, warm_up: effort.warm_up, measured: effort.measured };
        let address = server.address;
        async move { load::drive(address, request, load).await }
    };
    let replaced = transfer::replace(folder, &content, effort.files)?;
    let floor_put = drive(floor, &put, 1).await?;
    let small_put = drive(hearth, &put, 1).await?;
    let floor_get = drive(floor, &get, CONNECTIONS).await?;
    let small_get = drive(hearth, &get, CONNECTIONS).await?;

    let bare = Bare::measure(folder, effort.large_bytes).await?;
    process::forget_peak(hearth.process)?;
    let before = process::memory(hearth.process)?;
    let large_put =
        transfer::upload(hearth.address, &head("PUT", LARGE, effort.large_bytes), effort.large_bytes).await?;
    let large_get =
        transfer::download(hearth.address, &request("GET", LARGE, &[]), effort.large_bytes).await?;
    let peak_kib = process::peak_kib(hearth.process)?;
    // The next round's is not to replace it: what it takes to remove a file of this size is no part of writing one.
    Client::connect(hearth.address).await?.call(&request("DELETE", LARGE, &[])).await?;
    Ok(Round {
        replaced: Sample::in_sequence(replaced),
        floor_put,
        put: small_put,
        floor_get,
        get: small_get,
        bare,
        large_put,
        large_get,
        growth_kib: peak_kib.saturating_sub(before.resident_kib),
    })
}

const LARGE: &str = "/bench/large";

/// Makes a bucket with so many small objects. Returns how many of them per second there came to be.
///
/// # Errors
/// If a connection breaks, or an answer is no success.
pub(crate) async fn put_many(address: SocketAddr, bucket: &str, objects: usize) -> io::Result<f64> {
    Client::connect(address).await?.call(&request("PUT", &format!("/{bucket}"), &[])).await?;
    let since_first = Stopwatch::start();
    fill(address, bucket, objects, &[b'x'; SMALL_BYTES]).await?;
    Ok(load::rate(objects, since_first.elapsed()))
}

/// Whether so many objects are in a bucket that [`put_many`] made.
///
/// # Errors
/// If the connection breaks, or an answer is no success.
pub(crate) async fn has_many(address: SocketAddr, bucket: &str, objects: usize) -> io::Result<bool> {
    let mut client = Client::connect(address).await?;
    for number in 0..objects.div_ceil(PAGE) {
        let list = request("GET", &format!("/{bucket}?list-type=2&prefix={}", prefix(number)), &[]);
        let count = format!("<KeyCount>{}</KeyCount>", PAGE.min(objects - number * PAGE));
        if !String::from_utf8_lossy(client.call(&list).await?).contains(&count) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts so many objects, a page of them under each prefix.
async fn fill(address: SocketAddr, bucket: &str, keys: usize, content: &[u8]) -> io::Result<()> {
    let mut connections = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let (bucket, content) = (bucket.to_owned(), content.to_vec());
        connections.spawn(async move {
            let mut client = Client::connect(address).await?;
            for key in (connection..keys).step_by(CONNECTIONS) {
                let path = format!("/{bucket}/{}{:04}.jpg", prefix(key / PAGE), key % PAGE);
                client.call(&request("PUT", &path, &content)).await?;
            }
            io::Result::Ok(())
        });
    }
    load::ended(connections).await
}

/// Lists what is under one prefix after the other.
async fn list(client: &mut Client, keys: usize, lists: usize) -> io::Result<Sample> {
    let mut latencies = Vec::with_capacity(lists);
    for prefix in (0..keys / PAGE).cycle().take(lists).map(prefix) {
        let list = request("GET", &format!("/full?list-type=2&prefix={prefix}"), &[]);
        let since_sent = Stopwatch::start();
        let answer = client.call(&list).await?;
        latencies.push(since_sent.elapsed());
        let whole = format!("<KeyCount>{PAGE}</KeyCount>");
        if !String::from_utf8_lossy(answer).contains(&whole) {
            return Err(io::Error::other(format!("there are not {PAGE} keys under {prefix}")));
        }
    }
    Ok(Sample::in_sequence(latencies))
}

fn prefix(number: usize) -> String {
    format!("photographs/{number:04}/")
}

/// A request as SDKs send it, but for the signature.
fn request(method: &str, target: &str, content: &[u8]) -> Vec<u8> {
    let mut request = head(method, target, content.len() as u64);
    request.extend_from_slice(content);
    request
}

fn head(method: &str, target: &str, bytes: u64) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {bytes}\r\n\r\n").into_bytes()
}

impl Objects {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 6] {
        let of = |figure: fn(&Round) -> f64| median(self.rounds.iter().map(figure));
        let put = of(|round| round.put.median_us);
        let allowed = of(|round| round.floor_put.median_us + 2.0 * round.replaced.median_us);
        let get = of(|round| round.get.per_second / round.floor_get.per_second);
        let (large_put, large_get) = (of(|round| round.large_put), of(|round| round.large_get));
        let large_put_ratio = of(|round| round.large_put / round.bare.put());
        let large_get_ratio = of(|round| round.large_get / round.bare.get());
        let growth_mib = of(|round| process::kib_to_mib(round.growth_kib));
        let Self { large_bytes, keys, kib_each, listed, .. } = self;
        let large_mib = large_bytes >> 20;
        [
            Target::new(
                "1 KiB put on disk, one connection, median",
                format!("{put:.0} us (allowed: {allowed:.0})"),
                "at most hyper's and twice create, write, rename",
            ),
            Target::new(
                "1 KiB got, 64 connections, of hyper's with the same bytes",
                format!("{get:.2} ({:.0}/s)", of(|round| round.get.per_second)),
                "at least 0.4",
            ),
            Target::new(
                "a large put, of the disk's speed or the loopback's",
                format!("{large_put_ratio:.2} ({large_put:.0} MiB/s of {large_mib} MiB)"),
                "at least 0.5 of 1024 MiB",
            ),
            Target::new(
                "a large get, of the disk's speed or the loopback's",
                format!("{large_get_ratio:.2} ({large_get:.0} MiB/s of {large_mib} MiB)"),
                "at least 0.5 of 1024 MiB",
            ),
            Target::new(
                "memory that both take at most",
                format!("{growth_mib:.1} MiB"),
                "the same for any size",
            ),
            Target::new(
                "1000 keys listed by prefix",
                format!(
                    "{:.2} ms, p99 {:.2} ms, of {keys} ({kib_each:.2} KiB each)",
                    listed.median_us / 1e3,
                    listed.p99_us / 1e3
                ),
                "at most 10 ms of 1000000",
            ),
        ]
    }
}
