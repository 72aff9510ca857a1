//! What is refused, in AWS's words where it has some.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{ARN, FUNCTIONS, orders, zip};
use crate::world::World;

const INVALID: &str = "InvalidParameterValueException";

#[tokio::test]
async fn a_function_that_cannot_be_is_not_created() {
    let world = World::new().await;
    let line = format!("POST {FUNCTIONS}");
    let check = async |changes: Value, code: &str, message: &str| {
        world.refused(&line, &orders(&changes), 400, code, message).await;
    };
    let broken = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    check(json!({"Code": {"ZipFile": "not base64!"}}), INVALID, broken).await;
    check(json!({"Code": {"ZipFile": BASE64_STANDARD.encode("no zip")}}), INVALID, broken).await;
    check(json!({"Code": {}}), INVALID, "Please provide a source for function code.").await;
    let native =
        "`bootstrap` is a native program, not WebAssembly: build it for `wasm32-wasip2` or `wasm32-wasip1`";
    check(json!({"Code": {"ZipFile": zip(b"\x7fELF\x02")}}), INVALID, native).await;
    let absent = "Hearth does not have the runtime `nodejs22.x`: use `python3.14`, or build the handler as WebAssembly and use `provided.al2023`";
    check(json!({"Runtime": "nodejs22.x"}), INVALID, absent).await;
    let runtime = "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \
                   [provided.al2023, python3.9, python3.10, python3.11, python3.12, python3.13, python3.14] or be a valid ARN";
    check(json!({"Runtime": "cobol85"}), INVALID, runtime).await;
    let memory = "1 validation error detected: Value '1' at 'memorySize' failed to satisfy constraint: Member must have \
                  value greater than or equal to 128";
    check(json!({"MemorySize": 1}), "ValidationException", memory).await;
    let role = "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy \
                regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\\\d{12}:role/?[a-zA-Z_0-9+=,.@\\\\-_/]+";
    check(json!({"Role": "r1"}), "ValidationException", role).await;
    let architectures = "1 validation error detected: Value '[mips]' at 'architectures' failed to satisfy constraint: \
                         Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member \
                         must not be null]";
    check(json!({"Architectures": ["mips"]}), "ValidationException", architectures).await;
    assert_eq!(world.engine.functions().len(), 1);
}

#[tokio::test]
async fn what_hearth_does_not_do_is_not_stored_either() {
    let world = World::new().await;
    for (name, value) in [
        ("VpcConfig", json!({"SubnetIds": ["subnet-1"]})),
        ("TracingConfig", json!({"Mode": "Active"})),
        ("SnapStart", json!({"ApplyOn": "PublishedVersions"})),
        ("KMSKeyArn", json!("arn:aws:kms:us-east-1:000000000000:key/1")),
        ("PackageType", json!("Image")),
        ("PublishTo", json!("LATEST_PUBLISHED")),
        (
            "FileSystemConfigs",
            json!([{"Arn": "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/1"}]),
        ),
        ("ImageConfig", json!({"Command": ["app.handler"]})),
        ("TenancyConfig", json!({"TenantIsolationMode": "PER_TENANT"})),
        ("DurableConfig", json!({"ExecutionTimeout": 60})),
        (
            "CapacityProviderConfig",
            json!({"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": "arn"}}),
        ),
        ("RuntimeConfig", json!({"Some": "thing"})),
        ("AcceleratorConfig", json!({"Some": "thing"})),
    ] {
        let message = format!(
            "`{name}` is not part of Hearth: leave it out, or give it the value that it has by default"
        );
        let mut document = orders(&json!({}));
        document[name] = value;
        world.refused(&format!("POST {FUNCTIONS}"), &document, 400, INVALID, &message).await;
    }
    let defaults = orders(&json!({
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"},
        "DeadLetterConfig": {"TargetArn": ""},
        "Layers": [],
        "KMSKeyArn": "",
        "FileSystemConfigs": [],
        "ImageConfig": {},
        "CodeSigningConfigArn": "",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "Publish": false,
        "PackageType": "Zip",
    }));
    let answer = world.call(&format!("POST {FUNCTIONS}"), &defaults).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let arn = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0";
    let signed = orders(&json!({"FunctionName": "signed", "CodeSigningConfigArn": arn}));
    let message = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    let code = "CodeSigningConfigNotFoundException";
    world.refused(&format!("POST {FUNCTIONS}"), &signed, 404, code, &message).await;
}

