//! A request to a URL, as the function gets it.

use std::net::IpAddr;

use bytes::Bytes;
use hearth_engine::{InvokeReply, InvokeRequest, Via};
use hearth_model::{
    http_event::{HttpEvent, HttpOrigin, IamCaller},
    identity::AccountId,
    limits,
    reference::AliasName,
};
use hearth_services::lambda::UrlOwner;
use http::{header::HOST, request::Parts};

use super::UrlPath;
use crate::{
    body::{self, RequestBody, awaits_permission},
    error::ApiError,
    front,
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
        body: RequestBody,
    ) -> Result<InvokeReply, ApiError> {
        let headers = &self.head.headers;
        let body = body::read(body, limits::SYNCHRONOUS_REQUEST_BYTES, awaits_permission(headers)).await?;
        let functions = gateway.functions();
        let trace = match headers.get(&TRACE_ID) {
            Some(trace) => front::text(trace),
            None => functions.begin_trace(),
        };
        let request = InvokeRequest {
            event: Bytes::from(self.event(gateway, owner, body, &trace)),
            trace_header: Some(trace),
            via: Via::FunctionUrl,
            ..InvokeRequest::default()
        };
        let alias = owner.alias.as_ref().map(AliasName::as_str);
        Ok(functions.begin(&owner.partition, owner.function.as_str(), alias, request)?.await)
    }

    fn event(&self, gateway: &Gateway, owner: &UrlOwner, body: Bytes, trace: &str) -> Vec<u8> {
        let source = self.peer.to_string();
        let domain = format!("{}.lambda-url.{}.localhost", self.url.id, owner.partition.region);
        let request_id = rest_json::fresh_request_id().to_string();
        let origin = HttpOrigin {
            api: self.url.id,
            domain: &domain,
            caller: self.signer.map(|(access_key, account)| IamCaller { access_key, account }),
            source: &source,
            request_id: &request_id,
            received: gateway.engine().clock().wall(),
            route: None,
        };
        let headers = &self.head.headers;
        let event = HttpEvent {
            method: self.head.method.to_string(),
            authority: headers.get(HOST).map(front::text).unwrap_or_default(),
            path: self.url.path.to_owned(),
            query: self.head.uri.query().unwrap_or_default().to_owned(),
            headers: HttpEvent::join_headers(front::forwarded(headers, &source, trace)),
            body: body.into(),
        };
        event.render(&origin)
    }
}
