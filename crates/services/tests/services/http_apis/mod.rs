//! HTTP APIs: what owners do with them, and what becomes of requests.

mod authorizers;
mod management;
mod requests;
mod tokens;

use std::sync::Arc;

use bytes::Bytes;
use hearth_model::http_event::HttpAnswer;
use hearth_services::{
    apigateway::v2::{
        Api, Apis, Denial, HttpReply, HttpRequest, IntegrationChange, NewApi, RouteChange, Stage, StageChange,
    },
    lambda::Permission,
};
use http::Request;

use crate::world::{World, arn, here};

impl World {
    fn apis(&self) -> &std::sync::Arc<Apis> {
        self.services.apis()
    }

    /// An API with a stage `$default` that is deployed automatically.
    fn api(&self) -> Arc<Api> {
        let created = self.apis().create(&here(), &new_api()).expect("an API");
        let api = self.apis().api(&here(), created.id.as_str()).expect("it was created");
        let stage = StageChange { auto_deploy: Some(true), ..StageChange::default() };
        api.create_stage(Stage::DEFAULT, stage, Default::default()).expect("a stage");
        api
    }

    /// Lets all APIs invoke a function.
    fn allow(&self, function: &str) {
        let permission = Permission {
            statement_id: "apis".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: "apigateway.amazonaws.com".to_owned(),
            ..Permission::default()
        };
        self.functions().add_permission(&here(), function, None, None, permission).expect("a permission");
    }

    /// Sends a request such as `GET /a?b`.
    async fn request(&self, api: &Api, line: &str) -> HttpReply {
        self.send_request(api, request(line)).await
    }

    async fn send_request(&self, api: &Api, request: HttpRequest<'_>) -> HttpReply {
        let api = self.apis().find(api.id().as_str());
        match api.and_then(|api| Apis::locate(api, &request.path)) {
            Some(place) => self.apis().answer(&place, &request, || as_it_came(&request)).await,
            None => HttpReply { request_id: String::new(), result: Err(Denial::NotFound) },
        }
    }

    /// The event that a function got last.
    fn event(&self, function: &str) -> serde_json::Value {
        let handled = self.handled(function);
        serde_json::from_slice(&handled.last().expect("it was invoked").event).expect("JSON")
    }
}

fn new_api() -> NewApi {
    NewApi { name: Some("shop".to_owned()), protocol: Some("HTTP".to_owned()), ..NewApi::default() }
}

/// `GET /a?b`, as it comes in.
fn request(line: &str) -> HttpRequest<'_> {
    let (method, target) = line.split_once(' ').expect("a method and a path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    HttpRequest {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        domain: "id.execute-api.us-east-1.localhost".into(),
        source: "127.0.0.1".into(),
        ..HttpRequest::default()
    }
}

fn with_header<'a>(line: &'a str, name: &'a str, value: &'a str) -> HttpRequest<'a> {
    HttpRequest { headers: [(name.into(), value.into())].into_iter().collect(), ..request(line) }
}

/// Adds an integration with a function; returns the target of routes to it.
fn integrate(api: &Api, function: &str, payload_format: &str) -> String {
    let change = IntegrationChange {
        integration_type: Some("AWS_PROXY".to_owned()),
        uri: Some(arn(function)),
        payload_format: Some(payload_format.to_owned()),
        ..IntegrationChange::default()
    };
    format!("integrations/{}", api.create_integration(change).expect("an integration").id)
}

/// A route.
fn route(key: &str, target: &str) -> RouteChange {
    RouteChange { key: Some(key.to_owned()), target: Some(target.to_owned()), ..RouteChange::default() }
}

fn as_it_came(request: &HttpRequest<'_>) -> Box<Request<Bytes>> {
    let mut came = Request::new(request.body.clone());
    *came.uri_mut() = format!("http://{}{}", request.domain, request.path).parse().expect("a URI");
    Box::new(came)
}

fn answered(reply: &HttpReply) -> &HttpAnswer {
    reply.result.as_ref().expect("an answer")
}

fn body(reply: &HttpReply) -> &str {
    std::str::from_utf8(&answered(reply).body).expect("a text")
}
