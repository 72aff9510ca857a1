//! WebSocket APIs: what owners do with them, and what goes on at connections.

mod authorizers;
mod connections;
mod management;
mod messages;

use std::sync::Arc;

use bytes::Bytes;
use hearth_services::{
    apigateway::v2::{
        Api, ApiChange, Apis, Connection, Handshake, HttpRequest, IntegrationChange, NewApi, Outgoing,
        RouteChange, Session, StageChange,
    },
    lambda::Permission,
};
use serde_json::Value;

use crate::world::{World, arn, here};

const ACTION: &str = "$request.body.action";

/// A world with an API that has the stage `prod`, and a function for its routes: `chat`.
struct Chat {
    world: World,
    api: Arc<Api>,
    target: String,
}

impl Chat {
    async fn new() -> Self {
        let world = World::new();
        world.deploy("chat", None).await;
        let permission = Permission {
            statement_id: "apis".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: "apigateway.amazonaws.com".to_owned(),
            ..Permission::default()
        };
        world.functions().add_permission(&here(), "chat", None, None, permission).expect("a permission");
        let api = create(&world, ACTION);
        let stage = StageChange { auto_deploy: Some(true), ..StageChange::default() };
        api.create_stage("prod", stage, Default::default()).expect("a stage");
        let change = IntegrationChange {
            integration_type: Some("AWS_PROXY".to_owned()),
            uri: Some(arn("chat")),
            ..IntegrationChange::default()
        };
        let target = format!("integrations/{}", api.create_integration(change).expect("an integration").id);
        Self { world, api, target }
    }

    /// With routes, and a function that answers with 200 and nothing else.
    async fn with_routes(keys: &[&str]) -> Self {
        let chat = Self::new().await;
        for key in keys {
            chat.route(key);
        }
        chat.answers("{}");
        chat
    }

    fn apis(&self) -> &Arc<Apis> {
        self.world.services.apis()
    }

    /// A one-way route; its identifier.
    fn route(&self, key: &str) -> String {
        let change = RouteChange {
            key: Some(key.to_owned()),
            target: Some(self.target.clone()),
            ..RouteChange::default()
        };
        self.api.create_route(change).expect("a route").id.clone()
    }

    /// A route whose clients get what the function returns.
    fn two_way_route(&self, key: &str) {
        let id = self.route(key);
        let change =
            RouteChange { response_selection: Some("$default".to_owned()), ..RouteChange::default() };
        self.api.update_route(&id, change).expect("a route");
        self.api.create_route_response(&id, Some("$default")).expect("a response");
    }

    /// Lets the function return this from now on.
    fn answers(&self, answer: &'static str) {
        self.world.sandbox.script(move |_| format!("echo {answer}"));
    }

    async fn connect(&self, request: &HttpRequest<'_>) -> Handshake {
        let path = format!("/prod{}", request.path);
        let place = self.apis().locate_socket(self.api.id().as_str(), &path).expect("a place");
        self.apis().connect(&place, request).await
    }

    /// A connection.
    async fn open(&self) -> Session {
        match self.connect(&request()).await {
            Handshake::Accepted { session, .. } => session,
            Handshake::Refused(answer) => panic!("it was refused with {}", answer.status),
        }
    }

    /// The status and the message with which a client is refused.
    async fn refused(&self, request: &HttpRequest<'_>) -> (u16, Value) {
        match self.connect(request).await {
            Handshake::Accepted { .. } => panic!("it was accepted"),
            Handshake::Refused(answer) => {
                let body = serde_json::from_slice(&answer.body).unwrap_or_default();
                (answer.status.as_u16(), body)
            }
        }
    }

    /// Waits until everything that follows has been done.
    async fn settle(&self) {
        self.world.services.engine().work().idle().await;
    }

    /// The events that the function got since the last call.
    fn events(&self) -> Vec<Value> {
        let handled = self.world.handled("chat").into_iter();
        handled.map(|handled| serde_json::from_slice(&handled.event).expect("JSON")).collect()
    }

    /// A connection of an identifier, as its API's owner finds it.
    fn found(&self, session: &Session) -> Arc<Connection> {
        let account = here().account;
        self.apis().connection(None, session.connection().id(), account).expect("it is open")
    }
}

fn create(world: &World, selection: &str) -> Arc<Api> {
    let new = NewApi {
        name: Some("chat".to_owned()),
        protocol: Some("WEBSOCKET".to_owned()),
        settings: ApiChange { route_selection: Some(selection.to_owned()), ..ApiChange::default() },
        ..NewApi::default()
    };
    let created = world.services.apis().create(&here(), &new).expect("an API");
    world.services.apis().api(&here(), created.id.as_str()).expect("it was created")
}

/// What a client sends that wants to connect.
fn request() -> HttpRequest<'static> {
    HttpRequest {
        method: "GET".into(),
        domain: "id.execute-api.us-east-1.localhost".into(),
        source: "127.0.0.1".into(),
        headers: [("host", "id.execute-api.us-east-1.localhost"), ("user-agent", "tests")]
            .map(|(name, value)| (name.into(), value.into()))
            .into_iter()
            .collect(),
        ..HttpRequest::default()
    }
}

/// What the client gets next, as text.
async fn received(session: &Session) -> String {
    match session.next().await {
        Outgoing::Message(message) => text(&message).to_owned(),
        Outgoing::Close(closing) => panic!("it was closed: {closing:?}"),
    }
}

fn text(message: &Bytes) -> &str {
    std::str::from_utf8(message).expect("text")
}
