//! A client that makes, changes and deletes a function.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::api::{FUNCTIONS, call, creation, must, variables, zip_bytes, zipped};
use crate::{client::Client, http::Unknown, random::Random};

/// The only client of its function.
pub(super) struct Functions {
    name: String,
    random: Random,
    /// The number of what is set next.
    next: u64,
    known: Option<Function>,
    /// What may have become of it, if there was no answer.
    perhaps: Option<Option<Function>>,
}

/// A function, or what was one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Function {
    latest: Version,
    published: Vec<Version>,
    /// To which version the alias points.
    alias: Option<usize>,
    tag: Option<String>,
}

/// What a version has: the number of its environment, and the size of its code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    environment: u64,
    code_bytes: usize,
}

/// What is asked for.
struct Request {
    line: String,
    document: Value,
    /// What becomes of the function.
    result: Option<Function>,
}

impl Functions {
    pub(super) fn new(client: usize, random: Random) -> Self {
        Self { name: format!("changing-{client}"), random, next: 0, known: None, perhaps: None }
    }

    /// Something that can be done with what there is.
    fn request(&mut self) -> Request {
        self.next += 1;
        let (number, path) = (self.next, format!("{FUNCTIONS}/{}", self.name));
        let Some(function) = self.known.clone() else {
            let latest = Version { environment: number, code_bytes: zip_bytes(number) };
            let function = Function { latest, published: Vec::new(), alias: None, tag: None };
            return Request {
                line: format!("POST {FUNCTIONS}"),
                document: creation(&self.name, number, number),
                result: Some(function),
            };
        };
        match self.random.below(12) {
            0..3 => self.environment(&path, function),
            3..5 => self.code(&path, function),
            5..8 => publication(&path, function),
            8..10 if !function.published.is_empty() => self.alias(&path, function),
            10 => self.tag(function),
            11 if self.random.below(3) == 0 => {
                Request { line: format!("DELETE {path}"), document: Value::Null, result: None }
            }
            _ => self.environment(&path, function),
        }
    }

    fn environment(&self, path: &str, mut function: Function) -> Request {
        function.latest.environment = self.next;
        Request {
            line: format!("PUT {path}/configuration"),
            document: json!({ "Environment": variables(self.next) }),
            result: Some(function),
        }
    }

    fn code(&self, path: &str, mut function: Function) -> Request {
        function.latest.code_bytes = zip_bytes(self.next);
        Request {
            line: format!("PUT {path}/code"),
            document: json!({ "ZipFile": zipped(self.next) }),
            result: Some(function),
        }
    }

    fn alias(&mut self, path: &str, mut function: Function) -> Request {
        let version = 1 + usize::try_from(self.random.below(function.published.len() as u64)).expect("small");
        let (line, document) = match function.alias {
            Some(_) if self.random.below(3) == 0 => {
                function.alias = None;
                let line = format!("DELETE {path}/aliases/live");
                return Request { line, document: Value::Null, result: Some(function) };
            }
            Some(_) => {
                (format!("PUT {path}/aliases/live"), json!({ "FunctionVersion": version.to_string() }))
            }
            None => {
                let document = json!({ "Name": "live", "FunctionVersion": version.to_string() });
                (format!("POST {path}/aliases"), document)
            }
        };
        function.alias = Some(version);
        Request { line, document, result: Some(function) }
    }

    fn tag(&self, mut function: Function) -> Request {
        let (arn, value) = (self.arn(), self.next.to_string());
        function.tag = Some(value.clone());
        Request {
            line: format!("POST /2017-03-31/tags/{arn}"),
            document: json!({ "Tags": { "number": value } }),
            result: Some(function),
        }
    }

    fn arn(&self) -> String {
        format!("arn:aws:lambda:us-east-1:000000000000:function:{}", self.name)
    }

    /// What there is.
    fn found(&self, server: SocketAddr) -> Option<Function> {
        let path = format!("{FUNCTIONS}/{}", self.name);
        let answer = call(server, &format!("GET {path}/versions"), &Value::Null).expect("it answers");
        if answer.status == 404 {
            return None;
        }
        let document = answer.document();
        let versions = document["Versions"].as_array().unwrap_or_else(|| panic!("{document}"));
        let mut versions = versions.iter().map(|version| Version {
            environment: text(&version["Environment"]["Variables"]["NUMBER"]).parse().expect("a number"),
            code_bytes: version["CodeSize"].as_u64().and_then(|bytes| bytes.try_into().ok()).expect("a size"),
        });
        let latest = versions.next().expect("there is a latest one");
        let aliases = must(server, &format!("GET {path}/aliases"), &Value::Null);
        let alias = aliases["Aliases"].as_array().and_then(|aliases| aliases.first());
        let tags = must(server, &format!("GET /2017-03-31/tags/{}", self.arn()), &Value::Null);
        Some(Function {
            latest,
            published: versions.collect(),
            alias: alias.map(|alias| text(&alias["FunctionVersion"]).parse().expect("a number")),
            tag: tags["Tags"]["number"].as_str().map(str::to_owned),
        })
    }
}

impl Client for Functions {
    fn begin(&mut self, _: SocketAddr) {}

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let Request { line, document, result } = self.request();
        self.perhaps = Some(result.clone());
        let answer = call(server, &line, &document)?;
        assert!(answer.is_ok(), "{line}: {} {}", answer.status, answer.document());
        (self.known, self.perhaps) = (result, None);
        Ok(())
    }

    fn check(&mut self, server: SocketAddr) {
        let found = self.found(server);
        if let Some(perhaps) = self.perhaps.take()
            && found == perhaps
        {
            self.known = perhaps;
        }
        assert_eq!(found, self.known, "{}", self.name);
        let Some(function) = found else { return };
        // It runs, by each of its names.
        let names = ["", "?Qualifier=live"].into_iter().take(1 + usize::from(function.alias.is_some()));
        for name in names {
            let line = format!("POST {FUNCTIONS}/{}/invocations{name}", self.name);
            let answer = must(server, &line, &json!({ "number": self.next }));
            assert!(answer.to_string().contains(&self.next.to_string()), "{answer}");
        }
    }
}

/// Publishes `$LATEST`, which makes no version if it is what was published last.
fn publication(path: &str, mut function: Function) -> Request {
    if function.published.last() != Some(&function.latest) {
        function.published.push(function.latest.clone());
    }
    Request { line: format!("POST {path}/versions"), document: json!({}), result: Some(function) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
