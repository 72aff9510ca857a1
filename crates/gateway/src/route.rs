//! Which part of Hearth a request is for.
//!
//! By host if that is a function URL's or an API's; by path where a service has paths of its own; otherwise by the header that names an operation.

use http::{HeaderMap, HeaderValue, Method, header::HOST};

use crate::{
    apigateway::{v1, v2},
    aws_json::TARGET,
    control::Steering,
    execute_api::ApiPath,
    function_url::UrlPath,
    lambda::Resource,
    rpc_cbor, scheduler,
};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// Lambda's `Invoke`.
    Invoke {
        /// The function's name or ARN, percent-encoded.
        function: &'a str,
    },
    /// Lambda's `InvokeWithResponseStream`.
    InvokeInStream {
        /// The function's name or ARN, percent-encoded.
        function: &'a str,
    },
    /// The rest of Lambda's API.
    Lambda(Resource<'a>),
    /// A function's code as a zip: account, region, function and version, as `GetFunction` says where it is.
    Package(&'a str),
    /// A layer's content as a zip: account, region, layer and version.
    LayerPackage(&'a str),
    /// A service that speaks AWS JSON: the target.
    AwsJson(&'a HeaderValue),
    /// An operation in RPC v2 CBOR.
    Cbor(rpc_cbor::Target<'a>),
    /// The management API of REST APIs.
    ApiGatewayV1,
    /// The management API of HTTP APIs.
    ApiGatewayV2(v2::Resource<'a>),
    /// An API of API Gateway, where it is called.
    Api(ApiPath<'a>),
    /// A connection to a WebSocket API: its identifier, percent-encoded.
    Connection(&'a str),
    /// A function's URL.
    FunctionUrl(UrlPath<'a>),
    /// EventBridge Scheduler.
    Scheduler,
    /// Hearth's own API.
    Control(ControlRoute<'a>),
    /// The part of it that runs an invocation again, by its request id.
    Replay(&'a str),
    /// The part of it that is about faults: all rules, or one by its number.
    Faults(Option<&'a str>),
    /// Nothing.
    Nowhere,
}

/// The parts of Hearth's own API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ControlRoute<'a> {
    Health,
    Environments,
    /// A function's log: its name or ARN, percent-encoded.
    Logs(&'a str),
    Schedules,
    /// Something that is to fire now: a name or an ARN, percent-encoded.
    Fire(&'a str),
    Timeline,
    Metrics,
    Clock,
    Steer(Steering),
    Reset,
    /// Everything that is kept.
    State,
}

impl ControlRoute<'_> {
    /// The method that it takes.
    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Health
            | Self::Environments
            | Self::Logs(_)
            | Self::Schedules
            | Self::Timeline
            | Self::Metrics
            | Self::State
            | Self::Clock => Method::GET,
            Self::Fire(_) | Self::Steer(_) | Self::Reset => Method::POST,
        }
    }

    /// Whether a request for it waits until it is its turn. Who only looks, steers time or begins anew is answered whatever goes on.
    const fn takes_turns(self) -> bool {
        match self {
            Self::Fire(_) => true,
            Self::Health
            | Self::Environments
            | Self::Logs(_)
            | Self::Schedules
            | Self::Timeline
            | Self::Metrics
            | Self::State
            | Self::Clock
            | Self::Steer(_)
            | Self::Reset => false,
        }
    }
}

/// What there is, for those who asked for something else.
pub(crate) const SERVED: &str = "Hearth serves the Lambda API, such as POST \
                                 /2015-03-31/functions/{name or ARN}/invocations, services by the header X-Amz-Target, and GET /_hearth/health, /_hearth/environments, /_hearth/logs/{function}, /_hearth/schedules, /_hearth/timeline, /_hearth/metrics, /_hearth/state and /_hearth/clock, POST /_hearth/fire/{name}, /_hearth/replay/{request id}, /_hearth/clock/{freeze|advance|set|resume}, /_hearth/settle and /_hearth/reset, and GET, POST and DELETE /_hearth/faults";

impl<'a> Route<'a> {
    /// Where a request leads.
    pub(crate) fn of(path: &'a str, headers: &'a HeaderMap) -> Self {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        if let Some(url) = host.and_then(|host| UrlPath::of_host(host, path)) {
            return Self::FunctionUrl(url);
        }
        if let Some(api) = ApiPath::of(host, path) {
            return Self::Api(api);
        }
        // As an SDK asks that knows the endpoint of all services, but not the API's.
        if let Some(id) =
            ["/@connections/", "/%40connections/"].iter().find_map(|start| path.strip_prefix(start))
        {
            return Self::Connection(id);
        }
        if let Some(function) = function_of(path, "/2015-03-31/functions/", "invocations") {
            return Self::Invoke { function };
        }
        if let Some(function) = function_of(path, "/2021-11-15/functions/", "response-streaming-invocations")
        {
            return Self::InvokeInStream { function };
        }
        if let Some(resource) = Resource::of(path) {
            return Self::Lambda(resource);
        }
        if v1::is_meant(path, headers) {
            return Self::ApiGatewayV1;
        }
        if let Some(resource) = v2::Resource::of(path) {
            return Self::ApiGatewayV2(resource);
        }
        if let Some(code) = path.strip_prefix("/_hearth/code/") {
            return Self::Package(code);
        }
        if let Some(url) = path.strip_prefix("/_hearth/url/") {
            return Self::FunctionUrl(UrlPath::of_path(url));
        }
        if let Some(layer) = path.strip_prefix("/_hearth/layer/") {
            return Self::LayerPackage(layer);
        }
        if let Some(function) = path.strip_prefix("/_hearth/logs/") {
            return Self::Control(ControlRoute::Logs(function));
        }
        if let Some(name) = path.strip_prefix("/_hearth/fire/") {
            return Self::Control(ControlRoute::Fire(name));
        }
        if let Some(id) = path.strip_prefix("/_hearth/replay/") {
            return Self::Replay(id);
        }
        if let Some(id) = path.strip_prefix("/_hearth/faults/") {
            return Self::Faults(Some(id));
        }
        match path.strip_prefix("/_hearth/") {
            Some("faults") => Self::Faults(None),
            Some("health") => Self::Control(ControlRoute::Health),
            Some("environments") => Self::Control(ControlRoute::Environments),
            Some("schedules") => Self::Control(ControlRoute::Schedules),
            Some("timeline") => Self::Control(ControlRoute::Timeline),
            Some("metrics") => Self::Control(ControlRoute::Metrics),
            Some("clock") => Self::Control(ControlRoute::Clock),
            Some("clock/freeze") => Self::Control(ControlRoute::Steer(Steering::Freeze)),
            Some("clock/advance") => Self::Control(ControlRoute::Steer(Steering::Advance)),
            Some("clock/set") => Self::Control(ControlRoute::Steer(Steering::Set)),
            Some("clock/resume") => Self::Control(ControlRoute::Steer(Steering::Resume)),
            Some("settle") => Self::Control(ControlRoute::Steer(Steering::Settle)),
            Some("reset") => Self::Control(ControlRoute::Reset),
            Some("state") => Self::Control(ControlRoute::State),
            Some(_) => Self::Nowhere,
            None if scheduler::is_meant(headers) => Self::Scheduler,
            None => rpc_cbor::Target::of(path, headers)
                .map(Self::Cbor)
                .or_else(|| headers.get(TARGET).map(Self::AwsJson))
                .unwrap_or(Self::Nowhere),
        }
    }
}

impl Route<'_> {
    /// Whether a request for it waits until it is its turn.
    pub(crate) const fn takes_turns(self) -> bool {
        !matches!(self, Self::Control(part) if !part.takes_turns())
    }
}

/// The function in a path of this form.
fn function_of<'a>(path: &'a str, prefix: &str, member: &str) -> Option<&'a str> {
    let (function, rest) = path.strip_prefix(prefix)?.split_once('/')?;
    (rest == member && !function.is_empty()).then_some(function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_only_looks_or_steers_waits_for_nobody() {
        let headers = HeaderMap::new();
        let check =
            |path: &str, expect: bool| assert_eq!(Route::of(path, &headers).takes_turns(), expect, "{path}");
        for path in ["health", "timeline", "metrics", "clock/advance", "settle", "reset"] {
            check(&format!("/_hearth/{path}"), false);
        }
        for path in [
            "/",
            "/2015-03-31/functions/hello/invocations",
            "/_hearth/faults",
            "/_hearth/fire/a",
            "/_hearth/replay/1",
        ] {
            check(path, true);
        }
    }

    #[test]
    fn paths_lead_somewhere_or_nowhere() {
        let headers = HeaderMap::new();
        let check = |path: &str, expect: Route<'_>| assert_eq!(Route::of(path, &headers), expect, "{path}");
        check("/2015-03-31/functions/hello/invocations", Route::Invoke { function: "hello" });
        check("/2015-03-31/functions/a%3Ab/invocations", Route::Invoke { function: "a%3Ab" });
        let stream = "/2021-11-15/functions/hello/response-streaming-invocations";
        check(stream, Route::InvokeInStream { function: "hello" });
        check("/2015-03-31/functions", Route::Lambda(Resource::Functions));
        check("/v2/apis/a", Route::ApiGatewayV2(v2::Resource::Api("a")));
        check("/_aws/execute-api/a/prod/b", Route::Api(ApiPath { host: None, id: "a", path: "/prod/b" }));
        check("/%40connections/a%3D", Route::Connection("a%3D"));
        check("/@connections/a", Route::Connection("a"));
        check("/2015-03-31/functions/hello", Route::Lambda(Resource::Function("hello")));
        check("/_hearth/layer/1/2/3/4", Route::LayerPackage("1/2/3/4"));
        check("/_hearth/code/1/2/3/4", Route::Package("1/2/3/4"));
        check("/_hearth/url/1/a", Route::FunctionUrl(UrlPath { host: None, id: "1", path: "/a" }));
        check("/_hearth/logs/hello", Route::Control(ControlRoute::Logs("hello")));
        check("/_hearth/fire/a%2Fb", Route::Control(ControlRoute::Fire("a%2Fb")));
        check("/_hearth/replay/7", Route::Replay("7"));
        check("/_hearth/faults", Route::Faults(None));
        check("/_hearth/faults/7", Route::Faults(Some("7")));
        check("/_hearth/schedules", Route::Control(ControlRoute::Schedules));
        check("/_hearth/health", Route::Control(ControlRoute::Health));
        check("/_hearth/environments", Route::Control(ControlRoute::Environments));
        check("/_hearth/timeline", Route::Control(ControlRoute::Timeline));
        check("/_hearth/metrics", Route::Control(ControlRoute::Metrics));
        check("/_hearth/clock", Route::Control(ControlRoute::Clock));
        check("/_hearth/clock/advance", Route::Control(ControlRoute::Steer(Steering::Advance)));
        check("/_hearth/settle", Route::Control(ControlRoute::Steer(Steering::Settle)));
        check("/_hearth/reset", Route::Control(ControlRoute::Reset));
        check("/_hearth/state", Route::Control(ControlRoute::State));
        for path in [
            "/",
            "*",
            "/2015-03-31/functions//invocations",
            "/2015-03-31/functions/hello/invocations/",
            "/2015-03-31/functions/a/b/invocations",
            "//2015-03-31/functions/hello/invocations",
            "/_hearth/",
            "/_hearth/health/",
            "/_hearth/../_hearth/health",
        ] {
            check(path, Route::Nowhere);
        }
    }

    #[test]
    fn the_host_of_a_url_leads_there_whatever_the_path() {
        let id = "0123456789abcdef0123456789abcdef";
        let host =
            HeaderValue::try_from(format!("{id}.lambda-url.us-east-1.localhost:4566")).expect("a host");
        let headers = HeaderMap::from_iter([(HOST, host)]);
        let host = headers[HOST].to_str().ok();
        for path in ["/", "/_hearth/health", "/2015-03-31/functions/hello/invocations"] {
            assert_eq!(Route::of(path, &headers), Route::FunctionUrl(UrlPath { host, id, path }));
        }
    }

    #[test]
    fn the_host_of_an_api_leads_there_whatever_the_path() {
        let host = HeaderValue::from_static("abc.execute-api.us-east-1.localhost:4566");
        let headers = HeaderMap::from_iter([(HOST, host)]);
        let host = headers[HOST].to_str().ok();
        for path in ["/", "/_hearth/health", "/v2/apis"] {
            assert_eq!(Route::of(path, &headers), Route::Api(ApiPath { host, id: "abc", path }));
        }
    }

    #[test]
    fn a_target_leads_to_a_service_where_no_path_does() {
        let target = HeaderValue::from_static("Logs_20140328.CreateLogGroup");
        let headers = HeaderMap::from_iter([(TARGET, target.clone())]);
        let check = |path: &str, expect: Route<'_>| assert_eq!(Route::of(path, &headers), expect, "{path}");
        check("/", Route::AwsJson(&target));
        check("/000000000000/orders", Route::AwsJson(&target));
        check("/2015-03-31/functions", Route::Lambda(Resource::Functions));
        check("/_hearth/nothing", Route::Nowhere);
    }
}
