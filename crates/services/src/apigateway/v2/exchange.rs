//! A request on its way to a function, and the answer on its way back.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use hearth_engine::{InvokeRequest, Via};
use hearth_model::{
    http_event::{
        EventBody, HttpAnswer, HttpEvent, HttpOrigin, IamCaller, ProxyContext, ProxyEvent, ProxyFront,
        RouteOrigin,
    },
    http_route::{RouteKey, RouteMatch},
    limits,
    time::Moment,
};

use super::{
    Denial, HttpApis, HttpRequest, PayloadFormat, Place, caller::Caller, identity::Surroundings,
    live::LiveRoute,
};
use crate::{apigateway::FunctionUri, lambda::InvocationError};

/// A request whose route is found.
pub(super) struct Exchange<'a> {
    pub(super) place: &'a Place,
    pub(super) request: &'a HttpRequest,
    pub(super) route: RouteMatch<'a, LiveRoute>,
    pub(super) request_id: &'a str,
    pub(super) received: Moment,
}

impl Exchange<'_> {
    /// For how long an authorizer's answer is waited for. Source: quotas of HTTP APIs.
    pub(super) const AUTHORIZER_TIMEOUT: Duration = Duration::from_secs(10);

    /// The answer of the function that the route leads to.
    pub(super) async fn answer(&self, apis: &HttpApis) -> Result<HttpAnswer, Denial> {
        let route = self.route.target;
        if !route.admits(self.received.instant) {
            return Err(Denial::TooManyRequests);
        }
        let caller = self.identify(apis).await?;
        let integration = route.integration.as_ref().ok_or(Denial::InternalServerError)?;
        let function = integration.function.as_ref().ok_or(Denial::InternalServerError)?;
        let event = match integration.payload_format {
            PayloadFormat::V1 => self.with_proxy_event(Some(&caller), |event| event.render()),
            PayloadFormat::V2 => self.with_origin(Some(&caller), |origin| self.event(true).render(origin)),
        };
        if event.len() > limits::SYNCHRONOUS_REQUEST_BYTES {
            return Err(Denial::TooLarge);
        }
        let request = InvokeRequest {
            event: Bytes::from(event),
            trace_header: Some(self.request.trace.clone()),
            via: Via::HttpApi,
            ..InvokeRequest::default()
        };
        let source = (!integration.has_role).then(|| self.source_arn());
        let result = self.invoke(apis, function, source.as_deref(), request, integration.timeout).await?;
        let answer = match integration.payload_format {
            PayloadFormat::V1 => HttpAnswer::of_proxy_result(&result, ProxyFront::Http, true),
            PayloadFormat::V2 => HttpAnswer::of_result(&result),
        };
        answer.map_err(|error| {
            let function = function.reference().name.as_str();
            tracing::warn!(api = %self.place.api.id(), function, %error, "an HTTP API answered 500");
            Denial::InternalServerError
        })
    }

    /// Invokes a function, which must let the API in by its policy if a source is named.
    pub(super) async fn invoke(
        &self,
        apis: &HttpApis,
        function: &FunctionUri,
        source: Option<&str>,
        request: InvokeRequest,
        timeout: Duration,
    ) -> Result<Bytes, Denial> {
        const SERVICE: &str = "apigateway.amazonaws.com";
        let (functions, partition) = (apis.functions(), self.place.api.partition());
        let reference = function.reference();
        if let Some(source) = source
            && !functions.lets_in_to(partition, reference, SERVICE, source, partition.account)
        {
            let function = reference.name.as_str();
            tracing::warn!(function, source, "the function's policy does not let the API invoke it");
            return Err(Denial::InternalServerError);
        }
        let running =
            functions.begin_referenced(partition, reference, request).map_err(|error| match error {
                InvocationError::Throttled(_) | InvocationError::ShuttingDown => Denial::ServiceUnavailable,
                InvocationError::Reference(_)
                | InvocationError::OtherRegion { .. }
                | InvocationError::NotFound { .. }
                | InvocationError::Event(_)
                | InvocationError::Recursive
                | InvocationError::QueueFull { .. } => Denial::InternalServerError,
            })?;
        tokio::select! {
            biased;
            reply = running => reply.result.map_err(|_| Denial::InternalServerError),
            // What was begun runs to its end, as on Lambda.
            () = apis.engine().clock().sleep(timeout) => Err(Denial::ServiceUnavailable),
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
        self.place.arn(&format!("{}/{}/{path}", self.place.stage.name, self.request.method))
    }

    /// On behalf of what a function is invoked, as its policy names it.
    fn source_arn(&self) -> String {
        let stage = &self.place.stage.name;
        self.place.arn(&match self.route.key {
            RouteKey::Default => format!("{stage}/$default"),
            RouteKey::Path(_, template) => format!("{stage}/{}{template}", self.request.method),
        })
    }

    /// The request as an event of payload format 2.0 has it; authorizers do not get the body.
    pub(super) fn event(&self, with_body: bool) -> HttpEvent {
        let request = self.request;
        HttpEvent {
            method: request.method.clone(),
            authority: request.header("host").unwrap_or_default().to_owned(),
            path: self.place.decoded_path.clone(),
            query: request.query.clone(),
            headers: HttpEvent::join_headers(request.headers.iter().cloned()),
            body: if with_body { request.body.to_vec() } else { Vec::new() },
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
        render: impl FnOnce(ProxyEvent<'_>) -> T,
    ) -> T {
        let (place, request) = (self.place, self.request);
        let resource = match self.route.key {
            RouteKey::Default => "$default",
            RouteKey::Path(_, template) => template.as_str(),
        };
        let parameters = self.route.parameters.iter();
        let path_parameters: BTreeMap<String, String> =
            parameters.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let authorizer = caller.and_then(Caller::proxy_authorizer);
        render(ProxyEvent {
            front: ProxyFront::Http,
            resource,
            path: &place.decoded_path,
            method: &request.method,
            headers: &request.headers,
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
