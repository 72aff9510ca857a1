//! The protocol AWS JSON, as far as all its services have it in common.

use serde_json::{Value, json};

use crate::{client::Answer, world::World};

impl World {
    /// Calls an operation, such as `Logs_20140328.CreateLogGroup`.
    pub(crate) async fn target(&self, target: &str, document: &Value) -> Answer {
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")];
        self.client().await.call("POST /", &headers, &document.to_string()).await
    }
}

fn code(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["__type"].clone())
}

#[tokio::test]
async fn answers_have_the_version_and_an_id() {
    let world = World::new().await;
    let group = json!({"logGroupName": "orders"});
    let created = world.target("Logs_20140328.CreateLogGroup", &group).await;
    assert_eq!((created.status, created.body.as_str()), (200, ""));
    assert_eq!(created.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(created.header("content-type"), Some("application/x-amz-json-1.1"));

    let again = world.target("Logs_20140328.CreateLogGroup", &group).await;
    assert_eq!(again.status, 400);
    let document = json!({
        "__type": "ResourceAlreadyExistsException",
        "message": "The specified log group already exists",
    });
    assert_eq!(again.json(), document);
    assert_eq!(again.header("x-amzn-requestid").map(str::len), Some(36));

    let headers =
        [("x-amz-target", "Logs_20140328.DeleteLogGroup"), ("content-type", "application/x-amz-json-1.0")];
    let deleted = world.client().await.call("POST /", &headers, &group.to_string()).await;
    assert_eq!((deleted.status, deleted.header("content-type")), (200, Some("application/x-amz-json-1.0")));
}

#[tokio::test]
async fn partitions_are_kept_apart() {
    let world = World::new().await;
    let group = json!({"logGroupName": "orders"}).to_string();
    for account in ["111111111111", "222222222222"] {
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={account}/20260101/eu-west-1/logs/aws4_request");
        let headers = [("x-amz-target", "Logs_20140328.CreateLogGroup"), ("authorization", &*authorization)];
        let answer = world.client().await.call("POST /", &headers, &group).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let groups = world.target("Logs_20140328.DescribeLogGroups", &json!({})).await;
    assert_eq!(groups.json(), json!({"logGroups": []}), "nobody's");
}

#[tokio::test]
async fn what_is_no_operation_and_no_document_is_refused() {
    let world = World::new().await;
    for target in ["Logs_20140328.Nothing", "Nothing_1.CreateLogGroup", "", "CreateLogGroup"] {
        let answer = world.target(target, &json!({})).await;
        assert_eq!(code(&answer), (400, json!("UnknownOperationException")), "{target}");
    }
    for document in [json!("orders"), json!({"logGroupName": 1})] {
        let answer = world.target("Logs_20140328.CreateLogGroup", &document).await;
        assert_eq!(code(&answer), (400, json!("SerializationException")), "{document}");
    }
    let answer = world.target("Logs_20140328.StartLiveTail", &json!({})).await;
    assert_eq!(code(&answer), (501, json!("NotImplementedException")));
    let headers = [("x-amz-target", "Logs_20140328.CreateLogGroup")];
    let answer = world.client().await.call("GET /", &headers, "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let nowhere = world.client().await.call("POST /", &[], "{}").await;
    assert_eq!(nowhere.status, 404);
}
