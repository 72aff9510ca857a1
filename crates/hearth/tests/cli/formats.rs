//! What every earlier Hearth has kept is there for this one.
//!
//! `fixtures/state` has an archive for each format that folders with state have had, with something of every service in it. `just
//! state-fixture` writes the one of the format that there is now; those of earlier formats stay as they are.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{Project, Up, samples};

/// When everything in the archives was made: their messages are never too old.
const MADE_AT: &str = "2026-01-01T00:00:00Z";
const READ_AT: &str = "2026-01-01T00:00:10Z";

/// Where the archive of the present format is to be written, if it is.
const WRITE: &str = "HEARTH_STATE_FIXTURE";

/// What the journal has entries of, but what is there for moments only: events of which nobody has been told, and deliveries that are
/// to be tried again because their target had too much to do.
const STREAMS: [&str; 29] = [
    "apigateway.v1.apis",
    "apigateway.v1.deployments",
    "apigateway.v1.keys",
    "apigateway.v1.plans",
    "apigateway.v2.apis",
    "engine.clock",
    "engine.logs",
    "events.rules",
    "lambda.attempts",
    "lambda.functions",
    "lambda.invocations",
    "lambda.layer_versions",
    "lambda.layers",
    "lambda.mappings",
    "lambda.versions",
    "logs.events",
    "logs.groups",
    "logs.streams",
    "s3.buckets",
    "s3.parts",
    "s3.uploads",
    "s3.versions",
    "scheduler.groups",
    "scheduler.schedules",
    "sqs.messages",
    "sqs.queues",
    "sqs.regions",
    "sqs.remembered",
    "sqs.standings",
];

#[test]
fn what_this_hearth_keeps_is_there_again() {
    let project = Project::empty();
    let mut running = up(&project, MADE_AT);
    make(&Client(&running));
    check(&Client(&running));
    end(&mut running);
    let info = project.run(&["state", "info", "--data-dir", "state", "--verify", "--json"]).exits(0).json();
    let streams = info["streams"].as_array().expect("a list").iter();
    let found: BTreeSet<_> = streams
        .filter(|stream| stream["entries"].as_u64() > Some(0))
        .map(|stream| stream["name"].as_str().expect("a name"))
        .collect();
    let missing: Vec<_> = STREAMS.into_iter().filter(|stream| !found.contains(stream)).collect();
    assert!(missing.is_empty(), "there is nothing of {missing:?}, only of {found:?}");
    project.run(&["state", "export", "state.zip", "--data-dir", "state"]).exits(0);
    if let Some(fixture) = env::var_os(WRITE) {
        fs::copy(project.path("state.zip"), fixture).expect("it is written");
    }
    let mut running = up(&project, READ_AT);
    check(&Client(&running));
    end(&mut running);
}

#[test]
fn what_every_earlier_hearth_has_kept_is_there() {
    let archives = archives();
    let name = |archive: &PathBuf| archive.file_stem().expect("a name").to_string_lossy().into_owned();
    let formats: Vec<_> = archives.iter().map(name).collect();
    let expected: Vec<_> =
        (1..=hearth_store::Folder::FORMAT).map(|format| format!("format-{format}")).collect();
    assert_eq!(formats, expected, "`just state-fixture` writes that of this format");
    for archive in archives {
        let project = Project::empty();
        let archive = archive.to_str().expect("text");
        project.run(&["state", "import", archive, "--data-dir", "state"]).exits(0);
        project.run(&["state", "info", "--data-dir", "state", "--verify"]).exits(0);
        let mut running = up(&project, READ_AT);
        check(&Client(&running));
        end(&mut running);
        // And what this Hearth makes of it.
        let running = up(&project, READ_AT);
        check(&Client(&running));
        go_on(&Client(&running));
    }
}

