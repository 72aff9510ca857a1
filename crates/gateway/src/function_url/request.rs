//! A request to a URL, as the function gets it.

use bytes::Bytes;
use hearth_engine::{Event, InvokeRequest, Via};
use hearth_model::{
    http_event::{FrontRequest, HttpAnswer, HttpOrigin, IamCaller},
    identity::AccountId,
    limits,
};
use hearth_services::lambda::{Url, UrlOwner};
use http::{Response, request::Parts};

use super::{UrlPath, answer};
use crate::{
    body::{self, AnswerBody, RequestBody, awaits_permission},
    error::ApiError,
    front::Added,
    gateway::Gateway,
    peer::Peer,
    rest_json,
};

/// A request that may be given to its function.
pub(super) struct UrlRequest<'a> {
    pub(super) url: UrlPath<'a>,
    pub(super) peer: &'a Peer,
    pub(super) head: &'a Parts,
    /// The access key and the account of whoever had to sign it.
    pub(super) signer: Option<(&'a str, AccountId)>,
}

impl UrlRequest<'_> {
    /// Gives the request to the function: as it is, or as an event.
    pub(super) async fn answer(
        &self,
        gateway: &Gateway,
        callee: &Url,
        body: RequestBody,
    ) -> Result<Response<AnswerBody>, ApiError> {
        let headers = &self.head.headers;
        let body = body::read(body, limits::SYNCHRONOUS_REQUEST_BYTES, awaits_permission(headers)).await?;
        let functions = gateway.functions();
        let added = Added::new(gateway, headers, self.peer);
        let (owner, version) = (callee.owner(), callee.choose_version()?);
        if callee.takes_requests(version) {
            let request = added.request(
                self.head,
                self.url.path,
                || self.url.domain(&owner.partition.region).into_owned(),
                body,
            );
            let reply = functions.begin_at_url(callee, version, invocation(request, added))?.await;
            return Ok(answer::render(owner, reply, HttpAnswer::of_response));
        }
        let request = invocation(Bytes::from(self.event(gateway, owner, &body, &added)), added);
        let reply = functions.begin_at_url(callee, version, request)?.await;
        Ok(answer::render(owner, reply, |result| HttpAnswer::of_result(&result)))
    }

    fn event(&self, gateway: &Gateway, owner: &UrlOwner, body: &[u8], added: &Added<'_>) -> Vec<u8> {
        let domain = self.url.domain(&owner.partition.region);
        let headers = added.to(&self.head.headers);
        let request = FrontRequest {
            method: self.head.method.as_str(),
            path: self.url.path,
            query: self.head.uri.query().unwrap_or_default(),
            headers: &headers,
            body,
        };
        rest_json::fresh_request_id().encode(|request_id| {
            request.render(&HttpOrigin {
                api: self.url.id,
                domain: &domain,
                caller: self.signer.map(|(access_key, account)| IamCaller { access_key, account }),
                source: added.source(),
                request_id,
                received: gateway.engine().clock().wall(),
                route: None,
            })
        })
    }
}

fn invocation<E: Event>(event: E, added: Added<'_>) -> InvokeRequest<E> {
    let (trace_header, via) = (Some(added.into_trace()), Via::FunctionUrl);
    InvokeRequest { trace_header, via, ..InvokeRequest::new(event) }
}
