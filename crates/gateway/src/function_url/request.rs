//! A request to a URL, as the function gets it.

use std::net::IpAddr;

use bytes::Bytes;
use hearth_engine::{InvokeReply, InvokeRequest, Via};
use hearth_model::{
    http_event::{FrontRequest, HttpOrigin, IamCaller, JoinedHeaders},
    identity::AccountId,
    limits,
};
use hearth_services::lambda::UrlOwner;
use http::request::Parts;

use super::UrlPath;
use crate::{
    body::{self, RequestBody, awaits_permission},
    error::ApiError,
    front::{self, Added},
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
            Some(trace) => front::text(trace).into_owned(),
            None => functions.begin_trace(),
        };
        let source = self.peer.to_string();
        let added = Added::new(headers, &source, trace);
        let request = InvokeRequest {
            event: Bytes::from(self.event(gateway, owner, &body, &source, &added)),
            trace_header: Some(added.into_trace()),
            via: Via::FunctionUrl,
            ..InvokeRequest::default()
        };
        Ok(functions.begin_at_url(owner, request)?.await)
    }

    fn event(
        &self,
        gateway: &Gateway,
        owner: &UrlOwner,
        body: &[u8],
        source: &str,
        added: &Added,
    ) -> Vec<u8> {
        let domain = format!("{}.lambda-url.{}.localhost", self.url.id, owner.partition.region);
        let request_id = rest_json::fresh_request_id().to_string();
        let origin = HttpOrigin {
            api: self.url.id,
            domain: &domain,
            caller: self.signer.map(|(access_key, account)| IamCaller { access_key, account }),
            source,
            request_id: &request_id,
            received: gateway.engine().clock().wall(),
            route: None,
        };
        let request = FrontRequest {
            method: self.head.method.as_str(),
            path: self.url.path,
            query: self.head.uri.query().unwrap_or_default(),
            headers: JoinedHeaders::new(added.to(&self.head.headers)),
            body,
        };
        request.render(&origin)
    }
}
