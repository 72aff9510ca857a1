//! The folder beside the manifest in which state is kept.

use std::fs;

use crate::support::{Project, Ran, Up};

const MANIFEST: &str = r#"
[queues.orders]

[functions.echo]
code = "functions/echo/echo.wasm"
"#;

/// The line about state, which comes after the first.
fn told(up: &Up) -> String {
    up.says_on_stdout("state is kept in ")
}

#[test]
fn it_is_beside_the_manifest_and_tells_what_was_there() {
    let project = Project::empty();
    project.write("shop/hearth.toml", "[queues.orders]\n");
    let first = project.up(&["shop"]);
    assert_eq!(told(&first), "  state is kept in shop/.hearth");
    first.send_message("orders", "message");
    first.send("PUT /uploads", "", "");
    drop(first);
    let second = project.up(&["shop/hearth.toml"]);
    assert_eq!(
        told(&second),
        "  state is kept in shop/.hearth, where there was already: 1 queue with 1 message, 1 bucket"
    );
    drop(second);
    let ready: serde_json::Value =
        serde_json::from_str(&project.up(&["shop", "--json"]).ready).expect("a document");
    let state = serde_json::json!({
        "folder": "shop/.hearth", "functions": 0, "queues": 1, "messages": 1, "buckets": 1
    });
    assert_eq!(ready["state"], state);
    let info = project.hearth(&["state", "info"]).current_dir(project.path("shop")).output();
    let table = Ran::of(info.expect("it runs")).exits(0).stdout;
    assert!(table.starts_with(".hearth  format 1, ") && table.contains("s3.buckets "), "{table}");
    assert_eq!(fs::read_to_string(project.path("shop/.hearth/.gitignore")).expect("a file"), "*\n");
    assert!(!project.path(".hearth").exists());
}

#[test]
fn without_a_manifest_it_is_in_the_current_folder() {
    let project = Project::empty();
    let first = project.up(&[]);
    assert_eq!(told(&first), "  state is kept in .hearth");
    first.send("PUT /uploads", "", "");
    drop(first);
    assert!(told(&project.up(&[])).ends_with("there was already: 1 bucket"));
}

#[test]
fn whatever_else_it_is_is_told_with_a_way_out() {
    let project = Project::new(MANIFEST);
    let refused = |project: &Project, code: i32, expected: &str| {
        let stderr = project.run(&["up", "--port", "0"]).exits(code).stderr;
        assert!(stderr.starts_with(&format!("error: {expected}")), "{stderr}");
        assert!(
            stderr.ends_with("`--data-dir FOLDER` keeps state in another folder, `--ephemeral` keeps none\n"),
            "{stderr}"
        );
    };
    let running = project.up(&[]);
    refused(&project, 3, "`.hearth` is in use by another Hearth (process ");
    drop(running);
    let project = Project::new(MANIFEST);
    project.write(".hearth", "a file");
    refused(&project, 2, "`.hearth` is no folder: move it away, or choose another one\n");
    project.up(&["--ephemeral"]);
    let project = Project::new(MANIFEST);
    project.write(".hearth/thesis.txt", "years of work");
    refused(&project, 2, "`.hearth` has files in it that are not Hearth's (`thesis.txt`)");
}

#[test]
fn a_hearth_that_keeps_nothing_has_nothing_to_give_away() {
    let project = Project::empty();
    let up = project.up(&["--ephemeral"]);
    assert_eq!(up.says_on_stdout("nothing is kept"), "  nothing is kept when it ends");
    let refused = project.run(&["state", "export", "shop.zip", "--endpoint", &up.url]).exits(2).stderr;
    assert!(refused.contains("keeps no state that could be exported: it was started with `--ephemeral`"));
    assert!(!project.path("shop.zip").exists() && !project.path("shop.zip.new").exists());
    let none = project.run(&["state", "export", "shop.zip"]).exits(2).stderr;
    assert!(none.starts_with("error: there is no state of Hearth in `.hearth`\n"), "{none}");
    assert!(none.contains("`--data-dir FOLDER` names another folder"), "{none}");
}

#[test]
fn it_is_never_code() {
    let project = Project::empty();
    project.copy_sample("echo", "app.wasm");
    project.write("hearth.toml", "functions.echo.code = \".\"\n");
    let inside = project.run(&["up", "--port", "0", "--data-dir", "state"]).exits(2).stderr;
    assert!(inside.contains("it is in `.`, the code of function `echo`"), "{inside}");
    let revision = |up: &Up| {
        let answer = up.send("GET /2015-03-31/functions/echo", "", "");
        let (_, rest) = answer.split_once("\"RevisionId\":\"").expect("a revision");
        rest.split_once('"').expect("a text").0.to_owned()
    };
    let first = project.up(&[]);
    let before = revision(&first);
    first.send("PUT /uploads", "", "");
    first.send("PUT /uploads/key", "", "content");
    drop(first);
    assert_eq!(revision(&project.up(&[])), before, "the code is the same");
}

