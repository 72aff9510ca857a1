//! What all HTTP fronts have to stand: requests that are too large, broken, or that say what only a front can know.

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    world::World,
};

/// The three fronts, each leading to `hello`: a function URL, an HTTP API and a REST API, whose stage is `prod`.
struct Fronts {
    world: World,
    url: String,
    http_api: String,
    rest_api: String,
}

const SIGNED: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=0",
);
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:hello";
/// The most that HTTP and REST APIs take before a body.
const HEAD_BYTES: usize = 10_240;

impl Fronts {
    async fn open() -> Self {
        let world = World::new().await;
        for (id, action, principal) in [
            ("url", "lambda:InvokeFunctionUrl", "*"),
            ("api", "lambda:InvokeFunction", "apigateway.amazonaws.com"),
        ] {
            let permission = json!({"StatementId": id, "Action": action, "Principal": principal});
            made(&world.call("POST /2015-03-31/functions/hello/policy", &permission).await);
        }
        let open = json!({"AuthType": "NONE"});
        let url = made(&world.call("POST /2021-10-31/functions/hello/url", &open).await);
        let url = url["FunctionUrl"].as_str().and_then(|url| url.strip_prefix("http://")).expect("a URL");
        let url = url.trim_end_matches('/').to_owned();

        let api = json!({"name": "shop", "protocolType": "HTTP", "target": FUNCTION});
        let http_api = made(&world.call("POST /v2/apis", &api).await)["apiId"].take();

        let manage = async |line: &str, document: Value| {
            made(&world.client().await.call(line, &[SIGNED], &document.to_string()).await)
        };
        let api = manage("POST /restapis", json!({"name": "shop"})).await;
        let (rest_api, root) = (text(&api["id"]), text(&api["rootResourceId"]));
        let resources = format!("/restapis/{rest_api}/resources");
        let proxy = manage(&format!("POST {resources}/{root}"), json!({"pathPart": "{proxy+}"})).await;
        let method = format!("PUT {resources}/{}/methods/ANY", text(&proxy["id"]));
        manage(&method, json!({"authorizationType": "NONE"})).await;
        let uri =
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations");
        let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri});
        manage(&format!("{method}/integration"), integration).await;
        manage(&format!("POST /restapis/{rest_api}/deployments"), json!({"stageName": "prod"})).await;

        let host = |id: &str| format!("{id}.execute-api.us-east-1.localhost:4566");
        Self { url, http_api: host(&text(&http_api)), rest_api: host(&rest_api), world }
    }

    fn hosts(&self) -> [&str; 3] {
        [&self.url, &self.http_api, &self.rest_api]
    }

    /// Sends a request to a front: its first line without the version, and all behind the `Host` header as it is.
    async fn raw(&self, host: &str, line: &str, rest: &[u8]) -> Answer {
        let mut client = self.world.client().await;
        client.send(&format!("{line} HTTP/1.1\r\nhost: {host}\r\n")).await;
        client.send_bytes(rest).await;
        client.answer().await
    }

    async fn get(&self, host: &str, target: &str) -> Answer {
        self.raw(host, &format!("GET {target}"), b"\r\n").await
    }

    /// The answer to a request that is cut off as soon as the front has heard enough.
    async fn cut(&self, host: &str, line: &str, rest: &str) -> (Answer, Client) {
        let mut client = self.world.client().await;
        client.try_send(&format!("{line} HTTP/1.1\r\nhost: {host}\r\n{rest}")).await;
        (client.answer().await, client)
    }
}

