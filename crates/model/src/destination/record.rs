//! The record that a destination gets.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::LastResponse;
use crate::{
    asynchronous::{Condition, Ending},
    identity::{RequestId, Version},
    time::Timestamp,
};

/// What a destination gets to know of an invocation: the message of a queue or topic, the event of a function, the detail of an
/// event on a bus.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvocationRecord<'a> {
    /// The version of this form: `1.0`.
    version: &'static str,
    /// When the invocation ended.
    #[serde(serialize_with = "crate::time::rfc3339")]
    pub timestamp: Timestamp,
    /// The invocation.
    pub request_context: RequestContext<'a>,
    /// The event.
    pub request_payload: &'a RawValue,
    /// About the last answer, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_context: Option<ResponseContext>,
    /// The last answer, if the function was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_payload: Option<&'a RawValue>,
}

/// The part of a record that is about the invocation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext<'a> {
    /// Its id, the same on every attempt.
    pub request_id: RequestId,
    /// What was invoked, always with a qualifier; that of an alias if it was invoked by one.
    pub function_arn: &'a str,
    /// Why it ended.
    pub condition: Condition,
    /// How often the function was run.
    pub approximate_invoke_count: u32,
}

/// The part of a record that is about the answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseContext {
    /// The HTTP status that `Invoke` would have had: 200 whenever the function was run.
    pub status_code: u16,
    /// The version that was run.
    #[serde(serialize_with = "display", skip_serializing_if = "Option::is_none")]
    pub executed_version: Option<Version>,
    /// `Unhandled`, if the function did not end well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_error: Option<&'static str>,
}

impl<'a> InvocationRecord<'a> {
    /// The record of an invocation that ended at `timestamp`. `function_arn` has a qualifier
    /// ([`qualified_arn`](crate::reference::FunctionReference::qualified_arn)).
    #[must_use]
    pub fn new(
        ending: &Ending,
        timestamp: Timestamp,
        function_arn: &'a str,
        event: &'a RawValue,
        response: Option<&LastResponse<'a>>,
    ) -> Self {
        Self {
            version: "1.0",
            timestamp,
            request_context: RequestContext {
                request_id: ending.id,
                function_arn,
                condition: ending.condition,
                approximate_invoke_count: ending.approximate_invoke_count,
            },
            request_payload: event,
            response_context: response.map(ResponseContext::new),
            response_payload: response.and_then(|response| match response {
                LastResponse::Function { payload, .. } => Some(*payload),
                LastResponse::Refused { .. } => None,
            }),
        }
    }
}

impl ResponseContext {
    fn new(response: &LastResponse<'_>) -> Self {
        let (executed_version, failed) = match response {
            LastResponse::Function { version, error_message, .. } => {
                (Some(*version), error_message.is_some())
            }
            LastResponse::Refused { .. } => (None, false),
        };
        let function_error = failed.then_some("Unhandled");
        Self { status_code: response.status(), executed_version, function_error }
    }
}

fn display<S: Serializer>(version: &Option<Version>, serializer: S) -> Result<S::Ok, S::Error> {
    match version {
        Some(version) => serializer.collect_str(version),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:hello:$LATEST";

    fn record(condition: Condition, count: u32, event: &str, response: Option<&LastResponse<'_>>) -> Value {
        let ending = Ending {
            id: RequestId::from_random(1),
            condition,
            approximate_invoke_count: count,
            record_to: None,
            dead_letter_to: None,
        };
        let event: &RawValue = serde_json::from_str(event).expect("JSON");
        let at = Timestamp::from_unix_millis(1_764_026_009_007);
        let text = serde_json::to_string(&InvocationRecord::new(&ending, at, ARN, event, response))
            .expect("it serialises");
        serde_json::from_str(&text).expect("JSON")
    }

    fn request_context(condition: &str, count: u32) -> Value {
        json!({
            "requestId": RequestId::from_random(1).to_string(),
            "functionArn": ARN,
            "condition": condition,
            "approximateInvokeCount": count,
        })
    }

    #[test]
    fn a_success_has_the_answer() {
        let payload: &RawValue = serde_json::from_str(r#"{"hello":  "world"}"#).expect("JSON");
        let response =
            LastResponse::Function { version: Version::Published(7), error_message: None, payload };
        assert_eq!(
            record(Condition::Success, 1, "{}", Some(&response)),
            json!({
                "version": "1.0",
                "timestamp": "2025-11-24T23:13:29.007Z",
                "requestContext": request_context("Success", 1),
                "requestPayload": {},
                "responseContext": {"statusCode": 200, "executedVersion": "7"},
                "responsePayload": {"hello": "world"},
            })
        );
    }

    #[test]
    fn a_failure_has_the_error() {
        let document = r#"{"errorMessage":"intentional","errorType":"Exception"}"#;
        let payload: &RawValue = serde_json::from_str(document).expect("JSON");
        let response =
            LastResponse::Function { version: Version::Latest, error_message: Some("intentional"), payload };
        assert_eq!(
            record(Condition::RetriesExhausted, 3, r#"{"message":"x"}"#, Some(&response)),
            json!({
                "version": "1.0",
                "timestamp": "2025-11-24T23:13:29.007Z",
                "requestContext": request_context("RetriesExhausted", 3),
                "requestPayload": {"message": "x"},
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "responsePayload": {"errorMessage": "intentional", "errorType": "Exception"},
            })
        );
    }

    #[test]
    fn without_a_run_there_is_no_answer() {
        let throttled = LastResponse::Refused { status: 429, message: "Rate Exceeded." };
        assert_eq!(
            record(Condition::EventAgeExceeded, 0, "null", Some(&throttled)),
            json!({
                "version": "1.0",
                "timestamp": "2025-11-24T23:13:29.007Z",
                "requestContext": request_context("EventAgeExceeded", 0),
                "requestPayload": null,
                "responseContext": {"statusCode": 429},
            })
        );
        let off = record(Condition::ZeroReservedConcurrency, 0, "1", None);
        assert_eq!(off["requestContext"], request_context("ZeroReservedConcurrency", 0));
        assert!(off.get("responseContext").is_none() && off.get("responsePayload").is_none());
    }

    #[test]
    fn an_answer_of_null_is_an_answer() {
        let payload: &RawValue = serde_json::from_str("null").expect("JSON");
        let response = LastResponse::Function { version: Version::Latest, error_message: None, payload };
        assert_eq!(
            record(Condition::Success, 1, "{}", Some(&response)).get("responsePayload"),
            Some(&Value::Null)
        );
    }
}