#[test]
fn what_a_later_hearth_has_kept_is_left_alone() {
    let project = Project::empty();
    let later = hearth_store::Folder::FORMAT + 1;
    project.write("state/format", format!("{later}\n"));
    project.write("state/novelty", "nobody knows");
    for arguments in [
        &["up", "--port", "0", "--data-dir", "state"][..],
        &["state", "info", "--data-dir", "state"],
        &["state", "export", "state.zip", "--data-dir", "state"],
    ] {
        let refused = project.run(arguments).exits(3).stderr;
        let expected = format!("`state` was written by a later Hearth: it has format {later}, ");
        assert!(refused.contains(&expected), "{refused}");
    }
    assert_eq!(fs::read_to_string(project.path("state/novelty")).expect("it is there"), "nobody knows");

    let header = format!("archive 1\nfolder {later}\n");
    project.write("later.zip", zip(&[("hearth-state", header.as_bytes())]));
    let refused = project.run(&["state", "import", "later.zip", "--data-dir", "other"]).exits(2).stderr;
    assert!(refused.contains("`later.zip` was written by a later Hearth: use that one"), "{refused}");
    assert!(!project.path("other").exists());
}

/// Those that there are, in their order.
fn archives() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/state");
    let entries = fs::read_dir(folder).expect("a folder");
    let mut archives: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    archives.retain(|path| path.extension().is_some_and(|extension| extension == "zip"));
    archives.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    archives
}

/// With a clock that stands at a moment.
fn up(project: &Project, at: &str) -> Up {
    project.up(&["--data-dir", "state", "--clock", "frozen", "--at", at])
}

fn end(running: &mut Up) {
    running.signal("TERM");
    assert_eq!(running.wait(), Some(0));
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a file");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// A sample as code, in base64.
fn code(sample: &str) -> String {
    let wasm = fs::read(samples().join(format!("{sample}/{sample}.wasm"))).expect("a sample");
    BASE64_STANDARD.encode(zip(&[("bootstrap.wasm", &wasm)]))
}

/// Asks services, and is answered with success.
struct Client<'u>(&'u Up);

impl Client<'_> {
    #[track_caller]
    fn ask(&self, line: &str, headers: &str, body: &str) -> String {
        let answer = self.0.send(line, headers, body);
        assert!(answer.starts_with("HTTP/1.1 2"), "{line} {body}: {answer}");
        answer
    }

    #[track_caller]
    fn operation(&self, target: &str, document: &Value) -> String {
        let version = if target.starts_with("AmazonSQS") { "1.0" } else { "1.1" };
        let headers = format!("content-type: application/x-amz-json-{version}\r\nx-amz-target: {target}\r\n");
        self.ask("POST /", &headers, &document.to_string())
    }

    #[track_caller]
    fn sqs(&self, operation: &str, queue: &str, mut document: Value) -> String {
        document["QueueUrl"] = json!(format!("{}/000000000000/{queue}", self.0.url));
        self.operation(&format!("AmazonSQS.{operation}"), &document)
    }

    #[track_caller]
    fn logs(&self, operation: &str, document: &Value) -> String {
        self.operation(&format!("Logs_20140328.{operation}"), document)
    }

    #[track_caller]
    fn lambda(&self, line: &str, document: &Value) -> String {
        let body = if document.is_null() { String::new() } else { document.to_string() };
        self.ask(line, "content-type: application/json\r\n", &body)
    }

    /// A service that is told from others by what requests are signed for.
    #[track_caller]
    fn signed(&self, service: &str, line: &str, document: &Value) -> String {
        let headers = format!(
            "content-type: application/json\r\nauthorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/\
             aws4_request, SignedHeaders=host, Signature=0\r\n"
        );
        let body = if document.is_null() { String::new() } else { document.to_string() };
        self.ask(line, &headers, &body)
    }
}

/// What an answer's document has under a name.
fn member(answer: &str, name: &str) -> String {
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    let document: Value = serde_json::from_str(body).expect("JSON");
    document[name].as_str().unwrap_or_else(|| panic!("{document}")).to_owned()
}

#[track_caller]
fn has(answer: &str, texts: &[&str]) {
    for text in texts {
        assert!(answer.contains(text), "`{text}` is not in {answer}");
    }
}

