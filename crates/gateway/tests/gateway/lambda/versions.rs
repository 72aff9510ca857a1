//! Publishing, listing, invoking and deleting versions.

use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, orders, zip};
use crate::world::World;

impl World {
    async fn publish(&self, request: &Value) -> Value {
        let answer = self.call(&format!("POST {FUNCTIONS}/orders/versions"), request).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    async fn versions(&self) -> Vec<String> {
        let list = self.read(&format!("{FUNCTIONS}/orders/versions")).await;
        let versions = list["Versions"].as_array().expect("versions").clone();
        versions.iter().map(|version| version["Version"].as_str().expect("a version").to_owned()).collect()
    }
}

#[tokio::test]
async fn a_version_keeps_what_it_was_published_with() {
    let world = World::new().await;
    let created = world.create_orders().await;
    let first = world.publish(&json!({"Description": "The first"})).await;
    let said =
        ["Version", "FunctionArn", "Description", "State", "LastUpdateStatus"].map(|name| &first[name]);
    assert_eq!(said, ["1", &format!("{ARN}:1"), "The first", "Active", "Successful"]);
    assert_eq!(first["CodeSha256"], created["CodeSha256"]);

    world.update_orders(b"version 2").await;
    assert_eq!(world.publish(&json!({})).await["Version"], "2");
    let then = world.read(&format!("{FUNCTIONS}/orders/configuration?Qualifier=1")).await;
    assert_eq!((&then["CodeSha256"], &then["RevisionId"]), (&first["CodeSha256"], &first["RevisionId"]));
    assert_eq!(world.versions().await, ["$LATEST", "1", "2"]);

    for (qualifier, version) in [("1", "1"), ("2", "2"), ("$LATEST", "$LATEST")] {
        let answer = world.invoke(&format!("orders:{qualifier}"), &[], "\"context\"").await;
        assert_eq!(answer.header("x-amz-executed-version"), Some(version));
        assert_eq!(answer.json()["arn"], format!("{ARN}:{qualifier}"));
    }
    assert_eq!(world.invoke("orders:3", &[], "1").await.status, 404);
}

#[tokio::test]
async fn what_has_not_changed_is_not_published_again() {
    let world = World::new().await;
    world.create_orders().await;
    let first = world.publish(&json!({"Description": "The first"})).await;
    assert_eq!(world.publish(&json!({"Description": "Another"})).await, first);
    // The same code again is no change.
    world.update_orders(b"v1").await;
    assert_eq!(world.publish(&json!({})).await, first);
    world.call(&format!("PUT {FUNCTIONS}/orders/configuration"), &json!({"Timeout": 7})).await;
    assert_eq!(world.publish(&json!({})).await["Version"], "2");
}

#[tokio::test]
async fn a_function_may_be_published_as_it_is_made() {
    let world = World::new().await;
    let answer = world.call(&format!("POST {FUNCTIONS}"), &orders(&json!({"Publish": true}))).await;
    assert_eq!((answer.status, &answer.json()["Version"]), (201, &json!("1")));
    let request = json!({"ZipFile": zip(b"version 2"), "Publish": true});
    let updated = world.call(&format!("PUT {FUNCTIONS}/orders/code"), &request).await.json();
    assert_eq!((&updated["Version"], &updated["FunctionArn"]), (&json!("2"), &json!(format!("{ARN}:2"))));
    // Recorded: the answer is about the new version.
    assert_eq!((&updated["State"], &updated["LastUpdateStatus"]), (&json!("Pending"), &Value::Null));
    let all = world.read(&format!("{FUNCTIONS}?FunctionVersion=ALL")).await;
    let arns: Vec<_> =
        all["Functions"].as_array().expect("functions").iter().map(|f| &f["FunctionArn"]).collect();
    let hello = format!("{}:$LATEST", ARN.replace("orders", "hello"));
    assert_eq!(arns, [&hello, &format!("{ARN}:$LATEST"), &format!("{ARN}:1"), &format!("{ARN}:2")]);
}

#[tokio::test]
async fn who_expects_something_else_does_not_publish() {
    let world = World::new().await;
    let created = world.create_orders().await;
    let line = format!("POST {FUNCTIONS}/orders/versions");
    let current = created["CodeSha256"].as_str().expect("a hash");
    let message = format!(
        "CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({current}). Please try again with the \
         CodeSHA256 in $LATEST."
    );
    let request = json!({"CodeSha256": "other"});
    world.refused(&line, &request, 400, "InvalidParameterValueException", &message).await;
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                 retrieve the latest Revision Id";
    let request = json!({"RevisionId": created["RevisionId"]});
    world.refused(&line, &request, 412, "PreconditionFailedException", stale).await;
    assert_eq!(world.publish(&json!({"CodeSha256": current})).await["Version"], "1");
}

#[tokio::test]
async fn a_version_is_deleted_for_good() {
    let world = World::new().await;
    world.create_orders().await;
    world.publish(&json!({})).await;
    let line = format!("DELETE {FUNCTIONS}/orders");
    let latest = "$LATEST version cannot be deleted without deleting the function.";
    let invalid = "InvalidParameterValueException";
    world.refused(&format!("{line}?Qualifier=$LATEST"), &Value::Null, 400, invalid, latest).await;
    assert_eq!(world.call(&format!("{line}?Qualifier=1"), &Value::Null).await.status, 204);
    assert_eq!(world.call(&format!("{line}?Qualifier=1"), &Value::Null).await.status, 204);
    assert_eq!(world.invoke("orders:1", &[], "1").await.status, 404);
    assert_eq!(world.publish(&json!({})).await["Version"], "2");
    assert_eq!(world.versions().await, ["$LATEST", "2"]);
}
