//! Tags, and what functions have by default.

use serde_json::{Value, json};

use super::{ARN, orders};
use crate::world::World;

#[tokio::test]
async fn tags_come_and_go() {
    let world = World::new().await;
    let function = orders(&json!({"Tags": {"team": "shop"}}));
    assert_eq!(world.call("POST /2015-03-31/functions", &function).await.status, 201);
    let path = format!("/2017-03-31/tags/{}", ARN.replace(':', "%3A"));
    let line = format!("POST {path}");
    assert_eq!(world.call(&line, &json!({"Tags": {"stage": "test", "team": "web"}})).await.status, 204);
    assert_eq!(world.read(&path).await, json!({"Tags": {"stage": "test", "team": "web"}}));
    let untag = format!("DELETE {path}?tagKeys=stage&tagKeys=other");
    assert_eq!(world.call(&untag, &Value::Null).await.status, 204);
    assert_eq!(world.read(&path).await, json!({"Tags": {"team": "web"}}));

    let invalid = "InvalidParameterValueException";
    let many: serde_json::Map<_, _> = (0..50).map(|number| (format!("k{number}"), json!("v"))).collect();
    let message = "Number of tags exceeds resource tag limit.";
    world.refused(&line, &json!({"Tags": many}), 400, invalid, message).await;
    let message = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
    world.refused(&format!("GET {path}%3A1"), &Value::Null, 400, invalid, message).await;
    let nobody = path.replace("orders", "nobody");
    let message = format!("Function not found: {}", ARN.replace("orders", "nobody"));
    world.refused(&format!("GET {nobody}"), &Value::Null, 404, "ResourceNotFoundException", &message).await;
}
