//! The HTTP API of a manifest.

use crate::support::Project;

const PROJECT: &str = r#"
[http]
cors = { allow_origins = ["http://shop.example"], allow_methods = ["GET"] }

[http.authorizers.pass]
function = "gate"
identity = ["$request.header.Pass"]

[functions.site]
code = "functions/hello-http/hello-http.wasm"

[[functions.site.events]]
http = "GET /"

[[functions.site.events]]
http = "ANY /echo"

[[functions.site.events]]
http = { route = "GET /headers", authorizer = "pass" }

[functions.gate]
code = "functions/echo/echo.wasm"
"#;

#[test]
fn routes_invoke_functions_and_wasi_http_components_answer_as_they_are() {
    let project = Project::new(PROJECT);
    let up = project.up(&[]);
    let get = |path: &str| up.send(&format!("GET {path}"), "", "");
    let answer = get("/_hearth/http/?name=Ada");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nHello, Ada!\n"),
        "{answer}"
    );
    let answer =
        up.send("POST /_aws/execute-api/hearth/$default/echo?a=1", "content-type: text/plain\r\n", "text");
    assert!(answer.contains(r#""method":"POST""#) && answer.contains(r#""body":"text""#), "{answer}");
    let answer = up.send("PURGE /_hearth/http/echo?a=%20b", "", "");
    assert!(answer.contains(r#""method":"PURGE","path":"/echo","query":"a=%20b""#), "{answer}");
    let answer = get("/_hearth/http/other");
    assert!(
        answer.starts_with("HTTP/1.1 404 ") && answer.ends_with(r#"{"message":"Not Found"}"#),
        "{answer}"
    );
    let answer = get("/_hearth/http/headers");
    assert!(
        answer.starts_with("HTTP/1.1 401 ") && answer.ends_with(r#"{"message":"Unauthorized"}"#),
        "{answer}"
    );
    // An echo of the event says neither yes nor no.
    let answer = up.send("GET /_hearth/http/headers", "pass: x\r\n", "");
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    let asks = "origin: http://shop.example\r\naccess-control-request-method: GET\r\n";
    let answer = up.send("OPTIONS /_hearth/http/", asks, "");
    assert!(answer.contains("access-control-allow-origin: http://shop.example\r\n"), "{answer}");
}

#[test]
fn a_wasi_http_component_gets_the_requests_of_its_url_as_they_are() {
    let project = Project::new(PROJECT);
    let up = project.up(&[]);
    let open = r#"{"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*"}"#;
    up.send("POST /2015-03-31/functions/site/policy", "", open);
    let created = up.send("POST /2021-10-31/functions/site/url", "", r#"{"AuthType": "NONE"}"#);
    let (_, host) = created.split_once("\"http://").expect("a URL");
    let path = format!("/_hearth/url/{}", &host[..32]);
    let answer = up.send(&format!("GET {path}/headers"), "x-twice: 1\r\nX-Twice: 2\r\nte: trailers\r\n", "");
    assert!(answer.contains(r#""x-twice":"1, 2""#) && !answer.contains(r#""te":"#), "{answer}");
    let answer = up.send(&format!("PURGE {path}/echo?a=%20b"), "", "text");
    let echo = r#"{"method":"PURGE","path":"/echo","query":"a=%20b","#;
    assert!(answer.contains(echo) && answer.contains(r#""body":"text""#), "{answer}");
    let answer = up.send(&format!("GET {path}/cookies"), "", "");
    assert_eq!(answer.matches("set-cookie: ").count(), 2, "{answer}");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("Two cookies.\n"), "{answer}");
}

#[test]
fn where_routes_are_is_told() {
    let project = Project::new(PROJECT);
    let up = project.up(&["--json"]);
    let ready: serde_json::Value = serde_json::from_str(&up.ready).expect("JSON");
    let routes = ready["routes"].as_array().expect("routes");
    let keys: Vec<&str> = routes.iter().filter_map(|route| route["route"].as_str()).collect();
    assert_eq!(keys, ["ANY /echo", "GET /", "GET /headers"]);
    assert_eq!(routes[0]["function"], "site");
    assert_eq!(routes[0]["url"], format!("{}/_hearth/http/echo", ready["url"].as_str().expect("a URL")));
}

#[test]
fn routes_change_with_the_manifest() {
    let project = Project::new(PROJECT);
    let up = project.up(&["--watch"]);
    let changed = PROJECT.replace("ANY /echo", "GET /cookies");
    project.write_manifest(&changed);
    up.says("requests of GET /cookies now invoke site");
    let answer = up.send("GET /_hearth/http/cookies", "", "");
    assert_eq!(answer.matches("set-cookie: ").count(), 2, "{answer}");
    let answer = up.send("GET /_hearth/http/echo", "", "");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[test]
fn keys_that_cannot_be_used_are_told_with_their_place() {
    let project = Project::new(
        r#"
[http.authorizers.users]
issuer = "https://issuer.example.com"
keys = "keys.json"

[functions.site]
code = "functions/hello-http/hello-http.wasm"

[[functions.site.events]]
http = { route = "GET /", authorizer = "users" }
"#,
    );
    project.write("keys.json", "{}");
    let ran = project.run(&["up", "--port", "0"]).exits(2);
    assert!(ran.stderr.contains("keys of `https://issuer.example.com`: it is no key set"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hearth.toml:2:"), "{}", ran.stderr);
}
