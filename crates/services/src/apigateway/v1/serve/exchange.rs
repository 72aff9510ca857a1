//! A call on its way through an API.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use hearth_engine::random::random_bits;
use hearth_model::{
    http_event::{EventBody, ProxyApiKey, ProxyContext, ProxyEvent, ProxyFront, query_pairs},
    http_route::{RouteKey, Segment},
    time::Timestamp,
};
use serde_json::{Map, Value};

use super::{ApiCall, Served};
use crate::apigateway::{
    headers::spelled,
    v1::{
        document::Texts,
        snapshot::{Expression, Target},
    },
};

/// A call, and what is found out about it.
pub(super) struct Exchange<'a> {
    pub(super) call: ApiCall<'a>,
    pub(super) extended_request_id: String,
    pub(super) received: Timestamp,
    /// The path without the stage, as functions see it.
    path: String,
    /// The path with the stage.
    full_path: String,
    request_id: String,
    domain: String,
    target: Option<Arc<Target>>,
    parameters: BTreeMap<String, String>,
    /// What the authorizer says.
    pub(super) authorizer: Option<Map<String, Value>>,
    /// The key that the caller has shown: its identifier, and the key.
    pub(super) key: Option<(String, String)>,
    pub(super) trace: Option<String>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(mut call: ApiCall<'a>, received: Timestamp) -> Self {
        call.headers = forwarded(call.headers);
        // 11 bytes: 15 characters and one to fill up.
        let find = |name: &str| call.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let trace = find("x-amzn-trace-id").map(|(_, value)| value.clone());
        Self {
            extended_request_id: BASE64_STANDARD.encode(&random_bits().to_le_bytes()[..11]),
            received,
            path: format!("/{}", call.path.trim_start_matches('/')),
            full_path: format!("/{}{}", call.stage, call.path),
            request_id: call.request_id.to_string(),
            domain: String::new(),
            target: None,
            parameters: BTreeMap::new(),
            authorizer: None,
            key: None,
            trace,
            call,
        }
    }

    /// Finds the method that is called.
    pub(super) fn route(&mut self, served: &Served) -> Option<Arc<Target>> {
        self.domain = format!("{}.execute-api.{}.localhost", served.api, served.partition.region);
        let trimmed = self.path.trim_end_matches('/');
        let path = if trimmed.is_empty() { "/" } else { trimmed };
        let found = served.snapshot.routes.find(self.call.method, path)?;
        self.parameters = raw_parameters(found.key, path);
        let target = Arc::clone(found.target);
        self.target = Some(Arc::clone(&target));
        Some(target)
    }

    /// The ARN of the method as it is called.
    pub(super) fn method_path(&self) -> String {
        format!("{}/{}{}", self.call.stage, self.call.method, self.path)
    }

    /// The value of a header, by its name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.call.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The event that tells of the call.
    pub(super) fn event<'e>(&'e self, served: &'e Served, body: EventBody<'e>) -> ProxyEvent<'e> {
        let target = self.target.as_deref();
        ProxyEvent {
            front: ProxyFront::Rest,
            resource: target.map_or("/", |target| &target.path),
            path: &self.path,
            method: self.call.method,
            headers: &self.call.headers,
            query: self.call.query,
            path_parameters: &self.parameters,
            stage_variables: &served.variables,
            body,
            context: ProxyContext {
                account: served.partition.account,
                api: &served.api,
                deployment: Some(&served.deployment),
                domain: &self.domain,
                stage: &served.stage,
                resource_id: target.map(|target| target.resource_id.as_str()),
                operation: target.and_then(|target| target.operation.as_deref()),
                path: &self.full_path,
                authorizer: self.authorizer.as_ref(),
                api_key: self.key.as_ref().map(|(id, value)| ProxyApiKey { id, value }),
                source: self.call.source,
                request_id: &self.request_id,
                extended_request_id: &self.extended_request_id,
                received: self.received,
            },
        }
    }

    /// What an expression stands for; nothing if it is empty.
    pub(super) fn value(&self, served: &Served, expression: &Expression) -> Option<Cow<'_, str>> {
        let value = match expression {
            Expression::Header(name) => self.header(name).map(Cow::Borrowed),
            Expression::Query(name) => {
                let last = query_pairs(self.call.query).filter(|(known, _)| known == name).last();
                last.map(|(_, value)| Cow::Owned(value))
            }
            Expression::Path(name) => self.parameters.get(name).map(|value| Cow::Borrowed(value.as_str())),
            Expression::StageVariable(name) => {
                served.variables.get(name).map(|value| Cow::Owned(value.clone()))
            }
            Expression::Text(text) => Some(Cow::Owned(text.clone())),
            Expression::Context(name) => self.context(served, name),
        };
        value.filter(|value| !value.is_empty())
    }

    /// What the front knows of a call, by the name that it has in the event's `requestContext`.
    fn context(&self, served: &Served, name: &str) -> Option<Cow<'_, str>> {
        let target = self.target.as_deref();
        Some(match name {
            "accountId" => served.partition.account.to_string().into(),
            "apiId" => served.api.clone().into(),
            "stage" => served.stage.clone().into(),
            "domainName" => Cow::Borrowed(&*self.domain),
            "httpMethod" => Cow::Borrowed(self.call.method),
            "path" => Cow::Borrowed(&*self.full_path),
            "requestId" => Cow::Borrowed(&*self.request_id),
            "extendedRequestId" => Cow::Borrowed(&*self.extended_request_id),
            "resourcePath" => Cow::Owned(target?.path.clone()),
            "resourceId" => Cow::Owned(target?.resource_id.clone()),
            "identity.sourceIp" => Cow::Borrowed(self.call.source),
            "identity.userAgent" => Cow::Borrowed(self.header("user-agent")?),
            "requestTimeEpoch" => self.received.as_unix_millis().to_string().into(),
            _ => {
                let value = self.authorizer.as_ref()?.get(name.strip_prefix("authorizer.")?)?;
                value.as_str().map_or_else(|| value.to_string().into(), |text| text.to_owned().into())
            }
        })
    }
}

/// What the variables of a template stand for: as they were sent, percent-encoded.
fn raw_parameters(key: &RouteKey, path: &str) -> Texts {
    let RouteKey::Path(_, template) = key else { return Texts::new() };
    let path: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let pairs = template.segments().iter().enumerate().filter_map(|(position, segment)| match segment {
        Segment::Fixed(_) => None,
        Segment::Variable(name) => Some((name.clone(), path[position].to_owned())),
        Segment::Greedy(name) => Some((name.clone(), path[position..].join("/"))),
    });
    pairs.collect()
}

/// The headers that get behind the front. Those that everybody knows are spelled as they are known, since HTTP makes no difference.
fn forwarded(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let forwarded =
        headers.into_iter().filter(|(name, _)| !DROPPED.contains(&name.to_ascii_lowercase().as_str()));
    forwarded.map(|(name, value)| (spelled(name), value)).collect()
}

/// Source: recorded events; API Gateway developer guide, "Amazon API Gateway important notes".
const DROPPED: [&str; 12] = [
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];
