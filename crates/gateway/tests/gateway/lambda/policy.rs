//! Resource policies: giving, reading and taking permissions.

use serde_json::{Value, json};

use super::ARN;
use crate::world::World;

const POLICY: &str = "/2015-03-31/functions/orders/policy";

#[tokio::test]
async fn permissions_are_given_read_and_taken() {
    let world = World::new().await;
    world.create_orders().await;
    let request = json!({
        "StatementId": "bucket",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::uploads",
        "SourceAccount": "123456789012",
    });
    let answer = world.call(&format!("POST {POLICY}"), &request).await;
    let bucket = json!({
        "Sid": "bucket",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"},
        },
    });
    let parse = |text: &Value| serde_json::from_str::<Value>(text.as_str().expect("a text")).expect("JSON");
    assert_eq!((answer.status, parse(&answer.json()["Statement"])), (201, bucket.clone()));

    let account = json!({"StatementId": "account", "Action": "*", "Principal": "123456789012"});
    let answer = world.call(&format!("POST {POLICY}"), &account).await.json();
    let account = parse(&answer["Statement"]);
    assert_eq!(account["Principal"], json!({"AWS": "arn:aws:iam::123456789012:root"}));
    assert_eq!(account.get("Condition"), None);
    let policy = parse(&world.read(POLICY).await["Policy"]);
    let expected = json!({"Version": "2012-10-17", "Id": "default", "Statement": [bucket, account]});
    assert_eq!(policy, expected);

    for statement in ["bucket", "account"] {
        let answer = world.call(&format!("DELETE {POLICY}/{statement}"), &Value::Null).await;
        assert_eq!(answer.status, 204);
    }
    let gone = "The resource you requested does not exist.";
    let missing = "ResourceNotFoundException";
    world.refused(&format!("GET {POLICY}"), &Value::Null, 404, missing, gone).await;
    let none = format!("No policy is found for: {ARN}");
    world.refused(&format!("DELETE {POLICY}/bucket"), &Value::Null, 404, missing, &none).await;
}

#[tokio::test]
async fn permissions_that_cannot_be_given_are_refused() {
    let world = World::new().await;
    world.create_orders().await;
    let line = format!("POST {POLICY}");
    let with = |changes: &Value| {
        let mut request = json!({"StatementId": "one", "Action": "lambda:InvokeFunction", "Principal": "*"});
        request.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        request
    };
    assert_eq!(world.call(&line, &with(&json!({}))).await.status, 201);
    let exists = "The statement id (one) provided already exists. Please provide a new statement id, or remove the existing \
                  statement.";
    world.refused(&line, &with(&json!({})), 409, "ResourceConflictException", exists).await;
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                 latest Revision Id";
    let request = with(&json!({"StatementId": "two", "RevisionId": "x"}));
    world.refused(&line, &request, 412, "PreconditionFailedException", stale).await;
    let invalid = "InvalidParameterValueException";
    let principal = "The provided principal was invalid. Please check the principal and try again.";
    let request = with(&json!({"StatementId": "two", "Principal": "me"}));
    world.refused(&line, &request, 400, invalid, principal).await;
    let action = "1 validation error detected: Value 's3:Get' at 'action' failed to satisfy constraint: Member must satisfy \
                  regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])";
    world.refused(&line, &with(&json!({"Action": "s3:Get"})), 400, "ValidationException", action).await;
    let latest = "We currently do not support adding policies for $LATEST.";
    let qualified = format!("{line}?Qualifier=$LATEST");
    world.refused(&qualified, &with(&json!({})), 400, invalid, latest).await;
    let missing = "ResourceNotFoundException";
    let alias = format!("Cannot find alias arn: {ARN}:live");
    world.refused(&format!("{line}?Qualifier=live"), &with(&json!({})), 404, missing, &alias).await;
    let statement = "Statement two is not found in resource policy.";
    world.refused(&format!("DELETE {POLICY}/two"), &Value::Null, 404, missing, statement).await;
}
