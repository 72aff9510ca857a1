//! REST APIs: what owners do with them, and what becomes of calls.

mod authorizers;
mod calls;
mod management;
mod usage;

use std::str;

use hearth_model::identity::RequestId;
use hearth_services::{
    apigateway::v1::{
        ApiAnswer, ApiCall, MethodPlace, PatchOperation, RestApis,
        document::{NewDeployment, NewMethod, NewRestApi},
    },
    lambda::Permission,
};
use serde_json::{Value, json};

use crate::world::{World, arn, here};

/// An API of a world, with a function `orders` that every API may invoke.
struct Api {
    world: World,
    id: String,
}

impl Api {
    async fn new() -> Self {
        let world = World::new();
        world.deploy("orders", None).await;
        let new: NewRestApi = read(json!({"name": "shop"}));
        let id = world.services.rest_apis().create_api(&here(), new).expect("an API").id;
        let api = Self { world, id };
        api.allow("orders");
        api
    }

    fn apis(&self) -> &RestApis {
        self.world.services.rest_apis()
    }

    /// Lets all APIs invoke a function.
    fn allow(&self, function: &str) {
        let permission = Permission {
            statement_id: "apis".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: "apigateway.amazonaws.com".to_owned(),
            source_arn: Some(format!("arn:aws:execute-api:us-east-1:000000000000:{}/*", self.id)),
            ..Permission::default()
        };
        let functions = self.world.functions();
        functions.add_permission(&here(), function, None, None, permission).expect("a permission");
    }

    /// The resource of a path, made if it is not there.
    fn resource(&self, path: &str) -> String {
        let all = self.apis().resources(&here(), &self.id, &Default::default()).expect("a page").items;
        if let Some(known) = all.iter().find(|resource| resource.path == path) {
            return known.id.clone();
        }
        let (parent, part) = path.rsplit_once('/').expect("a path");
        let parent = self.resource(if parent.is_empty() { "/" } else { parent });
        self.apis().create_resource(&here(), &self.id, &parent, part).expect("a resource").id
    }

    /// Puts a method that `orders` serves.
    fn put(&self, method: &str, path: &str, new: Value) {
        let resource = self.resource(path);
        let place = MethodPlace { api: &self.id, resource: &resource, method };
        let new: NewMethod = read(with(json!({"authorizationType": "NONE"}), new));
        self.apis().put_method(&here(), place, new).expect("a method");
        self.apis().put_integration(&here(), place, read(integration("orders"))).expect("an integration");
    }

    /// Deploys what is there to the stage `prod`.
    fn deploy(&self) {
        let new: NewDeployment = read(json!({"stageName": "prod"}));
        self.apis().create_deployment(&here(), &self.id, new).expect("a deployment");
    }

    fn patch_stage(&self, operations: &[(&str, &str, &str)]) {
        let operations = patch(operations);
        self.apis().update_stage(&here(), &self.id, "prod", &operations).expect("a stage");
    }

    /// Calls `GET /prod/a?b`.
    async fn call(&self, line: &str) -> ApiAnswer {
        self.call_with(line, &[], "").await
    }

    async fn call_with(&self, line: &str, headers: &[(&str, &str)], body: &str) -> ApiAnswer {
        let (method, target) = line.split_once(' ').expect("a method and a path");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (stage, path) = path[1..].split_at(path[1..].find('/').unwrap_or(path.len() - 1));
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let call = ApiCall {
            api: &self.id,
            stage,
            path,
            method,
            query,
            headers,
            body: Ok(body.to_owned().into()),
            source: "127.0.0.1",
            request_id: RequestId::from_random(7),
        };
        self.apis().serve(call).await
    }

    /// Lets functions answer like this.
    fn says(&self, answer: &Value) {
        let answer = answer.to_string();
        self.does(&format!("echo {answer}"));
    }

    /// Lets functions do this.
    fn does(&self, commands: &str) {
        let commands = commands.to_owned();
        self.world.sandbox.script(move |_| commands.clone());
    }

    /// The event that a function got last.
    fn event(&self, function: &str) -> Value {
        let handled = self.world.handled(function);
        serde_json::from_slice(&handled.last().expect("it was invoked").event).expect("JSON")
    }
}

fn integration(function: &str) -> Value {
    let function = arn(function);
    let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations");
    json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri})
}

/// A document with more members.
fn with(mut document: Value, more: Value) -> Value {
    if let Value::Object(more) = more {
        document.as_object_mut().expect("an object").extend(more);
    }
    document
}

/// Reads a document, as a client writes it.
fn read<T: serde::de::DeserializeOwned>(document: Value) -> T {
    serde_json::from_value(document).expect("a document")
}

fn patch(operations: &[(&str, &str, &str)]) -> Vec<PatchOperation> {
    let operation =
        |(op, path, value): &(&str, &str, &str)| read(json!({"op": op, "path": path, "value": value}));
    operations.iter().map(operation).collect()
}

fn body(answer: &ApiAnswer) -> &str {
    str::from_utf8(&answer.answer.body).expect("a text")
}

fn header<'a>(answer: &'a ApiAnswer, name: &str) -> Option<&'a str> {
    answer.answer.headers.get(name).map(|value| value.to_str().expect("a text"))
}

/// Status, body and error type.
fn outcome(answer: &ApiAnswer) -> (u16, &str, Option<&'static str>) {
    (answer.answer.status.as_u16(), body(answer), answer.error_type)
}
