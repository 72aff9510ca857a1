//! Queues of a manifest, and the functions that their messages invoke.

use crate::support::Project;

const APP: &str = "[functions.app]\ncode = \"functions/hello/hello.wasm\"\n";

#[test]
fn messages_invoke_functions() {
    let project = Project::new(
        r#"
[queues.orders]

[functions.app]
code = "functions/hello/hello.wasm"

[[functions.app.events]]
sqs = { queue = "orders", filter = { body = { kind = ["new"] } } }
"#,
    );
    let up = project.up(&[]);
    let sent = up.send_message("orders", r#"{"kind":"new"}"#);
    assert!(sent.contains(r#""MessageId":"#), "{sent}");
    up.says("app START RequestId: ");
    up.says("app greets world");
    up.says("app REPORT RequestId: ");
}

#[test]
fn what_cannot_be_handled_ends_in_other_queues() {
    let project = Project::new(
        r#"
[queues.orders]
visibility_timeout_s = 1
dead_letter = { queue = "lost", max_receive_count = 1 }

[queues.lost]

[functions.misbehave]
code = "functions/misbehave/misbehave.wasm"
timeout_s = 1
dead_letter_queue = "lost"
asynchronous = { maximum_retry_attempts = 0 }

[[functions.misbehave.events]]
sqs = { queue = "orders" }

[functions.undertaker]
code = "functions/hello/hello.wasm"

[[functions.undertaker.events]]
sqs = { queue = "lost" }
"#,
    );
    let up = project.up(&[]);
    up.send_message("orders", "not for this function");
    up.says("misbehave START RequestId: ");
    up.says("undertaker START RequestId: ");
    // An event that nobody waits for takes another way there.
    let event = r#"{"action":"error","error_type":"Lost","message":"no way"}"#;
    project.run(&["invoke", "misbehave", "--endpoint", &up.url, "--async", "-e", event]).exits(0);
    up.says("undertaker START RequestId: ");
}

#[test]
fn queues_and_events_are_taken_over() {
    let project = Project::new(APP);
    let up = project.up(&["--watch"]);
    let mapped = |queue: &str, sqs: &str| {
        project.write_manifest(&format!(
            "[queues.orders]\n{queue}\n{APP}[[functions.app.events]]\nsqs = {{ queue = \"orders\", {sqs} }}\n"
        ));
    };
    mapped("", "enabled = false");
    up.says("created queue orders");
    up.says("messages of orders now invoke app");
    up.send_message("orders", "waits");

    mapped("visibility_timeout_s = 60", "");
    up.says("updated queue orders");
    up.says("messages of orders now invoke app in another way");
    up.says("app START RequestId: ");

    mapped("visibility_timeout_s = 60", "batch_size = 11");
    up.says("error: a batch of more than 10 messages needs time to gather");
    up.says("everything stays as it was");
    up.send_message("orders", "still comes");
    up.says("app START RequestId: ");

    project.write_manifest(APP);
    up.says("messages of orders no longer invoke app");
    up.says("removed queue orders");
    let refused = up.send_message("orders", "too late");
    assert!(refused.contains("QueueDoesNotExist"), "{refused}");
}

#[test]
fn what_cannot_be_a_queue_is_told_at_its_place() {
    let project =
        Project::new("[queues.orders]\ndead_letter = { queue = \"orders\", max_receive_count = 0 }\n");
    let refused = project.run(&["up", "--port", "0"]).exits(2).stderr;
    assert!(refused.contains("hearth.toml:2:55"), "{refused}");
}
