//! Queues, and the functions that their messages invoke.

use hearth_model::{
    event_source::{BatchSize, BatchingWindow, MaximumConcurrency, Scaling},
    sqs::QueueName,
};

use super::{super::*, messages, parse, refused};

/// The manifest of a queue with these settings, whose messages invoke a function so.
fn mapped(queue: &str, sqs: &str) -> String {
    format!(
        "[queues.orders]\n{queue}\n[functions.a]\ncode = \"a\"\n[[functions.a.events]]\nsqs = {{ queue = \"orders\", {sqs} }}\n"
    )
}

#[test]
fn all_keys_of_queues_are_read() {
    let manifest = parse(
        r#"
[queues.orders]
visibility_timeout_s = 60
delay_s = 5
retention_s = 3600
max_message_bytes = 2048
receive_wait_s = 20
dead_letter = { queue = "lost", max_receive_count = 3 }

[queues.payments]
fifo = true
content_based_deduplication = true
dead_letter = { queue = "lost", max_receive_count = 1 }

[queues."refunds.fifo"]
"#,
    )
    .expect("a manifest");
    let names: Vec<&str> = manifest.queues.iter().map(|queue| queue.name.as_str()).collect();
    assert_eq!(names, ["lost", "lost.fifo", "orders", "payments.fifo", "refunds.fifo"]);

    let settings = |name: &str| manifest.queue(name).expect("declared").settings.clone();
    let dead_letter = |queue: &str, max_receive_count| {
        Some(DeadLetter { queue: QueueName::parse(queue).expect("a name"), max_receive_count })
    };
    assert_eq!(
        settings("orders"),
        QueueSettings {
            visibility_timeout_s: 60,
            delay_s: 5,
            retention_s: 3_600,
            max_message_bytes: 2_048,
            receive_wait_s: 20,
            content_based_deduplication: false,
            dead_letter: dead_letter("lost", 3),
        }
    );
    let payments = settings("payments");
    assert!(payments.content_based_deduplication);
    assert_eq!(payments.dead_letter, dead_letter("lost.fifo", 1));
    for with_defaults in ["lost", "lost.fifo", "refunds"] {
        assert_eq!(settings(with_defaults), QueueSettings::default(), "{with_defaults}");
    }
}

#[test]
fn all_keys_of_events_are_read() {
    let manifest = parse(
        r#"
[queues.orders]
[queues.payments]
fifo = true

[functions.a]
code = "a"

[[functions.a.events]]
sqs = { queue = "orders", batch_size = 100, batching_window_s = 5, maximum_concurrency = 2, report_batch_item_failures = true, enabled = false, filter = [{ body = { kind = ["new", { prefix = "re" }], count = [{ numeric = [">", 0, "<=", 1.5] }] } }, '{"body":{"urgent":[true]}}'] }

[[functions.a.events]]
sqs = { queue = "payments" }
"#,
    )
    .expect("a manifest");
    let [orders, payments] = &*manifest.function("a").expect("declared").queue_events else {
        panic!("two kinds of events: {manifest:?}");
    };
    assert_eq!(orders.queue.as_str(), "orders");
    let configuration = orders.settings.configuration;
    assert_eq!(configuration.batch_size, BatchSize::new(100).expect("a size"));
    assert_eq!(configuration.window, BatchingWindow::from_seconds(5).expect("a window"));
    let maximum = MaximumConcurrency::new(2).expect("a limit");
    assert_eq!(configuration.scaling, Scaling::MaximumConcurrency(maximum));
    assert!(configuration.reports_item_failures && !orders.settings.enabled);
    let filters: Vec<&str> = orders.settings.filters.patterns().collect();
    assert_eq!(
        filters,
        [
            r#"{"body":{"count":[{"numeric":[">",0,"<=",1.5]}],"kind":["new",{"prefix":"re"}]}}"#,
            r#"{"body":{"urgent":[true]}}"#
        ]
    );

    assert_eq!(payments.queue.as_str(), "payments.fifo");
    let defaults = &payments.settings;
    assert_eq!(defaults.configuration.batch_size, BatchSize::default());
    assert_eq!(defaults.configuration.scaling, Scaling::Standard);
    assert!(defaults.enabled && !defaults.configuration.reports_item_failures);
    assert_eq!(defaults.filters.patterns().count(), 0);
}

