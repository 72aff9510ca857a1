//! Connections of WebSocket APIs: sending messages to clients.
//!
//! Errors have API Gateway's class as their type, such as `GoneException`.

use crate::{Error, aws, http::Response};

/// Sends a message to the client of a connection. The identifier is the one that events have as
/// `requestContext.connectionId`.
///
/// # Errors
/// API Gateway's own, such as `GoneException` if the client is not connected any more.
///
/// # Panics
/// Outside WebAssembly.
pub fn post(connection_id: &str, message: &[u8]) -> Result<(), Error> {
    let path = format!("/@connections/{}", connection_id.replace('=', "%3D"));
    let response = aws::request("execute-api", "POST", &path)?.body(message.to_vec()).send()?;
    if response.is_success() { Ok(()) } else { Err(refusal(&response)) }
}

/// The error in an answer: its class is in a header.
fn refusal(response: &Response) -> Error {
    let class = response.headers.iter().find(|(name, _)| name == "x-amzn-errortype");
    let class = class.map_or("ConnectionsError".into(), |(_, value)| String::from_utf8_lossy(value));
    Error::new(class, format!("API Gateway answered with status {}", response.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_class_of_api_gateway() {
        let check = |headers: &[(&str, &str)], expected: &str| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
            let response = Response { status: 410, headers: headers.collect(), body: Vec::new() };
            assert_eq!(refusal(&response).to_string(), expected);
        };
        check(
            &[("x-amzn-errortype", "GoneException")],
            "GoneException: API Gateway answered with status 410",
        );
        check(&[], "ConnectionsError: API Gateway answered with status 410");
    }
}