const ORDERS: &str = "arn:aws:sqs:us-east-1:000000000000:orders";
const ECHO: &str = "arn:aws:lambda:us-east-1:000000000000:function:echo";
const FUNCTIONS: &str = "/2015-03-31/functions";

/// Makes something of every service.
fn make(client: &Client<'_>) {
    make_queues(client);
    make_functions(client);
    make_buckets(client);
    make_events(client);
    make_apis(client);
    make_logs(client);
}

/// Finds what [`make`] has made.
fn check(client: &Client<'_>) {
    check_queues(client);
    check_functions(client);
    check_buckets(client);
    check_events(client);
    check_apis(client);
    check_logs(client);
}

/// Lets happen what was to happen later.
fn go_on(client: &Client<'_>) {
    client.ask("POST /_hearth/clock/advance?by=16m", "", "");
    let attributes = json!({ "AttributeNames": ["All"] });
    let counts = client.sqs("GetQueueAttributes", "orders", attributes);
    has(&counts, &[r#""ApproximateNumberOfMessages":"3""#]);
    // The event, which nothing keeps from being handled any more.
    let lines = client.logs("FilterLogEvents", &json!({ "logGroupName": "/aws/lambda/hello" }));
    assert_eq!(lines.matches("hello has an event of").count(), 2, "{lines}");
}

fn make_queues(client: &Client<'_>) {
    let orders = json!({ "QueueName": "orders", "Attributes": { "VisibilityTimeout": "600" }, "tags": { "team": "a" } });
    client.sqs("CreateQueue", "orders", orders);
    client.sqs("SendMessage", "orders", json!({ "MessageBody": "in flight" }));
    has(&client.sqs("ReceiveMessage", "orders", json!({})), &["in flight"]);
    let attributes = json!({ "colour": { "DataType": "String", "StringValue": "red" } });
    let visible = json!({ "MessageBody": "visible", "MessageAttributes": attributes });
    client.sqs("SendMessage", "orders", visible);
    client.sqs("SendMessage", "orders", json!({ "MessageBody": "delayed", "DelaySeconds": 900 }));
    let fifo = json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" });
    client.sqs("CreateQueue", "steps.fifo", json!({ "QueueName": "steps.fifo", "Attributes": fifo }));
    for body in ["first", "second", "first"] {
        client.sqs("SendMessage", "steps.fifo", json!({ "MessageBody": body, "MessageGroupId": "group" }));
    }
    client.sqs("CreateQueue", "dead", json!({ "QueueName": "dead" }));
    let redrive = json!({ "deadLetterTargetArn": ORDERS, "maxReceiveCount": 3 }).to_string();
    client.sqs("SetQueueAttributes", "dead", json!({ "Attributes": { "RedrivePolicy": redrive } }));
}

fn check_queues(client: &Client<'_>) {
    let attributes =
        |queue: &str| client.sqs("GetQueueAttributes", queue, json!({ "AttributeNames": ["All"] }));
    has(
        &attributes("orders"),
        &[
            r#""VisibilityTimeout":"600""#,
            r#""ApproximateNumberOfMessages":"1""#,
            r#""ApproximateNumberOfMessagesNotVisible":"1""#,
            r#""ApproximateNumberOfMessagesDelayed":"1""#,
        ],
    );
    has(&client.sqs("ListQueueTags", "orders", json!({})), &[r#"{"team":"a"}"#]);
    let look = json!({ "VisibilityTimeout": 0, "MessageAttributeNames": ["All"] });
    has(&client.sqs("ReceiveMessage", "orders", look), &[r#""Body":"visible""#, r#""StringValue":"red""#]);
    let look = json!({ "VisibilityTimeout": 0, "MaxNumberOfMessages": 10 });
    let steps = client.sqs("ReceiveMessage", "steps.fifo", look);
    has(&steps, &[r#""Body":"first""#, r#""Body":"second""#]);
    assert_eq!(steps.matches("\"Body\"").count(), 2, "a duplicate: {steps}");
    has(&attributes("steps.fifo"), &[r#""FifoQueue":"true""#, r#""ContentBasedDeduplication":"true""#]);
    has(&attributes("dead"), &["maxReceiveCount"]);
}

fn make_functions(client: &Client<'_>) {
    let layer = json!({ "Description": "shared", "Content": { "ZipFile": BASE64_STANDARD.encode(zip(&[("note", b"text")])) } });
    let layer = member(&client.lambda("POST /2018-10-31/layers/notes/versions", &layer), "LayerVersionArn");
    let function = |name: &str, sample: &str| {
        json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": "arn:aws:iam::000000000000:role/fixture",
            "Code": { "ZipFile": code(sample) },
        })
    };
    let mut echo = function("echo", "echo");
    echo["Description"] = json!("says it again");
    echo["MemorySize"] = json!(256);
    echo["Environment"] = json!({ "Variables": { "COLOUR": "red" } });
    echo["Tags"] = json!({ "team": "a" });
    echo["Layers"] = json!([layer]);
    client.lambda(&format!("POST {FUNCTIONS}"), &echo);
    client.lambda(&format!("POST {FUNCTIONS}/echo/versions"), &json!({ "Description": "the first" }));
    client.lambda(&format!("PUT {FUNCTIONS}/echo/configuration"), &json!({ "Timeout": 7 }));
    client.lambda(&format!("POST {FUNCTIONS}/echo/versions"), &json!({}));
    let alias = json!({
        "Name": "live",
        "FunctionVersion": "1",
        "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.25 } }
    });
    client.lambda(&format!("POST {FUNCTIONS}/echo/aliases"), &alias);
    let permission = json!({
        "StatementId": "anybody",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com"
    });
    client.lambda(&format!("POST {FUNCTIONS}/echo/policy"), &permission);
    client.lambda("POST /2021-10-31/functions/echo/url", &json!({ "AuthType": "NONE" }));
    let asynchronous =
        json!({ "MaximumRetryAttempts": 1, "DestinationConfig": { "OnFailure": { "Destination": ORDERS } } });
    client.lambda("PUT /2019-09-25/functions/echo/event-invoke-config", &asynchronous);
    let reserved = json!({ "ReservedConcurrentExecutions": 5 });
    client.lambda("PUT /2017-10-31/functions/echo/concurrency", &reserved);
    let mapping =
        json!({ "EventSourceArn": ORDERS, "FunctionName": "echo", "Enabled": false, "BatchSize": 3 });
    client.lambda("POST /2015-03-31/event-source-mappings/", &mapping);

    // One that writes lines, and has an event that is to be tried again.
    client.lambda(&format!("POST {FUNCTIONS}"), &function("hello", "hello-command"));
    client.lambda(&format!("POST {FUNCTIONS}/hello/invocations"), &json!({ "name": "Ada" }));
    client.lambda("POST /_hearth/faults", &json!({ "fault": "fail", "function": "hello" }));
    let headers = "content-type: application/json\r\nx-amz-invocation-type: Event\r\n";
    client.ask(&format!("POST {FUNCTIONS}/hello/invocations"), headers, r#"{"name":"Bob"}"#);
    client.ask("POST /_hearth/settle", "", "");
}

fn check_functions(client: &Client<'_>) {
    let get = |path: &str| client.lambda(&format!("GET {path}"), &Value::Null);
    let versions = get(&format!("{FUNCTIONS}/echo/versions"));
    has(
        &versions,
        &[r#""Version":"1""#, r#""Version":"2""#, r#""Timeout":7"#, r#""Timeout":3"#, "the first"],
    );
    let function = get(&format!("{FUNCTIONS}/echo"));
    has(
        &function,
        &["says it again", r#""MemorySize":256"#, r#""COLOUR":"red""#, r#""team":"a""#, ":layer:notes:1"],
    );
    has(&function, &[r#""ReservedConcurrentExecutions":5"#]);
    has(&get(&format!("{FUNCTIONS}/echo/aliases")), &[r#""Name":"live""#, r#""2":0.25"#]);
    has(&get(&format!("{FUNCTIONS}/echo/policy")), &["anybody", "s3.amazonaws.com"]);
    has(&get("/2021-10-31/functions/echo/url"), &[r#""AuthType":"NONE""#]);
    has(&get("/2019-09-25/functions/echo/event-invoke-config"), &[r#""MaximumRetryAttempts":1"#, ORDERS]);
    has(&get("/2015-03-31/event-source-mappings/"), &[ORDERS, r#""BatchSize":3"#, r#""State":"Disabled""#]);
    has(&get("/2018-10-31/layers/notes/versions"), &["shared", r#""Version":1"#]);
    let invoked =
        client.lambda(&format!("POST {FUNCTIONS}/echo/invocations?Qualifier=live"), &json!({ "number": 7 }));
    has(&invoked, &[r#"{"number":7}"#]);
}

fn make_buckets(client: &Client<'_>) {
    let ask = |line: &str, body: &str| client.ask(line, "", body);
    ask("PUT /pictures", "");
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    ask("PUT /pictures?versioning", versioning);
    ask("PUT /pictures/cat", "an old cat");
    client.ask(
        "PUT /pictures/cat",
        "content-type: text/plain\r\nx-amz-meta-mood: calm\r\nx-amz-tagging: colour=red\r\n",
        "a cat",
    );
    ask("PUT /pictures/dog", "a dog");
    ask("DELETE /pictures/dog", "");
    let tags = "<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>";
    ask("PUT /pictures?tagging", tags);
    let lifecycle = "<LifecycleConfiguration><Rule><ID>old</ID><Status>Enabled</Status><Filter><Prefix>tmp/</Prefix></Filter>\
                     <Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>";
    ask("PUT /pictures?lifecycle", lifecycle);
    let begun = ask("POST /pictures/film?uploads", "");
    let id = begun.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("an id").0;
    ask(&format!("PUT /pictures/film?partNumber=1&uploadId={id}"), "the first part");
}

fn check_buckets(client: &Client<'_>) {
    let get = |path: &str| client.ask(&format!("GET {path}"), "", "");
    let cat = get("/pictures/cat");
    has(&cat, &["a cat", "content-type: text/plain", "x-amz-meta-mood: calm", "x-amz-tagging-count: 1"]);
    let versions = get("/pictures?versions");
    assert_eq!(versions.matches("<Version>").count(), 3, "{versions}");
    has(&versions, &["<DeleteMarker>"]);
    assert!(client.0.send("GET /pictures/dog", "", "").starts_with("HTTP/1.1 404"));
    has(&get("/pictures?tagging"), &["<Key>team</Key><Value>a</Value>"]);
    has(&get("/pictures?lifecycle"), &["<Days>30</Days>"]);
    let uploads = get("/pictures?uploads");
    let id =
        uploads.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("an upload").0;
    has(&get(&format!("/pictures/film?uploadId={id}")), &["<PartNumber>1</PartNumber>", "<Size>14</Size>"]);
}

fn make_events(client: &Client<'_>) {
    let events =
        |operation: &str, document: Value| client.operation(&format!("AWSEvents.{operation}"), &document);
    let rule = json!({ "Name": "daily", "ScheduleExpression": "rate(1 day)", "Description": "every day" });
    events("PutRule", rule);
    let target = json!({ "Id": "queue", "Arn": ORDERS, "Input": r#"{"day":1}"# });
    events("PutTargets", json!({ "Rule": "daily", "Targets": [target] }));
    client.signed("scheduler", "POST /schedule-groups/team", &json!({}));
    let schedule = json!({
        "GroupName": "team",
        "ScheduleExpression": "cron(0 0 1 1 ? 2199)",
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": ORDERS, "RoleArn": "arn:aws:iam::000000000000:role/scheduler", "Input": "the day" }
    });
    client.signed("scheduler", "POST /schedules/century", &schedule);
}

fn check_events(client: &Client<'_>) {
    let rule = client.operation("AWSEvents.DescribeRule", &json!({ "Name": "daily" }));
    has(&rule, &["rate(1 day)", "every day"]);
    let targets = client.operation("AWSEvents.ListTargetsByRule", &json!({ "Rule": "daily" }));
    has(&targets, &[ORDERS, "day"]);
    let schedule = client.signed("scheduler", "GET /schedules/century?groupName=team", &Value::Null);
    has(&schedule, &["cron(0 0 1 1 ? 2199)", "the day", ORDERS]);
}

fn make_apis(client: &Client<'_>) {
    let api = |line: &str, document: Value| client.signed("apigateway", line, &document);
    let rest = api("POST /restapis", json!({ "name": "shop", "description": "of old" }));
    let (id, root) = (member(&rest, "id"), member(&rest, "rootResourceId"));
    api(&format!("PUT /restapis/{id}/resources/{root}/methods/GET"), json!({ "authorizationType": "NONE" }));
    let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ECHO}/invocations");
    let integration = json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri });
    api(&format!("PUT /restapis/{id}/resources/{root}/methods/GET/integration"), integration);
    api(&format!("POST /restapis/{id}/deployments"), json!({ "stageName": "live" }));
    api("POST /apikeys", json!({ "name": "key", "enabled": true, "value": "a-value-of-twenty-characters" }));
    let plan = json!({ "name": "plan", "apiStages": [{ "apiId": id, "stage": "live" }] });
    api("POST /usageplans", plan);
    api("POST /v2/apis", json!({ "name": "quick", "protocolType": "HTTP", "target": ECHO }));
    let chat = json!({
        "name": "chat",
        "protocolType": "WEBSOCKET",
        "routeSelectionExpression": "$request.body.action"
    });
    api("POST /v2/apis", chat);
}

fn check_apis(client: &Client<'_>) {
    let get = |path: &str| client.signed("apigateway", &format!("GET {path}"), &Value::Null);
    let apis = get("/restapis");
    has(&apis, &[r#""name":"shop""#, "of old"]);
    let id = apis.split_once("\"id\":\"").and_then(|(_, rest)| rest.split_once('"')).expect("an id").0;
    has(&get(&format!("/restapis/{id}/stages")), &[r#""stageName":"live""#]);
    has(&get("/apikeys"), &[r#""name":"key""#]);
    has(&get("/usageplans"), &[r#""name":"plan""#, r#""stage":"live""#]);
    has(&get("/v2/apis"), &[r#""name":"quick""#, r#""name":"chat""#, "$request.body.action"]);
}

fn make_logs(client: &Client<'_>) {
    let group = json!({ "logGroupName": "shop", "tags": { "team": "a" } });
    client.logs("CreateLogGroup", &group);
    client.logs("PutRetentionPolicy", &json!({ "logGroupName": "shop", "retentionInDays": 7 }));
    client.logs("CreateLogStream", &json!({ "logGroupName": "shop", "logStreamName": "till" }));
    let events = json!([{ "timestamp": 1_767_225_600_000_u64, "message": "opened" }]);
    client.logs(
        "PutLogEvents",
        &json!({ "logGroupName": "shop", "logStreamName": "till", "logEvents": events }),
    );
}

fn check_logs(client: &Client<'_>) {
    let groups = client.logs("DescribeLogGroups", &json!({ "logGroupNamePrefix": "shop" }));
    has(&groups, &[r#""retentionInDays":7"#]);
    let events = client.logs("GetLogEvents", &json!({ "logGroupName": "shop", "logStreamName": "till" }));
    has(&events, &["opened", "1767225600000"]);
    // What functions have logged.
    let lines = client.logs("FilterLogEvents", &json!({ "logGroupName": "/aws/lambda/hello" }));
    has(&lines, &["START RequestId: ", "hello has an event of 14 bytes", "REPORT RequestId: ", "[$LATEST]"]);
}
