//! What is beside the event in a dead-letter queue.

use super::LastResponse;
use crate::{
    asynchronous::{Condition, Ending},
    identity::RequestId,
};

/// How much of an error's message fits: "the first 1 KB".
const MESSAGE_BYTES: usize = 1_024;
/// AWS documents no words for this; these are reported by others, typing error included.
const TURNED_OFF: &str =
    "Function not invoked. Function isconfigured with zero reserved concurrent executions";

/// The attributes of the message whose body is the event as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterAttributes {
    /// `RequestID`, of the type `String`.
    pub request_id: RequestId,
    /// `ErrorCode`, of the type `Number`: the HTTP status of the last attempt, if there was one.
    pub error_code: Option<u16>,
    /// `ErrorMessage`, of the type `String`.
    pub error_message: Option<String>,
}

impl DeadLetterAttributes {
    /// The attributes for an invocation that failed.
    #[must_use]
    pub fn new(ending: &Ending, response: Option<&LastResponse<'_>>) -> Self {
        let message = match response {
            Some(LastResponse::Function { error_message, .. }) => *error_message,
            Some(LastResponse::Refused { message, .. }) => Some(*message),
            None => (ending.condition == Condition::ZeroReservedConcurrency).then_some(TURNED_OFF),
        };
        Self {
            request_id: ending.id,
            error_code: response.map(LastResponse::status),
            error_message: message.map(|message| {
                let end = message.floor_char_boundary(MESSAGE_BYTES);
                message[..end].to_owned()
            }),
        }
    }

    /// Name, data type and value of each attribute, as SQS and SNS have them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let request_id = Some(("RequestID", "String", self.request_id.to_string()));
        let code = self.error_code.map(|code| ("ErrorCode", "Number", code.to_string()));
        let message = self.error_message.clone().map(|message| ("ErrorMessage", "String", message));
        [request_id, code, message].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::identity::Version;

    fn attributes(
        condition: Condition,
        response: Option<&LastResponse<'_>>,
    ) -> Vec<(&'static str, &'static str, String)> {
        let ending = Ending {
            id: RequestId::from_random(1),
            condition,
            approximate_invoke_count: 0,
            record_to: None,
            dead_letter_to: None,
        };
        DeadLetterAttributes::new(&ending, response).iter().collect()
    }

    fn request_id() -> (&'static str, &'static str, String) {
        ("RequestID", "String", RequestId::from_random(1).to_string())
    }

    #[test]
    fn a_functions_error_is_told() {
        let long = format!("{}é", "x".repeat(MESSAGE_BYTES - 1));
        let check = |message, expected: &str| {
            let payload = RawValue::NULL;
            let response =
                LastResponse::Function { version: Version::Latest, error_message: Some(message), payload };
            assert_eq!(
                attributes(Condition::RetriesExhausted, Some(&response)),
                [
                    request_id(),
                    ("ErrorCode", "Number", "200".to_owned()),
                    ("ErrorMessage", "String", expected.to_owned()),
                ]
            );
        };
        check("intentional", "intentional");
        check(&long, &"x".repeat(MESSAGE_BYTES - 1));
    }

    #[test]
    fn a_throttle_is_told() {
        let response = LastResponse::Refused { status: 429, message: "Rate Exceeded." };
        assert_eq!(
            attributes(Condition::EventAgeExceeded, Some(&response)),
            [
                request_id(),
                ("ErrorCode", "Number", "429".to_owned()),
                ("ErrorMessage", "String", "Rate Exceeded.".to_owned()),
            ]
        );
    }

    #[test]
    fn a_function_that_is_turned_off_has_no_code() {
        let off = attributes(Condition::ZeroReservedConcurrency, None);
        assert_eq!(off.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), ["RequestID", "ErrorMessage"]);
        assert_eq!(attributes(Condition::EventAgeExceeded, None), [request_id()]);
    }
}
