//! The load generator: keep-alive connections over plain sockets, each with one request under way at a time.
//!
//! It is the same for every server that is measured and does as little as it can, because it shares the machine's cores
//! with them: the request is the same bytes every time, and of an answer only the status and the length are read.

use std::{io, net::SocketAddr, ops::Range, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{stopwatch::Stopwatch, transfer};

/// How a server is driven.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Connections, each with one request under way at a time.
    pub(crate) connections: usize,
    /// How long the server is driven before anything counts.
    pub(crate) warm_up: Duration,
    /// How long it is measured.
    pub(crate) measured: Duration,
}

/// What a server did under a load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    /// Answers per second, of all connections together.
    pub(crate) per_second: f64,
    /// The median time from sending a request to having its whole answer, in microseconds.
    pub(crate) median_us: f64,
    /// The time that one answer of a hundred takes longer than, in microseconds.
    pub(crate) p99_us: f64,
}

/// What functions are given: 128 bytes of JSON, like the events of the prototypes that the targets come from.
pub(crate) fn event() -> String {
    format!("{{\"data\":\"{}\"}}", "x".repeat(117))
}

/// A request for a function's answer, as an SDK sends it but for the signature.
pub(crate) fn invoke_request(function: &str) -> Arc<[u8]> {
    request(&format!("POST /2015-03-31/functions/{function}/invocations"), "localhost", &event())
}

/// A request with a body of JSON; `line` is its first line without the version.
pub(crate) fn request(line: &str, host: &str, body: &str) -> Arc<[u8]> {
    with_headers(line, &format!("host: {host}\r\n"), body)
}

/// The same to a service that is known by what requests are signed for.
pub(crate) fn signed_request(service: &str, line: &str, body: &str) -> Arc<[u8]> {
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    with_headers(line, &format!("host: localhost\r\nauthorization: {signature}\r\n"), body)
}

fn with_headers(line: &str, headers: &str, body: &str) -> Arc<[u8]> {
    format!(
        "{line} HTTP/1.1\r\n\
         {headers}\
         content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
    .into()
}

/// Drives a server with one request over and over.
///
/// # Errors
/// If a connection breaks, or an answer is no success.
pub(crate) async fn drive(address: SocketAddr, request: &Arc<[u8]>, load: Load) -> io::Result<Sample> {
    let mut crowd = Crowd::connect(address, request, load.connections).await?;
    crowd.call_for(load.warm_up).await?;
    let (per_second, latencies) = crowd.call_for(load.measured).await?;
    Ok(Sample::new(per_second, latencies))
}

/// Drives a server with several requests in turns, each for a part of the time and over and over, so that what disturbs the
/// machine disturbs all of them. Each has its warm-up first, and a part of it again before each turn.
///
/// Not for several servers: one that has waited is slower than the one that has just answered, for longer than a turn.
///
/// # Errors
/// If a connection breaks, or an answer is no success.
pub(crate) async fn drive_in_turns<const N: usize>(
    address: SocketAddr,
    requests: [&Arc<[u8]>; N],
    load: Load,
    turns: u32,
) -> io::Result<[Sample; N]> {
    let mut crowds = Vec::with_capacity(N);
    for request in requests {
        let mut crowd = Crowd::connect(address, request, load.connections).await?;
        crowd.call_for(load.warm_up).await?;
        crowds.push(crowd);
    }
    let mut measured = requests.map(|_| (0.0, Vec::new()));
    for _ in 0..turns {
        for (crowd, (per_second, latencies)) in crowds.iter_mut().zip(&mut measured) {
            crowd.call_for(load.warm_up / turns).await?;
            let turn = crowd.call_for(load.measured / turns).await?;
            *per_second += turn.0 / f64::from(turns);
            latencies.extend(turn.1);
        }
    }
    Ok(measured.map(|(per_second, latencies)| Sample::new(per_second, latencies)))
}

/// Connections to a server.
struct Crowd {
    clients: Vec<Client>,
    request: Arc<[u8]>,
}

impl Crowd {
    async fn connect(address: SocketAddr, request: &Arc<[u8]>, connections: usize) -> io::Result<Self> {
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            clients.push(Client::connect(address).await?);
        }
        Ok(Self { clients, request: Arc::clone(request) })
    }

    /// Sends the request for some time on all connections: how many answers came per second, and how long each took.
    async fn call_for(&mut self, duration: Duration) -> io::Result<(f64, Vec<Duration>)> {
        let mut calls = JoinSet::new();
        for mut client in self.clients.drain(..) {
            let request = Arc::clone(&self.request);
            calls.spawn(async move {
                let mut latencies = Vec::with_capacity(1 << 12);
                let since_start = Stopwatch::start();
                while since_start.elapsed() < duration {
                    let since_sent = Stopwatch::start();
                    client.call(&request).await?;
                    latencies.push(since_sent.elapsed());
                }
                io::Result::Ok((client, latencies, since_start.elapsed()))
            });
        }
        let (mut per_second, mut all) = (0.0, Vec::new());
        while let Some(ended) = calls.join_next().await {
            let (client, latencies, elapsed) = ended.map_err(io::Error::other)??;
            per_second += rate(latencies.len(), elapsed);
            all.extend(latencies);
            self.clients.push(client);
        }
        Ok((per_second, all))
    }
}

