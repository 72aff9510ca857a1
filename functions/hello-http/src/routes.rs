//! What the service answers.

use std::collections::BTreeMap;

use serde::Serialize;

/// A PNG of one pixel, to show that an answer need not be text.
const PIXEL: &[u8] = include_bytes!("pixel.png");

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What `/echo` answers.
#[derive(Serialize)]
struct Echo<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: usize,
    body: String,
}

#[derive(Serialize)]
struct Problem<'a> {
    message: &'a str,
}

/// Answers a request.
pub(crate) fn respond(request: &Request) -> Response {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET" | "HEAD", "/") => text(200, format!("Hello, {}!\n", visitor(&request.query))),
        (_, "/echo") => json(200, &echo(request)),
        (_, "/headers") => json(200, &headers(request)),
        ("GET" | "HEAD", "/cookies") => {
            let mut response = text(200, "Two cookies.\n".into());
            response.headers.push(("set-cookie", "first=1; Path=/; HttpOnly".into()));
            response.headers.push(("set-cookie", "second=2".into()));
            response
        }
        ("GET" | "HEAD", "/pixel.png") => {
            Response { status: 200, headers: vec![("content-type", "image/png".into())], body: PIXEL.into() }
        }
        ("GET" | "HEAD", path) if path.starts_with("/status/") => status(&path["/status/".len()..]),
        (_, "/" | "/cookies" | "/pixel.png") => {
            let mut response = json(405, &Problem { message: "method not allowed" });
            response.headers.push(("allow", "GET, HEAD".into()));
            response
        }
        _ => json(404, &Problem { message: "not found" }),
    }
}

/// The `name` of the query, as it stands there.
fn visitor(query: &str) -> &str {
    query.split('&').find_map(|pair| pair.strip_prefix("name=")).unwrap_or("world")
}

fn echo(request: &Request) -> Echo<'_> {
    Echo {
        method: &request.method,
        path: &request.path,
        query: &request.query,
        headers: request.headers.len(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
    }
}

/// Values of one name are joined by commas, as HTTP allows.
fn headers(request: &Request) -> BTreeMap<&str, String> {
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &request.headers {
        all.entry(name)
            .and_modify(|before| *before += &format!(", {value}"))
            .or_insert_with(|| value.clone());
    }
    all
}

fn status(code: &str) -> Response {
    match code.parse() {
        Ok(code @ 200..=599) => text(code, format!("{code}\n")),
        _ => json(400, &Problem { message: "a status is a number from 200 to 599" }),
    }
}

fn text(status: u16, body: String) -> Response {
    Response {
        status,
        headers: vec![("content-type", "text/plain; charset=utf-8".into())],
        body: body.into_bytes(),
    }
}

fn json(status: u16, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("texts and numbers are always JSON");
    Response { status, headers: vec![("content-type", "application/json".into())], body }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: vec![
                ("accept".into(), "a".into()),
                ("accept".into(), "b".into()),
                ("host".into(), "h".into()),
            ],
            body: b"hi".to_vec(),
        }
    }

    #[test]
    fn routes() {
        for (method, target, status, body) in [
            ("GET", "/", 200, "Hello, world!\n"),
            ("GET", "/?x=1&name=Ada", 200, "Hello, Ada!\n"),
            (
                "PUT",
                "/echo?a=b",
                200,
                r#"{"method":"PUT","path":"/echo","query":"a=b","headers":3,"body":"hi"}"#,
            ),
            ("GET", "/headers", 200, r#"{"accept":"a, b","host":"h"}"#),
            ("GET", "/status/418", 418, "418\n"),
            ("GET", "/status/x", 400, r#"{"message":"a status is a number from 200 to 599"}"#),
            ("POST", "/", 405, r#"{"message":"method not allowed"}"#),
            ("GET", "/nowhere", 404, r#"{"message":"not found"}"#),
        ] {
            let response = respond(&request(method, target));
            assert_eq!(
                (response.status, String::from_utf8_lossy(&response.body).as_ref()),
                (status, body),
                "{method} {target}"
            );
        }
    }

    #[test]
    fn answers_may_be_binary_and_set_cookies() {
        assert!(respond(&request("GET", "/pixel.png")).body.starts_with(b"\x89PNG"));
        let cookies = respond(&request("GET", "/cookies")).headers;
        assert_eq!(cookies.iter().filter(|(name, _)| *name == "set-cookie").count(), 2);
    }
}
