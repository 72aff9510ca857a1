//! From a request to its answer.

use std::sync::{Arc, Weak};

use hearth_engine::{Engine, work::WorkKind};
use hearth_model::identity::Partition;
use hearth_services::{
    Services,
    apigateway::{v1::RestApis, v2::Apis},
    cloudwatch::Metrics,
    events::Rules,
    lambda::{EventSourceMappings, Functions},
    logs::Logs,
    s3::Buckets,
    scheduler::Schedules,
    sqs::Queues,
};
use http::{HeaderValue, Method, Request, Response, header::ALLOW};

use crate::{
    apigateway, aws_json,
    body::{self, AnswerBody, RequestBody},
    control::{self, Export, Reset, StreamEnd},
    error::{ApiError, ErrorCode},
    function_url, host,
    http_api::{self, Loopback},
    invoke, lambda,
    peer::Peer,
    protocol::Protocol,
    query, rest_api, rest_json,
    route::{ControlRoute, Route, SERVED},
    rpc_cbor,
    s3::S3,
    scheduler,
    websocket::{self, SocketSlot},
};

/// Answers requests: finds out what each is for, and renders what that says.
#[derive(Debug)]
pub struct Gateway {
    s3: S3,
    services: Arc<Services>,
    default_partition: Partition,
    stream_end: StreamEnd,
    reset: Option<Weak<dyn Reset>>,
    export: Option<Weak<dyn Export>>,
}

impl Gateway {
    /// A gateway to these services.
    #[must_use]
    pub fn new(services: Arc<Services>) -> Self {
        let (s3, stream_end) = (S3::new(&services), StreamEnd::new(services.engine()));
        let source = Loopback::new(services.engine().work().clone());
        services.apis().key_sets().connect(Arc::new(source));
        Self { services, s3, default_partition: Partition::default(), stream_end, reset: None, export: None }
    }

    /// Lets clients have everything begun anew. Without this, they are told that nobody can.
    #[must_use]
    pub fn reset_by(self, reset: Weak<dyn Reset>) -> Self {
        Self { reset: Some(reset), ..self }
    }

    /// Lets clients have everything that is kept as one archive. Without this, they are told that there is nothing.
    #[must_use]
    pub fn export_by(self, export: Weak<dyn Export>) -> Self {
        Self { export: Some(export), ..self }
    }

    /// Whether state survives the process, so that answers have to wait for it.
    pub(crate) fn is_durable(&self) -> bool {
        self.engine().journal().is_durable()
    }

    /// Whether a request waits for its turn, because the clock stands. Those do not that only look, or steer time: they are answered
    /// whatever goes on.
    pub(crate) fn takes_turns(&self, request: &Request<RequestBody>) -> bool {
        let route = || Route::of(request.uri().path(), request.headers());
        self.engine().work().activity().has_turns() && route().takes_turns()
    }

    /// Answers one request in [turns](hearth_engine::activity::Activity::watch). Cancel safe.
    pub(crate) async fn answer_in_turn(
        &self,
        request: Request<RequestBody>,
        peer: &Peer,
        slot: &SocketSlot,
    ) -> Response<AnswerBody> {
        let answer = async {
            if self.is_durable() {
                self.answer_when_kept(request, peer, slot).await
            } else {
                self.answer(request, peer, slot).await
            }
        };
        self.engine().work().activity().watch(WorkKind::Connection, answer).await
    }

    /// Answers one request when everything is kept that the answer may tell of. Cancel safe.
    pub(crate) async fn answer_when_kept(
        &self,
        request: Request<RequestBody>,
        peer: &Peer,
        slot: &SocketSlot,
    ) -> Response<AnswerBody> {
        // Hearth's own API tells how things are whatever becomes of them.
        if request.uri().path().starts_with("/_hearth/") {
            return self.answer(request, peer, slot).await;
        }
        let (head, body) = request.into_parts();
        let (journal, protocol) = (self.engine().journal(), Protocol::of(&head));
        // What could not be kept anyway is not begun.
        if journal.is_failing()
            && let Err(failure) = journal.kept().await
        {
            return protocol.not_kept(&failure);
        }
        let answer = self.answer(Request::from_parts(head, body), peer, slot).await;
        // A thread writes, and a guest that waits for the answer must not seem to wait for the clock.
        let _busy = self.engine().work().busy(WorkKind::Journal);
        match journal.kept().await {
            Ok(()) => answer,
            Err(failure) => protocol.not_kept(&failure),
        }
    }

