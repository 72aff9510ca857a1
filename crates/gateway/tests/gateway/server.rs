//! Functions that take HTTP requests as they are, at their URLs and behind HTTP APIs.

use serde_json::{Value, json};

use crate::{client::Answer, world::World};

const MIB: usize = 1024 * 1024;

struct Server {
    world: World,
    host: String,
}

impl Server {
    async fn open(cors: &Value) -> Self {
        let world = World::new().await;
        world.deploy_server("server").await;
        let url = json!({"AuthType": "NONE", "Cors": cors});
        let created = world.call("POST /2021-10-31/functions/server/url", &url).await.json();
        let url = created["FunctionUrl"].as_str().and_then(|url| url.strip_prefix("http://")).expect("a URL");
        let host = url.trim_end_matches('/').to_owned();
        let open = json!({"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*"});
        assert_eq!(world.call("POST /2015-03-31/functions/server/policy", &open).await.status, 201);
        Self { world, host }
    }

    /// Behind an HTTP API, all of whose requests go there.
    async fn open_api(payload_format: &str) -> Self {
        const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:server";
        let world = World::new().await;
        world.deploy_server("server").await;
        let open = json!({
            "StatementId": "api",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        });
        assert_eq!(world.call("POST /2015-03-31/functions/server/policy", &open).await.status, 201);
        let new = json!({"name": "shop", "protocolType": "HTTP", "target": ARN});
        let created = world.call("POST /v2/apis", &new).await.json();
        let id = created["apiId"].as_str().expect("an identifier").to_owned();
        let found = world.call(&format!("GET /v2/apis/{id}/integrations"), &json!({})).await.json();
        let integration = found["items"][0]["integrationId"].as_str().expect("an identifier").to_owned();
        let line = format!("PATCH /v2/apis/{id}/integrations/{integration}");
        let changed = world.call(&line, &json!({"payloadFormatVersion": payload_format})).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        Self { world, host: format!("{id}.execute-api.us-east-1.localhost") }
    }

    async fn send(&self, line: &str, rest: &[u8]) -> Answer {
        let mut client = self.world.client().await;
        client.send(&format!("{line} HTTP/1.1\r\nhost: {}\r\n", self.host)).await;
        client.send_bytes(rest).await;
        client.answer().await
    }
}

/// Checks that the function was given a request of these lines, in whatever order, and that its answer came as it was.
#[track_caller]
fn assert_passed<const N: usize>(answer: &Answer, mut expected: [&str; N]) {
    let text = answer.bytes.escape_ascii().to_string().replace("\\n", "\n");
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
    assert_eq!(answer.headers("x-twice"), ["1", "2"]);
    assert_eq!((answer.header("content-type"), answer.header("trailer")), (None, None));
}

#[tokio::test]
async fn a_request_stays_a_request() {
    let server = Server::open(&Value::Null).await;
    let rest =
        b"X-Twice: 1\r\nx-twice: 2\r\nx-name: J\xfcrgen\r\ncookie: a=1\r\ncookie: b=2\r\nconnection: x\r\n\
                 te: trailers\r\nx-forwarded-for: 10.0.0.1\r\nx-forwarded-proto: https\r\n\
                 x-amzn-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793\r\ncontent-length: 3\r\n\r\na\0b";
    let answer = server.send("POST /a%2Fb//c?200", rest).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected = [
        &format!("POST http://{}/a%2Fb//c?200", server.host),
        "x-twice: 1",
        "x-twice: 2",
        "x-name: J\\xfcrgen",
        "cookie: a=1",
        "cookie: b=2",
        "content-length: 3",
        "x-amzn-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793",
        "x-forwarded-for: 10.0.0.1, 127.0.0.1",
        "x-forwarded-port: 80",
        "x-forwarded-proto: http",
        "a\\x00b",
    ];
    assert_passed(&answer, expected);
    assert_eq!(answer.headers("content-length"), [answer.bytes.len().to_string()]);
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    let trace = answer.header("x-amzn-trace-id").expect("a trace");
    assert!(trace.starts_with("Root=1-5759e988-bd862e3fe1be46a994272793;Parent="), "{trace}");
}

