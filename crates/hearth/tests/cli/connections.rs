//! Many connections at once.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Project, Up};

/// As many as there shall be, if the system lets this process have them.
const CONNECTIONS: u64 = 10_000;
/// What each may occupy of Hearth's memory while nothing comes on it.
const KIB_EACH: u64 = 24;

/// Sends a request on a connection that stays open.
fn health(connection: &mut TcpStream) -> String {
    connection.write_all(b"GET /_hearth/health HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sent");
    let mut answer = vec![0; 4_096];
    let bytes = connection.read(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer[..bytes]).into_owned()
}

fn resident_kib(up: &Up) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", up.process())).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn ten_thousand_connections_are_kept_and_answered() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("its own maximum");
    let most = maximum.or(current).map_or(CONNECTIONS, |most| most.saturating_sub(200).min(CONNECTIONS));

    let project = Project::empty();
    let up = project.up(&["--quiet"]);
    let address = up.url.strip_prefix("http://").expect("a URL");
    let mut first = TcpStream::connect(address).expect("it listens");
    assert!(health(&mut first).starts_with("HTTP/1.1 200 OK"));
    let before = resident_kib(&up);
    let mut connections: Vec<TcpStream> =
        (0..most).map(|_| TcpStream::connect(address).expect("it listens")).collect();
    // They are accepted in their order.
    let last = connections.last_mut().expect("there are some");
    assert!(health(last).starts_with("HTTP/1.1 200 OK"));
    let each = resident_kib(&up).saturating_sub(before) / most;
    assert!(each <= KIB_EACH, "{each} KiB for each of {most} connections");
    assert!(health(&mut first).starts_with("HTTP/1.1 200 OK"));
}
