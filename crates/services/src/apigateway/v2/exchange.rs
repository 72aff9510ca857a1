//! A request on its way to a function, and the answer on its way back.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use bytes::Bytes;
use hearth_engine::{Event, Via};
use hearth_model::{
    http_event::{
        EventBody, FrontRequest, HttpAnswer, HttpOrigin, IamCaller, ProxyContext, ProxyEvent, ProxyFront,
        RouteOrigin,
    },
    http_route::{RouteKey, RouteMatch, RouteMethod},
    limits,
    time::Moment,
};
use http::Request;

use super::{
    Apis, Denial, HttpRequest, PayloadFormat, Place,
    caller::Caller,
    identity::Surroundings,
    invocation::{Fault, Invocation},
    live::{LiveIntegration, LiveRoute},
};
use crate::lambda::Callee;

/// A request whose route is found.
pub(super) struct Exchange<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) request: &'a HttpRequest<'a>,
    pub(super) route: RouteMatch<'a, LiveRoute>,
    pub(super) request_id: &'a str,
    pub(super) received: Moment,
}

impl Exchange<'_> {
    /// For how long an authorizer's answer is waited for. Source: quotas of HTTP APIs.
    pub(super) const AUTHORIZER_TIMEOUT: Duration = Duration::from_secs(10);

    /// The answer of the function that the route leads to; `as_it_came` gives the request to one that takes requests.
    pub(super) async fn answer(
        &self,
        apis: &Apis,
        as_it_came: impl FnOnce() -> Box<Request<Bytes>>,
    ) -> Result<HttpAnswer, Denial> {
        let route = self.route.target;
        if !route.admits(self.received.instant) {
            return Err(Denial::TooManyRequests);
        }
        let caller = self.identify(apis).await?;
        let integration = route.integration.as_ref().ok_or(Denial::InternalServerError)?;
        let function = integration.function.as_ref().ok_or(Denial::InternalServerError)?;
        let source = (!integration.has_role).then_some(|| self.source_arn());
        let entrant =
            RouteMethod::parse(&self.request.method).map(|method| integration.admission.of(method as u8));
        let callee = apis.callee(self.place.api.partition(), function, source, entrant)?;
        let answer = if callee.takes_requests() {
            let response = self.invoke(apis, &callee, integration, as_it_came()).await?;
            HttpAnswer::of_response(response)
        } else {
            let event = Bytes::from(self.event(integration, &caller));
            let result = self.invoke(apis, &callee, integration, event).await?;
            match integration.payload_format {
                PayloadFormat::V1 => HttpAnswer::of_proxy_result(&result, ProxyFront::Http, true),
                PayloadFormat::V2 => HttpAnswer::of_result(&result),
            }
        };
        answer.map_err(|error| {
            let function = function.reference().name.as_str();
            tracing::warn!(api = %self.place.api.id(), function, %error, "an HTTP API answered 500");
            Denial::InternalServerError
        })
    }

    async fn invoke<E: Event>(
        &self,
        apis: &Apis,
        callee: &Callee<'_>,
        integration: &LiveIntegration,
        event: E,
    ) -> Result<E::Answer, Denial> {
        if event.bytes() > limits::SYNCHRONOUS_REQUEST_BYTES {
            return Err(Denial::TooLarge);
        }
        let trace = self.request.trace.clone().into_owned();
        let invocation = Invocation { event, via: Via::HttpApi, trace, timeout: integration.timeout };
        Ok(apis.invoke(callee, invocation).await?)
    }

    fn event(&self, integration: &LiveIntegration, caller: &Caller) -> Vec<u8> {
        match integration.payload_format {
            PayloadFormat::V1 => self.with_proxy_event(Some(caller), |event| event.render()),
            PayloadFormat::V2 => self.with_origin(Some(caller), |origin| self.front_request().render(origin)),
        }
    }

    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        let stage = &self.place.stage;
        Surroundings {
            request: self.request,
            route_key: &self.route.target.key,
            stage: &stage.name,
            stage_variables: &stage.variables,
        }
    }

    /// What a policy of an authorizer is about.
    pub(super) fn route_arn(&self) -> String {
        let path = self.place.path.trim_start_matches('/');
        self.place.api.arn(&[&self.place.stage.name, "/", &self.request.method, "/", path])
    }

    /// On behalf of what a function is invoked, as its policy names it: within a stage, the same for each method of a route.
    fn source_arn(&self) -> String {
        let stage = &self.place.stage.name;
        self.place.api.arn(&match self.route.key {
            RouteKey::Default => [stage, "/", "$default", ""],
            RouteKey::Path(_, template) => [stage, "/", &self.request.method, template.as_str()],
        })
    }

    /// The request as an event of payload format 2.0 has it.
    pub(super) fn front_request(&self) -> FrontRequest<'_> {
        let request = self.request;
        FrontRequest {
            method: &request.method,
            path: &self.place.decoded_path,
            query: &request.query,
            headers: &request.headers,
            body: &request.body,
        }
    }

    /// With what events of payload format 2.0 say beyond the request.
    pub(super) fn with_origin<T>(
        &self,
        caller: Option<&Caller>,
        render: impl FnOnce(&HttpOrigin<'_>) -> T,
    ) -> T {
        let (place, request) = (self.place, self.request);
        let signer = request.signer.as_ref().filter(|_| matches!(caller, Some(Caller::Signed)));
        render(&HttpOrigin {
            api: place.api.id().as_str(),
            domain: &request.domain,
            caller: signer.map(|(access_key, account)| IamCaller { access_key, account: *account }),
            source: &request.source,
            request_id: self.request_id,
            received: self.received.wall,
            route: Some(RouteOrigin {
                account: place.api.partition().account,
                key: &self.route.target.key,
                stage: &place.stage.name,
                path_parameters: &self.route.parameters,
                stage_variables: &place.stage.variables,
                authorizer: caller.and_then(Caller::authorizer),
            }),
        })
    }

    /// With an event of payload format 1.0.
    pub(super) fn with_proxy_event<T>(
        &self,
        caller: Option<&Caller>,
        render: impl FnOnce(ProxyEvent<'_, Cow<'_, str>>) -> T,
    ) -> T {
        let (place, request) = (self.place, self.request);
        let resource = match self.route.key {
            RouteKey::Default => "$default",
            RouteKey::Path(_, template) => template.as_str(),
        };
        let parameters = self.route.parameters.iter();
        let path_parameters: BTreeMap<String, String> =
            parameters.map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        let authorizer = caller.and_then(Caller::proxy_authorizer);
        render(ProxyEvent {
            front: ProxyFront::Http,
            resource,
            path: &place.decoded_path,
            method: &request.method,
            headers: request.headers.as_slice(),
            query: &request.query,
            path_parameters: &path_parameters,
            stage_variables: &place.stage.variables,
            body: EventBody::by_content_type(&request.body, request.header("content-type")),
            context: ProxyContext {
                account: place.api.partition().account,
                api: place.api.id().as_str(),
                deployment: None,
                domain: &request.domain,
                stage: &place.stage.name,
                resource_id: None,
                operation: self.route.target.operation.as_deref(),
                path: &place.decoded_path,
                authorizer: authorizer.as_ref(),
                api_key: None,
                source: &request.source,
                request_id: self.request_id,
                extended_request_id: self.request_id,
                received: self.received.wall,
            },
        })
    }
}

impl From<Fault> for Denial {
    /// An answer that does not come in time is 503 `Service Unavailable` of an HTTP API, not 504 as of a REST API or a WebSocket
    /// API. Sources: answers as their users report them (cortexlabs/cortex#1225 shows one of the wire, and see
    /// serverless/serverless#11222). AWS's own "How do I troubleshoot API HTTP 504 timeout errors with API Gateway?" names all
    /// three kinds of APIs, but explains the timeout of REST APIs.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotInvoked | Fault::Failed(_) => Self::InternalServerError,
            Fault::Unavailable | Fault::Timeout => Self::ServiceUnavailable,
        }
    }
}