#[tokio::test]
async fn a_request_through_an_api_stays_a_request_whatever_the_payload_format() {
    for payload_format in ["2.0", "1.0"] {
        let server = Server::open_api(payload_format).await;
        let rest = b"X-Twice: 1\r\nx-twice: 2\r\nx-name: J\xfcrgen\r\nte: trailers\r\n\
                     x-amzn-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793\r\ncontent-length: 3\r\n\r\na\0b";
        let answer = server.send("POST /a%2Fb//c?201", rest).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let expected = [
            &format!("POST http://{}/a%2Fb//c?201", server.host),
            "x-twice: 1",
            "x-twice: 2",
            "x-name: J\\xfcrgen",
            "content-length: 3",
            "x-amzn-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-port: 80",
            "x-forwarded-proto: http",
            "a\\x00b",
        ];
        assert_passed(&answer, expected);
        assert_eq!(answer.header("apigw-requestid").map(str::len), Some(16));
        for line in ["GET /fail", "GET /?101"] {
            let answer = server.send(line, b"\r\n").await;
            assert_eq!((answer.status, answer.json()), (500, json!({"message": "Internal Server Error"})));
        }
    }
}

#[tokio::test]
async fn bodies_come_and_go_whole_or_not_at_all() {
    let server = Server::open(&Value::Null).await;
    let empty = server.send("GET /", b"\r\n").await;
    assert!(empty.body.starts_with(&format!("GET http://{}/\n", server.host)), "{}", empty.body);
    let large = "x".repeat(5 * MIB);
    let chunked =
        format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n1\r\ny\r\n0\r\n\r\n", large.len());
    let answer = server.send("PUT /", chunked.as_bytes()).await;
    assert!(answer.body.ends_with("xxy") && answer.bytes.len() > large.len(), "{}", answer.status);
    assert!(!answer.body.contains("transfer-encoding"));
    let mut client = server.world.client().await;
    client.send(&format!("HEAD / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.host)).await;
    let head = client.closed().await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "no body: {head}");
    assert_eq!(server.send("GET /?204", b"\r\n").await.body, "");
    let announced = format!("content-length: {}\r\nexpect: 100-continue\r\n\r\n", 6 * MIB + 1);
    let refused = server.send("POST /", announced.as_bytes()).await;
    assert_eq!((refused.status, refused.header("x-amzn-errortype")), (413, Some("RequestTooLargeException")));
}

#[tokio::test]
async fn what_goes_wrong_is_an_internal_error() {
    let server = Server::open(&Value::Null).await;
    for line in ["GET /fail", "GET /?101", "GET /?600"] {
        let answer = server.send(line, b"\r\n").await;
        assert_eq!((answer.status, answer.body.as_str()), (502, "Internal Server Error"), "{line}");
        assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    }
    assert_eq!(server.send("GET /?404", b"\r\n").await.status, 404);
}

#[tokio::test]
async fn a_request_can_be_run_again() {
    let server = Server::open(&Value::Null).await;
    let answer = server.send("GET /?201", b"x-twice: a\r\nx-twice: b\r\n\r\n").await;
    let id = answer.header("x-amzn-requestid").expect("an id");
    let again = server.world.client().await.call(&format!("POST /_hearth/replay/{id}"), &[], "").await.json();
    let response = &again["payload"];
    assert_eq!((&again["outcome"], &response["statusCode"]), (&json!("success"), &json!(201)));
    assert_eq!((&response["headers"]["x-twice"], &response["body"]), (&json!("1,2"), &json!(answer.body)));
}

#[tokio::test]
async fn pages_of_other_origins_are_answered_as_configured() {
    let server = Server::open(&json!({"AllowOrigins": ["https://example.com"]})).await;
    let answer = server.send("GET /", b"origin: https://example.com\r\n\r\n").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://example.com"));
    let asks = b"origin: https://example.com\r\naccess-control-request-method: GET\r\n\r\n";
    assert_eq!(server.send("OPTIONS /", asks).await.body, "", "the function is not asked");
}