#[tokio::test]
async fn a_name_is_given_once() {
    let world = World::new().await;
    world.create_orders().await;
    let (line, again) = (format!("POST {FUNCTIONS}"), orders(&json!({})));
    world.refused(&line, &again, 409, "ResourceConflictException", "Function already exist: orders").await;
}

#[tokio::test]
async fn a_function_that_is_not_there_is_named_by_its_arn() {
    let world = World::new().await;
    let message = format!("Function not found: {ARN}");
    for (line, document) in [
        ("GET /orders", Value::Null),
        ("GET /orders/configuration", Value::Null),
        ("PUT /orders/configuration", json!({})),
        ("PUT /orders/code", json!({"ZipFile": zip(b"v2")})),
        ("POST /orders/versions", json!({})),
        ("GET /orders/versions", Value::Null),
        ("POST /orders/aliases", json!({"Name": "live", "FunctionVersion": "1"})),
        ("GET /orders/aliases/live", Value::Null),
        ("DELETE /orders", Value::Null),
    ] {
        let line = line.replace(" /", &format!(" {FUNCTIONS}/"));
        world.refused(&line, &document, 404, "ResourceNotFoundException", &message).await;
    }
    let elsewhere = ARN.replace("us-east-1", "eu-west-1");
    let message = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    let line = format!("GET {FUNCTIONS}/{elsewhere}");
    world.refused(&line, &Value::Null, 404, "ResourceNotFoundException", message).await;
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_told_so() {
    let world = World::new().await;
    for (body, reason) in [("{", "EOF while parsing"), ("[]", "it is not an object"), ("{} {}", "trailing")] {
        let broken = world.client().await.call(&format!("POST {FUNCTIONS}"), &[], body).await;
        assert_eq!(
            (broken.status, broken.header("x-amzn-errortype")),
            (400, Some("InvalidRequestContentException"))
        );
        let message = format!("Could not parse request body into json: {reason}");
        assert!(broken.json()["message"].as_str().is_some_and(|said| said.starts_with(&message)), "{body}");
    }
    let patched = world.call(&format!("PATCH {FUNCTIONS}/hello"), &json!({})).await;
    assert_eq!((patched.status, patched.header("allow")), (405, Some("GET, DELETE")));
    let message = "1 validation error detected: Value 'SOME' at 'functionVersion' failed to satisfy constraint: Member \
                   must satisfy enum value set: [ALL]";
    let line = format!("GET {FUNCTIONS}?FunctionVersion=SOME");
    world.refused(&line, &Value::Null, 400, "ValidationException", message).await;
    let message = "`MaxItems` must be a number, not `many`";
    let line = format!("GET {FUNCTIONS}?MaxItems=many");
    world.refused(&line, &Value::Null, 400, "ValidationException", message).await;
}

#[tokio::test]
async fn what_is_not_there_says_so_by_its_name() {
    let world = World::new().await;
    for (line, operation) in [
        ("POST /2025-11-30/capacity-providers", "`CreateCapacityProvider`"),
        ("GET /2025-12-01/durable-executions/arn%3Aaws%2F1/history", "`GetDurableExecutionHistory`"),
        ("PUT /2025-11-30/functions/hello/function-scaling-config", "`PutFunctionScalingConfig`"),
        ("POST /2020-04-22/code-signing-configs/", "`CreateCodeSigningConfig`"),
        ("GET /2026-07-09/resource-policy/arn%3Aaws", "`GetResourcePolicy`"),
        ("PATCH /2025-11-30/capacity-providers", "PATCH `/2025-11-30/capacity-providers`"),
    ] {
        let answer = world.call(line, &json!({})).await;
        let message = format!("{operation} is a part of the Lambda API that Hearth does not have");
        assert_eq!((answer.status, answer.json()), (501, json!({"Type": "Service", "Message": message})));
        assert_eq!(answer.header("x-amzn-errortype"), Some("NotImplementedException"));
    }
}
