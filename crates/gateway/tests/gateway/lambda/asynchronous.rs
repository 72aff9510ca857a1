//! `FunctionEventInvokeConfig` and `DeadLetterConfig`, and that they are acted on.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::identity::Partition;
use hearth_services::sqs::AttributeMap;
use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, orders};
use crate::world::World;

const SET: &str = "/2019-09-25/functions/orders/event-invoke-config";
const INVALID: &str = "InvalidParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";
const HELLO: &str = "arn:aws:lambda:us-east-1:000000000000:function:hello";

impl World {
    async fn put(&self, path: &str, document: &Value) -> Value {
        let answer = self.call(&format!("PUT {path}"), document).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Creates a queue; returns its ARN.
    fn create_queue(&self, name: &str) -> String {
        let (attributes, tags) = (AttributeMap::new(), BTreeMap::new());
        let queue = self.services.queues().create_queue(&Partition::default(), name, &attributes, tags);
        queue.expect("a queue").to_string()
    }
}

#[tokio::test]
async fn a_configuration_is_put_updated_read_and_deleted() {
    let world = World::published().await;
    world.engine.clock().advance(Duration::from_millis(1_500)).await;
    let document = |attempts: u32, on_failure: &Value| {
        json!({
            "DestinationConfig": {"OnSuccess": {}, "OnFailure": on_failure},
            "FunctionArn": format!("{ARN}:$LATEST"),
            "LastModified": 1.5,
            "MaximumEventAgeInSeconds": 60,
            "MaximumRetryAttempts": attempts,
        })
    };
    let request = json!({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60});
    assert_eq!(world.put(SET, &request).await, document(2, &json!({})));
    let to_hello = json!({"OnFailure": {"Destination": HELLO}});
    let request = json!({"MaximumRetryAttempts": 0, "DestinationConfig": to_hello});
    let updated = world.call(&format!("POST {SET}"), &request).await;
    assert_eq!((updated.status, updated.json()), (200, document(0, &to_hello["OnFailure"])));
    assert_eq!(world.read(&format!("{SET}?Qualifier=$LATEST")).await, document(0, &to_hello["OnFailure"]));
    let without = json!({"DestinationConfig": {"OnFailure": {"Destination": ""}}});
    assert_eq!(world.call(&format!("POST {SET}"), &without).await.json(), document(0, &json!({})));

    // What was set before is gone.
    let other = world.put(SET, &json!({"MaximumRetryAttempts": 1})).await;
    assert_eq!(other.get("MaximumEventAgeInSeconds"), None);
    assert_eq!(world.call(&format!("DELETE {SET}"), &Value::Null).await.status, 204);
    let message = format!("The function {ARN}:$LATEST doesn't have an EventInvokeConfig");
    for method in ["GET", "DELETE"] {
        world.refused(&format!("{method} {SET}"), &Value::Null, 404, NOT_FOUND, &message).await;
    }
    world.refused(&format!("POST {SET}"), &request, 404, NOT_FOUND, &message).await;
}

#[tokio::test]
async fn every_version_and_alias_has_its_own() {
    let world = World::published().await;
    let one = json!({"MaximumRetryAttempts": 1});
    for (path, qualifier) in [
        (format!("{SET}?Qualifier=1"), "1"),
        (format!("{SET}?Qualifier=live"), "live"),
        (SET.replace("orders", "orders:live"), "live"),
        (SET.replace("orders", &format!("{ARN}:live")), "live"),
        (SET.to_owned(), "$LATEST"),
    ] {
        assert_eq!(world.put(&path, &one).await["FunctionArn"], format!("{ARN}:{qualifier}"));
    }
    let arns = |list: &Value| {
        let configurations = list["FunctionEventInvokeConfigs"].as_array().expect("a list").iter();
        configurations.map(|one| one["FunctionArn"].to_string()).collect::<Vec<_>>()
    };
    let all = world.read(&format!("{SET}/list")).await;
    assert_eq!(arns(&all), ["$LATEST", "1", "live"].map(|qualifier| format!("\"{ARN}:{qualifier}\"")));
    assert_eq!(all.get("NextMarker"), None);
    let first = world.read(&format!("{SET}/list?MaxItems=2")).await;
    let marker = first["NextMarker"].as_str().expect("a marker");
    let second = world.read(&format!("{SET}/list?MaxItems=2&Marker={marker}")).await;
    assert_eq!([arns(&first), arns(&second)].concat(), arns(&all));

    // It goes with its alias.
    assert_eq!(
        world.call("DELETE /2015-03-31/functions/orders/aliases/live", &Value::Null).await.status,
        204
    );
    let message = format!("The function {ARN}:live doesn't have an EventInvokeConfig");
    world.refused(&format!("GET {SET}?Qualifier=live"), &Value::Null, 404, NOT_FOUND, &message).await;
    assert_eq!(arns(&world.read(&format!("{SET}/list")).await).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_configured_is_refused_in_awss_words() {
    let world = World::published().await;
    let check = async |path: &str, request: Value, status: u16, code: &str, message: &str| {
        world.refused(&format!("PUT {path}"), &request, status, code, message).await;
    };
    let one = json!({"MaximumRetryAttempts": 1});
    let missing = "The function doesn't exist.";
    check(&SET.replace("orders", "nobody"), one.clone(), 404, NOT_FOUND, missing).await;
    check(&format!("{SET}?Qualifier=beta"), one.clone(), 404, NOT_FOUND, missing).await;
    world
        .refused(
            &format!("GET {}/list", SET.replace("orders", "nobody")),
            &Value::Null,
            404,
            NOT_FOUND,
            missing,
        )
        .await;
    let not_set =
        format!("The function {}:$LATEST doesn't have an EventInvokeConfig", ARN.replace("orders", "nobody"));
    world
        .refused(&format!("GET {}", SET.replace("orders", "nobody")), &Value::Null, 404, NOT_FOUND, &not_set)
        .await;
    let two = "The derived qualifier from the function name does not match the specified qualifier.";
    check(&format!("{}?Qualifier=beta", SET.replace("orders", "orders:live")), one, 400, INVALID, two).await;
    let nothing = "You must specify at least one of error handling or destination setting.";
    check(&SET.replace("orders", "nobody"), json!({}), 400, INVALID, nothing).await;
    let attempts = "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member \
                    must have value less than or equal to 2";
    check(SET, json!({"MaximumRetryAttempts": 3}), 400, "ValidationException", attempts).await;

    let to = |arn: &str| json!({"DestinationConfig": {"OnSuccess": {"Destination": arn}}});
    let nobody = ARN.replace("orders", "nobody");
    check(SET, to(&nobody), 400, INVALID, &format!("The destination ARN {nobody} is invalid.")).await;
    let itself = "You can't specify the function as a destination for itself.";
    check(SET, to(ARN), 400, INVALID, itself).await;
    check(SET, to(&format!("{ARN}:live")), 400, INVALID, itself).await;
    let role = ARN.replace(":lambda:", ":iam:");
    let other = format!(
        "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={role}), onFailure=null) is \
         invalid."
    );
    check(SET, to(&role), 400, INVALID, &other).await;
    let topic = "arn:aws:sns:us-east-1:000000000000:alarms";
    let absent = format!("Hearth does not deliver to {topic}: name a queue or a function as the destination");
    check(SET, to(topic), 400, INVALID, &absent).await;
}

#[tokio::test]
async fn failures_are_told_to_the_destination() {
    let world = World::published().await;
    let request = json!({
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnFailure": {"Destination": HELLO}},
    });
    world.put(&format!("{SET}?Qualifier=live"), &request).await;
    let send = async |qualifier: &str| {
        let event = [("x-amz-invocation-type", "Event")];
        let answer = world.invoke(&format!("orders:{qualifier}"), &event, "\"function error\"").await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""));
        world.engine.work().idle().await;
    };
    let hello = world.engine.functions().remove(0);
    // The version has no configuration: there, it is tried again.
    send("1").await;
    assert_eq!(hello.metrics().invocations, 0);
    send("live").await;
    assert_eq!((hello.metrics().invocations, hello.metrics().events_accepted), (1, 1));
}

#[tokio::test]
async fn a_dead_letter_queue_is_shown_wherever_the_version_is() {
    let world = World::new().await;
    let config = json!({"TargetArn": world.create_queue("dead")});
    let request = orders(&json!({"DeadLetterConfig": config, "Publish": true}));
    let created = world.call(&format!("POST {FUNCTIONS}"), &request).await;
    assert_eq!((created.status, &created.json()["DeadLetterConfig"]), (201, &config));
    let path = format!("{FUNCTIONS}/orders/configuration");
    // Without an ARN nothing changes; recorded in November 2025.
    assert_eq!(world.put(&path, &json!({"DeadLetterConfig": {}})).await["DeadLetterConfig"], config);
    let without = json!({"DeadLetterConfig": {"TargetArn": ""}});
    assert_eq!(world.put(&path, &without).await.get("DeadLetterConfig"), None);
    assert_eq!(world.read(&path).await.get("DeadLetterConfig"), None);
    assert_eq!(world.read(&format!("{path}?Qualifier=1")).await["DeadLetterConfig"], config);
    let versions = world.read(&format!("{FUNCTIONS}/orders/versions")).await;
    assert_eq!(versions["Versions"][1]["DeadLetterConfig"], config);
}

#[tokio::test]
async fn what_is_no_dead_letter_queue_is_refused() {
    let world = World::new().await;
    world.create_orders().await;
    let line = format!("PUT {FUNCTIONS}/orders/configuration");
    let check = async |arn: &str, code: &str, message: &str| {
        let request = json!({"DeadLetterConfig": {"TargetArn": arn}});
        world.refused(&line, &request, 400, code, message).await;
    };
    let malformed = "1 validation error detected: Value 'dead' at 'deadLetterConfig.targetArn' failed to satisfy \
                     constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()";
    check("dead", "ValidationException", malformed).await;
    let fifo = "Invalid dead letter queue ARN: FIFO SQS queue is not supported for dead letter configuration";
    check("arn:aws:sqs:us-east-1:000000000000:dead.fifo", INVALID, fifo).await;
    let missing = "arn:aws:sqs:us-east-1:000000000000:missing";
    let message = format!("Invalid dead letter queue ARN: there is no queue {missing}: create it first.");
    check(missing, INVALID, &message).await;
}
