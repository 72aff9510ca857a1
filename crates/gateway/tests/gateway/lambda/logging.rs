//! `LoggingConfig`: what is configured is shown, and what is shown is done.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{FUNCTIONS, orders};
use crate::world::World;

impl World {
    async fn configure_logging(&self, logging: &Value) -> Value {
        let line = format!("PUT {FUNCTIONS}/orders/configuration");
        let answer = self.call(&line, &json!({"LoggingConfig": logging})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["LoggingConfig"].clone()
    }

    /// The end of the log of an invocation of `orders`, line by line.
    async fn tail(&self) -> Vec<String> {
        let answer = self.invoke("orders", &[("x-amz-log-type", "Tail")], "1").await;
        let tail =
            BASE64_STANDARD.decode(answer.header("x-amz-log-result").expect("a tail")).expect("base64");
        String::from_utf8(tail).expect("text").lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn the_format_and_the_levels_act() {
    let world = World::new().await;
    let json = orders(&json!({"LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "DEBUG"}}));
    let created = world.call(&format!("POST {FUNCTIONS}"), &json).await.json();
    let expect = |application: &str, system: &str, group: &str| {
        json!({
            "LogFormat": "JSON",
            "ApplicationLogLevel": application,
            "SystemLogLevel": system,
            "LogGroup": group,
        })
    };
    let own = "/aws/lambda/orders";
    assert_eq!(created["LoggingConfig"], expect("INFO", "DEBUG", own));
    let published = world.call(&format!("POST {FUNCTIONS}/orders/versions"), &json!({})).await.json();
    assert_eq!(published["LoggingConfig"], expect("INFO", "DEBUG", own));
    let tail = world.tail().await;
    let kind = |line: &String| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        event["type"].as_str().expect("a type").to_owned()
    };
    let kinds: Vec<_> = tail.iter().map(kind).collect();
    let init = ["platform.initStart", "platform.initRuntimeDone", "platform.initReport"];
    let invocation = ["platform.start", "platform.runtimeDone", "platform.report"];
    assert_eq!(kinds, [init, invocation].concat());

    let changed =
        world.configure_logging(&json!({"ApplicationLogLevel": "WARN", "SystemLogLevel": "WARN"})).await;
    assert_eq!(changed, expect("WARN", "WARN", own));
    assert_eq!(world.tail().await, [""; 0]);
    let read = world.read(&format!("{FUNCTIONS}/orders/configuration?Qualifier=1")).await;
    assert_eq!(read["LoggingConfig"], expect("INFO", "DEBUG", own), "versions stay as they are");
    let text = world.configure_logging(&json!({"LogFormat": "Text"})).await;
    assert_eq!(text, json!({"LogFormat": "Text", "LogGroup": own}));
    assert!(world.tail().await[0].starts_with("START RequestId: "));
}

#[tokio::test]
async fn the_log_group_acts() {
    let world = World::new().await;
    world.create_orders().await;
    let moved = world.configure_logging(&json!({"LogGroup": "shop"})).await;
    assert_eq!(moved, json!({"LogFormat": "Text", "LogGroup": "shop"}));
    world.invoke("orders", &[], "1").await;
    let groups = world.target("Logs_20140328.DescribeLogGroups", &json!({})).await.json();
    assert_eq!(groups["logGroups"][0]["logGroupName"], "shop");
    assert_eq!(groups["logGroups"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn levels_need_json() {
    let world = World::new().await;
    let document = orders(&json!({"LoggingConfig": {"ApplicationLogLevel": "INFO"}}));
    let message = "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change \
                   the LogFormat to \"JSON\" and try again.";
    let line = format!("POST {FUNCTIONS}");
    world.refused(&line, &document, 400, "InvalidParameterValueException", message).await;
    let document = orders(&json!({"LoggingConfig": {"LogFormat": "YAML"}}));
    let message = "1 validation error detected: Value 'YAML' at 'loggingConfig.logFormat' failed to satisfy constraint: \
                   Member must satisfy enum value set: [JSON, Text]";
    world.refused(&line, &document, 400, "ValidationException", message).await;
}
