//! The management API of REST APIs: REST-JSON.
//!
//! Its paths (`/restapis`, `/tags`, `/account`) could be those of buckets as well, and so a request must be signed for API
//! Gateway, as every SDK does.
//!
//! Source: the API's published model (2015-07-09); recorded answers.

mod apis;
mod call;
mod keys;
mod methods;

use http::{HeaderMap, Method, request::Parts};

use self::call::Call;
use crate::{
    body::RequestBody,
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    rest_json::Answer,
};

/// The name under which requests are signed.
const SERVICE: &str = "apigateway";

/// Whether a request is for this API.
pub(crate) fn is_meant(path: &str, headers: &HeaderMap) -> bool {
    const COLLECTIONS: [&str; 11] = [
        "account",
        "apikeys",
        "clientcertificates",
        "domainnameaccessassociations",
        "domainnames",
        "rejectdomainnameaccessassociations",
        "restapis",
        "sdktypes",
        "tags",
        "usageplans",
        "vpclinks",
    ];
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    COLLECTIONS.contains(&first) && credential::service(headers) == Some(SERVICE)
}

/// Answers a request.
pub(crate) async fn answer(gateway: &Gateway, head: &Parts, body: RequestBody) -> Answer {
    let call = Call::read(gateway, head, body).await?;
    let path = head.uri.path().trim_matches('/');
    let segments = path.split('/').map(Call::segment).collect::<Result<Vec<_>, _>>()?;
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let (method, query) = (head.method.as_str(), head.uri.query().unwrap_or_default());
    let answer = match &*segments {
        // Documents in OpenAPI, and lists of keys in CSV.
        _ if query.split('&').any(|pair| pair == "mode=import") => None,
        ["restapis", api, "resources", resource, "methods", name, rest @ ..] => {
            methods::answer(&call, method, [api, resource, name], rest)
        }
        ["restapis", rest @ ..] => apis::answer(&call, method, rest),
        ["account"] if head.method == Method::GET => Some(keys::account()),
        [collection @ ("apikeys" | "usageplans" | "tags"), rest @ ..] => {
            keys::answer(&call, method, collection, rest)
        }
        _ => None,
    };
    answer.unwrap_or_else(|| {
        let message = format!("Hearth does not have this part of API Gateway: {method} /{path}");
        Err(ApiError::new(ErrorCode::NotImplemented, message))
    })
}
