//! What survives the process.

use std::{fs, path::PathBuf};

use crate::support::{Project, Ran, Up};

const PROJECT: &str = r#"
[queues.orders]
visibility_timeout_s = 600

[queues.bills]
"#;

fn project() -> Project {
    Project::new(PROJECT)
}

fn up(project: &Project) -> Up {
    project.up(&["--data-dir", "state"])
}

fn ask(up: &Up, operation: &str, queue: &str, more: &str) -> String {
    let url = format!("{}/000000000000/{queue}", up.url);
    let document = format!(r#"{{"QueueUrl":"{url}"{more}}}"#);
    let headers =
        format!("content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.{operation}\r\n");
    let answer = up.send("POST /", &headers, &document);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

/// What an answer says a member is.
fn member(answer: &str, name: &str) -> String {
    let (_, rest) = answer.split_once(&format!("\"{name}\":\"")).expect("it is there");
    rest.split_once('"').expect("a text").0.to_owned()
}

/// What is in a folder.
fn paths(project: &Project, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.path(folder)).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn messages_survive_a_process_that_is_killed() {
    let project = project();
    let running = up(&project);
    for body in ["first", "second", "third"] {
        running.send_message("orders", body);
    }
    let taken = ask(&running, "ReceiveMessage", "orders", "");
    let deleted = ask(&running, "ReceiveMessage", "orders", "");
    let handle = |answer: &str| format!(r#","ReceiptHandle":"{}""#, member(answer, "ReceiptHandle"));
    ask(&running, "DeleteMessage", "orders", &handle(&deleted));
    ask(&running, "CreateQueue", "ignored", r#","QueueName":"by-hand","tags":{"team":"a"}"#);
    // As `kill -9` does.
    drop(running);

    let running = up(&project);
    let counts = ask(&running, "GetQueueAttributes", "orders", r#","AttributeNames":["All"]"#);
    assert_eq!(member(&counts, "ApproximateNumberOfMessages"), "1");
    assert_eq!(member(&counts, "ApproximateNumberOfMessagesNotVisible"), "1");
    assert_eq!(member(&ask(&running, "ReceiveMessage", "orders", ""), "Body"), "third");
    ask(&running, "DeleteMessage", "orders", &handle(&taken));
    assert!(ask(&running, "ListQueueTags", "by-hand", "").contains(r#"{"team":"a"}"#));
    drop(running);

    let running = up(&project);
    let counts = ask(&running, "GetQueueAttributes", "orders", r#","AttributeNames":["All"]"#);
    assert_eq!(member(&counts, "ApproximateNumberOfMessagesNotVisible"), "1");
}

#[test]
fn objects_survive_and_are_missed() {
    let project = project();
    let running = up(&project);
    let ask = |running: &Up, request: &str, body: &str| {
        let answer = running.send(request, "", body);
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
        answer
    };
    ask(&running, "PUT /uploads", "");
    ask(&running, "PUT /uploads/kept", "content");
    ask(&running, "PUT /uploads/gone", "content");
    ask(&running, "DELETE /uploads/gone", "");
    drop(running);

    let running = up(&project);
    assert!(ask(&running, "GET /uploads/kept", "").ends_with("content"));
    assert!(running.send("GET /uploads/gone", "", "").starts_with("HTTP/1.1 404"));
    drop(running);

    let info = ["state", "info", "--data-dir", "state"];
    let table = project.run(&info).exits(0).stdout;
    let cells = |table: &str, what: &str| -> Vec<String> {
        let row = table.lines().find_map(|line| line.strip_prefix(what)).expect("a line");
        row.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(cells(&table, "files of objects"), ["1", "7", "0"], "{table}");
    assert_eq!(cells(&table, "s3.versions ")[0], "1", "{table}");
    let shelf = paths(&project, "state/objects").remove(0);
    let [file] = &paths(&project, shelf.to_str().expect("text"))[..] else { panic!("there is one") };
    fs::write(file, "CONTENT").expect("written");
    assert_eq!(cells(&project.run(&info).exits(0).stdout, "files of objects"), ["1", "7", "0"]);
    let table = project.run(&[&info[..], &["--verify"]].concat()).exits(3).stdout;
    let damage = ": its content is not what was written, needed by `kept` in bucket `uploads`\n";
    assert!(table.contains(damage), "{table}");
    fs::remove_file(file).expect("it is there");
    let table = project.run(&info).exits(3).stdout;
    assert_eq!(cells(&table, "files of objects"), ["0", "0", "1"], "{table}");
    assert!(table.contains(": it is missing, needed by `kept` in bucket `uploads`\n"), "{table}");
    assert!(table.contains("Put the files back from a copy of the folder"), "{table}");
    let running = up(&project);
    let warning = running.says("files with the content of objects");
    assert!(
        warning.contains("which `kept` in bucket `uploads` consists of. Reading these objects fails"),
        "{warning}"
    );
    assert!(running.send("GET /uploads/kept", "", "").starts_with("HTTP/1.1 500"));
    ask(&running, "PUT /uploads/other", "content");
    ask(&running, "DELETE /uploads/kept", "");
    drop(running);
    assert_eq!(cells(&project.run(&info).exits(0).stdout, "files of objects"), ["1", "7", "0"]);
}

#[cfg(unix)]
#[test]
fn functions_survive_beside_what_the_manifest_declares() {
    let manifest = |memory: u32| {
        format!(
            r#"
[functions.misbehave]
code = "functions/misbehave/misbehave.wasm"
memory_mib = {memory}
asynchronous = {{ maximum_retry_attempts = 1 }}
[[functions.misbehave.events]]
sqs = {{ queue = "orders" }}

[queues.orders]
"#
        )
    };
    const FUNCTION: &str = "/2015-03-31/functions/misbehave";
    let project = Project::new(&manifest(256));
    let running = up(&project);
    let answer = running.send(&format!("POST {FUNCTION}/versions"), "", "{}");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let event = r#"{"action":"error","error_type":"Oops","message":"it failed"}"#;
    let accepted =
        running.send(&format!("POST {FUNCTION}/invocations"), "x-amz-invocation-type: Event\r\n", event);
    assert!(accepted.starts_with("HTTP/1.1 202"), "{accepted}");
    drop(running);

    let told = |up: &Up, path: &str| {
        let answer = up.send(&format!("GET {path}"), "", "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    };
    let running = up(&project);
    let before = told(&running, &format!("{FUNCTION}/versions"));
    assert!(before.contains(r#""Version":"1""#), "{before}");
    let mappings = told(&running, "/2015-03-31/event-source-mappings/");
    assert_eq!(mappings.matches("\"UUID\"").count(), 1, "{mappings}");
    drop(running);

    let mut running = up(&project);
    assert_eq!(told(&running, &format!("{FUNCTION}/versions")), before, "as declared: nothing has changed");
    running.signal("TERM");
    assert_eq!(running.wait(), Some(0));
    let table = project.run(&["state", "info", "--data-dir", "state"]).exits(0).stdout;
    for stream in ["lambda.functions", "lambda.versions", "lambda.mappings", "lambda.invocations"] {
        let line = table.lines().find(|line| line.starts_with(&format!("{stream} "))).expect("a line");
        assert_eq!(line.split_whitespace().nth(1), Some("1"), "{table}");
    }

    project.write_manifest(&manifest(512));
    let running = up(&project);
    let sizes = told(&running, &format!("{FUNCTION}/versions"));
    assert!(sizes.contains(r#""MemorySize":512"#) && sizes.contains(r#""MemorySize":256"#), "{sizes}");
    drop(running);
    let [zip] = &paths(&project, "state/code")[..] else { panic!("there is one") };
    let content = fs::read(zip).expect("a file");
    fs::write(zip, &content[1..]).expect("written");
    let table = project.run(&["state", "info", "--data-dir", "state"]).exits(3).stdout;
    let damage = ": its content is not what was written, needed by function `misbehave`\n";
    assert!(table.contains(damage) && table.contains("the same zip from elsewhere will do"), "{table}");
    fs::remove_dir_all(project.path("state/code")).expect("it is there");
    let document = project.run(&["state", "info", "--data-dir", "state", "--json"]).exits(3).json();
    assert_eq!(document["code"]["damaged"][0]["reason"], "it is missing", "{document}");
    assert_eq!(document["code"]["damaged"][0]["needed_by"], "function `misbehave`", "{document}");
    assert_eq!(document["objects"]["damaged"], serde_json::json!([]), "{document}");
    let running = up(&project);
    let warning = running.says("warning: ");
    let expected = "warning: version 1 of function misbehave cannot be invoked: cannot read `state/code/";
    assert!(warning.starts_with(expected), "what is declared has its code: {warning}");
}

#[cfg(unix)]
#[test]
fn a_folder_is_for_one_hearth() {
    let project = project();
    let mut running = up(&project);
    running.send_message("bills", "message");
    for arguments in
        [&["up", "--port", "0", "--data-dir", "state"][..], &["state", "info", "--data-dir", "state"]]
    {
        let Ran { stderr, .. } = project.run(arguments).exits(3);
        assert!(stderr.starts_with("error: `state` is in use by another Hearth (process "), "{stderr}");
    }
    running.signal("TERM");
    assert_eq!(running.wait(), Some(0));
    let table = project.run(&["state", "info", "--data-dir", "state"]).exits(0).stdout;
    assert!(table.starts_with("state  format 1, ") && table.contains(" bytes, whole\n"), "{table}");
    let messages = table.lines().find(|line| line.starts_with("sqs.messages ")).expect("a line");
    assert_eq!(messages.split_whitespace().nth(1), Some("1"), "{table}");
    let document = project.run(&["state", "info", "--data-dir", "state", "--json"]).exits(0).json();
    assert_eq!((&document["format"], &document["whole"]), (&1.into(), &true.into()), "{document}");
}

#[test]
fn what_cannot_be_used_is_said_and_left_alone() {
    let project = project();
    let nothing = project.run(&["state", "info"]).exits(2).stderr;
    assert!(nothing.starts_with("error: there is no state of Hearth in `.hearth`"), "{nothing}");
    project.write("mine/thesis.txt", "years of work");
    let foreign = project.run(&["up", "--port", "0", "--data-dir", "mine"]).exits(2).stderr;
    assert!(foreign.contains("`mine` has files in it that are not Hearth's (`thesis.txt`)"), "{foreign}");

    let running = up(&project);
    running.send_message("bills", "message");
    drop(running);
    let file = project.path("state/state.redb");
    let content = fs::read(&file).expect("a file");
    fs::write(&file, &content[..content.len() / 3]).expect("written");
    for arguments in
        [&["up", "--port", "0", "--data-dir", "state"][..], &["state", "info", "--data-dir", "state"]]
    {
        let damaged = project.run(arguments).exits(3).stderr;
        assert!(damaged.contains("state.redb` is damaged: "), "{damaged}");
        assert!(damaged.contains("Nothing was changed"), "{damaged}");
    }
    assert_eq!(fs::read(&file).expect("a file").len(), content.len() / 3);
    fs::write(&file, &content).expect("written");
    let running = up(&project);
    assert_eq!(member(&ask(&running, "ReceiveMessage", "bills", ""), "Body"), "message");
}

#[test]
fn without_a_folder_nothing_is_kept() {
    let project = project();
    let running = project.up(&["--ephemeral"]);
    running.send_message("bills", "message");
    drop(running);
    let names: Vec<_> = fs::read_dir(project.path("."))
        .expect("a folder")
        .map(|entry| entry.expect("one").file_name())
        .collect();
    assert_eq!(names, ["hearth.toml"]);
    let both = project.run(&["up", "--ephemeral", "--data-dir", "state"]).exits(2).stderr;
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn state_goes_to_a_file_and_comes_back() {
    let project = project();
    let running = up(&project);
    running.send_message("bills", "message");
    let in_use = project.run(&["state", "info", "--data-dir", "state"]).exits(3).stderr;
    assert!(in_use.contains("in use by another Hearth"), "{in_use}");
    drop(running);
    // What else the folder has belongs to it.
    project.write("state/objects/a/b", "the body of an object");
    project.run(&["state", "export", "shop.zip", "--data-dir", "state"]).exits(0);
    project.run(&["state", "import", "shop.zip", "--data-dir", "copies/one"]).exits(0);
    let body = fs::read_to_string(project.path("copies/one/objects/a/b")).expect("it is there");
    assert_eq!(body, "the body of an object");
    fs::remove_dir_all(project.path("copies/one/objects")).expect("it was there");

    let running = project.up(&["--data-dir", "copies/one"]);
    assert_eq!(member(&ask(&running, "ReceiveMessage", "bills", ""), "Body"), "message");
    let in_use = project
        .run(&["state", "import", "shop.zip", "--data-dir", "copies/one", "--replace"])
        .exits(3)
        .stderr;
    assert!(in_use.contains("in use by another Hearth"), "{in_use}");
    drop(running);
    let refused = project.run(&["state", "import", "shop.zip", "--data-dir", "copies/one"]).exits(2).stderr;
    assert!(
        refused.contains("there is state in `copies/one`") && refused.contains("`--replace`"),
        "{refused}"
    );
    project.run(&["state", "import", "shop.zip", "--data-dir", "copies/one", "--replace"]).exits(0);
    assert!(project.path("copies/one/objects/a/b").exists());
    let names = fs::read_dir(project.path("copies")).expect("a folder").count();
    assert_eq!(names, 1, "nothing is left beside it");

    project.write("text.zip", "no archive");
    let refused = project.run(&["state", "import", "text.zip", "--data-dir", "other"]).exits(2).stderr;
    assert!(refused.contains("`text.zip` is no state that Hearth exported"), "{refused}");
    assert!(!project.path("other").exists());
    project.write("mine/thesis.txt", "years of work");
    let foreign = ["state", "import", "shop.zip", "--data-dir", "mine", "--replace"];
    let foreign = project.run(&foreign).exits(2).stderr;
    assert!(foreign.contains("not Hearth's (`thesis.txt`)"), "{foreign}");
}

#[test]
fn time_does_not_go_back() {
    let project = project();
    let frozen = ["--data-dir", "state", "--clock", "frozen", "--at", "2040-01-01T00:00:00Z"];
    let running = project.up(&frozen);
    running.send_message("orders", "message");
    ask(&running, "ReceiveMessage", "orders", "");
    running.send("POST /_hearth/clock/advance?by=5m", "", "");
    drop(running);
    // Not in 2040, but when its visibility ends: in five minutes from where the clock has got to.
    let running = up(&project);
    let clock = running.send("GET /_hearth/clock", "", "");
    assert!(clock.contains(r#""now":"2040-01-01T00:05:"#), "{clock}");
    running.send("POST /_hearth/clock/advance?by=6m", "", "");
    assert_eq!(member(&ask(&running, "ReceiveMessage", "orders", ""), "Body"), "message");
    drop(running);
    // A clock that was ahead of the machine's is ahead of it again.
    let Ran { stderr, .. } = project.run(&[&["up", "--port", "0"], &frozen[..]].concat()).exits(2);
    let expected = "error: the clock cannot begin at 2040-01-01T00:00:00Z: the state in `state` has got to 2040-01-01T00:11:";
    assert!(stderr.starts_with(expected), "{stderr}");
    let running = project.up(&["--data-dir", "state", "--clock", "frozen"]);
    let clock = running.send("GET /_hearth/clock", "", "");
    assert!(clock.contains(r#""state":"frozen","now":"2040-01-01T00:11:"#), "{clock}");
}

#[cfg(unix)]
#[test]
fn what_functions_log_survives() {
    let manifest = "[functions.misbehave]\ncode = \"functions/misbehave/misbehave.wasm\"\n";
    let project = Project::new(manifest);
    let print = |running: &Up, text: &str| {
        let event = format!(r#"{{"action":"print","text":"{text}"}}"#);
        let answer = running.send("POST /2015-03-31/functions/misbehave/invocations", "", &event);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    let logs = |running: &Up| -> Vec<String> {
        let arguments = ["logs", "misbehave", "--json", "--endpoint", &running.url];
        let text = project.run(&arguments).exits(0).stdout;
        text.lines().map(str::to_owned).collect()
    };
    let mut running = up(&project);
    for text in ["one", "two"] {
        print(&running, text);
    }
    let before = logs(&running);
    assert_eq!(before.len(), 8, "{before:?}");
    running.signal("TERM");
    assert_eq!(running.wait(), Some(0));

    let running = up(&project);
    assert_eq!(logs(&running), before);
    print(&running, "three");
    let all = logs(&running);
    assert_eq!((all.len(), &all[..8]), (12, &before[..]));
    // As `kill -9` does: what has not been written by then is lost, and nothing else.
    drop(running);
    let running = up(&project);
    let found = logs(&running);
    assert!(found.len() >= 8 && all.starts_with(&found), "{found:?}");

    drop(running);
    let info = ["state", "info", "--data-dir", "state"];
    let table = project.run(&info).exits(0).stdout;
    assert!(table.contains("files of logs") && table.contains(", whole\n"), "{table}");
    let folder = paths(&project, "state/logs").remove(0);
    let segment = paths(&project, folder.to_str().expect("text")).remove(0);
    let mut content = fs::read(&segment).expect("a file");
    let last = content.len() - 10;
    content[last] ^= 1;
    fs::write(&segment, &content).expect("written");
    let table = project.run(&info).exits(3).stdout;
    let damage = ": 1 of its parts cannot be read, needed by log group `/aws/lambda/misbehave`\n";
    assert!(table.contains(damage), "{table}");
    let running = up(&project);
    running.says("the file is damaged");
    let rest = logs(&running);
    assert!(rest.len() < found.len() && found.starts_with(&rest), "{rest:?}");

    let reset = running.send("POST /_hearth/reset", "", "");
    assert!(reset.starts_with("HTTP/1.1 200"), "{reset}");
    drop(running);
    let running = up(&project);
    assert_eq!(logs(&running), [""; 0]);
}
