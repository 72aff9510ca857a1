//! Aliases: their documents, and where they lead.

use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, settled};
use crate::world::World;

const ALIASES: &str = "/2015-03-31/functions/orders/aliases";

impl World {
    /// `orders` with versions 1 and 2.
    async fn two_versions() -> Self {
        let world = Self::new().await;
        world.create_orders().await;
        for content in [b"version 1", b"version 2"] {
            world.update_orders(content).await;
            let answer = world.call(&format!("POST {FUNCTIONS}/orders/versions"), &json!({})).await;
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        world
    }

    async fn alias(&self, line: &str, document: &Value, status: u16) -> Value {
        let answer = self.call(line, document).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        answer.json()
    }

    async fn executed(&self, qualifier: &str) -> String {
        let answer = self.invoke(&format!("orders:{qualifier}"), &[], "1").await;
        answer.header("x-amz-executed-version").expect("a version").to_owned()
    }
}

#[tokio::test]
async fn an_alias_leads_to_its_version_until_it_moves() {
    let world = World::two_versions().await;
    let live = json!({"Name": "live", "FunctionVersion": "1"});
    let created = world.alias(&format!("POST {ALIASES}"), &live, 201).await;
    let document = json!({
        "AliasArn": format!("{ARN}:live"),
        "Description": "",
        "FunctionVersion": "1",
        "Name": "live",
    });
    assert_eq!(settled(created.clone()), document);
    assert_eq!(world.alias(&format!("GET {ALIASES}/live"), &Value::Null, 200).await, created);
    assert_eq!(world.executed("live").await, "1");
    assert_eq!(world.invoke("orders:live", &[], "\"context\"").await.json()["arn"], format!("{ARN}:live"));
    let configuration = world.read(&format!("{FUNCTIONS}/orders/configuration?Qualifier=live")).await;
    assert_eq!(
        (&configuration["Version"], &configuration["FunctionArn"]),
        (&json!("1"), &json!(format!("{ARN}:live")))
    );

    let moved = world.alias(&format!("PUT {ALIASES}/live"), &json!({"FunctionVersion": "2"}), 200).await;
    assert_ne!(moved["RevisionId"], created["RevisionId"]);
    assert_eq!(world.executed("live").await, "2");
    assert_eq!(world.call(&format!("DELETE {ALIASES}/live"), &Value::Null).await.status, 204);
    assert_eq!(world.invoke("orders:live", &[], "1").await.status, 404);
}

#[tokio::test]
async fn weights_split_what_goes_through_an_alias() {
    let world = World::two_versions().await;
    let weights = json!({"AdditionalVersionWeights": {"2": 0.1}});
    let live = json!({"Name": "live", "FunctionVersion": "1", "RoutingConfig": weights});
    let created = world.alias(&format!("POST {ALIASES}"), &live, 201).await;
    assert_eq!(created["RoutingConfig"], weights);
    let mut second = 0;
    let mut client = world.client().await;
    for _ in 0..1_000 {
        let answer = client.call(&crate::client::invoke("orders:live"), &[], "1").await;
        second += u32::from(answer.header("x-amz-executed-version") == Some("2"));
    }
    // Five standard deviations to each side.
    assert!((53..=147).contains(&second), "{second}");

    let change = json!({"RoutingConfig": {"AdditionalVersionWeights": {}}});
    let moved = world.alias(&format!("PUT {ALIASES}/live"), &change, 200).await;
    assert_eq!(moved.get("RoutingConfig"), None);
}

#[tokio::test]
async fn aliases_are_listed_all_or_by_version() {
    let world = World::two_versions().await;
    for (name, version) in [("beta", "2"), ("live", "1"), ("newest", "$LATEST")] {
        let alias = json!({"Name": name, "FunctionVersion": version});
        world.alias(&format!("POST {ALIASES}"), &alias, 201).await;
    }
    let names = async |query: &str| {
        let list = world.read(&format!("{ALIASES}{query}")).await;
        let aliases = list["Aliases"].as_array().expect("aliases").clone();
        aliases.iter().map(|alias| alias["Name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["beta", "live", "newest"]);
    assert_eq!(names("?FunctionVersion=1").await, ["live"]);
    assert_eq!(names("?FunctionVersion=$LATEST").await, ["newest"]);
    assert_eq!(names("?MaxItems=2&Marker=beta").await, ["live", "newest"]);
}

#[tokio::test]
async fn what_no_alias_can_be_is_refused() {
    let world = World::two_versions().await;
    let (create, update) = (format!("POST {ALIASES}"), format!("PUT {ALIASES}/live"));
    let (invalid, missing) = ("InvalidParameterValueException", "ResourceNotFoundException");
    let live = json!({"Name": "live", "FunctionVersion": "1"});
    let nowhere = format!("Cannot find alias arn: {ARN}:live");
    world.refused(&format!("GET {ALIASES}/live"), &Value::Null, 404, missing, &nowhere).await;
    world.refused(&update, &json!({}), 404, missing, &nowhere).await;
    world.alias(&create, &live, 201).await;
    let exists = format!("Alias already exists: {ARN}:live");
    world.refused(&create, &live, 409, "ResourceConflictException", &exists).await;
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                 retrieve the latest Revision Id";
    world.refused(&update, &json!({"RevisionId": "x"}), 412, "PreconditionFailedException", stale).await;
    let version = format!("Function not found: {ARN}:7");
    world.refused(&update, &json!({"FunctionVersion": "7"}), 404, missing, &version).await;
    let weights = |weights: Value| json!({"RoutingConfig": {"AdditionalVersionWeights": weights}});
    world.refused(&update, &weights(json!({"7": 0.5})), 404, missing, &version).await;
    let same = "Invalid function version 1. Function version 1 is already included in routing configuration.";
    world.refused(&update, &weights(json!({"1": 0.5})), 400, invalid, same).await;
    let referenced = "Unable to delete version because the following aliases reference it: [live]";
    let delete = format!("DELETE {FUNCTIONS}/orders?Qualifier=1");
    world.refused(&delete, &Value::Null, 409, "ResourceConflictException", referenced).await;
    let alias = "Deletion of aliases is not currently supported.";
    let delete = format!("DELETE {FUNCTIONS}/orders?Qualifier=live");
    world.refused(&delete, &Value::Null, 400, invalid, alias).await;
}
