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
    let none = "No policy is associated with the given resource.";
    world.refused(&format!("DELETE {POLICY}/bucket"), &Value::Null, 404, missing, none).await;
    let nobody = format!("No policy found for: {}", ARN.replace("orders", "nobody"));
    let line = format!("DELETE {}/bucket", POLICY.replace("orders", "nobody"));
    world.refused(&line, &Value::Null, 404, missing, &nobody).await;
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
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                 retrieve the latest Revision Id";
    let request = with(&json!({"StatementId": "two", "RevisionId": "x"}));
    world.refused(&line, &request, 412, "PreconditionFailedException", stale).await;
    let invalid = "InvalidParameterValueException";
    let principal = "The provided principal was invalid. Please check the principal and try again.";
    let request = with(&json!({"StatementId": "two", "Principal": "me"}));
    world.refused(&line, &request, 400, invalid, principal).await;
    let action = "1 validation error detected: Value 's3:Get' at 'action' failed to satisfy constraint: Member must satisfy \
                  regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])";
    world.refused(&line, &with(&json!({"Action": "s3:Get"})), 400, "ValidationException", action).await;
    let url = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action.";
    world.refused(&line, &with(&json!({"FunctionUrlAuthType": "NONE"})), 400, invalid, url).await;
    let long = with(
        &json!({"StatementId": "x".repeat(100), "SourceArn": format!("arn:aws:s3:::{}", "y".repeat(9_000))}),
    );
    assert_eq!(world.call(&line, &long).await.status, 201);
    let longer =
        with(&json!({"StatementId": "longer", "SourceArn": format!("arn:aws:s3:::{}", "y".repeat(11_000))}));
    let refused = world.call(&line, &longer).await;
    assert_eq!(
        (refused.status, refused.header("x-amzn-errortype")),
        (400, Some("PolicyLengthExceededException"))
    );
    let latest = "We currently do not support adding policies for $LATEST.";
    let qualified = format!("{line}?Qualifier=$LATEST");
    world.refused(&qualified, &with(&json!({})), 400, invalid, latest).await;
    let missing = "ResourceNotFoundException";
    let alias = format!("Cannot find alias arn: {ARN}:live");
    world.refused(&format!("{line}?Qualifier=live"), &with(&json!({})), 404, missing, &alias).await;
    let statement = "Statement two is not found in resource policy.";
    world.refused(&format!("DELETE {POLICY}/two"), &Value::Null, 404, missing, statement).await;
}

#[tokio::test]
async fn a_policy_has_the_revision_of_what_it_is_on() {
    let world = World::new().await;
    world.create_orders().await;
    let revision = async |path: &str| world.read(path).await["RevisionId"].clone();
    let configuration = "/2015-03-31/functions/orders/configuration";
    let before = revision(configuration).await;
    let all = json!({"StatementId": "all", "Action": "lambda:InvokeFunction", "Principal": "*", "RevisionId": before});
    assert_eq!(world.call(&format!("POST {POLICY}"), &all).await.status, 201);
    let after = revision(configuration).await;
    assert_ne!(before, after);
    assert_eq!(revision(POLICY).await, after);
    assert_eq!(revision(&format!("{POLICY}?Qualifier=$LATEST")).await, after);

    let stale = format!("DELETE {POLICY}/all?RevisionId={}", before.as_str().expect("a text"));
    assert_eq!(world.call(&stale, &Value::Null).await.status, 412);
    let meant = format!("DELETE {POLICY}/all?RevisionId={}", after.as_str().expect("a text"));
    assert_eq!(world.call(&meant, &Value::Null).await.status, 204);
    assert_ne!(revision(configuration).await, after);
}

#[tokio::test]
async fn conditions_are_written_as_iam_writes_them() {
    let world = World::new().await;
    world.create_orders().await;
    let check = async |id: &str, changes: Value, expected: Value| {
        let mut request = json!({"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "*"});
        request.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        let answer = world.call(&format!("POST {POLICY}"), &request).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let text = answer.json()["Statement"].as_str().expect("a text").to_owned();
        let begin =
            format!("{{\"Sid\":\"{id}\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"lambda:Invoke");
        assert!(text.starts_with(&begin), "{text}");
        let statement: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(statement["Condition"], expected);
    };
    let url = json!({"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"});
    check("url", url, json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}})).await;
    let via = json!({"InvokedViaFunctionUrl": true});
    check("via", via, json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})).await;
    let organization = json!({"PrincipalOrgID": "o-0123456789"});
    check("org", organization, json!({"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}})).await;
}

#[tokio::test]
async fn what_has_no_form_is_told_so_in_one_answer() {
    let world = World::new().await;
    world.create_orders().await;
    let request = json!({
        "StatementId": "a b",
        "Action": "lambda:InvokeFunction",
        "Principal": "*",
        "SourceAccount": "1234",
        "PrincipalOrgID": "o-1",
        "EventSourceToken": "a b",
        "FunctionUrlAuthType": "SOME",
    });
    let expected = "5 validation errors detected: Value 'a b' at 'statementId' failed to satisfy constraint: Member must \
                    satisfy regular expression pattern: ([a-zA-Z0-9-_]+); Value '1234' at 'sourceAccount' failed to satisfy \
                    constraint: Member must satisfy regular expression pattern: \\\\d{12}; Value 'a b' at \
                    'eventSourceToken' failed to satisfy constraint: Member must satisfy regular expression pattern: \
                    [a-zA-Z0-9._\\\\-]+; Value 'o-1' at 'principalOrgID' failed to satisfy constraint: Member must satisfy \
                    regular expression pattern: o-[a-z0-9]{10,32}; Value 'SOME' at 'functionUrlAuthType' failed to satisfy \
                    constraint: Member must satisfy enum value set: [NONE, AWS_IAM]";
    world.refused(&format!("POST {POLICY}"), &request, 400, "ValidationException", expected).await;
    let arn = json!({"StatementId": "a", "Action": "*", "Principal": "*", "SourceArn": "uploads"});
    let answer = world.call(&format!("POST {POLICY}"), &arn).await;
    assert!(
        answer.status == 400 && answer.body.contains("Value 'uploads' at 'sourceArn'"),
        "{}",
        answer.body
    );
}
