//! API keys and usage plans.

use serde_json::{Value, json};

use super::{Api, outcome, patch, read, with};
use crate::world::here;

const FORBIDDEN: (u16, &str, Option<&str>) = (403, r#"{"message":"Forbidden"}"#, Some("ForbiddenException"));

/// An API whose method `GET /pets` needs a key, and one with a plan.
struct Metered {
    api: Api,
    plan: String,
    key: String,
    value: String,
}

impl Metered {
    async fn new(plan: Value) -> Self {
        let api = Api::new().await;
        api.put("GET", "/pets", json!({"apiKeyRequired": true}));
        api.deploy();
        api.says(&json!({}));
        let document = json!({"name": "basic", "apiStages": [{"apiId": api.id, "stage": "prod"}]});
        let document = with(document, plan);
        let plan = api.apis().create_plan(&here(), read(document)).expect("a plan").id;
        let key =
            api.apis().create_key(&here(), read(json!({"name": "mine", "enabled": true}))).expect("a key");
        api.apis().add_key_to_plan(&here(), &plan, &key.id, "API_KEY").expect("it counts");
        Self { api, plan, key: key.id, value: key.value.expect("a value") }
    }

    async fn call(&self) -> (u16, String, Option<&'static str>) {
        let answer = self.api.call_with("GET /prod/pets", &[("x-api-key", &self.value)], "").await;
        let (status, body, error_type) = outcome(&answer);
        (status, body.to_owned(), error_type)
    }

    async fn status(&self) -> u16 {
        self.call().await.0
    }
}

#[tokio::test]
async fn a_key_must_be_shown() {
    let metered = Metered::new(Value::Null).await;
    let api = &metered.api;
    assert_eq!(outcome(&api.call("GET /prod/pets").await), FORBIDDEN);
    let wrong = api.call_with("GET /prod/pets", &[("x-api-key", "wrong")], "").await;
    assert_eq!(outcome(&wrong), FORBIDDEN);
    assert_eq!(metered.status().await, 200);
    let identity = api.event("orders")["requestContext"]["identity"].take();
    assert_eq!((&identity["apiKey"], &identity["apiKeyId"]), (&json!(metered.value), &json!(metered.key)));
    let off = patch(&[("replace", "/enabled", "false")]);
    api.apis().update_key(&here(), &metered.key, &off).expect("it can be off");
    assert_eq!(metered.status().await, 403);
    let on = patch(&[("replace", "/enabled", "true")]);
    api.apis().update_key(&here(), &metered.key, &on).expect("it can be on");
    api.apis().remove_key_from_plan(&here(), &metered.plan, &metered.key).expect("it was there");
    assert_eq!(metered.status().await, 403);
}

#[tokio::test]
async fn a_plan_throttles_each_key() {
    let throttle = json!({"throttle": {"burstLimit": 1, "rateLimit": 0.5}});
    let metered = Metered::new(throttle).await;
    assert_eq!(metered.status().await, 200);
    let (status, body, error_type) = metered.call().await;
    assert_eq!(
        (status, &*body, error_type),
        (429, r#"{"message":"Too Many Requests"}"#, Some("TooManyRequestsException"))
    );
    metered.api.world.advance(2).await;
    assert_eq!((metered.status().await, metered.status().await), (200, 429));
    let name = format!("/apiStages/{}:prod/throttle/~1pets/GET", metered.api.id);
    let own = patch(&[
        ("replace", &format!("{name}/rateLimit"), "1"),
        ("replace", &format!("{name}/burstLimit"), "2"),
    ]);
    metered.api.apis().update_plan(&here(), &metered.plan, &own).expect("it is changed");
    assert_eq!([metered.status().await, metered.status().await, metered.status().await], [200, 200, 429]);
}

#[tokio::test]
async fn a_quota_lasts_until_the_next_day() {
    let metered = Metered::new(json!({"quota": {"limit": 2, "period": "DAY"}})).await;
    assert_eq!((metered.status().await, metered.status().await), (200, 200));
    let (status, body, error_type) = metered.call().await;
    assert_eq!(
        (status, &*body, error_type),
        (429, r#"{"message":"Limit Exceeded"}"#, Some("LimitExceededException"))
    );
    let usage = metered.api.apis().usage(&here(), &metered.plan, None, ["2024-03-04", "2024-03-05"]);
    assert_eq!(usage.expect("days"), [(metered.key.clone(), vec![[2, 0], [0, 2]])]);
    // From 17:22 to midnight.
    metered.api.world.advance(7 * 60 * 60).await;
    assert_eq!(metered.status().await, 200);
}

#[tokio::test]
async fn a_plan_with_stages_is_kept() {
    let metered = Metered::new(Value::Null).await;
    let apis = metered.api.apis();
    assert!(apis.delete_plan(&here(), &metered.plan).is_err());
    assert!(apis.delete_stage(&here(), &metered.api.id, "prod").is_err());
    let name = format!("{}:prod", metered.api.id);
    let removed = patch(&[("remove", "/apiStages", &name)]);
    let plan = apis.update_plan(&here(), &metered.plan, &removed).expect("it is changed");
    assert!(plan.api_stages.is_empty());
    assert_eq!(metered.status().await, 403);
    apis.delete_plan(&here(), &metered.plan).expect("it has no stages");
    apis.delete_key(&here(), &metered.key).expect("it was there");
    apis.delete_stage(&here(), &metered.api.id, "prod").expect("no plan has it");
}
