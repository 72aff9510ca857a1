//! Queues: sending, the whole way through an event source mapping, depth, and long polls.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hearth_engine::clock::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    figures::{Target, median},
    floor::Floor,
    load::{self, Client, Load, Sample},
    objects,
    server::{Ground, Server},
    stopwatch::Stopwatch,
};

/// Connections that send.
const SENDERS: usize = 64;
/// Connections that send, receive and delete in turn.
const CYCLISTS: usize = 16;
/// How deep a shallow queue is.
const SHALLOW: usize = 10;
/// Messages in a batch.
const BATCH: usize = 10;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, each of which measures the floor, sending and the whole way.
    pub(crate) rounds: usize,
    /// How long a server is driven before anything counts.
    pub(crate) warm_up: Duration,
    /// How long it is measured.
    pub(crate) measured: Duration,
    /// Messages that go the whole way in a round.
    pub(crate) messages: usize,
    /// How deep a deep queue is.
    pub(crate) depth: usize,
    /// Objects on the disk beside the messages.
    pub(crate) objects: usize,
    /// Long polls that wait at once.
    pub(crate) polls: usize,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Queues {
    /// Round by round.
    pub(crate) rounds: Vec<Round>,
    /// Sending, receiving and deleting a message, in a queue of ten.
    pub(crate) shallow: Sample,
    /// How deep the deep queue was.
    pub(crate) depth: usize,
    /// The same in it.
    pub(crate) deep: Sample,
    /// How many long polls waited at once.
    pub(crate) polls: usize,
    /// From sending a message to the answer of the poll that got it, one after the other.
    pub(crate) answered: Sample,
    /// The longest of these times, in milliseconds.
    pub(crate) last_answered_ms: f64,
    /// A start that finds as many messages as the deep queue had, and objects.
    pub(crate) restart: Restart,
}

/// A start with state on the disk.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Restart {
    /// How many objects of 1 KiB there were beside the messages.
    pub(crate) objects: usize,
    /// How many of them were put per second, by 64 connections: an answer means that the object is on the disk.
    pub(crate) put_per_second: f64,
    /// How long the start took, in milliseconds.
    pub(crate) start_ms: f64,
}

/// One round.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Round {
    /// hyper that parses the same documents and pushes them to a vector.
    pub(crate) floor: Sample,
    /// `SendMessage`.
    pub(crate) send: Sample,
    /// The same, when an answer means that the message is on the disk.
    pub(crate) kept: Sample,
    /// Messages per second from the first one's sending to the last one's deletion, by a mapping with batches of ten.
    pub(crate) way_per_second: f64,
}

/// Measures one after the other.
///
/// # Errors
/// If a server does not start, or answers with anything but a success.
pub(crate) async fn measure(
    ground: Ground<'_>,
    effort: Effort,
    mut progress: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<Queues> {
    let floor = Server::floor(Floor::Vector).await?;
    let hearth = Server::hearth_with_queues(ground).await?;
    let keeper = Server::hearth_with_kept_queues(ground).await?;
    let mut rounds = Vec::with_capacity(effort.rounds);
    for round in 1..=effort.rounds {
        progress(&format!("queues, round {round} of {}", effort.rounds))?;
        rounds.push(measure_round(&floor, &hearth, &keeper, effort).await?);
    }
    floor.end().await?;
    progress(&format!("a start with {} messages and {} objects", effort.depth, effort.objects))?;
    let restart = restart(ground, keeper, effort.depth, effort.objects).await?;

    progress(&format!("a queue of {} messages", effort.depth))?;
    let mut client = Client::connect(hearth.address).await?;
    create(&mut client, "deep").await?;
    fill(hearth.address, "deep", SHALLOW).await?;
    let shallow = cycle(hearth.address, "deep", effort.measured).await?;
    fill(hearth.address, "deep", effort.depth).await?;
    let deep = cycle(hearth.address, "deep", effort.measured).await?;
    delete(&mut client, "deep").await?;

    progress(&format!("{} long polls", effort.polls))?;
    create(&mut client, "polled").await?;
    let latencies = poll(hearth.address, "polled", effort.polls).await?;
    let last_answered_ms = latencies.iter().max().map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3);
    let answered = Sample::in_sequence(latencies);
    hearth.end().await?;
    let (depth, polls) = (effort.depth, effort.polls);
    Ok(Queues { rounds, shallow, depth, deep, polls, answered, last_answered_ms, restart })
}

async fn measure_round(
    floor: &Server,
    hearth: &Server,
    keeper: &Server,
    effort: Effort,
) -> io::Result<Round> {
    let load = Load { connections: SENDERS, warm_up: effort.warm_up, measured: effort.measured };
    let to_floor = load::drive(floor.address, &send_request("sent"), load).await?;
    let send = measure_sending(hearth, load).await?;
    let kept = measure_sending(keeper, load).await?;
    let mut client = Client::connect(hearth.address).await?;

    let since_first = Stopwatch::start();
    repeat(hearth.address, &send_request(MAPPED), SENDERS, effort.messages).await?;
    while remaining(&mut client, MAPPED).await? > 0 {
        Clock::real().sleep(Duration::from_millis(2)).await;
    }
    let way_per_second = load::rate(effort.messages, since_first.elapsed());
    Ok(Round { floor: to_floor, send, kept, way_per_second })
}

