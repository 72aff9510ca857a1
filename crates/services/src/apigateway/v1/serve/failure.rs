//! Why callers do not get a function's answer, and what they get instead.

use std::borrow::Cow;

use hearth_model::http_event::HttpAnswer;

use super::{Exchange, InvalidCall, Served, header_map, status_code};
use crate::apigateway::v1::{
    document::GatewayResponseType,
    snapshot::{Expression, Lookup},
};

/// Why a caller does not get a function's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: GatewayResponseType,
    /// The status, unless the API says another one.
    status: u16,
    message: Option<Cow<'static, str>>,
    /// What the header `x-amzn-ErrorType` says.
    error_type: &'static str,
    /// How the document is written where nobody has said how.
    form: Form,
}

/// How AWS writes the document. It is not the same for all, which clients have come to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `{"message":"…"}`
    Plain,
    /// `{"Message":"…"}`
    Capital,
    /// `{"message": "…"}`
    Spaced,
}

impl Failure {
    /// There is no such stage, or no key.
    pub(super) const FORBIDDEN: Self =
        Self::new(GatewayResponseType::InvalidApiKey, 403, "Forbidden", "ForbiddenException", Form::Plain);
    /// There is no such method.
    pub(super) const MISSING_TOKEN: Self = Self::new(
        GatewayResponseType::MissingAuthenticationToken,
        403,
        "Missing Authentication Token",
        "MissingAuthenticationTokenException",
        Form::Plain,
    );
    /// The caller does not say who it is.
    pub(super) const UNAUTHORIZED: Self = Self::new(
        GatewayResponseType::Unauthorized,
        401,
        "Unauthorized",
        "UnauthorizedException",
        Form::Plain,
    );
    /// The authorizer's policy denies.
    pub(super) const EXPLICITLY_DENIED: Self =
        Self::denied("User is not authorized to access this resource with an explicit deny");
    /// The authorizer's policy does not allow.
    pub(super) const IMPLICITLY_DENIED: Self = Self::denied("User is not authorized to access this resource");
    /// The authorizer can't be asked, or gives no answer that is one.
    pub(super) const AUTHORIZER_MISCONFIGURED: Self =
        Self::authorizer(GatewayResponseType::AuthorizerConfigurationError);
    /// The authorizer fails.
    pub(super) const AUTHORIZER_FAILED: Self = Self::authorizer(GatewayResponseType::AuthorizerFailure);
    /// Too many requests.
    pub(super) const THROTTLED: Self = Self::new(
        GatewayResponseType::Throttled,
        429,
        "Too Many Requests",
        "TooManyRequestsException",
        Form::Plain,
    );
    /// The quota is used up.
    pub(super) const QUOTA_EXCEEDED: Self = Self::new(
        GatewayResponseType::QuotaExceeded,
        429,
        "Limit Exceeded",
        "LimitExceededException",
        Form::Plain,
    );
    /// The body is too large.
    const TOO_LARGE: Self = Self::new(
        GatewayResponseType::RequestTooLarge,
        413,
        "HTTP content length exceeded 10485760 bytes.",
        "RequestTooLargeException",
        Form::Plain,
    );
    /// The headers are too large.
    const HEAD_TOO_LARGE: Self = Self::new(
        GatewayResponseType::RequestTooLarge,
        413,
        "HTTP header is larger than 10240 bytes.",
        "RequestTooLargeException",
        Form::Plain,
    );
    /// The path has no meaning.
    const BAD_PATH: Self =
        Self::new(GatewayResponseType::Default4xx, 400, "Bad Request", "BadRequestException", Form::Plain);
    /// The event is larger than functions take.
    pub(super) const EVENT_TOO_LARGE: Self = Self::new(
        GatewayResponseType::RequestTooLarge,
        413,
        "Request Too Long",
        "RequestTooLargeException",
        Form::Plain,
    );
    /// The function cannot be invoked.
    pub(super) const MISCONFIGURED: Self = Self::internal(GatewayResponseType::ApiConfigurationError, 500);
    /// The function fails, or returns no answer.
    pub(super) const BAD_GATEWAY: Self = Self::internal(GatewayResponseType::Default5xx, 502);
    /// The function takes too long.
    pub(super) const TIMEOUT: Self = Self::new(
        GatewayResponseType::IntegrationTimeout,
        504,
        "Endpoint request timed out",
        "InternalServerErrorException",
        Form::Spaced,
    );

