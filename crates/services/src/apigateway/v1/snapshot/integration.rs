//! What serves methods.

use std::time::Duration;

use regex_lite::Regex;

use super::uri::UriTemplate;
use crate::apigateway::v1::{
    Refusal,
    document::{Integration, IntegrationKind, IntegrationResponse, Texts},
};

/// What serves a method.
#[derive(Debug)]
pub(in crate::apigateway::v1) enum Serving {
    /// A function.
    Function {
        uri: UriTemplate,
        /// Whether it is invoked in a role, so that its policy does not matter.
        in_role: bool,
        /// `Invoke` takes no other method than `POST`: nothing is invoked by another one.
        by_post: bool,
        timeout: Duration,
    },
    /// An answer that is always the same; none if no answer is for the status.
    Mock(Option<MockAnswer>),
}

/// An answer that is always the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::apigateway::v1) struct MockAnswer {
    pub(in crate::apigateway::v1) status: u16,
    pub(in crate::apigateway::v1) headers: Vec<(String, String)>,
    pub(in crate::apigateway::v1) body: String,
}

/// Checks that an integration is one that Hearth has.
pub(in crate::apigateway::v1) fn check_integration(integration: &Integration) -> Result<(), Refusal> {
    if !(50..=29_000).contains(&integration.timeout_in_millis) {
        return Err(Refusal::bad("Timeout should be between 50 ms and 29000 ms"));
    }
    match integration.kind {
        IntegrationKind::AwsProxy if integration.http_method.as_deref().is_none_or(str::is_empty) => {
            return Err(Refusal::bad("Enumeration value for HttpMethod must be non-empty"));
        }
        IntegrationKind::AwsProxy | IntegrationKind::Mock => {}
    }
    Serving::read(integration).map(drop)
}

/// Checks that an integration's answer is one that Hearth can make.
pub(in crate::apigateway::v1) fn check_response(response: &IntegrationResponse) -> Result<(), Refusal> {
    MockAnswer::read(response)?;
    pattern(response).map(drop)
}

impl Serving {
    pub(super) fn read(integration: &Integration) -> Result<Self, Refusal> {
        match integration.kind {
            IntegrationKind::AwsProxy => Ok(Self::Function {
                uri: UriTemplate::parse(integration.uri.as_deref().unwrap_or_default())?,
                in_role: integration.credentials.is_some(),
                by_post: integration.http_method.as_deref() == Some("POST"),
                timeout: Duration::from_millis(integration.timeout_in_millis.into()),
            }),
            IntegrationKind::Mock => {
                let status = mock_status(&integration.request_templates)?;
                let mut default = None;
                for response in integration.integration_responses.values() {
                    match pattern(response)? {
                        Some(pattern)
                            if status.is_some_and(|status| pattern.is_match(&status.to_string())) =>
                        {
                            return Ok(Self::Mock(Some(MockAnswer::read(response)?)));
                        }
                        Some(_) => {}
                        None => default = Some(response),
                    }
                }
                let answer = default.filter(|_| status.is_some()).map(MockAnswer::read);
                Ok(Self::Mock(answer.transpose()?))
            }
        }
    }
}

impl MockAnswer {
    fn read(response: &IntegrationResponse) -> Result<Self, Refusal> {
        let mut headers = Vec::new();
        for (name, value) in &response.response_parameters {
            let Some(name) = name.strip_prefix("method.response.header.") else {
                return Err(Refusal::bad(format!("Invalid mapping expression parameter specified: {name}")));
            };
            let text = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            let text = text.ok_or_else(|| {
                Refusal::bad(format!(
                    "Hearth does not support `{value}` as the value of a header: use a text in apostrophes"
                ))
            })?;
            headers.push((name.to_ascii_lowercase(), text.to_owned()));
        }
        let json = response.response_templates.get_key_value("application/json");
        let template = json.or_else(|| response.response_templates.first_key_value());
        let body = template.map(|(_, template)| template.clone()).unwrap_or_default();
        check_static(&body)?;
        if !headers.iter().any(|(name, _)| name == "content-type") {
            let kind = template.map_or("application/json", |(kind, _)| kind);
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        let status = response.status_code.parse().ok().filter(|status| (200..=599).contains(status));
        let wrong = || Refusal::bad(format!("Invalid status code specified: {}", response.status_code));
        Ok(Self { status: status.ok_or_else(wrong)?, headers, body })
    }
}

/// The status that a mock's template says. It need not be strict JSON: `{statusCode: 200}` is usual.
fn mock_status(templates: &Texts) -> Result<Option<u16>, Refusal> {
    let template = templates.get("application/json").or_else(|| templates.values().next());
    let Some(template) = template else { return Ok(None) };
    check_static(template)?;
    let status = template.split_once("statusCode").map(|(_, rest)| {
        let rest = rest.trim_start_matches(|character: char| "\"': \t\r\n".contains(character));
        &rest[..rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len())]
    });
    Ok(status.and_then(|status| status.parse().ok()))
}

/// Refuses templates that have more than text in them.
fn check_static(template: &str) -> Result<(), Refusal> {
    let directive = template.match_indices('#').any(|(position, _)| {
        template[position + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '#')
    });
    if directive || template.contains('$') {
        return Err(Refusal::bad(
            "Hearth does not support mapping templates with variables or directives: use AWS_PROXY, or a template that is text",
        ));
    }
    Ok(())
}

fn pattern(response: &IntegrationResponse) -> Result<Option<Regex>, Refusal> {
    let Some(pattern) = response.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty()) else {
        return Ok(None);
    };
    let anchored = Regex::new(&format!("^(?:{pattern})$"));
    anchored.map(Some).map_err(|_| Refusal::bad(format!("Invalid selection pattern specified: {pattern}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mocks_status_need_not_be_strict_json() {
        let check = |template: &str, expected: Option<u16>| {
            let templates = Texts::from([("application/json".to_owned(), template.to_owned())]);
            assert_eq!(mock_status(&templates), Ok(expected), "{template}");
        };
        check(r#"{"statusCode": 200}"#, Some(200));
        check("{statusCode:204}", Some(204));
        check("{\n  \"statusCode\" : 200\n}\n", Some(200));
        check("{'statusCode': '201'}", Some(201));
        check("{}", None);
        assert_eq!(mock_status(&Texts::new()), Ok(None));
        let variable = Texts::from([("application/json".to_owned(), "{\"statusCode\": $x}".to_owned())]);
        assert!(mock_status(&variable).is_err());
    }

    #[test]
    fn templates_are_text() {
        for text in ["", "{}", "a # b", "#1"] {
            assert_eq!(check_static(text), Ok(()), "{text}");
        }
        for text in ["$input.body", "#set($a = 1)", "## comment"] {
            assert!(check_static(text).is_err(), "{text}");
        }
    }
}
