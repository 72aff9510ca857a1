//! Reserved and provisioned concurrency, and the account's.

use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, zip};
use crate::world::World;

const SET: &str = "/2017-10-31/functions/orders/concurrency";
const READ: &str = "/2019-09-30/functions/orders/concurrency";
const PROVISIONED: &str = "/2019-09-30/functions/orders/provisioned-concurrency";
const INVALID: &str = "InvalidParameterValueException";

impl World {
    /// `orders` with version 1, and the alias `live` that points to it.
    pub(super) async fn published() -> Self {
        let world = Self::new().await;
        world.create_orders().await;
        for (line, document) in
            [("versions", json!({})), ("aliases", json!({"Name": "live", "FunctionVersion": "1"}))]
        {
            let answer = world.call(&format!("POST {FUNCTIONS}/orders/{line}"), &document).await;
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        world
    }

    async fn provision(&self, qualifier: &str, count: u32) -> Value {
        let request = json!({"ProvisionedConcurrentExecutions": count});
        let answer = self.call(&format!("PUT {PROVISIONED}?Qualifier={qualifier}"), &request).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.json()
    }

    /// What is provisioned once that is done.
    async fn ready(&self, qualifier: &str) -> Value {
        self.engine.work().idle().await;
        self.read(&format!("{PROVISIONED}?Qualifier={qualifier}")).await
    }
}

#[tokio::test]
async fn reserved_concurrency_is_set_read_obeyed_and_given_back() {
    let world = World::new().await;
    world.create_orders().await;
    assert_eq!(world.read(READ).await, json!({}));
    let off = json!({"ReservedConcurrentExecutions": 0});
    let answer = world.call(&format!("PUT {SET}"), &off).await;
    assert_eq!((answer.status, answer.json()), (200, off.clone()));
    assert_eq!(world.read(READ).await, off);
    assert_eq!(world.read(&format!("{FUNCTIONS}/orders")).await["Concurrency"], off);
    assert_eq!(world.invoke("orders", &[], "1").await.status, 429);
    // New code does not change it.
    world.update_orders(b"version 2").await;
    assert_eq!(world.invoke("orders", &[], "1").await.status, 429);

    assert_eq!(world.call(&format!("DELETE {SET}"), &Value::Null).await.status, 204);
    assert_eq!(world.read(READ).await, json!({}));
    assert_eq!(world.invoke("orders", &[], "1").await.status, 200);
}

#[tokio::test]
async fn a_hundred_stay_unreserved() {
    let world = World::new().await;
    world.create_orders().await;
    let message = "Specified ReservedConcurrentExecutions for function decreases account's \
                   UnreservedConcurrentExecution below its minimum value of [100].";
    let line = format!("PUT {SET}");
    world.refused(&line, &json!({"ReservedConcurrentExecutions": 901}), 400, INVALID, message).await;
    let message = "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
                   operation. Please specify either a function name or an unqualified function ARN.";
    let qualified = line.replace("orders", "orders:1");
    world.refused(&qualified, &json!({"ReservedConcurrentExecutions": 1}), 400, INVALID, message).await;

    assert_eq!(world.call(&line, &json!({"ReservedConcurrentExecutions": 900})).await.status, 200);
    let settings = world.read("/2016-08-19/account-settings/").await;
    let limit = json!({
        "CodeSizeUnzipped": 262_144_000,
        "CodeSizeZipped": 52_428_800,
        "ConcurrentExecutions": 1000,
        "TotalCodeSize": 80_530_636_800_u64,
        "UnreservedConcurrentExecutions": 100,
    });
    assert_eq!(settings["AccountLimit"], limit);
    assert_eq!(settings["AccountUsage"]["FunctionCount"], 2);
}

#[tokio::test]
async fn provisioned_environments_are_there_before_traffic() {
    let world = World::published().await;
    let begun = world.provision("1", 2).await;
    assert_eq!(
        (&begun["RequestedProvisionedConcurrentExecutions"], &begun["Status"]),
        (&json!(2), &json!("IN_PROGRESS"))
    );
    let document = json!({
        "AllocatedProvisionedConcurrentExecutions": 2,
        "AvailableProvisionedConcurrentExecutions": 2,
        "LastModified": "1970-01-01T00:00:00.000+0000",
        "RequestedProvisionedConcurrentExecutions": 2,
        "Status": "READY",
    });
    assert_eq!(world.ready("1").await, document);
    let list = world.read(&format!("{PROVISIONED}?List=ALL")).await;
    assert_eq!(list["ProvisionedConcurrencyConfigs"][0]["FunctionArn"], format!("{ARN}:1"));
    assert_eq!(world.read("/_hearth/environments").await["environments"].as_array().map(Vec::len), Some(2));

    let line = format!("DELETE {PROVISIONED}?Qualifier=1");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    let (code, message) = (
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
    );
    world.refused(&line, &Value::Null, 404, code, message).await;
    world.refused(&line.replace("DELETE", "GET"), &Value::Null, 404, code, message).await;
}

#[tokio::test]
async fn provisioned_concurrency_moves_with_its_alias() {
    let world = World::published().await;
    world.provision("live", 1).await;
    assert_eq!(world.ready("live").await["Status"], "READY");
    let request = json!({"ZipFile": zip(b"version 2"), "Publish": true});
    assert_eq!(world.call(&format!("PUT {FUNCTIONS}/orders/code"), &request).await.status, 200);
    let line = format!("PUT {FUNCTIONS}/orders/aliases/live");
    assert_eq!(world.call(&line, &json!({"FunctionVersion": "2"})).await.status, 200);
    assert_eq!(world.ready("live").await["AvailableProvisionedConcurrentExecutions"], 1);
    let orders = world.functions.list(&hearth_model::identity::Partition::default()).remove(1);
    assert_eq!((orders.provisioned(1), orders.provisioned(2).map(|ready| ready.available)), (None, Some(1)));

    let conflict = "Version is pointed by a Provisioned Concurrency alias";
    let line = format!("PUT {PROVISIONED}?Qualifier=2");
    let one = json!({"ProvisionedConcurrentExecutions": 1});
    world.refused(&line, &one, 409, "ResourceConflictException", conflict).await;
    let line = format!("DELETE {FUNCTIONS}/orders/aliases/live");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    assert_eq!(orders.provisioned(2), None);
}

#[tokio::test]
async fn provisioned_concurrency_is_divided_by_an_aliass_weights() {
    let world = World::published().await;
    world.provision("live", 4).await;
    let request = json!({"ZipFile": zip(b"version 2"), "Publish": true});
    assert_eq!(world.call(&format!("PUT {FUNCTIONS}/orders/code"), &request).await.status, 200);
    let orders = world.functions.list(&hearth_model::identity::Partition::default()).remove(1);
    let requested = |number| orders.provisioned(number).map(|provisioned| provisioned.requested);
    let line = format!("PUT {FUNCTIONS}/orders/aliases/live");
    let weights = |weights: Value| json!({"RoutingConfig": {"AdditionalVersionWeights": weights}});
    for (given, expected) in [
        (weights(json!({"2": 0.25})), [Some(3), Some(1)]),
        (weights(json!({"2": 0.5})), [Some(2), Some(2)]),
        (weights(json!({"2": 1.0})), [None, Some(4)]),
        (weights(json!({})), [Some(4), None]),
    ] {
        assert_eq!(world.call(&line, &given).await.status, 200, "{given}");
        assert_eq!([requested(1), requested(2)], expected, "{given}");
        let ready = world.ready("live").await;
        assert_eq!(
            (&ready["AvailableProvisionedConcurrentExecutions"], &ready["Status"]),
            (&json!(4), &json!("READY"))
        );
    }

    let half = weights(json!({"2": 0.5}));
    assert_eq!(world.call(&line, &half).await.status, 200);
    let message = "Alias with weights can not be used with Provisioned Concurrency";
    let again = format!("PUT {PROVISIONED}?Qualifier=live");
    world.refused(&again, &json!({"ProvisionedConcurrentExecutions": 2}), 400, INVALID, message).await;
    let taken = "Version is pointed by a Provisioned Concurrency alias";
    let second = format!("PUT {PROVISIONED}?Qualifier=2");
    let one = json!({"ProvisionedConcurrentExecutions": 1});
    world.refused(&second, &one, 409, "ResourceConflictException", taken).await;
    let line = format!("DELETE {PROVISIONED}?Qualifier=live");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    assert_eq!([requested(1), requested(2)], [None, None]);
}

#[tokio::test]
async fn what_cannot_be_provisioned_is_refused() {
    let world = World::published().await;
    let check = async |qualifier: &str, count: i64, status, code: &str, message: &str| {
        let request = json!({"ProvisionedConcurrentExecutions": count});
        let line = format!("PUT {PROVISIONED}?Qualifier={qualifier}");
        world.refused(&line, &request, status, code, message).await;
    };
    let latest = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    check("$LATEST", 1, 400, INVALID, latest).await;
    check("7", 1, 404, "ResourceNotFoundException", &format!("Function not found: {ARN}:7")).await;
    check("beta", 1, 404, "ResourceNotFoundException", &format!("Cannot find alias arn: {ARN}:beta")).await;
    let none = "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: \
                Member must have value greater than or equal to 1";
    check("1", 0, 400, "ValidationException", none).await;
    let account = "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
                   its minimum value of [100].";
    check("1", 901, 400, INVALID, account).await;
    world.call(&format!("PUT {SET}"), &json!({"ReservedConcurrentExecutions": 2})).await;
    let reserved = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";
    check("1", 3, 400, INVALID, reserved).await;
    world.provision("1", 2).await;
    let lower = " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].";
    let request = json!({"ReservedConcurrentExecutions": 1});
    world.refused(&format!("PUT {SET}"), &request, 400, INVALID, lower).await;
}