fn made(answer: &Answer) -> Value {
    assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn check(answer: &Answer, status: u16, document: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (status, document));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn heads_beyond_the_quota_are_refused_in_the_fronts_own_words() {
    let fronts = Fronts::open().await;
    let padded = |bytes: usize| format!("x-padding: {}\r\n\r\n", "x".repeat(bytes)).into_bytes();

    let line = "GET /return";
    let room = HEAD_BYTES - line.len() - " HTTP/1.1".len() - fronts.http_api.len();
    assert_eq!(fronts.raw(&fronts.http_api, line, &padded(room)).await.status, 500, "the function answered");
    let refused = r#"{"message":"Request Header Fields Too Large"}"#;
    check(&fronts.raw(&fronts.http_api, line, &padded(room + 1)).await, 431, refused);
    let long = format!("/return?{}", "x".repeat(HEAD_BYTES));
    check(&fronts.get(&fronts.http_api, &long).await, 431, refused);

    let line = "GET /prod/a";
    let room = HEAD_BYTES - fronts.rest_api.len();
    assert_eq!(fronts.raw(&fronts.rest_api, line, &padded(room)).await.status, 502, "the function answered");
    let refused = r#"{"message":"HTTP header is larger than 10240 bytes."}"#;
    let answer = fronts.raw(&fronts.rest_api, line, &padded(room + 1)).await;
    check(&answer, 413, refused);
    assert_eq!(answer.header("x-amzn-errortype"), Some("RequestTooLargeException"));

    // There is no such quota for URLs.
    let answer = fronts.raw(&fronts.url, "GET /", &padded(2 * HEAD_BYTES)).await;
    assert_eq!(answer.json()["headers"]["x-padding"].as_str().map(str::len), Some(2 * HEAD_BYTES));
}

#[tokio::test]
async fn what_no_server_takes_is_refused_before_any_front() {
    let fronts = Fronts::open().await;
    for host in fronts.hosts() {
        let long = format!("GET /{}", "x".repeat(1 << 16));
        assert_eq!(fronts.cut(host, &long, "\r\n").await.0.status, 414);
        let much = format!("x: {}\r\n\r\n", "y".repeat(1 << 20));
        assert_eq!(fronts.cut(host, "GET /", &much).await.0.status, 431);
        assert_eq!(fronts.cut(host, "GET /", &"x: y\r\n".repeat(200)).await.0.status, 431);
    }
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_however_they_come() {
    const MIB: usize = 1024 * 1024;
    let fronts = Fronts::open().await;
    let too_large = r#"{"message":"Request Entity Too Large"}"#;
    let http = (fronts.http_api.as_str(), "POST /a", 10 * MIB, too_large);
    let too_large = r#"{"message":"HTTP content length exceeded 10485760 bytes."}"#;
    let rest = (fronts.rest_api.as_str(), "POST /prod/a", 10 * MIB, too_large);
    let url = (fronts.url.as_str(), "POST /a", 6 * MIB, "6291456");
    for (host, line, limit, document) in [http, rest, url] {
        let chunk = format!("{:x}\r\n{}\r\n", MIB, "x".repeat(MIB));
        let chunks = chunk.repeat(limit / MIB + 1) + "0\r\n\r\n";
        let (answer, mut client) =
            fronts.cut(host, line, &format!("transfer-encoding: chunked\r\n\r\n{chunks}")).await;
        assert_eq!(answer.status, 413, "{}", answer.body);
        assert!(answer.body.contains(document), "{}", answer.body);
        // It was heard out, so that the connection is still good.
        assert_eq!(client.get("/_hearth/health").await.status, 200);

        let announced = format!("expect: 100-continue\r\ncontent-length: {}\r\n\r\n", limit + 1);
        let (answer, client) = fronts.cut(host, line, &announced).await;
        assert_eq!(answer.status, 413, "refused before it was sent");
        assert_eq!(client.closed().await, "");
    }
}

#[tokio::test]
async fn paths_that_are_no_percent_encoded_text_have_no_meaning_to_apis() {
    let fronts = Fronts::open().await;
    for path in ["/%", "/a%2", "/%zz", "/a/%FF", "/%C3%28", "/%ED%A0%80"] {
        check(&fronts.get(&fronts.http_api, path).await, 400, r#"{"message":"Bad Request"}"#);
        let answer = fronts.get(&fronts.rest_api, &format!("/prod{path}")).await;
        check(&answer, 400, r#"{"message":"Bad Request"}"#);
        assert_eq!(answer.header("x-amzn-errortype"), Some("BadRequestException"));
        // URLs keep paths as they come; recorded is `/pa2%Fth/1`.
        assert_eq!(fronts.get(&fronts.url, path).await.json()["rawPath"], path);
    }
    let event = fronts.get(&fronts.http_api, "/%00/%C3%A4%2F").await.json();
    assert_eq!(event["rawPath"], "/\0/\u{e4}/");
}

#[tokio::test]
async fn queries_are_kept_whatever_they_are() {
    let fronts = Fronts::open().await;
    let query = "a=%zz&b=%FF&%=c&&=&d=%00";
    for host in [&fronts.url, &fronts.http_api] {
        let event = fronts.get(host, &format!("/?{query}")).await.json();
        assert_eq!(event["rawQueryString"], query);
        let read = json!({"a": "%zz", "b": "\u{fffd}", "%": "c", "": "", "d": "\0"});
        assert_eq!(event["queryStringParameters"], read);
    }
}

#[tokio::test]
async fn bytes_that_a_request_cannot_have_are_refused() {
    let fronts = Fronts::open().await;
    for host in fronts.hosts() {
        for rest in [
            &b"x: a\0b\r\n\r\n"[..],
            b"x: a\rb\r\n\r\n",
            b"x y: z\r\n\r\n",
            b"x\xff: y\r\n\r\n",
            b"x: a\x7f\r\n\r\n",
        ] {
            let answer = fronts.raw(host, "GET /", rest).await;
            assert_eq!(answer.status, 400, "{}", rest.escape_ascii());
        }
        for line in ["GET /\0", "GET /a b", "GET a", "G\u{e4}T /"] {
            assert_eq!(fronts.cut(host, line, "\r\n").await.0.status, 400, "{line:?}");
        }
    }
    // What is no UTF-8 is taken for Latin-1, in which every byte is a character.
    for host in [&fronts.url, &fronts.http_api] {
        let answer = fronts.raw(host, "GET /", b"x-name: J\xfcrgen\r\nx-other: \xc3\xa4\r\n\r\n").await;
        let headers = &answer.json()["headers"];
        assert_eq!((&headers["x-name"], &headers["x-other"]), (&json!("J\u{fc}rgen"), &json!("\u{e4}")));
    }
}

#[tokio::test]
async fn a_request_that_could_be_for_two_hosts_is_refused() {
    let fronts = Fronts::open().await;
    let hosts = fronts.hosts();
    for (host, other) in [(hosts[0], hosts[1]), (hosts[1], hosts[2]), (hosts[2], hosts[0])] {
        for (line, rest) in [
            ("GET /prod/return".to_owned(), format!("host: {other}\r\n\r\n")),
            ("GET /prod/return".to_owned(), format!("Host: {host}\r\n\r\n")),
            (format!("GET http://{other}/prod/return"), "\r\n".to_owned()),
        ] {
            let (answer, client) = fronts.cut(host, &line, &rest).await;
            assert_eq!(answer.status, 400, "{line} {rest}: {}", answer.body);
            assert_eq!(answer.header("connection"), Some("close"));
            assert_eq!(client.closed().await, "");
        }
    }
    let line = format!("GET http://{}/a?b", fronts.url);
    let event = fronts.raw(&fronts.url, &line, b"\r\n").await.json();
    assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/a"), &json!("b")));
    let mut client = fronts.world.client().await;
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 400, "no host at all");
}

#[tokio::test]
async fn what_only_a_front_can_know_is_not_taken_from_callers() {
    let fronts = Fronts::open().await;
    let claimed = "x-forwarded-for: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\nx-forwarded-proto: https\r\n\
                   x-forwarded-port: 1\r\nx-amzn-requestid: mine\r\napigw-requestid: mine\r\n\
                   x-amz-apigw-id: mine\r\nconnection: x-one\r\nte: trailers\r\nkeep-alive: 9\r\n\r\n";
    for host in [&fronts.url, &fronts.http_api] {
        let answer = fronts.raw(host, "GET /", claimed.as_bytes()).await;
        let event = answer.json();
        let headers = &event["headers"];
        assert_eq!(headers["x-forwarded-for"], "10.0.0.1, 10.0.0.2, 127.0.0.1");
        assert_eq!(headers["x-forwarded-proto"], "http");
        assert_ne!(headers["x-forwarded-port"], "1");
        for name in ["connection", "te", "keep-alive"] {
            assert_eq!(headers.get(name), None, "{name} is about the connection");
        }
        let context = &event["requestContext"];
        assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
        assert_ne!(context["requestId"], "mine");
        for name in ["x-amzn-requestid", "apigw-requestid"] {
            assert!(!answer.headers(name).contains(&"mine"), "{name}");
        }
    }
    let answer = fronts.raw(&fronts.rest_api, "GET /prod/a", claimed.as_bytes()).await;
    for name in ["x-amzn-requestid", "x-amz-apigw-id"] {
        assert!(!answer.headers(name).contains(&"mine"), "{name}");
    }
}

#[tokio::test]
async fn trailers_are_no_headers() {
    let fronts = Fronts::open().await;
    for host in [&fronts.url, &fronts.http_api] {
        let chunks = "transfer-encoding: chunked\r\ntrailer: x-one, host\r\n\r\n\
                      1\r\na\r\n0\r\nx-one: 1\r\nhost: other\r\nauthorization: me\r\n\r\n";
        let event = fronts.raw(host, "POST /", chunks.as_bytes()).await.json();
        let headers = event["headers"].as_object().expect("headers");
        assert_eq!((&event["body"], &headers["host"]), (&json!("a"), &json!(host)));
        for name in ["x-one", "authorization", "trailer", "transfer-encoding"] {
            assert_eq!(headers.get(name), None, "{name}");
        }
    }
}
