//! WebSocket APIs on the wire: the management API, sockets, and those who post to connections.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hearth_services::apigateway::v2::Connection;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        handshake::client::Response,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::{
    api::Api,
    client::{Answer, request},
    world::World,
};

type Socket = WebSocketStream<TcpStream>;

impl Api {
    async fn open() -> Self {
        Self::in_world(World::new().await).await
    }

    async fn in_world(world: World) -> Self {
        let new = json!({
            "name": "chat",
            "protocolType": "WEBSOCKET",
            "routeSelectionExpression": "$request.body.action",
        });
        Self::create_in(world, &new, &json!({}), &json!({"stageName": "prod", "autoDeploy": true})).await
    }

    /// A route whose clients get what the function returns.
    async fn two_way_route(&self, key: &str) -> Value {
        let route = json!({
            "routeKey": key,
            "target": self.target,
            "routeResponseSelectionExpression": "$default",
        });
        let route = self.create("routes", &route).await;
        let responses =
            format!("routes/{}/routeresponses", route["routeId"].as_str().expect("an identifier"));
        self.create(&responses, &json!({"routeResponseKey": "$default"})).await;
        route
    }

    async fn try_connect(&self, query: &str) -> Result<(Socket, Response), Error> {
        let url = format!("ws://{}/_aws/execute-api/{}/prod{query}", self.world.address, self.id);
        let mut request = url.into_client_request().expect("a URL");
        if query == CHAT {
            request.headers_mut().insert("sec-websocket-protocol", "chat".parse().expect("a value"));
        }
        let stream = TcpStream::connect(self.world.address).await.expect("it listens");
        client_async(request, stream).await
    }

    async fn connect(&self) -> Socket {
        self.try_connect("").await.expect("it connects").0
    }

    /// The identifier of a connection, as API Gateway's own answers say it.
    async fn connection(&self, socket: &mut Socket) -> String {
        socket.send(Message::text("nobody handles this")).await.expect("it is sent");
        let answer: Value = serde_json::from_str(&text(socket).await).expect("JSON");
        assert_eq!(answer["message"], "Forbidden");
        answer["connectionId"].as_str().expect("an identifier").to_owned()
    }

    /// Does something with a connection, as an SDK does.
    async fn manage(&self, method: &str, place: &str, connection: &str, body: &str) -> Answer {
        let line = format!("{method} {place}/%40connections/{}", connection.replace('=', "%3D"));
        self.world.client().await.call(&line, &[SIGNATURE], body).await
    }

    fn place(&self) -> String {
        format!("/_aws/execute-api/{}/prod", self.id)
    }
}

/// The query of a client that speaks a subprotocol.
const CHAT: &str = "?protocol=chat";

const SIGNATURE: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=000000000000/20261121/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0",
);

async fn text(socket: &mut Socket) -> String {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => text.to_string(),
        other => panic!("{other:?} is no text"),
    }
}

/// The status with which the server closes.
async fn closed(socket: &mut Socket) -> u16 {
    match socket.next().await {
        Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
        other => panic!("{other:?} is no end"),
    }
}

