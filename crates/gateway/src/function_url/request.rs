//! A request to a URL, as the function gets it.

use std::{collections::BTreeMap, net::IpAddr};

use bytes::Bytes;
use hearth_engine::{InvokeReply, InvokeRequest};
use hearth_model::{
    http_event::{HttpEvent, HttpOrigin, IamCaller},
    identity::AccountId,
    limits,
    reference::AliasName,
};
use hearth_services::lambda::UrlOwner;
use http::{HeaderMap, HeaderValue, header::HOST, request::Parts};
use hyper::body::Incoming;

use super::UrlPath;
use crate::{
    body::{self, awaits_permission},
    error::ApiError,
    gateway::Gateway,
    invoke::TRACE_ID,
    rest_json,
};

/// A request that may be given to its function.
pub(super) struct UrlRequest<'a> {
    pub(super) url: UrlPath<'a>,
    pub(super) peer: IpAddr,
    pub(super) head: &'a Parts,
    /// The access key and the account of whoever had to sign it.
    pub(super) signer: Option<(&'a str, AccountId)>,
}

impl UrlRequest<'_> {
    /// Gives the request to the function.
    pub(super) async fn invoke(
        &self,
        gateway: &Gateway,
        owner: &UrlOwner,
        body: Incoming,
    ) -> Result<InvokeReply, ApiError> {
        let headers = &self.head.headers;
        let body = body::read(body, limits::SYNCHRONOUS_REQUEST_BYTES, awaits_permission(headers)).await?;
        let functions = gateway.functions();
        let trace = match headers.get(&TRACE_ID) {
            Some(trace) => text(trace),
            None => functions.begin_trace(),
        };
        let request = InvokeRequest {
            event: Bytes::from(self.event(gateway, owner, body, &trace)),
            trace_header: Some(trace),
            ..InvokeRequest::default()
        };
        let alias = owner.alias.as_ref().map(AliasName::as_str);
        Ok(functions.begin(&owner.partition, owner.function.as_str(), alias, request)?.await)
    }

    fn event(&self, gateway: &Gateway, owner: &UrlOwner, body: Bytes, trace: &str) -> Vec<u8> {
        let source = self.peer.to_string();
        let domain = format!("{}.lambda-url.{}.localhost", self.url.id, owner.partition.region);
        let origin = HttpOrigin {
            api: self.url.id,
            domain: &domain,
            caller: self.signer.map(|(access_key, account)| IamCaller { access_key, account }),
            source: &source,
            request_id: rest_json::fresh_request_id(),
            received: gateway.engine().clock().wall(),
        };
        let headers = &self.head.headers;
        let event = HttpEvent {
            method: self.head.method.to_string(),
            authority: headers.get(HOST).map(text).unwrap_or_default(),
            path: self.url.path.to_owned(),
            query: self.head.uri.query().unwrap_or_default().to_owned(),
            headers: forwarded(headers, &source, trace).into_iter().collect(),
            body: body.into(),
        };
        event.render(&origin)
    }
}

/// The headers by their lower-case names, several of one name joined; with those that a front adds.
fn forwarded(headers: &HeaderMap, source: &str, trace: &str) -> BTreeMap<String, String> {
    let mut forwarded: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let separator = if name == "cookie" { "; " } else { "," };
        forwarded
            .entry(name.as_str().to_owned())
            .and_modify(|values| {
                values.push_str(separator);
                values.push_str(&text(value));
            })
            .or_insert_with(|| text(value));
    }
    let port = headers.get(HOST).and_then(|host| host.to_str().ok()?.rsplit_once(':'));
    let port = port.map_or("80", |(_, port)| port).to_owned();
    let came_from = forwarded.get("x-forwarded-for").map(|before| format!("{before}, {source}"));
    let added = [
        ("x-amzn-trace-id", trace.to_owned()),
        ("x-forwarded-for", came_from.unwrap_or_else(|| source.to_owned())),
        ("x-forwarded-port", port),
        ("x-forwarded-proto", "http".to_owned()),
    ];
    forwarded.extend(added.map(|(name, value)| (name.to_owned(), value)));
    forwarded
}

/// A header's value: UTF-8, or else Latin-1, in which every byte is a character.
fn text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}
