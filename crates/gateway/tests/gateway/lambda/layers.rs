//! Layers: publishing, finding, mounting and deleting them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{FUNCTIONS, orders, zip};
use crate::{client::Answer, world::World};

const LAYERS: &str = "/2018-10-31/layers";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:layer:fonts";

impl World {
    async fn publish_fonts(&self, content: &[u8]) -> Value {
        let request = json!({
            "Content": {"ZipFile": zip(content)},
            "CompatibleRuntimes": ["provided.al2023"],
            "LicenseInfo": "MIT",
        });
        let answer = self.call(&format!("POST {LAYERS}/fonts/versions"), &request).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }
}

#[tokio::test]
async fn a_layer_has_versions_that_can_be_had_back() {
    let world = World::new().await;
    let mut first = world.publish_fonts(b"one").await;
    let content = first["Content"].take();
    let document = json!({
        "CompatibleRuntimes": ["provided.al2023"],
        "Content": null,
        "CreatedDate": "1970-01-01T00:00:00.000+0000",
        "Description": "",
        "LayerArn": ARN,
        "LayerVersionArn": format!("{ARN}:1"),
        "LicenseInfo": "MIT",
        "Version": 1,
    });
    assert_eq!(first, document);
    let location = content["Location"].as_str().expect("a URL").to_owned();
    let path = location.strip_prefix("http://localhost").expect("the host that was called");
    let answer = world.client().await.get(path).await;
    assert_eq!((answer.status, BASE64_STANDARD.encode(&answer.bytes)), (200, zip(b"one")));
    assert_eq!(world.client().await.get(&path.replace("/1", "/7")).await.status, 404);

    let second = world.publish_fonts(b"two").await;
    assert_eq!(world.read(&format!("{LAYERS}/fonts/versions/2")).await, second);
    let by_arn = format!("{LAYERS}?find=LayerVersion&Arn={}", format!("{ARN}:2").replace(':', "%3A"));
    assert_eq!(world.read(&by_arn).await, second);
    let versions = world.read(&format!("{LAYERS}/fonts/versions")).await;
    assert_eq!([&versions["LayerVersions"][0]["Version"], &versions["LayerVersions"][1]["Version"]], [2, 1]);
    let layers = world.read(LAYERS).await["Layers"].clone();
    let newest = &layers[0]["LatestMatchingVersion"]["Version"];
    assert_eq!((&layers[0]["LayerName"], newest), (&json!("fonts"), &json!(2)));
    assert_eq!(world.read(&format!("{LAYERS}?CompatibleRuntime=java25")).await, json!({"Layers": []}));
}

#[tokio::test]
async fn a_function_keeps_a_layer_that_was_deleted() {
    let world = World::new().await;
    let size = world.publish_fonts(b"one").await["Content"]["CodeSize"].clone();
    let function = orders(&json!({"Layers": [format!("{ARN}:1")]}));
    let created = world.call(&format!("POST {FUNCTIONS}"), &function).await;
    let mounted = json!([{"Arn": format!("{ARN}:1"), "CodeSize": size}]);
    assert_eq!((created.status, &created.json()["Layers"]), (201, &mounted));

    let line = format!("DELETE {LAYERS}/fonts/versions/1");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    let gone = "The resource you requested does not exist.";
    let read = format!("GET {LAYERS}/fonts/versions/1");
    world.refused(&read, &Value::Null, 404, "ResourceNotFoundException", gone).await;
    world.update_orders(b"version 2").await;
    let configuration = format!("{FUNCTIONS}/orders/configuration");
    assert_eq!(world.read(&configuration).await["Layers"], mounted);
    assert_eq!(world.publish_fonts(b"two").await["Version"], 2);
    let line = format!("PUT {configuration}");
    assert_eq!(world.call(&line, &json!({"Layers": []})).await.status, 200);
    assert_eq!(world.read(&configuration).await.get("Layers"), None);
}

#[tokio::test]
async fn layers_that_cannot_be_mounted_are_refused() {
    let world = World::new().await;
    world.publish_fonts(b"one").await;
    world.publish_fonts(b"two").await;
    let check = async |layers: Value, message: &str| {
        let function = orders(&json!({"Layers": layers}));
        let line = format!("POST {FUNCTIONS}");
        world.refused(&line, &function, 400, "InvalidParameterValueException", message).await;
    };
    check(json!([format!("{ARN}:3")]), &format!("Layer version {ARN}:3 does not exist.")).await;
    let twice = format!(
        "Two different versions of the same layer are not allowed to be referenced in the same function. {ARN}:1 and \
         {ARN}:2 are versions of the same layer."
    );
    check(json!([format!("{ARN}:1"), format!("{ARN}:2")]), &twice).await;
    let far = format!("{ARN}:1").replace("us-east-1", "eu-west-1");
    let region =
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.";
    check(json!([far]), region).await;
    check(json!(vec![format!("{ARN}:1"); 6]), "Cannot reference more than 5 layers.").await;
    let zero = format!("GET {LAYERS}/fonts/versions/0");
    let message = "Layer Version Cannot be less than 1";
    world.refused(&zero, &Value::Null, 400, "InvalidParameterValueException", message).await;
}

