//! Recursive loops, updates of runtimes, code signing: what is there by default, and what can be set.

use serde_json::{Value, json};

use super::ARN;
use crate::world::World;

const RECURSION: &str = "/2024-08-31/functions/orders/recursion-config";
const RUNTIME: &str = "/2021-07-20/functions/orders/runtime-management-config";
const SIGNING: &str = "/2020-06-30/functions/orders/code-signing-config";
const INVALID: &str = "InvalidParameterValueException";

impl World {
    async fn orders() -> Self {
        let world = Self::new().await;
        world.create_orders().await;
        world
    }

    async fn set(&self, path: &str, document: Value) -> Value {
        let answer = self.call(&format!("PUT {path}"), &document).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Invokes `orders` again and again, each time with the trace that the time before had; the status of the last one,
    /// and how many there were before it.
    async fn loop_through(&self, kind: &str, times: usize) -> (u16, usize) {
        let mut trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned();
        for time in 0..times {
            let headers = [("X-Amzn-Trace-Id", &*trace), ("X-Amz-Invocation-Type", kind)];
            let answer = self.invoke("orders", &headers, "{}").await;
            match answer.header("x-amzn-trace-id") {
                Some(next) => trace = next.to_owned(),
                None => return (answer.status, time),
            }
        }
        (200, times)
    }
}

#[tokio::test]
async fn a_function_that_invokes_itself_is_stopped_unless_it_may() {
    let world = World::orders().await;
    assert_eq!(world.read(RECURSION).await, json!({"RecursiveLoop": "Terminate"}));
    assert_eq!(world.loop_through("RequestResponse", 100).await, (400, 16));

    let allow = json!({"RecursiveLoop": "Allow"});
    assert_eq!(world.set(RECURSION, allow.clone()).await, allow);
    assert_eq!(world.read(RECURSION).await, allow);
    assert_eq!(world.loop_through("RequestResponse", 100).await, (200, 100));
}

#[tokio::test]
async fn a_loop_is_refused_in_awss_words() {
    let world = World::orders().await;
    let looped =
        world.invoke("orders", &[], "{}").await.header("x-amzn-trace-id").expect("a trace").to_owned();
    assert!(looped.starts_with("Root=1-00000000-") && looped.ends_with(":0"), "{looped}");
    let looped = looped.strip_suffix('0').expect("no loop yet").to_owned() + "15";
    let trace = [("X-Amzn-Trace-Id", &*looped)];
    let answer = world.invoke("orders", &trace, "{}").await;
    let message = "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services \
                   resources and stopped your function's invocation.";
    assert_eq!((answer.status, answer.json()), (400, json!({"Type": "User", "Message": message})));
    assert_eq!(answer.header("x-amzn-errortype"), Some("RecursiveInvocationException"));

    // An event is accepted, and then not given to the function.
    let event = [trace[0], ("X-Amz-Invocation-Type", "Event")];
    assert_eq!(world.invoke("orders", &event, "{}").await.status, 202);
    world.engine.work().idle().await;
    let orders = world.functions.list(&hearth_model::identity::Partition::default()).remove(1);
    assert_eq!(orders.metrics().invocations, 1);
}

#[tokio::test]
async fn what_is_no_recursion_setting_is_refused() {
    let world = World::orders().await;
    let line = format!("PUT {RECURSION}");
    let message = "1 validation error detected: Value 'Never' at 'recursiveLoop' failed to satisfy constraint: Member must \
                   satisfy enum value set: [Allow, Terminate]";
    world.refused(&line, &json!({"RecursiveLoop": "Never"}), 400, "ValidationException", message).await;
    let (line, missing) = (line.replace("orders", "nobody"), ARN.replace("orders", "nobody"));
    let message = format!("Function not found: {missing}");
    world
        .refused(&line, &json!({"RecursiveLoop": "Allow"}), 404, "ResourceNotFoundException", &message)
        .await;
    let qualified = format!("GET {}", RECURSION.replace("orders", "orders:1"));
    assert_eq!(world.call(&qualified, &Value::Null).await.status, 400);
}

#[tokio::test]
async fn a_runtime_is_updated_as_hearth_can() {
    let world = World::orders().await;
    let arn = format!("{ARN}:$LATEST");
    assert_eq!(world.read(RUNTIME).await, json!({"UpdateRuntimeOn": "Auto", "FunctionArn": arn}));
    let set = world.set(RUNTIME, json!({"UpdateRuntimeOn": "FunctionUpdate"})).await;
    assert_eq!(set, json!({"UpdateRuntimeOn": "FunctionUpdate", "FunctionArn": arn}));
    assert_eq!(world.read(RUNTIME).await, set);

    let configuration = world.read("/2015-03-31/functions/orders/configuration").await;
    let runtime = &configuration["RuntimeVersionConfig"]["RuntimeVersionArn"];
    let manual = json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": runtime});
    let set = world.set(RUNTIME, manual).await;
    assert_eq!(set, json!({"UpdateRuntimeOn": "Manual", "FunctionArn": arn, "RuntimeVersionArn": runtime}));
    // Each version has its own.
    assert_eq!(world.call("POST /2015-03-31/functions/orders/versions", &json!({})).await.status, 201);
    let first = world.read(&format!("{RUNTIME}?Qualifier=1")).await;
    assert_eq!(first, json!({"UpdateRuntimeOn": "Auto", "FunctionArn": format!("{ARN}:1")}));
}

#[tokio::test]
async fn a_runtime_that_hearth_does_not_have_is_refused() {
    let world = World::orders().await;
    let line = format!("PUT {RUNTIME}");
    let check = async |document: Value, code: &str, message: &str| {
        world.refused(&line, &document, 400, code, message).await;
    };
    let unknown = "1 validation error detected: Value 'Later' at 'updateRuntimeOn' failed to satisfy constraint: Member must \
                   satisfy enum value set: [Auto, Manual, FunctionUpdate]";
    check(json!({"UpdateRuntimeOn": "Later"}), "ValidationException", unknown).await;
    let which = "RuntimeVersionArn is required if UpdateRuntimeOn is Manual.";
    check(json!({"UpdateRuntimeOn": "Manual"}), INVALID, which).await;
    let arn = "arn:aws:lambda:us-east-1::runtime:0af1966588ced06e3143ae720245c9b7";
    let other = format!(
        "The runtime version {arn} does not exist. Hearth has arn:aws:lambda:us-east-1::runtime:hearth alone."
    );
    check(json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": arn}), INVALID, &other).await;
    let alone = "RuntimeVersionArn can be given only if UpdateRuntimeOn is Manual.";
    check(json!({"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": arn}), INVALID, alone).await;
    let line = format!("GET {RUNTIME}?Qualifier=7");
    let message = format!("Function not found: {ARN}:7");
    world.refused(&line, &Value::Null, 404, "ResourceNotFoundException", &message).await;
}

#[tokio::test]
async fn nobody_must_have_signed_code() {
    let world = World::orders().await;
    assert_eq!(world.read(SIGNING).await, json!({}));
    assert_eq!(world.call(&format!("DELETE {SIGNING}"), &Value::Null).await.status, 204);
    assert_eq!(world.read("/2020-04-22/code-signing-configs").await, json!({"CodeSigningConfigs": []}));
    let arn = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0";
    let request = json!({"CodeSigningConfigArn": arn});
    let message = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    let code = "CodeSigningConfigNotFoundException";
    world.refused(&format!("PUT {SIGNING}"), &request, 404, code, &message).await;
    let message = format!("The Lambda code signing configuration {arn} can not be found.");
    for path in ["", "/functions"] {
        let line = format!("GET /2020-04-22/code-signing-configs/{}{path}", arn.replace(':', "%3A"));
        world.refused(&line, &Value::Null, 404, "ResourceNotFoundException", &message).await;
    }
}

#[tokio::test]
async fn an_event_may_be_left_in_the_old_way() {
    let world = World::orders().await;
    let answer =
        world.client().await.call("POST /2014-11-13/functions/orders/invoke-async/", &[], "{\"n\":1}").await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
    world.engine.work().idle().await;
    let orders = world.functions.list(&hearth_model::identity::Partition::default()).remove(1);
    assert_eq!(orders.metrics().invocations, 1);
}