#[test]
fn one_filter_needs_no_list() {
    let manifest = parse(&mapped("", "filter = { body = { kind = [\"new\"] } }")).expect("a manifest");
    let events = &manifest.function("a").expect("declared").queue_events[0];
    assert_eq!(events.settings.filters.patterns().collect::<Vec<_>>(), [r#"{"body":{"kind":["new"]}}"#]);
}

#[test]
fn a_queue_that_there_is_not_is_shown_with_what_was_meant() {
    refused(
        "[queues.orders]\n[functions.a]\ncode = \"a\"\n[[functions.a.events]]\nsqs = { queue = \"odrers\" }\n",
        "
error: there is no queue `odrers`
 --> project/hearth.toml:5:17
  |
5 | sqs = { queue = \"odrers\" }
  |                 ^^^^^^^^
  |
  = help: did you mean `orders`?
",
    );
    refused(
        "[functions.a]\ncode = \"a\"\n[[functions.a.events]]\nsqs = { queue = \"orders\" }\n",
        "
error: there is no queue `orders`
 --> project/hearth.toml:4:17
  |
4 | sqs = { queue = \"orders\" }
  |                 ^^^^^^^^
  |
  = help: declare it: `[queues.orders]`
",
    );
}

#[test]
fn a_function_that_runs_longer_than_its_messages_are_hidden_is_shown() {
    refused(
        "[queues.orders]\nvisibility_timeout_s = 5\n[functions.a]\ncode = \"a\"\ntimeout_s = 60\n\
         [[functions.a.events]]\nsqs = { queue = \"orders\" }\n",
        "
error: messages of queue `orders` are hidden for 5 s, and the function may run for 60 s
 --> project/hearth.toml:7:7
  |
7 | sqs = { queue = \"orders\" }
  |       ^^^^^^^^^^^^^^^^^^^^
  |
  = help: raise `visibility_timeout_s` of the queue, or lower `timeout_s` of the function: messages would come twice
",
    );
}

#[test]
fn batches_have_limits() {
    for (queue, sqs, expected) in [
        ("", "batch_size = 0", "`batch_size` must be from 1 to 10000, not 0"),
        ("", "batching_window_s = 301", "`batching_window_s` must be from 0 to 300, not 301"),
        ("", "maximum_concurrency = 1", "`maximum_concurrency` must be from 2 to 1000, not 1"),
        ("", "batch_size = 11", "a batch of more than 10 messages needs time to gather"),
        ("fifo = true", "batch_size = 11", "a batch of a FIFO queue has at most 10 messages"),
        ("fifo = true", "batching_window_s = 1", "batches of a FIFO queue do not wait"),
        ("", "enabled = 1", "`enabled` must be `true` or `false`, not a whole number"),
        ("", "batchsize = 1", "unknown key `batchsize` in `sqs`"),
    ] {
        assert_eq!(messages(&mapped(queue, sqs)), [expected], "{queue} {sqs}");
    }
}

#[test]
fn filters_are_event_patterns() {
    for (filter, expected) in [
        ("\"new\"", "`filter` is no event pattern: expected ident at line 1 column 2"),
        ("{ body = \"new\" }", "`filter` is no event pattern: "),
        ("5", "`filter` must be an event pattern: a table, or a text with JSON, not a whole number"),
        (
            "[{ at = [2020-01-01] }]",
            "`filter` must be an event pattern: a table, or a text with JSON, not a table",
        ),
    ] {
        let found = messages(&mapped("", &format!("filter = {filter}")));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{filter}: {found:?}");
    }
    let six = ["{ body = [\"a\"] }"; 6].join(", ");
    let found = messages(&mapped("", &format!("filter = [{six}]")));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn events_say_where_they_come_from() {
    let event = |text: &str| {
        messages(&format!("[queues.orders]\n[functions.a]\ncode = \"a\"\n[[functions.a.events]]\n{text}\n"))
    };
    assert_eq!(event(""), ["an event says where it comes from"]);
    assert_eq!(event("sqs = \"orders\""), ["`sqs` must be a table, not a string"]);
    assert_eq!(event("sqs = { batch_size = 1 }"), ["`sqs` has no `queue`"]);
    assert_eq!(event("kafka = {}"), ["unknown key `kafka` in an event of function `a`"]);
    let twice = "sqs = { queue = \"orders\" }\n[[functions.a.events]]\nsqs = { queue = \"orders\" }";
    assert_eq!(event(twice), ["queue `orders` is there twice"]);
    assert_eq!(
        messages("[functions.a]\ncode = \"a\"\nevents = { sqs = \"orders\" }\n"),
        ["`events` must be tables `[[functions.NAME.events]]`, not a table"]
    );
}

#[test]
fn queues_have_limits() {
    let queue = |settings: &str| messages(&format!("[queues.orders]\n{settings}\n"));
    for (settings, expected) in [
        ("visibility_timeout_s = 43201", "`visibility_timeout_s` must be from 0 to 43200, not 43201"),
        ("delay_s = 901", "`delay_s` must be from 0 to 900, not 901"),
        ("retention_s = 59", "`retention_s` must be from 60 to 1209600, not 59"),
        ("max_message_bytes = 1023", "`max_message_bytes` must be from 1024 to 1048576, not 1023"),
        ("receive_wait_s = 21", "`receive_wait_s` must be from 0 to 20, not 21"),
        ("content_based_deduplication = true", "only FIFO queues tell duplicates"),
        ("fifo = \"yes\"", "`fifo` must be `true` or `false`, not a string"),
        ("visibility = 1", "unknown key `visibility` in queue `orders`"),
        ("dead_letter = \"lost\"", "`dead_letter` must be a table, not a string"),
        ("dead_letter = { max_receive_count = 3 }", "`dead_letter` has no `queue`"),
        ("dead_letter = { queue = \"lost\" }", "`dead_letter` has no `max_receive_count`"),
        (
            "dead_letter = { queue = \"lost\", max_receive_count = 0 }",
            "`max_receive_count` must be from 1 to 1000, not 0",
        ),
        (
            "dead_letter = { queue = \"lost.fifo\", max_receive_count = 1 }",
            "dead letters of a standard queue cannot go to a FIFO queue",
        ),
        (
            "fifo = true\ndead_letter = { queue = \"lost\", max_receive_count = 1 }\n[queues.lost]",
            "dead letters of a FIFO queue cannot go to a standard queue",
        ),
        (
            "dead_letter = { queue = \"a b\", max_receive_count = 1 }",
            "`a b` is not a queue name: use 1 to 80 letters, digits, `-` and `_`",
        ),
        ("fifo = true\n[queues.\"orders.fifo\"]", "two queues are named `orders.fifo`"),
    ] {
        assert_eq!(queue(settings), [expected], "{settings}");
    }
    assert_eq!(messages("queues = 1"), ["`queues` must be tables `[queues.NAME]`, not a whole number"]);
    assert_eq!(messages("queues.orders = 1"), ["queue `orders` must be a table"]);
    assert_eq!(
        messages("[queues.\"a.b\"]"),
        ["`a.b` is not a queue name: use 1 to 80 letters, digits, `-` and `_`"]
    );
    assert_eq!(messages("[queues.\"a.fifo\"]\nfifo = false"), ["`a.fifo` is the name of a FIFO queue"]);
}