/// What another account signs with.
const OTHER: (&str, &str) = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00",
);

impl World {
    async fn call_as_other(&self, line: &str, document: &Value) -> Answer {
        let body = if document.is_null() { String::new() } else { document.to_string() };
        self.client().await.call(line, &[OTHER], &body).await
    }
}

fn denied(action: &str, resource: &str) -> Value {
    let message = format!(
        "User: arn:aws:iam::123456789012:root is not authorized to perform: {action} on resource: {resource} because no \
         resource-based policy allows the {action} action"
    );
    json!({"Type": "User", "Message": message})
}

#[tokio::test]
async fn a_layer_is_shared_with_whom_its_policy_names() {
    let world = World::new().await;
    world.publish_fonts(b"one").await;
    let arn = format!("{ARN}:1");
    let read = format!("GET {LAYERS}/{}/versions/1", ARN.replace(':', "%3A"));
    let function = format!("POST {FUNCTIONS}");
    let mounting = orders(&json!({"Layers": [arn]}));
    let refused = denied("lambda:GetLayerVersion", &arn);
    for answer in
        [world.call_as_other(&read, &Value::Null).await, world.call_as_other(&function, &mounting).await]
    {
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("AccessDeniedException")));
        assert_eq!(answer.json(), refused);
    }

    let policy = format!("{LAYERS}/fonts/versions/1/policy");
    let permission =
        json!({"StatementId": "other", "Action": "lambda:GetLayerVersion", "Principal": "123456789012"});
    let added = world.call(&format!("POST {policy}"), &permission).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let statement = json!({
        "Sid": "other",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "lambda:GetLayerVersion",
        "Resource": arn,
    });
    let parse = |text: &Value| serde_json::from_str::<Value>(text.as_str().expect("a text")).expect("JSON");
    assert_eq!(parse(&added.json()["Statement"]), statement);
    let whole = world.read(&policy).await;
    assert_eq!(whole["RevisionId"], added.json()["RevisionId"]);
    let expected = json!({"Version": "2012-10-17", "Id": "default", "Statement": [statement]});
    assert_eq!(parse(&whole["Policy"]), expected);
    assert_eq!(world.call_as_other(&read, &Value::Null).await.status, 200);
    assert_eq!(world.call_as_other(&function, &mounting).await.status, 201);
    // Nothing else is allowed.
    let delete = read.replace("GET", "DELETE");
    assert_eq!(
        world.call_as_other(&delete, &Value::Null).await.json(),
        denied("lambda:DeleteLayerVersion", ARN)
    );

    let line = format!("DELETE {policy}/other");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    assert_eq!(world.call_as_other(&read, &Value::Null).await.status, 403);
    let none = "No policy is associated with the given resource.";
    let missing = "ResourceNotFoundException";
    world.refused(&format!("GET {policy}"), &Value::Null, 404, missing, none).await;
    world.refused(&line, &Value::Null, 404, missing, none).await;
}

#[tokio::test]
async fn a_layers_policy_is_changed_by_those_who_know_it() {
    let world = World::new().await;
    world.publish_fonts(b"one").await;
    let policy = format!("{LAYERS}/fonts/versions/1/policy");
    let line = format!("POST {policy}");
    let with = |changes: &Value| {
        let mut request = json!({"StatementId": "all", "Action": "lambda:GetLayerVersion", "Principal": "*"});
        request.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        request
    };
    let everybody = with(&json!({"OrganizationId": "o-0123456789"}));
    let revision = world.call(&line, &everybody).await.json()["RevisionId"].clone();
    let revision = revision.as_str().expect("a text");
    let exists = "The statement id (all) provided already exists. Please provide a new statement id, or remove the existing \
                  statement.";
    world.refused(&line, &everybody, 409, "ResourceConflictException", exists).await;
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the \
                 latest Revision Id";
    let second = with(&json!({"StatementId": "second"}));
    let precondition = "PreconditionFailedException";
    world.refused(&format!("{line}?RevisionId=other"), &second, 412, precondition, stale).await;
    assert_eq!(world.call(&format!("{line}?RevisionId={revision}"), &second).await.status, 201);
    let remove = format!("DELETE {policy}/second?RevisionId={revision}");
    world.refused(&remove, &Value::Null, 412, precondition, stale).await;
    let missing = "ResourceNotFoundException";
    let statement = "Statement third is not found in resource policy.";
    world.refused(&format!("DELETE {policy}/third"), &Value::Null, 404, missing, statement).await;
    let version = format!("Layer version {ARN}:7 does not exist.");
    world.refused(&line.replace("/1/", "/7/"), &second, 404, missing, &version).await;
    let validation = "2 validation errors detected: Value 'lambda:*' at 'action' failed to satisfy constraint: Member must \
                      satisfy regular expression pattern: lambda:GetLayerVersion; Value 's3.amazonaws.com' at 'principal' \
                      failed to satisfy constraint: Member must satisfy regular expression pattern: \
                      \\\\d{12}|\\\\*|arn:(aws[a-zA-Z-]*):iam::\\\\d{12}:root";
    let request = with(&json!({"Action": "lambda:*", "Principal": "s3.amazonaws.com"}));
    world.refused(&line, &request, 400, "ValidationException", validation).await;
}
