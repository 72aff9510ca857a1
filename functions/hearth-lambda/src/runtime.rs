//! What [`handler!`](crate::handler) wraps around a handler: JSON, the errors' documents, the panic hook.

use std::{
    io::{self, Write},
    panic::{self, PanicHookInfo},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Context, Error,
    bindings::exports::hearth::lambda::handler::{Context as WireContext, FunctionError},
    trace,
};

/// Runs the function's init.
///
/// # Errors
/// Those of the function.
pub fn init<E: Into<Error>>(init: impl FnOnce() -> Result<(), E>) -> Result<(), FunctionError> {
    panic::set_hook(Box::new(report_panic));
    init().map_err(|error| FunctionError::from(error.into()))
}

/// Runs the handler on an event.
///
/// # Errors
/// Those of the handler; `Runtime.UnmarshalError` if the event does not fit its type, and `Runtime.MarshalError` if
/// its answer can't be written as JSON. Lambda's own runtimes use these names.
pub fn handle<T, R, E>(
    handler: impl FnOnce(T, &Context) -> Result<R, E>,
    event: &[u8],
    context: WireContext,
) -> Result<Vec<u8>, FunctionError>
where
    T: DeserializeOwned,
    R: Serialize,
    E: Into<Error>,
{
    trace::begin(context.trace_header.as_deref());
    answer(handler, event, &context.into()).map_err(FunctionError::from)
}

fn answer<T, R, E>(
    handler: impl FnOnce(T, &Context) -> Result<R, E>,
    event: &[u8],
    context: &Context,
) -> Result<Vec<u8>, Error>
where
    T: DeserializeOwned,
    R: Serialize,
    E: Into<Error>,
{
    let event = serde_json::from_slice(event).map_err(|error| {
        Error::new("Runtime.UnmarshalError", format!("Unable to unmarshal input: {error}"))
    })?;
    let answer = handler(event, context).map_err(Into::into)?;
    serde_json::to_vec(&answer)
        .map_err(|error| Error::new("Runtime.MarshalError", format!("Unable to marshal response: {error}")))
}

/// A panic ends in a trap, which cannot carry a message; so the message goes to the log.
fn report_panic(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("the payload is not a text");
    match info.location() {
        Some(location) => log_error(&format!("panicked at {location}: {message}")),
        None => log_error(&format!("panicked: {message}")),
    }
}

/// One write for one line, because standard error has no buffer.
fn log_error(message: &str) {
    let line = format!("[ERROR] {message}\n");
    // Where there is no log, there is nobody to tell.
    drop(io::stderr().write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, convert::Infallible, num::ParseIntError};

    use serde_json::Value;

    use super::*;

    fn context() -> WireContext {
        WireContext {
            request_id: "5c5e9a7b-7f39-4ca6-8c4a-30f2f0a3c1d2".into(),
            invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:test".into(),
            deadline_ms: 1_700_000_000_000,
            trace_header: None,
            client_context: None,
            identity: None,
        }
    }

    fn parse(event: BTreeMap<String, String>, _: &Context) -> Result<u32, ParseIntError> {
        event["number"].parse()
    }

    #[test]
    fn json_goes_in_and_out() {
        let answer = handle(parse, br#"{"number":"42"}"#, context());
        assert_eq!(answer.map_err(|error| error.error_message), Ok(b"42".to_vec()));
    }

    #[test]
    fn the_handler_sees_its_context() {
        let answer = handle(
            |_: Value, context: &Context| Ok::<_, Infallible>(context.request_id.clone()),
            b"null",
            context(),
        );
        assert_eq!(
            answer.map_err(|error| error.error_message),
            Ok(br#""5c5e9a7b-7f39-4ca6-8c4a-30f2f0a3c1d2""#.to_vec())
        );
    }

    #[test]
    fn errors_have_lambdas_names() {
        let check = |event: &[u8], error_type: &str, message: &str| {
            let error = handle(parse, event, context()).expect_err("the event is bad");
            assert_eq!(error.error_type, error_type);
            assert_eq!(error.error_message, message);
        };
        check(br#"{"number":"x"}"#, "ParseIntError", "invalid digit found in string");
        check(
            b"[1]",
            "Runtime.UnmarshalError",
            "Unable to unmarshal input: invalid type: sequence, expected a map at line 1 column 0",
        );

        let keys = BTreeMap::from([((1, 2), "JSON's keys are texts")]);
        let error = handle(|_: Value, _: &Context| Ok::<_, Infallible>(keys), b"{}", context());
        let error = error.expect_err("the answer is bad");
        assert_eq!(error.error_type, "Runtime.MarshalError");
        assert_eq!(error.error_message, "Unable to marshal response: key must be a string");
    }

    #[test]
    fn init_may_fail() {
        assert!(init(|| Ok::<_, Infallible>(())).is_ok());
        let error = init(|| Err(std::io::Error::other("no disk"))).expect_err("init fails");
        assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("Error", "no disk"));
        drop(panic::take_hook());
    }
}
