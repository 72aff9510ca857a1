//! What is exported while clients go on: everything that was acknowledged before, and nothing in part.

use std::{collections::BTreeSet, net::SocketAddr, process::Command, sync::mpsc::channel, thread};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    http::{Answer, ask},
    process::Process,
};

const WRITERS: usize = 4;

/// So many steps later, an object is deleted.
const LIFE: usize = 5;

/// The files, and how many steps each writer has taken at least before.
const EXPORTS: [(&str, usize); 2] = [("first.zip", 12), ("second.zip", 30)];

#[test]
fn an_export_is_what_there_was_at_one_moment() {
    let folder = TempDir::new().expect("a folder");
    let process = Process::start(folder.path());
    let server = process.address();
    done(server, "PUT /shelf", b"");
    for writer in 0..WRITERS {
        sqs(server, "CreateQueue", &json!({ "QueueName": queue(writer) }));
    }
    let (sender, steps) = channel();
    let before = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let sender = sender.clone();
            // Until nobody wants to know any more.
            scope.spawn(move || {
                for number in 0.. {
                    step(server, writer, number);
                    if sender.send(writer).is_err() {
                        break;
                    }
                }
            });
        }
        // Dropped at the end, and then they end too.
        let steps = steps;
        let mut taken = [0; WRITERS];
        EXPORTS.map(|(file, at_least)| {
            while taken.iter().any(|taken| *taken < at_least) {
                taken[steps.recv().expect("they go on")] += 1;
            }
            run(&folder, &["state", "export", file, "--data-dir", "state"]);
            // What was acknowledged since is told of too, but need not be there.
            (file, taken)
        })
    });
    let left = std::fs::read_dir(folder.path().join("state")).expect("a folder");
    let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("export-")), "{left:?}");
    drop(process);
    for (file, before) in before {
        run(&folder, &["state", "import", file, "--data-dir", "state", "--replace"]);
        let process = Process::start(folder.path());
        (0..WRITERS).for_each(|writer| check(process.address(), writer, before[writer]));
    }
}

/// An object, the end of an earlier one, and a message that tells of both.
fn step(server: SocketAddr, writer: usize, step: usize) {
    done(server, &format!("PUT {}", key(writer, step)), &content(writer, step));
    if let Some(old) = step.checked_sub(LIFE) {
        done(server, &format!("DELETE {}", key(writer, old)), b"");
    }
    sqs(server, "SendMessage", &json!({ "QueueUrl": url(server, writer), "MessageBody": step.to_string() }));
}

/// What must be there of a writer who had taken so many steps.
fn check(server: SocketAddr, writer: usize, before: usize) {
    let mut told = BTreeSet::new();
    loop {
        let receive = json!({ "QueueUrl": url(server, writer), "MaxNumberOfMessages": 10 });
        let document = sqs(server, "ReceiveMessage", &receive).document();
        let messages = document["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            break;
        }
        let steps = messages.iter().map(|message| message["Body"].as_str().expect("a body"));
        told.extend(steps.map(|step| step.parse::<usize>().expect("a number")));
    }
    let steps = told.len();
    assert!(steps >= before, "writer {writer} had taken {before} steps, and {steps} are told of");
    assert!(told.iter().copied().eq(0..steps), "writer {writer}: {told:?}");
    for step in 0..=steps {
        let object = ask(server, &format!("GET {}", key(writer, step)), &[], b"").expect("an answer");
        match object.status {
            200 => assert!(object.body == content(writer, step), "{} is another", key(writer, step)),
            // The object of the step that nothing told of yet may be there, and that whose end comes with it may not be.
            404 => assert!(step + LIFE <= steps || step == steps, "{} is not there", key(writer, step)),
            other => panic!("{}: {other}", key(writer, step)),
        }
        assert!(object.status == 404 || step + LIFE >= steps, "{} was deleted", key(writer, step));
    }
}

/// More of it than is written at once, sometimes.
fn content(writer: usize, step: usize) -> Vec<u8> {
    format!("{writer}/{step};").repeat(step % 7 * 4_000 + 1).into_bytes()
}

fn key(writer: usize, step: usize) -> String {
    format!("/shelf/{writer}/{step}")
}

fn queue(writer: usize) -> String {
    format!("told-{writer}")
}

fn url(server: SocketAddr, writer: usize) -> String {
    format!("http://{server}/000000000000/{}", queue(writer))
}

#[track_caller]
fn done(server: SocketAddr, request: &str, body: &[u8]) -> Answer {
    let answer = ask(server, request, &[], body).expect("an answer");
    assert!(answer.is_ok(), "{request}: {answer:?}");
    answer
}

#[track_caller]
fn sqs(server: SocketAddr, operation: &str, document: &Value) -> Answer {
    let target = format!("x-amz-target: AmazonSQS.{operation}");
    let headers = ["content-type: application/x-amz-json-1.0", &target];
    let answer = ask(server, "POST /", &headers, document.to_string().as_bytes()).expect("an answer");
    assert!(answer.is_ok(), "{operation}: {answer:?}");
    answer
}

#[track_caller]
fn run(folder: &TempDir, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    let output = command.args(arguments).current_dir(folder.path()).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}
