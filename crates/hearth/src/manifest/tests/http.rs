//! HTTP routes.

use hearth_services::apigateway::v2::{PayloadFormat, RouteSettings};

use super::{messages, parse, refused};
use crate::manifest::AuthorizerSettings;

/// The manifest of a function with such an event.
fn routed(http: &str) -> String {
    format!("[functions.a]\ncode = \"a\"\n[[functions.a.events]]\nhttp = {http}\n")
}

#[test]
fn all_keys_are_read() {
    let manifest = parse(
        r#"
[http]
cors = { allow_origins = ["http://localhost:3000"], allow_methods = ["*"], allow_headers = ["x-one"], expose_headers = ["x-two"], allow_credentials = true, max_age_s = 60 }
throttle = { rate = 100, burst = 20 }

[http.authorizers.users]
issuer = "https://issuer.example.com"
audience = ["shop"]
keys = "keys.json"

[http.authorizers.machines]
function = "a"
identity = ["$request.header.X-Key"]
cache_s = 60
simple = false

[functions.a]
code = "a"

[[functions.a.events]]
http = "GET /images/{id}"

[[functions.a.events]]
http = { route = "ANY /{proxy+}", payload_format = "1.0", authorizer = "users", scopes = ["read"] }
"#,
    )
    .expect("a manifest");
    let http = &manifest.http;
    assert_eq!(http.throttle, RouteSettings { burst: Some(20), rate: Some(100.0) });
    assert_eq!(http.cors.as_ref().and_then(|cors| cors.max_age_s), Some(60));
    let names: Vec<&str> = http.authorizers.iter().map(|authorizer| authorizer.name.as_str()).collect();
    assert_eq!(names, ["machines", "users"]);
    let AuthorizerSettings::Token { keys, .. } = &http.authorizers[1].kind else { panic!("by tokens") };
    assert_eq!(keys.as_deref(), Some(std::path::Path::new("project/keys.json")));

    let [images, rest] = &*manifest.function("a").expect("declared").http_events else {
        panic!("two routes: {manifest:?}");
    };
    assert_eq!(
        (images.route.to_string().as_str(), images.payload_format),
        ("GET /images/{id}", PayloadFormat::V2)
    );
    assert_eq!((rest.route.to_string().as_str(), rest.payload_format), ("ANY /{proxy+}", PayloadFormat::V1));
    assert_eq!(
        (rest.authorizer.as_deref(), rest.scopes.as_slice()),
        (Some("users"), &["read".to_owned()][..])
    );
    assert!(manifest.only("a").function("a").expect("it is the one").http_events.is_empty());
}

#[test]
fn what_is_wrong_is_told() {
    for (http, expected) in [
        (
            "1",
            "`http` must be a route such as `\"GET /images/{id}\"`, or a table with one, not a whole number",
        ),
        (r#""/images""#, "`/images` is not a route"),
        ("{ }", "`http` has no `route`"),
        (r#"{ route = "GET /", payload_format = "3" }"#, "there is no payload format `3`"),
        (r#"{ route = "GET /", authorizer = "users" }"#, "there is no authorizer `users`"),
        (r#"{ route = "GET /", scopes = ["read"] }"#, "scopes are those of tokens"),
        (r#"{ route = "GET /", method = "GET" }"#, "unknown key `method` in `http`"),
    ] {
        assert_eq!(messages(&routed(http)), [expected], "{http}");
    }
    for (text, expected) in [
        ("http = 1", "`http` must be a table `[http]`, not a whole number"),
        ("[http]\nthrottle = 1", "`throttle` must be a table, not a whole number"),
        ("[http]\nthrottle = { rate = -1 }", "`rate` must be from 0 to 4294967295, not -1"),
        ("[http]\nother = 1", "unknown key `other` in `[http]`"),
        ("[http.authorizers.a]", "an authorizer has an `issuer` of tokens or a `function`"),
        ("[http.authorizers.a]\nfunction = \"check\"", "there is no function `check`"),
        ("[http]\ncors = { allow_methods = [\"TRACE\"] }", "Invalid method in CORS configuration: TRACE"),
    ] {
        assert_eq!(messages(text), [expected], "{text}");
    }
}

#[test]
fn a_request_invokes_one_function() {
    refused(
        r#"[functions.a]
code = "a"
[[functions.a.events]]
http = "GET /images/{id}"
[functions.b]
code = "b"
[[functions.b.events]]
http = "GET /images/{name}"
"#,
        "
error: there are two routes for `GET /images/{name}`
 --> project/hearth.toml:8:8
  |
4 | http = \"GET /images/{id}\"
  |        ------------------ the first one
...
8 | http = \"GET /images/{name}\"
  |        ^^^^^^^^^^^^^^^^^^^^
  |
  = help: a request invokes one function: remove one of the two
",
    );
}
