//! Requests to HTTP APIs: what is not the API's own answer is its function's.
//!
//! Source: API Gateway developer guide, "API Gateway HTTP APIs".

mod answer;
mod cors;
mod loopback;

use std::sync::Arc;

use hearth_model::identity::Region;
use hearth_services::apigateway::v2::{Api, Apis, HttpRequest};
use http::{Response, request::Parts};

pub(crate) use self::loopback::Loopback;
use crate::{
    body::{self, AnswerBody, BodyError, RequestBody},
    credential,
    execute_api::ApiPath,
    front::{self, Added},
    gateway::Gateway,
    peer::Peer,
    percent,
};

/// The largest body of a request. Source: quotas of HTTP APIs.
const REQUEST_BYTES: usize = 10 * 1024 * 1024;

/// Answers a request to an API that there is.
pub(crate) async fn answer(
    gateway: &Gateway,
    found: Arc<Api>,
    api: ApiPath<'_>,
    peer: &Peer,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    let awaits_permission = body::awaits_permission(&head.headers);
    let Some(place) = Apis::locate(found, api.path) else {
        return answer_for_nobody(head, body).await;
    };
    let refusal = if head_bytes(api, head) > front::HEAD_BYTES {
        Some(answer::head_too_large())
    } else if percent::decode(api.path).is_none() {
        Some(answer::broken())
    } else {
        None
    };
    if let Some(refusal) = refusal {
        if !awaits_permission {
            body::discard(body).await;
        }
        return refusal;
    }
    if let Some(preflight) = place.cors().and_then(|cors| cors::preflight(cors, &place, head)) {
        if !awaits_permission {
            body::discard(body).await;
        }
        return preflight;
    }
    let mut response = match body::read(body, REQUEST_BYTES, awaits_permission).await {
        Ok(body) => {
            let added = Added::new(gateway, &head.headers, peer);
            let request = request(gateway, place.region(), api, head, body, &added);
            let as_it_came = || {
                let domain = || request.domain.clone().into_owned();
                added.request(head, api.path, domain, request.body.clone())
            };
            answer::render(gateway.apis().answer(&place, &request, as_it_came).await)
        }
        Err(BodyError::TooLarge { .. }) => answer::too_large(),
        Err(BodyError::Broken { .. }) => answer::broken(),
    };
    if let Some(cors) = place.cors() {
        cors::share(cors, head, &mut response);
    }
    response
}

/// Answers a request where there is no API.
pub(crate) async fn answer_for_nobody(head: &Parts, body: RequestBody) -> Response<AnswerBody> {
    if !body::awaits_permission(&head.headers) {
        body::discard(body).await;
    }
    answer::not_found()
}

/// The request line and the values of headers: what the quota counts.
fn head_bytes(api: ApiPath<'_>, head: &Parts) -> usize {
    let query = head.uri.query().map_or(0, |query| "?".len() + query.len());
    let line = head.method.as_str().len() + " ".len() + api.path.len() + query + " HTTP/1.1".len();
    line + front::value_bytes(&head.headers)
}

/// A request as APIs take it.
pub(crate) fn request<'a>(
    gateway: &Gateway,
    region: &Region,
    api: ApiPath<'a>,
    head: &'a Parts,
    body: bytes::Bytes,
    added: &'a Added<'_>,
) -> HttpRequest<'a> {
    let query = head.uri.query();
    let signer = credential::signer(&head.headers, query).map(|key| {
        let account = credential::account(&key, gateway.default_partition());
        (key, account)
    });
    HttpRequest {
        method: head.method.as_str().into(),
        path: api.path.into(),
        query: query.unwrap_or_default().into(),
        headers: added.to(&head.headers),
        domain: api.domain(region),
        source: added.source().into(),
        signer,
        trace: added.trace().into(),
        body,
    }
}