async fn measure_sending(hearth: &Server, load: Load) -> io::Result<Sample> {
    let mut client = Client::connect(hearth.address).await?;
    create(&mut client, "sent").await?;
    let sample = load::drive(hearth.address, &send_request("sent"), load).await?;
    delete(&mut client, "sent").await?;
    Ok(sample)
}

/// Fills a queue and a bucket, ends the server, and tells how long its successor takes until it is ready.
async fn restart(ground: Ground<'_>, keeper: Server, messages: usize, objects: usize) -> io::Result<Restart> {
    create(&mut Client::connect(keeper.address).await?, "full").await?;
    fill(keeper.address, "full", messages).await?;
    let put_per_second = objects::put_many(keeper.address, "full", objects).await?;
    keeper.end().await?;
    let since_start = Stopwatch::start();
    let keeper = Server::hearth_with_kept_queues(ground).await?;
    let start_ms = since_start.elapsed().as_secs_f64() * 1e3;
    let found = remaining(&mut Client::connect(keeper.address).await?, "full").await?;
    let all_objects = objects::has_many(keeper.address, "full", objects).await?;
    keeper.end().await?;
    if !all_objects {
        return Err(io::Error::other(format!("not all of {objects} objects were there after a restart")));
    }
    if usize::try_from(found).is_ok_and(|found| found == messages) {
        return Ok(Restart { objects, put_per_second, start_ms });
    }
    Err(io::Error::other(format!("{found} of {messages} messages were there after a restart")))
}

/// The queue that the manifest maps to `echo`.
const MAPPED: &str = "mapped";

/// Sends a request so often, on so many connections.
async fn repeat(
    address: SocketAddr,
    request: &Arc<[u8]>,
    connections: usize,
    times: usize,
) -> io::Result<()> {
    let mut calls = JoinSet::new();
    for connection in 0..connections {
        let request = Arc::clone(request);
        let own = times / connections + usize::from(connection < times % connections);
        calls.spawn(async move {
            let mut client = Client::connect(address).await?;
            for _ in 0..own {
                client.call(&request).await?;
            }
            io::Result::Ok(())
        });
    }
    load::ended(calls).await
}

/// Adds so many messages to a queue.
async fn fill(address: SocketAddr, queue: &str, messages: usize) -> io::Result<()> {
    let entries: Vec<_> =
        (0..BATCH).map(|id| json!({ "Id": id.to_string(), "MessageBody": message() })).collect();
    let batch = json!({ "QueueUrl": url(queue), "Entries": entries });
    let request = request("SendMessageBatch", &batch).into();
    repeat(address, &request, SENDERS, messages / BATCH).await
}

/// Sends, receives and deletes in turn, on several connections, for so long.
async fn cycle(address: SocketAddr, queue: &str, measured: Duration) -> io::Result<Sample> {
    let mut cyclists = JoinSet::new();
    for _ in 0..CYCLISTS {
        let (send, url) = (send_request(queue), url(queue));
        let receive = request("ReceiveMessage", &json!({ "QueueUrl": url }));
        cyclists.spawn(async move {
            let mut client = Client::connect(address).await?;
            let mut latencies = Vec::new();
            let since_start = Stopwatch::start();
            while since_start.elapsed() < measured {
                let since_sent = Stopwatch::start();
                client.call(&send).await?;
                let received: Received = serde_json::from_slice(client.call(&receive).await?)?;
                let Some(message) = received.messages.first() else {
                    return Err(io::Error::other("the queue is empty"));
                };
                let handle = json!({ "QueueUrl": url, "ReceiptHandle": message.receipt_handle });
                client.call(&request("DeleteMessage", &handle)).await?;
                latencies.push(since_sent.elapsed());
            }
            io::Result::Ok((latencies, since_start.elapsed()))
        });
    }
    Sample::of(cyclists).await
}

/// Lets so many receives wait, and then sends each a message; tells how long each took from its sending to its answer.
async fn poll(address: SocketAddr, queue: &str, polls: usize) -> io::Result<Vec<Duration>> {
    let receive: Arc<[u8]> =
        request("ReceiveMessage", &json!({ "QueueUrl": url(queue), "WaitTimeSeconds": 20 })).into();
    let (answered, mut answers) = mpsc::unbounded_channel();
    let mut waiting = JoinSet::new();
    for _ in 0..polls {
        let (receive, answered) = (Arc::clone(&receive), answered.clone());
        let mut client = Client::connect(address).await?;
        client.send(&receive).await?;
        waiting.spawn(async move {
            let received: Received = serde_json::from_slice(client.answer().await?)?;
            // Whoever gives up listening has seen another error.
            let _ = answered.send(received.messages.len());
            io::Result::Ok(())
        });
    }
    let mut client = Client::connect(address).await?;
    // Until then the server is busy with letting them wait, and that is not what is measured.
    while waiting_receives(&mut client).await? < polls {}
    let send = send_request(queue);
    let mut latencies = Vec::with_capacity(polls);
    for _ in 0..polls {
        let since_sent = Stopwatch::start();
        client.call(&send).await?;
        if answers.recv().await != Some(1) {
            return Err(io::Error::other("a long poll ended without its message"));
        }
        latencies.push(since_sent.elapsed());
    }
    load::ended(waiting).await?;
    Ok(latencies)
}