#[test]
fn a_function_that_has_lost_its_code_holds_nobody_up() {
    let project = Project::new(MANIFEST);
    let running = project.up(&["--data-dir", "state"]);
    const FUNCTIONS: &str = "/2015-03-31/functions";
    let zip = running.send_bytes("GET /_hearth/code/000000000000/us-east-1/echo/$LATEST", "", b"");
    let at = zip.windows(4).position(|window| window == b"\r\n\r\n").expect("a body");
    let zip = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &zip[at + 4..]);
    // As declared, and with a description, so that the declared one is another.
    let new = format!(
        r#"{{"FunctionName":"mine","Runtime":"provided.al2023","Handler":"bootstrap","Role":"arn:aws:iam::000000000000:role/a","Code":{{"ZipFile":"{zip}"}}}}"#
    );
    let created = running.send(&format!("POST {FUNCTIONS}"), "", &new);
    assert!(created.starts_with("HTTP/1.1 201"), "{created}");
    drop(running);
    for file in fs::read_dir(project.path("state/code")).expect("a folder") {
        fs::write(file.expect("an entry").path(), b"PK").expect("it is written");
    }

    let running = project.up(&["--data-dir", "state"]);
    let warning = running.says("warning: function mine cannot be invoked: `state/code/");
    assert!(warning.contains("aws lambda update-function-code --function-name mine"), "{warning}");
    let invoke = |name: &str| running.send(&format!("POST {FUNCTIONS}/{name}/invocations"), "", "{}");
    assert!(invoke("echo").starts_with("HTTP/1.1 200"), "the manifest has its code");
    let refused = invoke("mine");
    assert!(refused.starts_with("HTTP/1.1 409"), "{refused}");
    assert!(refused.contains("ResourceConflictException") && refused.contains("is damaged"), "{refused}");
    let failed = running.send(&format!("GET {FUNCTIONS}/mine/configuration"), "", "");
    assert!(failed.contains(r#""State":"Failed","StateReason":"`state/code/"#), "{failed}");
    let update = format!(r#"{{"ZipFile":"{zip}"}}"#);
    let mended = running.send(&format!("PUT {FUNCTIONS}/mine/code"), "", &update);
    assert!(mended.starts_with("HTTP/1.1 200"), "{mended}");
    assert!(invoke("mine").starts_with("HTTP/1.1 200"));
}

const SHOP: &str = r#"
[functions.shop]
code = "functions/echo/echo.wasm"
[[functions.shop.events]]
sqs = { queue = "orders" }
[[functions.shop.events]]
s3 = { bucket = "uploads", events = ["s3:ObjectCreated:*"] }
[[functions.shop.events]]
schedule = { rate = "5 minutes" }
[[functions.shop.events]]
http = "GET /shop"

[queues.orders]
[queues.full]
[buckets.uploads]
[buckets.full]
"#;

/// What there is: queues, mappings, functions, rules of a bucket, the function's policy.
fn there(up: &Up) -> String {
    let body =
        |answer: String| answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    let get = |path: &str| body(up.send(&format!("GET {path}"), "", ""));
    let sqs = "content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.ListQueues\r\n";
    let mappings = get("/2015-03-31/event-source-mappings/");
    [
        body(up.send("POST /", sqs, "{}")).replace(&up.url, ""),
        mappings.matches("\"UUID\"").count().to_string(),
        get("/2015-03-31/functions/shop/policy"),
        get("/uploads?notification"),
        get("/_hearth/schedules"),
        get("/v2/apis").matches("\"apiId\"").count().to_string(),
    ]
    .join("\n")
}

#[test]
fn a_manifest_that_has_not_changed_changes_nothing() {
    const AT: [&str; 4] = ["--clock", "frozen", "--at", "2026-01-01T00:00:00Z"];
    let project = Project::new(SHOP);
    let before = there(&project.up(&AT));
    assert!(before.contains("/000000000000/orders") && before.contains("hearth-s3-uploads"), "{before}");
    assert_eq!(there(&project.up(&AT)), before);
}

#[test]
fn what_a_manifest_no_longer_declares_goes_at_the_next_start_unless_something_is_in_it() {
    let project = Project::new(SHOP);
    let first = project.up(&[]);
    first.send_message("full", "message");
    first.send("PUT /full/key", "", "content");
    first.send("PUT /mine", "", "");
    drop(first);
    // Another manifest of this folder takes nothing away.
    project.write("other.toml", "[queues.others]\n");
    let other = project.up(&["other.toml"]);
    assert!(there(&other).contains("hearth-s3-uploads"), "the first one's are there");
    drop(other);

    project.write_manifest("[functions.renamed]\ncode = \"functions/echo/echo.wasm\"\n");
    let second = project.up(&[]);
    for told in [
        "messages of orders no longer invoke shop",
        "firings of rate(5 minutes) no longer invoke shop",
        "events of uploads no longer invoke shop",
        "requests of GET /shop no longer invoke shop",
        "removed shop",
        "queue full stays: there are messages in it",
        "removed queue orders",
        "bucket full stays: it is not empty",
        "removed bucket uploads",
    ] {
        second.says(told);
    }
    let left = there(&second);
    for gone in ["orders", "hearth-s3", "QueueConfiguration", "FunctionConfiguration", "rate(5"] {
        assert!(!left.contains(gone), "{gone}: {left}");
    }
    for kept in ["/000000000000/full", "/000000000000/others"] {
        assert!(left.contains(kept), "{left}");
    }
    assert!(second.send("GET /full/key", "", "").ends_with("content"));
    assert!(second.send("HEAD /mine", "", "").starts_with("HTTP/1.1 200"), "a client made it");
}
