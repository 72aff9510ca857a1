//! Code as a zip: a function's, or a layer's content.

use bytes::Bytes;
use hearth_model::identity::{AccountId, Partition, Region};
use http::{HeaderValue, Response, header::CONTENT_TYPE};

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

/// The code at `ACCOUNT/REGION/FUNCTION/VERSION`.
pub(crate) fn package(gateway: &Gateway, path: &str) -> Response<AnswerBody> {
    let find = |partition: &Partition, name: &str, version: &str| {
        gateway.functions().zip(partition, name, Some(version))
    };
    answer(path, find)
}

/// The content at `ACCOUNT/REGION/LAYER/VERSION`.
pub(crate) fn layer_package(gateway: &Gateway, path: &str) -> Response<AnswerBody> {
    let find = |partition: &Partition, name: &str, version: &str| {
        let version = gateway.functions().layer_version(partition, name, version.parse().ok()?);
        version.ok()?.code.download()
    };
    answer(path, find)
}

fn answer(path: &str, find: impl FnOnce(&Partition, &str, &str) -> Option<Bytes>) -> Response<AnswerBody> {
    let Some(zip) = locate(path, find) else {
        let message =
            format!("there is no code at `{path}`: ask `GetFunction` or `GetLayerVersion` where it is");
        return rest_json::error(&ApiError::new(ErrorCode::ResourceNotFound, message));
    };
    let mut response = Response::new(AnswerBody::from(zip));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    response
}

fn locate(path: &str, find: impl FnOnce(&Partition, &str, &str) -> Option<Bytes>) -> Option<Bytes> {
    let path = percent::decode(path)?;
    let parts: Vec<&str> = path.split('/').collect();
    let [account, region, name, version] = *parts else { return None };
    let partition = Partition { account: AccountId::parse(account)?, region: Region::parse(region)? };
    find(&partition, name, version)
}
