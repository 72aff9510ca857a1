//! Handlers that send much over sockets while time passes.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use aws_sdk_lambda::types::InvocationType;
use hearth_testkit::{Hearth, Invocation};
use serde_json::{Value, json};

const MANIFEST: &str = "\
[functions.sender]
code = \"../../../../functions/misbehave/misbehave.wasm\"
timeout_s = 3
[buckets.photos]
";

const UPLOAD_BYTES: usize = 1 << 20;
const ROUNDS: usize = 25;
const AT_ONCE: usize = 4;

async fn found() -> Hearth {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/town");
    let hearth = Hearth::builder().manifest_text(folder, MANIFEST).frozen_at("2026-01-01T00:00:00Z");
    hearth.start().await.expect("it starts")
}

/// What a handler does that puts an object over a connection of its own making.
fn upload(hearth: &Hearth, key: &str) -> Value {
    let url = hearth.url();
    let address = url.strip_prefix("http://").expect("a URL of this machine");
    let head =
        format!("PUT /photos/{key} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {UPLOAD_BYTES}\r\n\r\n");
    json!({"action": "talk", "address": address, "text": head, "dots": UPLOAD_BYTES, "keep": true})
}

/// Threads that keep the machine busy as long as this lives.
struct Load(Arc<AtomicBool>);

impl Load {
    fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..4 {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(over)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// More time passes than a handler has, while it sends: it takes none of it, and is never timed out, however slow the machine is.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_clock_never_overtakes_what_a_handler_sends() {
    let hearth = found().await;
    let (lambda, _load) = (hearth.lambda(), Load::begin());
    for round in 0..ROUNDS {
        for number in 0..AT_ONCE {
            let event = upload(&hearth, &format!("{round}-{number}")).to_string().into_bytes();
            let invoke = lambda.invoke().function_name("sender").invocation_type(InvocationType::Event);
            invoke.payload(event.into()).send().await.expect("it is accepted");
        }
        hearth.advance(Duration::from_secs(10)).await;
        let over = hearth.invocations("sender");
        assert_eq!(over.len(), (round + 1) * AT_ONCE);
        let overtaken = over.iter().filter(|one| !one.succeeded() || one.duration != Duration::ZERO);
        assert_eq!(overtaken.collect::<Vec<_>>(), Vec::<&Invocation>::new());
    }
    let objects = hearth.s3().list_objects_v2().bucket("photos").send().await.expect("a list");
    assert_eq!(objects.key_count(), Some(i32::try_from(ROUNDS * AT_ONCE).expect("few")));
}
