//! What callers get instead of a function's answer.

use serde::{Deserialize, Serialize};

use super::Texts;

/// What callers get if something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayResponse {
    /// What is wrong.
    pub response_type: GatewayResponseType,
    /// The status; without one, what is wrong decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
    /// Headers.
    #[serde(default)]
    pub response_parameters: Texts,
    /// Bodies by media type.
    #[serde(default)]
    pub response_templates: Texts,
    /// Whether nobody has set it.
    pub default_response: bool,
}

/// What callers shall get if something is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewGatewayResponse {
    /// The status.
    pub status_code: Option<String>,
    /// Headers.
    pub response_parameters: Texts,
    /// Bodies by media type.
    pub response_templates: Texts,
}

/// What may be wrong.
///
/// Source: API Gateway developer guide, "Gateway response types for API Gateway".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GatewayResponseType {
    /// The authorizer denies.
    AccessDenied,
    /// What serves the method is not configured as it must be.
    ApiConfigurationError,
    /// The authorizer can't be asked, or gives no answer that is one.
    AuthorizerConfigurationError,
    /// The authorizer fails.
    AuthorizerFailure,
    /// The body does not fit the method's model.
    BadRequestBody,
    /// A parameter is missing.
    BadRequestParameters,
    /// All that are the caller's fault.
    #[serde(rename = "DEFAULT_4XX")]
    Default4xx,
    /// All that are not.
    #[serde(rename = "DEFAULT_5XX")]
    Default5xx,
    /// The caller's credentials have expired.
    ExpiredToken,
    /// The integration fails.
    IntegrationFailure,
    /// The integration takes too long.
    IntegrationTimeout,
    /// The API key is missing or none.
    InvalidApiKey,
    /// The signature is wrong.
    InvalidSignature,
    /// There is no such method.
    MissingAuthenticationToken,
    /// The usage plan's quota is used up.
    QuotaExceeded,
    /// The body is too large.
    RequestTooLarge,
    /// There is no such resource.
    ResourceNotFound,
    /// Too many requests.
    Throttled,
    /// The caller does not say who it is.
    Unauthorized,
    /// The body has a media type for which there is no template.
    UnsupportedMediaType,
    /// A firewall holds the request.
    WafFiltered,
}

impl GatewayResponseType {
    /// All of them, by name.
    pub const ALL: [Self; 21] = [
        Self::AccessDenied,
        Self::ApiConfigurationError,
        Self::AuthorizerConfigurationError,
        Self::AuthorizerFailure,
        Self::BadRequestBody,
        Self::BadRequestParameters,
        Self::Default4xx,
        Self::Default5xx,
        Self::ExpiredToken,
        Self::IntegrationFailure,
        Self::IntegrationTimeout,
        Self::InvalidApiKey,
        Self::InvalidSignature,
        Self::MissingAuthenticationToken,
        Self::QuotaExceeded,
        Self::RequestTooLarge,
        Self::ResourceNotFound,
        Self::Throttled,
        Self::Unauthorized,
        Self::UnsupportedMediaType,
        Self::WafFiltered,
    ];

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "ACCESS_DENIED",
            Self::ApiConfigurationError => "API_CONFIGURATION_ERROR",
            Self::AuthorizerConfigurationError => "AUTHORIZER_CONFIGURATION_ERROR",
            Self::AuthorizerFailure => "AUTHORIZER_FAILURE",
            Self::BadRequestBody => "BAD_REQUEST_BODY",
            Self::BadRequestParameters => "BAD_REQUEST_PARAMETERS",
            Self::Default4xx => "DEFAULT_4XX",
            Self::Default5xx => "DEFAULT_5XX",
            Self::ExpiredToken => "EXPIRED_TOKEN",
            Self::IntegrationFailure => "INTEGRATION_FAILURE",
            Self::IntegrationTimeout => "INTEGRATION_TIMEOUT",
            Self::InvalidApiKey => "INVALID_API_KEY",
            Self::InvalidSignature => "INVALID_SIGNATURE",
            Self::MissingAuthenticationToken => "MISSING_AUTHENTICATION_TOKEN",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::ResourceNotFound => "RESOURCE_NOT_FOUND",
            Self::Throttled => "THROTTLED",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::WafFiltered => "WAF_FILTERED",
        }
    }

    /// The status, but for those that stand for others.
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        Some(match self {
            Self::Default4xx | Self::Default5xx => return None,
            Self::BadRequestBody | Self::BadRequestParameters => 400,
            Self::Unauthorized => 401,
            Self::AccessDenied
            | Self::ExpiredToken
            | Self::InvalidApiKey
            | Self::InvalidSignature
            | Self::MissingAuthenticationToken
            | Self::WafFiltered => 403,
            Self::ResourceNotFound => 404,
            Self::RequestTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::QuotaExceeded | Self::Throttled => 429,
            Self::ApiConfigurationError | Self::AuthorizerConfigurationError | Self::AuthorizerFailure => 500,
            Self::IntegrationFailure | Self::IntegrationTimeout => 504,
        })
    }

    /// Which one stands in for it where it is not set.
    #[must_use]
    pub fn fallback(self) -> Option<Self> {
        self.status().map(|status| if status < 500 { Self::Default4xx } else { Self::Default5xx })
    }
}
