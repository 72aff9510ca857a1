//! What callers get if something is wrong.

use super::{Expression, Lookup, template::Template};
use crate::apigateway::v1::{Refusal, document::GatewayResponse};

/// What callers get if something is wrong.
#[derive(Debug)]
pub(in crate::apigateway::v1) struct ErrorResponse {
    /// The status; none if what is wrong decides.
    pub(in crate::apigateway::v1) status: Option<u16>,
    headers: Vec<(String, Expression)>,
    /// Bodies by media type.
    templates: Vec<(String, Template)>,
    /// Whether all of it is as if nobody had set it.
    pub(in crate::apigateway::v1) is_untouched: bool,
}

/// Checks that a gateway response is one that Hearth can make.
pub(in crate::apigateway::v1) fn check_gateway_response(response: &GatewayResponse) -> Result<(), Refusal> {
    ErrorResponse::read(response).map(drop)
}

impl ErrorResponse {
    pub(super) fn read(response: &GatewayResponse) -> Result<Self, Refusal> {
        let headers = response.response_parameters.iter().map(|(name, value)| {
            let known = name.strip_prefix("gatewayresponse.header.").filter(|name| !name.is_empty());
            let known =
                known.ok_or_else(|| Refusal::bad(format!("Invalid response parameter specified: {name}")))?;
            Ok((known.to_ascii_lowercase(), Expression::parse(value)?))
        });
        let templates = response.response_templates.iter();
        let default = response.response_type.status();
        let status = response.status_code.as_ref().and_then(|status| status.parse().ok());
        Ok(Self {
            status,
            headers: headers.collect::<Result<_, Refusal>>()?,
            templates: templates.map(|(kind, text)| (kind.clone(), Template::parse(text))).collect(),
            is_untouched: response.default_response
                && response.response_parameters.is_empty()
                && status == default
                && response.response_templates.values().eq([r#"{"message":$context.error.messageString}"#]),
        })
    }

    /// The headers of an answer.
    pub(in crate::apigateway::v1) fn headers(&self, names: &impl Lookup) -> Vec<(String, String)> {
        let headers = self
            .headers
            .iter()
            .filter_map(|(name, value)| names.find(value).map(|value| (name.clone(), value.into_owned())));
        headers.collect()
    }

    /// The body of an answer for those who accept this, and its media type.
    pub(in crate::apigateway::v1) fn body(
        &self,
        accept: &str,
        names: &impl Lookup,
    ) -> Option<(&str, String)> {
        let wanted = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
        let mut wanted = wanted.filter_map(|kind| self.templates.iter().find(|(known, _)| known == kind));
        let json = || self.templates.iter().find(|(kind, _)| kind == "application/json");
        let chosen = wanted.next().or_else(json).or_else(|| self.templates.first());
        chosen.map(|(kind, template)| (kind.as_str(), template.render(names)))
    }
}
