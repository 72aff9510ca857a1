//! Code that comes from buckets.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{FUNCTIONS, orders, zip};
use crate::world::World;

impl World {
    async fn put_code(&self, key: &str, content: &[u8]) -> Option<String> {
        let mut client = self.client().await;
        let zip = BASE64_STANDARD.decode(zip(content)).expect("base64");
        let head =
            format!("PUT /code/{key} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", zip.len());
        client.send(&head).await;
        client.send_bytes(&zip).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.header("x-amz-version-id").map(str::to_owned)
    }

    async fn create_bucket(&self) {
        let mut client = self.client().await;
        assert_eq!(client.call("PUT /code", &[], "").await.status, 200);
        let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        assert_eq!(client.call("PUT /code?versioning", &[], versioning).await.status, 200);
    }
}

#[tokio::test]
async fn functions_and_layers_are_made_of_objects() {
    let world = World::new().await;
    world.create_bucket().await;
    let first = world.put_code("v.zip", b"v1").await.expect("a version");
    let code = json!({"S3Bucket": "code", "S3Key": "v.zip"});
    let created = world.call(&format!("POST {FUNCTIONS}"), &orders(&json!({"Code": code}))).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let sha = created.json()["CodeSha256"].clone();
    world.put_code("v.zip", b"v2").await;
    let update = format!("PUT {FUNCTIONS}/orders/code");
    let updated = world.call(&update, &code).await.json();
    assert_ne!(updated["CodeSha256"], sha);
    let back = json!({"S3Bucket": "code", "S3Key": "v.zip", "S3ObjectVersion": first});
    assert_eq!(world.call(&update, &back).await.json()["CodeSha256"], sha);
    let layer = world.call("POST /2018-10-31/layers/fonts/versions", &json!({"Content": code})).await;
    assert_eq!((layer.status, &layer.json()["Content"]["CodeSha256"]), (201, &updated["CodeSha256"]));
}

#[tokio::test]
async fn objects_that_cannot_be_had_are_named_as_s3_does() {
    let world = World::new().await;
    world.create_bucket().await;
    world.put_code("v.zip", b"v1").await;
    let check = async |code: Value, expected: &str| {
        let refused = world.call(&format!("POST {FUNCTIONS}"), &orders(&json!({"Code": code}))).await;
        assert_eq!(
            (refused.status, refused.header("x-amzn-errortype")),
            (400, Some("InvalidParameterValueException"))
        );
        assert_eq!(refused.json()["message"], expected);
    };
    let while_reading = "Error occurred while GetObject. S3 Error Code:";
    check(
        json!({"S3Bucket": "code", "S3Key": "missing"}),
        &format!("{while_reading} NoSuchKey. S3 Error Message: The specified key does not exist."),
    )
    .await;
    check(
        json!({"S3Bucket": "missing", "S3Key": "v.zip"}),
        &format!("{while_reading} NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
    )
    .await;
    check(
        json!({"S3Bucket": "code", "S3Key": "v.zip", "S3ObjectVersion": "missing"}),
        &format!("{while_reading} NoSuchVersion. S3 Error Message: The specified version does not exist."),
    )
    .await;
    check(json!({"S3Bucket": "code"}), "Please provide a source for function code.").await;
    check(
        json!({"S3Bucket": "code", "S3Key": "v.zip", "ZipFile": zip(b"v1")}),
        "Please do not provide other FunctionCode parameters when providing a ZipFile.",
    )
    .await;
}
