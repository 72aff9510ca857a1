//! An API of API Gateway's second version, with `hello` behind it.

use serde_json::{Value, json};

use crate::world::World;

/// An API with a stage, whose routes lead to `hello`.
pub(crate) struct Api {
    pub(crate) world: World,
    pub(crate) id: String,
    pub(crate) target: String,
}

impl Api {
    /// Creates it with one integration, which `integration` says more of, and a stage.
    pub(crate) async fn create_in(world: World, new: &Value, integration: &Value, stage: &Value) -> Self {
        let created = world.call("POST /v2/apis", new).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let id = created.json()["apiId"].as_str().expect("an identifier").to_owned();
        let permission = json!({
            "StatementId": "api",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        });
        let allowed = world.call("POST /2015-03-31/functions/hello/policy", &permission).await;
        assert_eq!(allowed.status, 201, "{}", allowed.body);
        let mut api = Self { world, id, target: String::new() };
        let integration = with(
            json!({
                "integrationType": "AWS_PROXY",
                "integrationUri": "arn:aws:lambda:us-east-1:000000000000:function:hello",
            }),
            integration,
        );
        let integration = api.create("integrations", &integration).await;
        api.target =
            format!("integrations/{}", integration["integrationId"].as_str().expect("an identifier"));
        api.create("stages", stage).await;
        api
    }

    /// Creates something in it.
    pub(crate) async fn create(&self, what: &str, document: &Value) -> Value {
        let created = self.world.call(&format!("POST /v2/apis/{}/{what}", self.id), document).await;
        assert_eq!(created.status, 201, "{}", created.body);
        created.json()
    }
}

/// A document with more members, or others.
pub(crate) fn with(mut document: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().expect("members") {
        document[name] = value.clone();
    }
    document
}
