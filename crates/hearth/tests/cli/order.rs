//! The same work has the same timeline, however often the program is started.

use serde_json::json;

use crate::{
    numbered::numbered,
    support::{Project, Up},
};

/// How often the program is started.
const STARTS: usize = 3;

/// The town of the test kit, and somebody who gets messages one by one, as many as there are at once.
fn manifest() -> String {
    let town = include_str!("../../../testkit/tests/town/hearth.toml");
    let town = town.replace("../../../../functions/", "functions/");
    town + "\
[queues.parcels]

[functions.porter]
code = \"functions/misbehave/misbehave.wasm\"
[[functions.porter.events]]
sqs = { queue = \"parcels\", batch_size = 1 }

[[faults]]
function = \"porter\"
fault = \"kill-after-handler\"
percent = 30
seed = 7

[[faults]]
function = \"worker\"
fault = \"fail\"
percent = 40
seed = 8
"
}

#[test]
fn the_same_work_has_the_same_timeline_at_each_start() {
    let manifest = manifest();
    let runs = [(); STARTS].map(|()| seen_after_work(&Project::new(&manifest)));
    for run in &runs[1..] {
        for (first, line) in runs[0].iter().zip(run) {
            assert_eq!(first, line);
        }
        assert_eq!(runs[0].len(), run.len());
    }
}

/// All that was seen of one run, line by line.
fn seen_after_work(project: &Project) -> Vec<String> {
    let up = project.up(&["--clock", "frozen", "--at", "2026-01-01T00:00:00Z"]);
    work(&up);
    let mut lines = Vec::new();
    for (path, headers) in [
        ("timeline?limit=100000", ""),
        ("environments", ""),
        ("metrics", ""),
        ("metrics", "accept: text/plain\r\n"),
        ("faults", ""),
    ] {
        let answer = up.send(&format!("GET /_hearth/{path}"), headers, "");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        lines.extend(body.replace("},{", "},\n{").lines().map(str::to_owned));
    }
    let port = up.url.rsplit_once(':').expect("a port").1;
    let port = format!(":{port}");
    numbered(lines.into_iter().map(|line| line.replace(&port, ":PORT")))
}

/// Nobody waits for what follows before going on, but where time is moved.
fn work(up: &Up) {
    let invoke = |function: &str, how: &str, event: &str| {
        let path = format!("POST /2015-03-31/functions/{function}/invocations");
        up.send(&path, &format!("x-amz-invocation-type: {how}\r\n"), event)
    };
    let advance = |by: &str| up.send(&format!("POST /_hearth/clock/advance?by={by}"), "", "");
    let events = [
        r#"{"action":"count"}"#,
        r#"{"action":"sleep","ms":700}"#,
        r#"{"action":"error","error_type":"Sour","message":"no"}"#,
        r#"{"action":"trap"}"#,
    ];
    for round in 0..2 {
        send_parcels(up, round);
        for event in events {
            invoke("worker", "Event", event);
        }
        for number in 0..2 {
            let photo = include_bytes!("../../../../fixtures/astronaut.png");
            up.send_bytes(&format!("PUT /photos/uploads/{round}-{number}.png"), "", photo);
            invoke("worker", "RequestResponse", events[0]);
            up.send("POST /_hearth/http/payments", SIGNED, PAYMENT);
            up.send_message("payments", "{}");
        }
        send_parcels(up, round);
        advance("3s");
        send_parcels(up, round);
        advance("10m");
    }
}

/// Ten messages at once, of which each is a batch.
fn send_parcels(up: &Up, round: u64) {
    let entries: Vec<_> = (0..10)
        .map(|number| {
            let body =
                json!({ "action": if number % 3 == 0 { "sleep" } else { "count" }, "ms": 100 * round });
            json!({ "Id": number.to_string(), "MessageBody": body.to_string() })
        })
        .collect();
    let url = format!("{}/000000000000/parcels", up.url);
    let document = json!({ "QueueUrl": url, "Entries": entries }).to_string();
    let headers = "content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.SendMessageBatch\r\n";
    let answer = up.send("POST /", headers, &document);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

const PAYMENT: &str = r#"{"order":"A-1","paid_cents":905}"#;
/// By the secret of the manifest.
const SIGNED: &str =
    "x-hub-signature-256: sha256=59bdc7bd2f8610c7ab6759898d67a8cbc2bfe5d01db90d072318686ff93ea388\r\n";