    /// Answers one request; if its connection becomes a socket, that is in the slot. Cancel safe.
    pub(crate) async fn answer(
        &self,
        request: Request<RequestBody>,
        peer: &Peer,
        slot: &SocketSlot,
    ) -> Response<AnswerBody> {
        let (head, body) = request.into_parts();
        if let Err(error) = host::check(&head) {
            if !body::awaits_permission(&head.headers) {
                Box::pin(body::discard(body)).await;
            }
            return host::refuse(&error);
        }
        let path = head.uri.path();
        let route = Route::of(path, &head.headers);
        if let Route::Invoke { function } = route
            && head.method == Method::POST
        {
            let answer = invoke::answer(self, function, &head, body).await;
            return answer.unwrap_or_else(|error| rest_json::error(&error));
        }
        if let Route::FunctionUrl(url) = route {
            return Box::pin(function_url::answer(self, url, peer, &head, body)).await;
        }
        if let Route::Api(api) = route {
            return match self.apis().find(api.id) {
                Some(found) if !found.is_websocket() => {
                    Box::pin(http_api::answer(self, found, api, peer, &head, body)).await
                }
                Some(_) => Box::pin(websocket::answer(self, api, peer, &head, body, slot)).await,
                None if self.rest_apis().has(api.id) => {
                    Box::pin(rest_api::answer(self, api, peer, &head, body)).await
                }
                None => Box::pin(http_api::answer_for_nobody(&head, body)).await,
            };
        }
        if let Route::Connection(id) = route {
            return Box::pin(websocket::answer_to_owner(self, id, &head, body)).await;
        }
        if let Route::InvokeInStream { function } = route
            && head.method == Method::POST
        {
            let answer = Box::pin(invoke::answer_in_stream(self, function, &head, body)).await;
            return answer.unwrap_or_else(|error| rest_json::error(&error));
        }
        let path_is_free =
            route == Route::Nowhere && !path.starts_with("/_hearth/") && !query::is_query(&head);
        if S3::is_meant(&head, path_is_free) {
            return Box::pin(self.s3.answer(head, body, peer.address(), &self.default_partition)).await;
        }
        if let Route::Lambda(resource) = route {
            // Boxed, so that invocations do not carry room for everything that the control plane may wait for.
            let answer = Box::pin(lambda::answer(self, resource, &head, body)).await;
            let answer = answer.map(|answer| answer.unwrap_or_else(|error| rest_json::error(&error)));
            return answer.unwrap_or_else(|| not_allowed(path, &head.method, resource.methods()));
        }
        if route == Route::ApiGatewayV1 {
            let answer = Box::pin(apigateway::v1::answer(self, &head, body)).await;
            return answer.unwrap_or_else(|error| rest_json::error(&error));
        }
        if let Route::ApiGatewayV2(resource) = route {
            let answer = Box::pin(apigateway::v2::answer(self, resource, &head, body)).await;
            let answer = answer.map(|answer| answer.unwrap_or_else(|error| rest_json::error(&error)));
            return answer.unwrap_or_else(|| not_allowed(path, &head.method, resource.methods()));
        }
        if let Route::AwsJson(target) = route
            && head.method == Method::POST
        {
            return Box::pin(aws_json::answer(self, target, &head, body)).await;
        }
        if route == Route::Scheduler {
            return Box::pin(scheduler::answer(self, &head, body)).await;
        }
        if let Route::Cbor(target) = route
            && head.method == Method::POST
        {
            return Box::pin(rpc_cbor::answer(self, target, &head, body)).await;
        }
        if route == Route::Nowhere && query::is_query(&head) {
            return Box::pin(query::answer(self, &head, body)).await;
        }
        if let Route::Replay(id) = route
            && head.method == Method::POST
        {
            let answer = Box::pin(control::replay::answer(self, id, &head, body)).await;
            return answer.unwrap_or_else(|error| rest_json::error(&error));
        }
        if let Route::Faults(id) = route {
            let answer = Box::pin(control::faults::answer(self, id, &head, body)).await;
            let answer = answer.map(|answer| answer.unwrap_or_else(|error| rest_json::error(&error)));
            return answer.unwrap_or_else(|| not_allowed(path, &head.method, control::faults::methods(id)));
        }
        if let Route::Control(route) = route
            && head.method == route.method()
        {
            return Box::pin(control::answer(self, route, &head, body)).await;
        }
        if !body::awaits_permission(&head.headers) {
            body::discard(body).await;
        }
        match route {
            Route::Control(ControlRoute::Fire(_) | ControlRoute::Steer(_) | ControlRoute::Reset) => {
                not_allowed(path, &head.method, "POST")
            }
            Route::Control(_) => not_allowed(path, &head.method, "GET"),
            Route::Package(code) if head.method == Method::GET => control::package(self, code),
            Route::LayerPackage(layer) if head.method == Method::GET => control::layer_package(self, layer),
            Route::LayerPackage(_) | Route::Package(_) => not_allowed(path, &head.method, "GET"),
            Route::Lambda(resource) => not_allowed(path, &head.method, resource.methods()),
            Route::ApiGatewayV2(resource) => not_allowed(path, &head.method, resource.methods()),
            Route::Faults(id) => not_allowed(path, &head.method, control::faults::methods(id)),
            Route::AwsJson(_)
            | Route::Cbor(_)
            | Route::Invoke { .. }
            | Route::InvokeInStream { .. }
            | Route::Replay(_) => not_allowed(path, &head.method, "POST"),
            Route::FunctionUrl(_)
            | Route::Api(_)
            | Route::Connection(_)
            | Route::ApiGatewayV1
            | Route::Scheduler
            | Route::Nowhere => nowhere(path, &head.method),
        }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        self.services.engine()
    }

