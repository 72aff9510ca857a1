//! Requests to AWS's services, which are all at `AWS_ENDPOINT_URL`.

use std::env;

use crate::{Error, http::Request};

/// A request to a service, by the name under which it is signed.
///
/// Hearth reads off a signature whose request it is, and verifies none. So there is none: the header says what a signature
/// says before it comes to the secret.
///
/// # Errors
/// `EndpointMissing` where there is no endpoint.
pub(crate) fn request(service: &str, method: &'static str, path: &str) -> Result<Request, Error> {
    let Ok(endpoint) = env::var("AWS_ENDPOINT_URL") else {
        let message = "`AWS_ENDPOINT_URL` is not set: services can be reached while `hearth up` runs";
        return Err(Error::new("EndpointMissing", message));
    };
    let variable = |name| env::var(name).unwrap_or_default();
    let (access_key, region) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_REGION"));
    let credential = format!("{access_key}/19700101/{region}/{service}/aws4_request");
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none");
    let url = format!("{}{path}", endpoint.trim_end_matches('/'));
    Ok(Request::new(method, url).header("authorization", authorization))
}
