//! A function's code as a zip.

use hearth_model::identity::{AccountId, Partition, Region};
use http::{HeaderValue, Response, header::CONTENT_TYPE};

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

/// Answers with the code at `ACCOUNT/REGION/FUNCTION/VERSION`.
pub(crate) fn answer(gateway: &Gateway, path: &str) -> Response<AnswerBody> {
    let Some(zip) = find(gateway, path) else {
        let message = format!("there is no code at `{path}`: ask `GetFunction` where it is");
        return rest_json::error(&ApiError::new(ErrorCode::ResourceNotFound, message));
    };
    let mut response = Response::new(AnswerBody::from(zip));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    response
}

fn find(gateway: &Gateway, path: &str) -> Option<bytes::Bytes> {
    let path = percent::decode(path)?;
    let mut parts = path.split('/');
    let partition =
        Partition { account: AccountId::parse(parts.next()?)?, region: Region::parse(parts.next()?)? };
    let (name, version) = (parts.next()?, parts.next()?);
    parts.next().is_none().then(|| gateway.functions().zip(&partition, name, Some(version))).flatten()
}
