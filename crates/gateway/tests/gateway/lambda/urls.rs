//! Function URLs: how they are configured.

use serde_json::{Value, json};

use super::{ARN, FUNCTIONS};
use crate::world::World;

const URL: &str = "/2021-10-31/functions/orders/url";
const MISSING: &str = "ResourceNotFoundException";
const EPOCH: &str = "1970-01-01T00:00:00.000000Z";

impl World {
    /// `orders` with the alias `live`.
    async fn aliased() -> Self {
        let world = Self::new().await;
        world.create_orders().await;
        let alias = json!({"Name": "live", "FunctionVersion": "$LATEST"});
        assert_eq!(world.call(&format!("POST {FUNCTIONS}/orders/aliases"), &alias).await.status, 201);
        world
    }

    async fn create_url(&self, path: &str, document: &Value) -> Value {
        let answer = self.call(&format!("POST {path}"), document).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }
}

/// The document without the URL itself, which must have the form that it has.
fn without_url(mut document: Value) -> Value {
    let url = document.as_object_mut().expect("an object").remove("FunctionUrl").expect("a URL");
    let id = url
        .as_str()
        .and_then(|url| url.strip_prefix("http://")?.strip_suffix(".lambda-url.us-east-1.localhost/"));
    let id = id.unwrap_or_else(|| panic!("{url}"));
    assert!(
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
        "{id}"
    );
    document
}

#[tokio::test]
async fn a_url_is_made_read_changed_and_deleted() {
    let world = World::aliased().await;
    let created = world.create_url(URL, &json!({"AuthType": "NONE"})).await;
    let url = created["FunctionUrl"].clone();
    let mut document = json!({"AuthType": "NONE", "CreationTime": EPOCH, "FunctionArn": ARN});
    assert_eq!(without_url(created), document);
    document["LastModifiedTime"] = json!(EPOCH);
    assert_eq!(without_url(world.read(URL).await), document);

    let cors = json!({
        "AllowCredentials": true,
        "AllowHeaders": ["x-one"],
        "AllowMethods": ["GET", "POST"],
        "AllowOrigins": ["https://example.com"],
        "ExposeHeaders": ["x-two"],
        "MaxAge": 60,
    });
    let change = json!({"AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM", "Cors": cors});
    let changed = world.call(&format!("PUT {URL}"), &change).await;
    document["AuthType"] = json!("AWS_IAM");
    document["InvokeMode"] = json!("RESPONSE_STREAM");
    document["Cors"] = cors;
    assert_eq!((changed.status, without_url(changed.json())), (200, document.clone()));
    // What is not named stays, and nothing in it takes sharing away.
    let changed = world.call(&format!("PUT {URL}"), &json!({"Cors": {}})).await;
    document.as_object_mut().expect("an object").remove("Cors");
    assert_eq!((changed.status, without_url(changed.json())), (200, document));

    assert_eq!(world.call(&format!("DELETE {URL}"), &Value::Null).await.status, 204);
    let gone = "The resource you requested does not exist.";
    for line in ["GET", "PUT", "DELETE"] {
        world.refused(&format!("{line} {URL}"), &Value::Null, 404, MISSING, gone).await;
    }
    // The function has the same URL again.
    assert_eq!(world.create_url(URL, &json!({"AuthType": "NONE"})).await["FunctionUrl"], url);
}

#[tokio::test]
async fn an_alias_has_a_url_of_its_own_and_keeps_it() {
    let world = World::aliased().await;
    let own = world.create_url(URL, &json!({"AuthType": "NONE"})).await;
    let path = format!("{URL}?Qualifier=live");
    let aliased = world.create_url(&path, &json!({"AuthType": "AWS_IAM", "InvokeMode": "BUFFERED"})).await;
    assert_eq!(
        (&aliased["FunctionArn"], &aliased["InvokeMode"]),
        (&json!(format!("{ARN}:live")), &json!("BUFFERED"))
    );
    assert_ne!(own["FunctionUrl"], aliased["FunctionUrl"]);
    let list = world.read(&format!("{URL}s")).await;
    let urls: Vec<_> = list["FunctionUrlConfigs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|url| &url["FunctionUrl"])
        .collect();
    assert_eq!(urls, [&own["FunctionUrl"], &aliased["FunctionUrl"]]);

    let line = format!("DELETE {FUNCTIONS}/orders/aliases/live");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    assert_eq!(world.read(&path).await["FunctionUrl"], aliased["FunctionUrl"]);
    world.refused(&format!("PUT {path}"), &json!({}), 404, MISSING, "Function does not exist").await;
}

#[tokio::test]
async fn a_url_that_cannot_be_is_refused() {
    let world = World::aliased().await;
    let check = async |path: &str, document: Value, status: u16, code: &str, message: &str| {
        world.refused(&format!("POST {path}"), &document, status, code, message).await;
    };
    let none = json!({"AuthType": "NONE"});
    world.create_url(URL, &none).await;
    let exists = format!(
        "Failed to create function url config for [functionArn = {ARN}]. Error message:  FunctionUrlConfig exists for this \
         Lambda function"
    );
    check(URL, none.clone(), 409, "ResourceConflictException", &exists).await;
    let nobody = URL.replace("orders", "nobody");
    let function = "Function does not exist";
    check(&nobody, none.clone(), 404, MISSING, function).await;
    check(&format!("{URL}?Qualifier=beta"), none.clone(), 404, MISSING, function).await;
    world.refused(&format!("GET {nobody}s"), &Value::Null, 404, MISSING, function).await;
    let resource = "The resource you requested does not exist.";
    world.refused(&format!("GET {nobody}"), &Value::Null, 404, MISSING, resource).await;

    let invalid = "ValidationException";
    let version = "1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy \
                   regular expression pattern: ((?!^\\\\d+$)^[0-9a-zA-Z-_]+$)";
    check(&format!("{URL}?Qualifier=1"), none.clone(), 400, invalid, version).await;
    let missing = "1 validation error detected: Value null at 'authType' failed to satisfy constraint: Member must not be null";
    check(URL, json!({}), 400, invalid, missing).await;
    let mode = "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: Member must satisfy \
                enum value set: [RESPONSE_STREAM, BUFFERED]";
    check(URL, json!({"AuthType": "NONE", "InvokeMode": "UNKNOWN"}), 400, invalid, mode).await;
    let several = "3 validation errors detected: Value 'SOME' at 'authType' failed to satisfy constraint: Member must satisfy \
                   enum value set: [NONE, AWS_IAM]; Value '[OPTIONS]' at 'cors.allowMethods' failed to satisfy constraint: \
                   Member must satisfy constraint: [Member must have length less than or equal to 6, Member must have length \
                   greater than or equal to 0, Member must not be null]; Value '86401' at 'cors.maxAge' failed to satisfy \
                   constraint: Member must have value less than or equal to 86400";
    let cors = json!({"AllowMethods": ["OPTIONS"], "MaxAge": 86_401});
    check(URL, json!({"AuthType": "SOME", "Cors": cors}), 400, invalid, several).await;
}

#[tokio::test]
async fn a_function_takes_its_urls_with_it() {
    let world = World::aliased().await;
    world.create_url(URL, &json!({"AuthType": "NONE"})).await;
    assert_eq!(world.call(&format!("DELETE {FUNCTIONS}/orders"), &Value::Null).await.status, 204);
    world.create_orders().await;
    assert_eq!(world.read(&format!("{URL}s")).await, json!({"FunctionUrlConfigs": []}));
}