#[tokio::test]
async fn documents_have_what_the_published_model_has() {
    let api = Api::open().await;
    let shown = api.world.call(&format!("GET /v2/apis/{}", api.id), &json!({})).await.json();
    assert_eq!(shown["apiEndpoint"], json!(format!("ws://{}.execute-api.us-east-1.localhost", api.id)));
    assert_eq!(shown["protocolType"], "WEBSOCKET");
    assert_eq!(shown["routeSelectionExpression"], "$request.body.action");
    let route = api.two_way_route("join").await;
    assert_eq!(route["routeResponseSelectionExpression"], "$default");
    let path =
        format!("/v2/apis/{}/routes/{}/routeresponses", api.id, route["routeId"].as_str().expect("one"));
    let responses = api.world.call(&format!("GET {path}"), &json!({})).await.json();
    let id = responses["items"][0]["routeResponseId"].as_str().expect("an identifier").to_owned();
    let expected = json!({"routeResponseId": id, "routeResponseKey": "$default"});
    assert_eq!(responses, json!({"items": [expected]}));
    for method in ["GET", "PATCH"] {
        let response = api.world.call(&format!("{method} {path}/{id}"), &json!({})).await;
        assert_eq!((response.status, response.json()), (200, expected.clone()));
    }
    assert_eq!(api.world.call(&format!("DELETE {path}/{id}"), &json!({})).await.status, 204);
    assert_eq!(api.world.call(&format!("GET {path}/{id}"), &json!({})).await.status, 404);
    let keyed = json!({"routeKey": "a", "apiKeyRequired": true});
    let refused = api.world.call(&format!("POST /v2/apis/{}/routes", api.id), &keyed).await;
    assert_eq!(refused.status, 501);
    assert!(refused.body.contains("apiKeyRequired"), "{}", refused.body);
}

#[tokio::test]
async fn messages_go_both_ways() {
    let api = Api::open().await;
    api.two_way_route("$connect").await;
    api.two_way_route("join").await;
    let (mut socket, response) = api.try_connect(CHAT).await.expect("it connects");
    assert_eq!(response.headers().get("sec-websocket-protocol").expect("it is chosen"), "chat");
    let message = json!({"action": "join"}).to_string();
    for _ in 0..3 {
        socket.send(Message::text(message.clone())).await.expect("it is sent");
        assert_eq!(text(&mut socket).await, message);
    }
    // In frames, each as large as one may be.
    let part = "a".repeat(Connection::FRAME_BYTES);
    let large = json!({"action": "join", "padding": part.repeat(3)}).to_string();
    socket.send(Message::Ping("x".into())).await.expect("it is sent");
    assert_eq!(socket.next().await.expect("an answer").expect("a frame"), Message::Pong("x".into()));
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    let pieces: Vec<&[u8]> = large.as_bytes().chunks(Connection::FRAME_BYTES).collect();
    for (position, piece) in pieces.iter().enumerate() {
        let kind = if position == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(piece.to_vec(), OpCode::Data(kind), position + 1 == pieces.len());
        socket.send(Message::Frame(frame)).await.expect("it is sent");
    }
    assert_eq!(text(&mut socket).await, large);
    socket.close(None).await.expect("it is sent");
    while let Some(Ok(_)) = socket.next().await {}
    api.world.stop().await;
}

#[tokio::test]
async fn functions_refuse_clients() {
    let api = Api::open().await;
    api.two_way_route("$connect").await;
    match api.try_connect("?refuse=yes").await {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), 403);
            assert_eq!(response.body().as_deref(), Some(&b"not you"[..]));
        }
        other => panic!("{other:?} is no refusal"),
    }
}

#[tokio::test]
async fn only_what_asks_for_a_socket_gets_one() {
    let api = Api::open().await;
    let call = async |line: String| api.world.client().await.call(&line, &[], "").await;
    let plain = call(format!("GET {}", api.place())).await;
    assert_eq!((plain.status, plain.header("sec-websocket-version")), (426, Some("13")));
    for path in ["/other", "/prod/other", ""] {
        let answer = call(format!("GET /_aws/execute-api/{}{path}", api.id)).await;
        assert_eq!((answer.status, answer.json()), (403, json!({"message": "Forbidden"})), "{path}");
    }
    let host = format!("host: {}.execute-api.us-east-1.localhost:4566", api.id);
    let text = request("GET /prod", &[], "").replace("host: localhost", &host);
    let mut client = api.world.client().await;
    client.send(&text).await;
    assert_eq!(client.answer().await.status, 426);
}

