//! Long times: what they cost is what happens in them, and nothing else.

use std::{path::Path, time::Duration};

use hearth_testkit::Hearth;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn found(manifest: &str) -> Hearth {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/town");
    let hearth = Hearth::builder().manifest_text(folder, manifest).frozen_at("2026-01-01T00:00:00Z");
    hearth.start().await.expect("it starts")
}

#[tokio::test]
async fn a_schedule_fires_each_minute_of_a_day() {
    let manifest = "\
[functions.hello]
code = \"../../../../functions/hello/hello.wasm\"
[[functions.hello.events]]
schedule = \"rate(1 minute)\"
";
    let hearth = found(manifest).await;
    let ran = hearth.advance(DAY).await;
    assert_eq!(ran.get("invocations"), Some(&(24 * 60)), "{ran:?}");
}

#[tokio::test]
async fn nothing_is_due_in_an_empty_year() {
    let hearth = found("[queues.orders]\n[buckets.photos]\n").await;
    let began = hearth.clock().wall();
    assert_eq!(hearth.clock().next_deadline(), None, "the clock has nowhere to stop");
    assert!(hearth.advance(365 * DAY).await.is_empty());
    assert_eq!(hearth.clock().wall(), began + 365 * DAY);
}