    const fn new(
        kind: GatewayResponseType,
        status: u16,
        message: &'static str,
        error_type: &'static str,
        form: Form,
    ) -> Self {
        Self { kind, status, message: Some(Cow::Borrowed(message)), error_type, form }
    }

    const fn denied(message: &'static str) -> Self {
        Self::new(GatewayResponseType::AccessDenied, 403, message, "AccessDeniedException", Form::Capital)
    }

    const fn authorizer(kind: GatewayResponseType) -> Self {
        let error_type = "AuthorizerConfigurationException";
        Self { kind, status: 500, message: None, error_type, form: Form::Plain }
    }

    const fn internal(kind: GatewayResponseType, status: u16) -> Self {
        Self::new(kind, status, "Internal server error", "InternalServerErrorException", Form::Spaced)
    }

    /// Parameters are missing that must be there.
    pub(super) fn missing_parameters(names: &[&str]) -> Self {
        let message = format!("Missing required request parameters: [{}]", names.join(", "));
        let kind = GatewayResponseType::BadRequestParameters;
        let message = Some(message.into());
        Self { kind, status: 400, message, error_type: "BadRequestException", form: Form::Plain }
    }

    /// What a caller gets of no API.
    pub(super) fn plain(&self) -> (HttpAnswer, &'static str) {
        (HttpAnswer::json(status_code(self.status), self.document()), self.error_type)
    }

    fn document(&self) -> String {
        let message = self.message_string();
        match self.form {
            Form::Plain => format!(r#"{{"message":{message}}}"#),
            Form::Capital => format!(r#"{{"Message":{message}}}"#),
            Form::Spaced => format!(r#"{{"message": {message}}}"#),
        }
    }

    /// The message as JSON.
    fn message_string(&self) -> String {
        serde_json::to_string(&self.message).expect("texts can always be written")
    }
}

impl From<InvalidCall> for Failure {
    fn from(invalid: InvalidCall) -> Self {
        match invalid {
            InvalidCall::BodyTooLarge => Self::TOO_LARGE,
            InvalidCall::HeadTooLarge => Self::HEAD_TOO_LARGE,
            InvalidCall::Path => Self::BAD_PATH,
        }
    }
}

impl Exchange<'_> {
    /// What a caller gets instead of a function's answer.
    pub(super) fn fail(&self, served: &Served, failure: &Failure) -> (HttpAnswer, &'static str) {
        let response = served.snapshot.response(failure.kind);
        if response.is_untouched {
            return failure.plain();
        }
        let names = Names { exchange: self, served, failure };
        let accept = self.header("accept").unwrap_or_default();
        let (content_type, body) = response
            .body(accept, &names)
            .map_or(("application/json", String::new()), |(kind, body)| (kind, body));
        let mut headers = response.headers(&names);
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        let status = response.status.filter(|status| (200..=599).contains(status)).unwrap_or(failure.status);
        let answer =
            HttpAnswer { status: status_code(status), headers: header_map(headers), body: body.into() };
        (answer, failure.error_type)
    }
}

/// What names in a gateway response stand for.
struct Names<'a> {
    exchange: &'a Exchange<'a>,
    served: &'a Served,
    failure: &'a Failure,
}

impl Lookup for Names<'_> {
    fn find(&self, expression: &Expression) -> Option<Cow<'_, str>> {
        let Expression::Context(name) = expression else {
            return self.exchange.value(self.served, expression);
        };
        let Failure { kind, message, .. } = self.failure;
        match name.as_str() {
            "error.message" => Some(message.as_deref().unwrap_or("null").into()),
            "error.messageString" => Some(self.failure.message_string().into()),
            "error.responseType" => Some(kind.as_str().into()),
            _ => self.exchange.value(self.served, expression),
        }
    }
}