/// How many receives wait, as the page for Prometheus has it.
async fn waiting_receives(client: &mut Client) -> io::Result<usize> {
    const PAGE: &[u8] = b"GET /_hearth/metrics HTTP/1.1\r\nhost: localhost\r\naccept: text/plain\r\n\r\n";
    let page = str::from_utf8(client.call(PAGE).await?).map_err(io::Error::other)?;
    let samples = page.lines().filter(|line| line.starts_with("hearth_waiting_receives{"));
    let counts = samples.filter_map(|sample| sample.rsplit(' ').next()?.parse::<usize>().ok());
    Ok(counts.sum())
}

/// How many messages a queue has, those in flight included.
async fn remaining(client: &mut Client, queue: &str) -> io::Result<u64> {
    const COUNTS: [&str; 2] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    let counts = json!({ "QueueUrl": url(queue), "AttributeNames": COUNTS });
    let answer: Value = serde_json::from_slice(client.call(&request("GetQueueAttributes", &counts)).await?)?;
    let count = |name| answer["Attributes"][name].as_str().and_then(|count| count.parse::<u64>().ok());
    COUNTS.iter().map(|name| count(*name)).sum::<Option<u64>>().ok_or_else(|| io::Error::other("no counts"))
}

async fn create(client: &mut Client, queue: &str) -> io::Result<()> {
    client.call(&request("CreateQueue", &json!({ "QueueName": queue }))).await.map(drop)
}

async fn delete(client: &mut Client, queue: &str) -> io::Result<()> {
    client.call(&request("DeleteQueue", &json!({ "QueueUrl": url(queue) }))).await.map(drop)
}

fn send_request(queue: &str) -> Arc<[u8]> {
    request("SendMessage", &json!({ "QueueUrl": url(queue), "MessageBody": message() })).into()
}

/// As large as the events of the other measurements.
fn message() -> String {
    "x".repeat(128)
}

fn url(queue: &str) -> String {
    format!("http://localhost/000000000000/{queue}")
}

/// A request as SDKs send it, but for the signature.
fn request(operation: &str, document: &Value) -> Vec<u8> {
    let document = document.to_string();
    format!(
        "POST / HTTP/1.1\r\n\
         host: localhost\r\n\
         content-type: application/x-amz-json-1.0\r\n\
         x-amz-target: AmazonSQS.{operation}\r\n\
         content-length: {}\r\n\r\n{document}",
        document.len()
    )
    .into_bytes()
}

impl Queues {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 7] {
        let of = |figure: fn(&Round) -> f64| median(self.rounds.iter().map(figure));
        let (send, sent) =
            (of(|round| round.send.per_second / round.floor.per_second), of(|round| round.send.per_second));
        let (kept, written) =
            (of(|round| round.kept.per_second / round.send.per_second), of(|round| round.kept.per_second));
        let (way, gone) =
            (of(|round| round.way_per_second / round.floor.per_second), of(|round| round.way_per_second));
        let Self { shallow, depth, deep, polls, answered, last_answered_ms, restart, .. } = self;
        let Restart { objects, put_per_second, start_ms } = restart;
        [
            Target::new(
                "sending, 64 connections, of the vector's",
                format!("{send:.2} ({sent:.0}/s)"),
                "at least 0.6",
            ),
            Target::new(
                "sending, 64 connections, on disk, of in memory",
                format!("{kept:.2} ({written:.0}/s)"),
                "at least 0.5",
            ),
            Target::new(
                "1 KiB objects put on disk and flushed, 64 connections",
                format!("{put_per_second:.0}/s"),
                "none",
            ),
            Target::new(
                "start with messages and objects on disk",
                format!("{depth} and {objects} in {:.2} s", start_ms / 1e3),
                "1000000 and 100000 in at most 3 s",
            ),
            Target::new(
                "send, batch of 10, function, delete, of the vector's",
                format!("{way:.2} ({gone:.0}/s)"),
                "at least 0.25",
            ),
            Target::new(
                "send, receive, delete in a deep queue, of a shallow one's",
                format!("{:.2} with {depth}", deep.per_second / shallow.per_second),
                "0.8 to 1.2 with 1000000",
            ),
            Target::new(
                "long polls, from message to answer",
                format!(
                    "{polls}: {:.2} ms, p99 {:.2} ms, last {last_answered_ms:.2} ms",
                    answered.median_us / 1e3,
                    answered.p99_us / 1e3
                ),
                "10000, at most 5 ms",
            ),
        ]
    }
}

#[derive(Deserialize)]
struct Received {
    #[serde(rename = "Messages", default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    receipt_handle: String,
}