/// Sends one request on each of many connections at once, and tells how long the last answer took.
///
/// # Errors
/// If a connection breaks, or an answer is no success.
pub(crate) async fn burst(
    address: SocketAddr,
    request: &Arc<[u8]>,
    connections: usize,
) -> io::Result<Duration> {
    let mut clients = Vec::with_capacity(connections);
    for _ in 0..connections {
        clients.push(Client::connect(address).await?);
    }
    let mut calls = JoinSet::new();
    let since_first = Stopwatch::start();
    for mut client in clients {
        let request = Arc::clone(request);
        calls.spawn(async move { client.call(&request).await.map(drop) });
    }
    ended(calls).await?;
    Ok(since_first.elapsed())
}

/// Waits for all of these.
///
/// # Errors
/// The first of theirs.
pub(crate) async fn ended(mut tasks: JoinSet<io::Result<()>>) -> io::Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

/// One keep-alive connection.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a request, waits for its whole answer, and returns the answer's body.
    ///
    /// # Errors
    /// If the connection breaks, or the answer is no success.
    pub(crate) async fn call(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.send(request).await?;
        self.answer().await
    }

    /// Sends a request, whose answer is [waited for](Self::answer) later.
    ///
    /// # Errors
    /// If the connection breaks.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request).await
    }

    /// Sends so many bytes, as the body of a request whose head was sent.
    ///
    /// # Errors
    /// If the connection breaks.
    pub(crate) async fn send_body(&mut self, bytes: u64) -> io::Result<()> {
        transfer::send(&mut self.stream, bytes).await
    }

    /// Waits for the whole answer to the request that was sent, and returns how many bytes its body had, which are not kept.
    ///
    /// # Errors
    /// If the connection breaks, or the answer is no success.
    pub(crate) async fn skip_answer(&mut self) -> io::Result<u64> {
        let body = self.receive(|_, _| true).await?;
        let remaining = body.end.saturating_sub(self.received.len());
        transfer::receive(&mut self.stream, remaining as u64).await?;
        Ok(body.len() as u64)
    }

    /// Waits for the whole answer to the request that was sent, and returns its body.
    ///
    /// # Errors
    /// If the connection breaks, or the answer is no success.
    pub(crate) async fn answer(&mut self) -> io::Result<&[u8]> {
        let body = self.receive(|received, body| received >= body.end).await?;
        Ok(&self.received[body])
    }

    /// Receives until that is enough: so many bytes, for an answer whose body is or will be there. Returns where that is.
    async fn receive(&mut self, enough: impl Fn(usize, &Range<usize>) -> bool) -> io::Result<Range<usize>> {
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
            }
            if let Some(body) = body(&self.received)?
                && enough(self.received.len(), &body)
            {
                return Ok(body);
            }
        }
    }
}