#[tokio::test]
async fn frames_and_messages_have_limits() {
    let api = Api::open().await;
    api.two_way_route("$default").await;
    let check = async |message: Message, status: u16| {
        let mut socket = api.connect().await;
        socket.send(message).await.expect("it is sent");
        assert_eq!(closed(&mut socket).await, status);
    };
    check(Message::text("a".repeat(Connection::FRAME_BYTES + 1)), 1009).await;
    check(Message::text("a".repeat(1024 * 1024)), 1009).await;
    check(Message::binary("a"), 1003).await;
    let mut socket = api.connect().await;
    socket.send(Message::text("a".repeat(Connection::FRAME_BYTES))).await.expect("it is sent");
    assert_eq!(text(&mut socket).await.len(), Connection::FRAME_BYTES);
}

#[tokio::test]
async fn owners_post_to_connections_look_at_them_and_close_them() {
    let api = Api::open().await;
    let mut socket = api.connect().await;
    let id = api.connection(&mut socket).await;
    for place in [&*api.place(), ""] {
        let posted = api.manage("POST", place, &id, "hello").await;
        assert_eq!((posted.status, &*posted.body), (200, ""));
        assert_eq!(text(&mut socket).await, "hello");
    }
    let shown = api.manage("GET", &api.place(), &id, "").await;
    let expected = json!({
        "connectedAt": "1970-01-01T00:00:00.000Z",
        "identity": {"sourceIp": "127.0.0.1", "userAgent": ""},
        "lastActiveAt": "1970-01-01T00:00:00.000Z",
    });
    assert_eq!((shown.status, shown.json()), (200, expected));
    let large = "a".repeat(Connection::MESSAGE_BYTES + 1);
    let refused = api.manage("POST", &api.place(), &id, &large).await;
    let class = refused.header("x-amzn-errortype").map(str::to_owned);
    assert_eq!((refused.status, class.as_deref()), (413, Some("PayloadTooLargeException")));
    let unsigned = format!("GET {}/@connections/{id}", api.place());
    let refused = api.world.client().await.call(&unsigned, &[], "").await;
    assert_eq!(
        (refused.status, refused.json()["message"].clone()),
        (403, json!("Missing Authentication Token"))
    );
    assert_eq!(api.manage("POST", &api.place(), "nothing", "a").await.status, 400);

    assert_eq!(api.manage("DELETE", &api.place(), &id, "").await.status, 204);
    assert_eq!(closed(&mut socket).await, 1000);
    while let Some(Ok(_)) = socket.next().await {}
    let gone = api.manage("POST", &api.place(), &id, "hello").await;
    assert_eq!((gone.status, gone.header("x-amzn-errortype")), (410, Some("GoneException")));
}

#[tokio::test]
async fn a_silent_client_is_told_to_go() {
    let api = Api::open().await;
    let mut socket = api.connect().await;
    api.connection(&mut socket).await;
    api.world.engine.clock().advance(Connection::IDLE).await;
    assert_eq!(closed(&mut socket).await, 1001);
}

#[tokio::test]
async fn the_end_of_the_gateway_ends_sockets() {
    let api = Api::in_world(World::with_grace(Duration::from_secs(10)).await).await;
    let mut socket = api.connect().await;
    api.connection(&mut socket).await;
    let mut serving = api.world.stopping();
    assert_eq!(closed(&mut socket).await, 1001);
    while let Some(Ok(_)) = socket.next().await {}
    drop(socket);
    serving.join_next().await.expect("it was serving").expect("it does not panic");
}

#[tokio::test]
async fn the_reason_of_a_client_is_passed_on() {
    let api = Api::open().await;
    let mut socket = api.connect().await;
    let id = api.connection(&mut socket).await;
    let frame = CloseFrame { code: CloseCode::Library(4001), reason: "enough".into() };
    socket.close(Some(frame)).await.expect("it is sent");
    while let Some(Ok(_)) = socket.next().await {}
    assert_eq!(api.manage("GET", &api.place(), &id, "").await.status, 410);
}