    pub(crate) fn functions(&self) -> &Functions {
        self.services.functions()
    }

    pub(crate) fn event_source_mappings(&self) -> &EventSourceMappings {
        self.services.event_source_mappings()
    }

    pub(crate) fn queues(&self) -> &Queues {
        self.services.queues()
    }

    pub(crate) fn buckets(&self) -> &Buckets {
        self.services.buckets()
    }

    pub(crate) fn rest_apis(&self) -> &RestApis {
        self.services.rest_apis()
    }

    pub(crate) fn apis(&self) -> &Arc<Apis> {
        self.services.apis()
    }

    pub(crate) fn logs(&self) -> &Logs {
        self.services.logs()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        self.services.metrics()
    }

    pub(crate) fn rules(&self) -> &Rules {
        self.services.rules()
    }

    pub(crate) fn schedules(&self) -> &Schedules {
        self.services.schedules()
    }

    /// Who gives away what is kept, if somebody can.
    pub(crate) fn export(&self) -> Option<Arc<dyn Export>> {
        self.export.as_ref()?.upgrade()
    }

    /// Who begins everything anew, if somebody can.
    pub(crate) fn reset(&self) -> Option<Arc<dyn Reset>> {
        self.reset.as_ref()?.upgrade()
    }

    /// Lets nobody wait any more: neither for messages nor in streams.
    pub(crate) fn end(&self) {
        self.queues().stop_waiting();
        self.stream_end.end();
    }

    /// What ends streams that clients follow, and sockets.
    pub(crate) fn stream_end(&self) -> &StreamEnd {
        &self.stream_end
    }

    /// The partition of requests that are not signed.
    pub(crate) fn default_partition(&self) -> &Partition {
        &self.default_partition
    }
}

fn not_allowed(path: &str, given: &Method, allowed: &'static str) -> Response<AnswerBody> {
    let message = format!("`{path}` takes {allowed}, not {given}");
    let mut response = rest_json::error(&ApiError::new(ErrorCode::MethodNotAllowed, message));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

fn nowhere(path: &str, method: &Method) -> Response<AnswerBody> {
    let message = format!("nothing answers to {method} `{path}`: {SERVED}");
    rest_json::error(&ApiError::new(ErrorCode::UnknownOperation, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<'a, F: Future>(
        _: impl FnOnce(&'a Gateway, Request<RequestBody>, &'a Peer, &'a SocketSlot) -> F,
    ) -> usize {
        size_of::<F>()
    }

    #[test]
    fn answering_needs_little_room() {
        // hyper moves the future of each answer to its place.
        let bytes = size_of_future(Gateway::answer);
        assert!(bytes <= 1_312, "{bytes}");
    }
}