/// Where an answer's body is or will be; `None` as long as its head is incomplete.
fn body(received: &[u8]) -> io::Result<Option<Range<usize>>> {
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = received.split_at(end + 4);
    let answer = |what| {
        let (head, body) = (String::from_utf8_lossy(head), String::from_utf8_lossy(body));
        Err(io::Error::other(format!("{what}: {head}{body}")))
    };
    if !head.starts_with(b"HTTP/1.1 2") {
        return answer("the answer is no success");
    }
    if head.starts_with(b"HTTP/1.1 204") {
        return Ok(Some(head.len()..head.len()));
    }
    if let Some(length) = header(head, b"content-length:").and_then(|value| value.parse::<usize>().ok()) {
        return Ok(Some(head.len()..head.len() + length));
    }
    if header(head, b"transfer-encoding:") == Some("chunked") {
        // Nobody looks into it, and nothing follows it.
        let is_complete = body == b"0\r\n\r\n" || body.ends_with(b"\r\n0\r\n\r\n");
        return Ok(is_complete.then_some(head.len()..received.len()));
    }
    answer("the answer has no length")
}

/// The value of a header, whose name is given with its colon.
fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let lines = head.split(|byte| *byte == b'\n');
    let mut values = lines.filter_map(|line| {
        let (given, value) = line.split_at_checked(name.len())?;
        given.eq_ignore_ascii_case(name).then_some(value)
    });
    values.next().and_then(|value| str::from_utf8(value).ok()).map(str::trim)
}

impl Sample {
    /// What came of the tasks of several connections, each of which tells its latencies and how long it took for all of
    /// them.
    ///
    /// # Errors
    /// Those of the tasks.
    pub(crate) async fn of(
        mut connections: JoinSet<io::Result<(Vec<Duration>, Duration)>>,
    ) -> io::Result<Self> {
        let mut all = Vec::new();
        let mut per_second = 0.0;
        while let Some(ended) = connections.join_next().await {
            let (latencies, elapsed) = ended.map_err(io::Error::other)??;
            per_second += rate(latencies.len(), elapsed);
            all.extend(latencies);
        }
        Ok(Self::new(per_second, all))
    }

    /// What came of calls one after the other.
    pub(crate) fn in_sequence(latencies: Vec<Duration>) -> Self {
        Self::new(rate(latencies.len(), latencies.iter().sum()), latencies)
    }

    fn new(per_second: f64, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        let at = |hundredth: usize| {
            let position = (latencies.len() * hundredth / 100).min(latencies.len().saturating_sub(1));
            latencies.get(position).map_or(0.0, |latency| latency.as_secs_f64() * 1e6)
        };
        Self { per_second, median_us: at(50), p99_us: at(99) }
    }
}

/// How many per second.
#[expect(clippy::cast_precision_loss, reason = "a rate is a measurement: it has no 53 bits")]
pub(crate) fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_when_its_body_is() {
        let check = |received: &str, expect: Option<Range<usize>>| {
            assert_eq!(body(received.as_bytes()).expect("a good answer"), expect, "{received:?}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", None);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", Some(38..40));
        check("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: y\r\n\r\n", Some(44..44));
        check("HTTP/1.1 204 No Content\r\nx: y\r\n\r\n", Some(33..33));
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        check(&format!("{chunked}2\r\nhi\r\n0\r\n"), None);
        check(&format!("{chunked}2\r\nhi\r\n0\r\n\r\n"), Some(47..59));
        check(&format!("{chunked}0\r\n\r\n"), Some(47..52));
        assert!(body(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(body(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_latencies() {
        let sample = Sample::new(1.0, (1..=100).rev().map(Duration::from_micros).collect());
        assert!((sample.median_us - 51.0).abs() < 1e-9);
        assert!((sample.p99_us - 100.0).abs() < 1e-9);
    }

    #[test]
    fn the_event_has_128_bytes() {
        let request = String::from_utf8(invoke_request("echo").to_vec()).expect("text");
        assert!(request.contains("content-length: 128\r\n"), "{request}");
    }
}
