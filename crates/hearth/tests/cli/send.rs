//! `hearth send`.

use crate::support::Project;

const PROJECT: &str = r#"
[functions.orders]
code = "functions/orders/orders.wasm"

[[functions.orders.events]]
sqs = { queue = "orders", batch_size = 1, report_batch_item_failures = true }

[queues.orders]
[queues."line.fifo"]
fifo = true
"#;

const ORDER: &str = r#"{"id":"A-1","items":[{"sku":"tea","quantity":2,"unit_price_cents":450}]}"#;

#[test]
fn a_message_reaches_the_function_behind_the_queue() {
    let project = Project::new(PROJECT);
    let up = project.up(&[]);
    let send = |arguments: &[&str]| project.run(&[&["send", "--endpoint", &up.url], arguments].concat());
    let id = send(&["orders", ORDER, "-a", "priority=high"]).exits(0).stdout;
    assert_eq!(id.trim_end().len(), 36, "{id}");
    up.says("accepted A-1: 1 item, 9.00");
    let id = send(&["orders", "-"]).exits(2);
    assert!(id.stderr.contains("MessageBody"), "nothing on stdin is no message: {}", id.stderr);
    send(&["orders", r#"{"id":"A-2","items":[]}"#, "--delay", "0"]).exits(0);
    up.says("order A-2 has no items");
}

#[test]
fn what_cannot_be_sent_says_why() {
    let project = Project::new(PROJECT);
    let up = project.up(&[]);
    let refused = |arguments: &[&str]| {
        project.run(&[&["send", "--endpoint", &up.url], arguments].concat()).exits(2).stderr
    };
    let stderr = refused(&["nothing", "tea"]);
    assert!(stderr.contains("there is no queue `nothing`: declare it"), "{stderr}");
    let stderr = refused(&["line.fifo", "tea"]);
    assert!(stderr.contains("MessageGroupId"), "{stderr}");
    let stderr = refused(&["orders", "tea", "-a", "high"]);
    assert!(stderr.contains("priority=high"), "{stderr}");
    let nobody = project.run(&["send", "orders", "tea", "--endpoint", "http://127.0.0.1:9"]).exits(3).stderr;
    assert!(nobody.contains("nothing answers at http://127.0.0.1:9"), "{nobody}");
}
