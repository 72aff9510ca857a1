//! Layers: publishing, finding, mounting and deleting them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{FUNCTIONS, orders, zip};
use crate::world::World;

const LAYERS: &str = "/2018-10-31/layers";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:layer:fonts";

impl World {
    async fn publish_fonts(&self, content: &[u8]) -> Value {
        let request = json!({
            "Content": {"ZipFile": zip(content)},
            "CompatibleRuntimes": ["provided.al2023"],
            "LicenseInfo": "MIT",
        });
        let answer = self.call(&format!("POST {LAYERS}/fonts/versions"), &request).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }
}

#[tokio::test]
async fn a_layer_has_versions_that_can_be_had_back() {
    let world = World::new().await;
    let mut first = world.publish_fonts(b"one").await;
    let content = first["Content"].take();
    let document = json!({
        "CompatibleRuntimes": ["provided.al2023"],
        "Content": null,
        "CreatedDate": "1970-01-01T00:00:00.000+0000",
        "Description": "",
        "LayerArn": ARN,
        "LayerVersionArn": format!("{ARN}:1"),
        "LicenseInfo": "MIT",
        "Version": 1,
    });
    assert_eq!(first, document);
    let location = content["Location"].as_str().expect("a URL").to_owned();
    let path = location.strip_prefix("http://localhost").expect("the host that was called");
    let answer = world.client().await.get(path).await;
    assert_eq!((answer.status, BASE64_STANDARD.encode(&answer.bytes)), (200, zip(b"one")));
    assert_eq!(world.client().await.get(&path.replace("/1", "/7")).await.status, 404);

    let second = world.publish_fonts(b"two").await;
    assert_eq!(world.read(&format!("{LAYERS}/fonts/versions/2")).await, second);
    let by_arn = format!("{LAYERS}?find=LayerVersion&Arn={}", format!("{ARN}:2").replace(':', "%3A"));
    assert_eq!(world.read(&by_arn).await, second);
    let versions = world.read(&format!("{LAYERS}/fonts/versions")).await;
    assert_eq!([&versions["LayerVersions"][0]["Version"], &versions["LayerVersions"][1]["Version"]], [2, 1]);
    let layers = world.read(LAYERS).await["Layers"].clone();
    let newest = &layers[0]["LatestMatchingVersion"]["Version"];
    assert_eq!((&layers[0]["LayerName"], newest), (&json!("fonts"), &json!(2)));
    assert_eq!(world.read(&format!("{LAYERS}?CompatibleRuntime=java25")).await, json!({"Layers": []}));
}

#[tokio::test]
async fn a_function_keeps_a_layer_that_was_deleted() {
    let world = World::new().await;
    let size = world.publish_fonts(b"one").await["Content"]["CodeSize"].clone();
    let function = orders(&json!({"Layers": [format!("{ARN}:1")]}));
    let created = world.call(&format!("POST {FUNCTIONS}"), &function).await;
    let mounted = json!([{"Arn": format!("{ARN}:1"), "CodeSize": size}]);
    assert_eq!((created.status, &created.json()["Layers"]), (201, &mounted));

    let line = format!("DELETE {LAYERS}/fonts/versions/1");
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    assert_eq!(world.call(&line, &Value::Null).await.status, 204);
    let gone = "The resource you requested does not exist.";
    let read = format!("GET {LAYERS}/fonts/versions/1");
    world.refused(&read, &Value::Null, 404, "ResourceNotFoundException", gone).await;
    world.update_orders(b"version 2").await;
    let configuration = format!("{FUNCTIONS}/orders/configuration");
    assert_eq!(world.read(&configuration).await["Layers"], mounted);
    assert_eq!(world.publish_fonts(b"two").await["Version"], 2);
    let line = format!("PUT {configuration}");
    assert_eq!(world.call(&line, &json!({"Layers": []})).await.status, 200);
    assert_eq!(world.read(&configuration).await.get("Layers"), None);
}

#[tokio::test]
async fn layers_that_cannot_be_mounted_are_refused() {
    let world = World::new().await;
    world.publish_fonts(b"one").await;
    world.publish_fonts(b"two").await;
    let check = async |layers: Value, message: &str| {
        let function = orders(&json!({"Layers": layers}));
        let line = format!("POST {FUNCTIONS}");
        world.refused(&line, &function, 400, "InvalidParameterValueException", message).await;
    };
    check(json!([format!("{ARN}:3")]), &format!("Layer version {ARN}:3 does not exist.")).await;
    let twice = format!(
        "Two different versions of the same layer are not allowed to be referenced in the same function. {ARN}:1 and \
         {ARN}:2 are versions of the same layer."
    );
    check(json!([format!("{ARN}:1"), format!("{ARN}:2")]), &twice).await;
    let far = format!("{ARN}:1").replace("us-east-1", "eu-west-1");
    let region =
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.";
    check(json!([far]), region).await;
    check(json!(vec![format!("{ARN}:1"); 6]), "Cannot reference more than 5 layers.").await;
    let zero = format!("GET {LAYERS}/fonts/versions/0");
    let message = "Layer Version Cannot be less than 1";
    world.refused(&zero, &Value::Null, 400, "InvalidParameterValueException", message).await;
}
