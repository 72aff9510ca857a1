//! Creating, reading, changing, listing and deleting functions.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, ROLE, orders, settled, zip};
use crate::world::World;

/// What is said of `orders` once everything is done.
fn document() -> Value {
    json!({
        "Architectures": ["x86_64"],
        "CodeSha256": sha256(&zip(b"v1")),
        "CodeSize": BASE64_STANDARD.decode(zip(b"v1")).expect("base64").len(),
        "Description": "",
        "EphemeralStorage": {"Size": 512},
        "FunctionArn": ARN,
        "FunctionName": "orders",
        "Handler": "bootstrap",
        "LastModified": "1970-01-01T00:00:00.000+0000",
        "LastUpdateStatus": "Successful",
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"},
        "MemorySize": 128,
        "PackageType": "Zip",
        "Role": ROLE,
        "Runtime": "provided.al2023",
        "RuntimeVersionConfig": {"RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:hearth"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "State": "Active",
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "Version": "$LATEST",
    })
}

/// The document with some members replaced, and those that are null taken away.
fn with(mut document: Value, changes: &Value) -> Value {
    let members = document.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    document
}

fn sha256(zip: &str) -> String {
    use sha2::{Digest, Sha256};
    BASE64_STANDARD.encode(Sha256::digest(BASE64_STANDARD.decode(zip).expect("base64")))
}

#[tokio::test]
async fn a_function_is_pending_in_the_answer_and_then_active() {
    let world = World::new().await;
    let created = settled(world.create_orders().await);
    let creating = json!({
        "LastUpdateStatus": null,
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    });
    assert_eq!(created, with(document(), &creating));

    let path = format!("{FUNCTIONS}/orders/configuration");
    assert_eq!(settled(world.read(&path).await), document());
    let qualified = world.read(&format!("{path}?Qualifier=$LATEST")).await;
    assert_eq!(qualified["FunctionArn"], format!("{ARN}:$LATEST"));
    assert_eq!(world.invoke("orders", &[], "1").await.body, "1");
}

#[tokio::test]
async fn what_is_asked_for_is_what_is_there() {
    let world = World::new().await;
    let asked = json!({
        "Description": "Takes orders",
        "MemorySize": 512,
        "Timeout": 30,
        "EphemeralStorage": {"Size": 1024},
        "Environment": {"Variables": {"TABLE": "orders"}},
        "Architectures": ["arm64"],
    });
    let tagged = with(orders(&asked), &json!({"Tags": {"team": "shop"}}));
    let answer = world.call(&format!("POST {FUNCTIONS}"), &tagged).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let function = world.read(&format!("{FUNCTIONS}/orders")).await;
    assert_eq!(settled(function["Configuration"].clone()), with(document(), &asked));
    assert_eq!(function["Tags"], json!({"team": "shop"}));
    assert_eq!(function.get("Concurrency"), None);
    let configuration = world.engine.functions()[1].configuration();
    assert_eq!((configuration.memory.get(), configuration.timeout.get()), (512, 30));
}

#[tokio::test]
async fn the_code_can_be_had_back_where_the_answer_says() {
    let world = World::new().await;
    world.create_orders().await;
    let function = world.read(&format!("{FUNCTIONS}/orders")).await;
    assert_eq!(function["Code"]["RepositoryType"], "S3");
    let location = function["Code"]["Location"].as_str().expect("a URL").to_owned();
    let path = location.strip_prefix("http://localhost").expect("the host that was called");
    let answer = world.client().await.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/zip")));
    assert_eq!(BASE64_STANDARD.encode(&answer.bytes), zip(b"v1"));

    for nothing in
        ["000000000000/us-east-1/nobody/$LATEST", "000000000000/us-east-1/orders/1", "x", "1/2/3/4/5"]
    {
        assert_eq!(
            world.client().await.get(&format!("/_hearth/code/{nothing}")).await.status,
            404,
            "{nothing}"
        );
    }
}

#[tokio::test]
async fn new_code_is_in_progress_in_the_answer_and_then_there() {
    let world = World::new().await;
    world.create_orders().await;
    let updated = settled(world.update_orders(b"version 2").await);
    let code = json!({
        "CodeSha256": sha256(&zip(b"version 2")),
        "CodeSize": BASE64_STANDARD.decode(zip(b"version 2")).expect("base64").len(),
    });
    let updating = json!({
        "LastUpdateStatus": "InProgress",
        "LastUpdateStatusReason": "The function is being created.",
        "LastUpdateStatusReasonCode": "Creating",
    });
    assert_eq!(updated, with(with(document(), &code), &updating));
    let path = format!("{FUNCTIONS}/orders/configuration");
    assert_eq!(settled(world.read(&path).await), with(document(), &code));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let world = World::new().await;
    world.create_orders().await;
    let path = format!("{FUNCTIONS}/orders/configuration");
    let before = world.read(&path).await;
    let request = json!({"ZipFile": zip(b"version 2"), "DryRun": true});
    let answer = world.call(&format!("PUT {FUNCTIONS}/orders/code"), &request).await;
    assert_eq!((answer.status, &answer.json()["CodeSha256"]), (200, &json!(sha256(&zip(b"version 2")))));
    assert_eq!(world.read(&path).await, before);
}

#[tokio::test]
async fn a_setting_that_is_not_named_stays() {
    let world = World::new().await;
    world.create_orders().await;
    let line = format!("PUT {FUNCTIONS}/orders/configuration");
    let change = json!({"MemorySize": 256, "Environment": {"Variables": {"A1": "x"}}});
    let answer = world.call(&line, &change).await;
    assert_eq!((answer.status, &answer.json()["LastUpdateStatus"]), (200, &json!("InProgress")));
    let then = world.call(&line, &json!({"Timeout": 9})).await.json();
    let expected = json!({"MemorySize": 256, "Timeout": 9, "Environment": {"Variables": {"A1": "x"}}});
    let now = settled(world.read(&format!("{FUNCTIONS}/orders/configuration")).await);
    assert_eq!(now, with(document(), &expected));
    assert_eq!(then["Timeout"], 9);
}

#[tokio::test]
async fn who_has_seen_another_revision_is_refused() {
    let world = World::new().await;
    let created = world.create_orders().await;
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                 retrieve the latest Revision Id";
    let configuration = format!("PUT {FUNCTIONS}/orders/configuration");
    // Becoming active was a revision too.
    let request = json!({"RevisionId": created["RevisionId"], "Timeout": 5});
    world.refused(&configuration, &request, 412, "PreconditionFailedException", stale).await;
    let request = json!({"RevisionId": created["RevisionId"], "ZipFile": zip(b"v2")});
    let code = format!("PUT {FUNCTIONS}/orders/code");
    world.refused(&code, &request, 412, "PreconditionFailedException", stale).await;

    let current = world.read(&format!("{FUNCTIONS}/orders/configuration")).await;
    let request = json!({"RevisionId": current["RevisionId"], "Timeout": 5});
    assert_eq!(world.call(&configuration, &request).await.status, 200);
    world.refused(&configuration, &request, 412, "PreconditionFailedException", stale).await;
}

#[tokio::test]
async fn functions_are_listed_in_pages() {
    let world = World::new().await;
    for number in 0..4 {
        let function = orders(&json!({"FunctionName": format!("f{number}")}));
        assert_eq!(world.call(&format!("POST {FUNCTIONS}"), &function).await.status, 201);
    }
    let mut names = Vec::new();
    let mut marker = String::new();
    loop {
        let page = world.read(&format!("{FUNCTIONS}/?MaxItems=2&Marker={marker}")).await;
        let functions = page["Functions"].as_array().expect("functions").clone();
        assert!(functions.len() <= 2);
        names.extend(
            functions.iter().map(|function| function["FunctionName"].as_str().expect("a name").to_owned()),
        );
        let Some(next) = page["NextMarker"].as_str() else { break };
        marker = next.to_owned();
    }
    assert_eq!(names, ["f0", "f1", "f2", "f3", "hello"]);
    let listed = world.read(FUNCTIONS).await["Functions"][0].clone();
    assert_eq!((&listed["State"], listed.get("LastUpdateStatus")), (&json!("Active"), None));
}

#[tokio::test]
async fn a_deleted_function_is_gone_and_its_name_free() {
    let world = World::new().await;
    world.create_orders().await;
    let line = format!("DELETE {FUNCTIONS}/orders");
    let answer = world.call(&line, &Value::Null).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let message = format!("Function not found: {ARN}");
    world.refused(&line, &Value::Null, 404, "ResourceNotFoundException", &message).await;
    assert_eq!(world.invoke("orders", &[], "1").await.status, 404);
    world.create_orders().await;
    assert_eq!(world.invoke("orders", &[], "1").await.body, "1");
}

#[tokio::test]
async fn accounts_and_regions_have_functions_of_their_own() {
    let world = World::new().await;
    world.create_orders().await;
    let authorization = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=00";
    let headers = [("Authorization", authorization)];
    let list = world.client().await.call(&format!("GET {FUNCTIONS}"), &headers, "").await;
    assert_eq!(list.json(), json!({"Functions": []}));
    let body = orders(&json!({})).to_string();
    let created = world.client().await.call(&format!("POST {FUNCTIONS}"), &headers, &body).await;
    assert_eq!(created.json()["FunctionArn"], "arn:aws:lambda:eu-west-1:123456789012:function:orders");
}
