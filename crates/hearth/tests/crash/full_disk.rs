//! A disk that has no room for a while: what was acknowledged is there, what is not is refused, and nothing has to be restarted.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    all,
    client::Client,
    clients,
    http::{Answer, Unknown, exchange},
    load,
    process::Process,
    random::Random,
    seed,
};

/// How often there is no room.
const TIMES: u64 = 4;

/// So much is left at most when the load begins.
const ROOM_BYTES: u64 = 400_000;

#[test]
fn a_file_that_cannot_grow() {
    println!("HEARTH_CRASH_SEED={}", seed());
    let mut random = Random(seed());
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("state/state.redb");
    let limit = |process: &Process, bytes: Option<u64>| {
        let process = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(process, Resource::Fsize, limit).expect("a process may be given less");
    };
    survive(folder.path(), "File too large", |process, full| {
        let size = || fs::metadata(&file).expect("it is there").len();
        limit(process, full.then(|| size() + random.below(ROOM_BYTES)));
    });
}

#[test]
fn a_small_disk() {
    println!("HEARTH_CRASH_SEED={}", seed());
    let mut random = Random(seed());
    let folder = TempDir::new().expect("a folder");
    let Some(disk) = Disk::mount(folder.path()) else {
        println!("not tested: nobody may mount a file system here");
        return;
    };
    let ballast = disk.0.join("ballast");
    survive(disk.0, "No space left", |_, full| {
        if full {
            let bytes = disk.free().saturating_sub(random.below(ROOM_BYTES));
            fs::write(&ballast, vec![0; usize::try_from(bytes).expect("it is small")])
                .expect("there is so much room");
        } else {
            fs::remove_file(&ballast).expect("it is there");
        }
    });
}

#[test]
fn a_disk_that_a_rule_says_is_full() {
    println!("HEARTH_CRASH_SEED={}", seed());
    let folder = TempDir::new().expect("a folder");
    survive(folder.path(), "a rule for faults says so", |process, full| {
        let (method, rule): (_, &[u8]) = if full {
            ("POST", br#"{"fault": "disk-full", "disk": "*", "from": 20}"#)
        } else {
            ("DELETE", b"")
        };
        let answer = exchange(process.address(), &format!("{method} /_hearth/faults"), &[], rule);
        assert_eq!(answer.expect("it answers").status, 200);
    });
}

/// A file system of its own.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    const BYTES: u64 = 48 * 1024 * 1024;

    /// `None` if that is not allowed.
    fn mount(path: &'a Path) -> Option<Self> {
        let size = format!("size={}", Self::BYTES);
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "hearth"]).arg(path).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(path))
    }

    fn free(&self) -> u64 {
        let file_system = rustix::fs::statvfs(self.0).expect("it is mounted");
        file_system.f_bavail * file_system.f_frsize
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).output();
    }
}

/// Lets a load run into a disk without room again and again; `set` says from when on that is, and until when.
fn survive(folder: &Path, reason: &str, mut set: impl FnMut(&Process, bool)) {
    let mut random = Random(seed());
    let mut clients = clients(&mut random);
    for time in 0..=TIMES {
        let process = Process::start(folder);
        let server = process.address();
        all(&mut clients, |client| if time == 0 { client.begin(server) } else { client.check(server) });
        if time == TIMES {
            break;
        }
        let hog = Hog { queue: format!("hog-{time}") };
        hog.must(server, "CreateQueue", json!({ "QueueName": hog.queue }));
        set(&process, true);
        clients.push(Box::new(hog.clone()));
        all(&mut clients, |client| load(&mut **client, server));
        clients.pop();
        let refused = hog.send(server);
        assert_eq!(refused.status, 503, "{refused:?}");
        let said = refused.document().to_string();
        assert!(said.contains("cannot be kept") && said.contains(reason), "{said}");
        set(&process, false);
        // The same process, which nobody has told that there is room.
        assert_eq!(hog.send(server).status, 200);
        all(&mut clients, |client| client.check(server));
        hog.must(server, "DeleteQueue", json!({}));
    }
}

/// Takes all the room that there is, with a queue of its own.
#[derive(Clone)]
struct Hog {
    queue: String,
}

impl Hog {
    fn send(&self, server: SocketAddr) -> Answer {
        self.ask(server, "SendMessage", json!({ "MessageBody": "x".repeat(100_000) }))
    }

    #[track_caller]
    fn must(&self, server: SocketAddr, operation: &str, document: Value) {
        let answer = self.ask(server, operation, document);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn ask(&self, server: SocketAddr, operation: &str, mut document: Value) -> Answer {
        document["QueueUrl"] = json!(format!("http://{server}/000000000000/{}", self.queue));
        let target = format!("x-amz-target: AmazonSQS.{operation}");
        let headers = ["content-type: application/x-amz-json-1.0", &*target];
        exchange(server, "POST /", &headers, document.to_string().as_bytes()).expect("it answers")
    }
}

impl Client for Hog {
    fn begin(&mut self, _: SocketAddr) {}

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        if self.send(server).status == 200 { Ok(()) } else { Err(Unknown) }
    }

    fn check(&mut self, _: SocketAddr) {}
}
