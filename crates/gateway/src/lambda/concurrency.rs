//! Reserved and provisioned concurrency, and `GetAccountSettings`.

use hearth_engine::ProvisioningStatus;
use hearth_model::{limits, validation::Violation};
use hearth_services::lambda::{ProvisionView, Refusal};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{call::Call, document::last_modified};
use crate::{
    error::ApiError,
    rest_json::{self, Answer, answer},
};

/// All code of an account in a region: 75 GB.
const TOTAL_CODE_BYTES: u64 = 75 * 1024 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReserveRequest {
    reserved_concurrent_executions: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProvisionRequest {
    provisioned_concurrent_executions: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reserved {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reserved_concurrent_executions: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Provisioned {
    #[serde(skip_serializing_if = "Option::is_none")]
    function_arn: Option<String>,
    requested_provisioned_concurrent_executions: u32,
    available_provisioned_concurrent_executions: u32,
    allocated_provisioned_concurrent_executions: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    last_modified: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProvisionedList {
    provisioned_concurrency_configs: Vec<Provisioned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountDocument {
    account_limit: AccountLimit,
    account_usage: AccountUsage,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountLimit {
    total_code_size: u64,
    code_size_unzipped: u64,
    code_size_zipped: u64,
    concurrent_executions: u32,
    unreserved_concurrent_executions: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountUsage {
    total_code_size: u64,
    function_count: usize,
}

pub(super) fn reserve(call: &Call<'_>, name: &str) -> Answer {
    let (name, request) = (Call::segment(name)?, call.document::<ReserveRequest>()?);
    call.functions().reserve(&call.partition, &name, Some(request.reserved_concurrent_executions))?;
    reserved_document(call, &name)
}

pub(super) fn release(call: &Call<'_>, name: &str) -> Answer {
    call.functions().reserve(&call.partition, &Call::segment(name)?, None)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn reserved(call: &Call<'_>, name: &str) -> Answer {
    reserved_document(call, &Call::segment(name)?)
}

pub(super) fn provision(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier, request) =
        (Call::segment(name)?, qualifier(call)?, call.document::<ProvisionRequest>()?);
    let count = request.provisioned_concurrent_executions;
    let view = call.functions().provision(&call.partition, &name, &qualifier, count)?;
    answer(StatusCode::ACCEPTED, &Provisioned::of(&view))
}

/// `GetProvisionedConcurrencyConfig`, or `ListProvisionedConcurrencyConfigs` if `List` is given.
pub(super) fn provisioned(call: &Call<'_>, name: &str) -> Answer {
    let name = Call::segment(name)?;
    if call.parameter("List")?.is_some() {
        let page = call.functions().provisions(&call.partition, &name, &call.page()?)?;
        let configs = page
            .items
            .iter()
            .map(|view| Provisioned { function_arn: Some(view.arn.clone()), ..Provisioned::of(view) });
        let provisioned_concurrency_configs = configs.collect();
        let list = ProvisionedList { provisioned_concurrency_configs, next_marker: page.next_marker };
        return answer(StatusCode::OK, &list);
    }
    let view = call.functions().provisioned(&call.partition, &name, &qualifier(call)?)?;
    answer(StatusCode::OK, &Provisioned::of(&view))
}

pub(super) fn unprovision(call: &Call<'_>, name: &str) -> Answer {
    call.functions().unprovision(&call.partition, &Call::segment(name)?, &qualifier(call)?)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn account_settings(call: &Call<'_>) -> Answer {
    let settings = call.functions().account_settings(&call.partition);
    let account_limit = AccountLimit {
        total_code_size: TOTAL_CODE_BYTES,
        code_size_unzipped: limits::PACKAGE_UNZIPPED_BYTES,
        code_size_zipped: limits::PACKAGE_ZIPPED_BYTES,
        concurrent_executions: settings.concurrency,
        unreserved_concurrent_executions: settings.unreserved_concurrency,
    };
    let account_usage =
        AccountUsage { total_code_size: settings.code_bytes, function_count: settings.functions };
    answer(StatusCode::OK, &AccountDocument { account_limit, account_usage })
}

fn reserved_document(call: &Call<'_>, name: &str) -> Answer {
    let reserved_concurrent_executions = call.functions().reserved(&call.partition, name)?;
    answer(StatusCode::OK, &Reserved { reserved_concurrent_executions })
}

fn qualifier(call: &Call<'_>) -> Result<String, ApiError> {
    let qualifier = call.parameter("Qualifier")?.filter(|qualifier| !qualifier.is_empty());
    Ok(qualifier.map(Into::into).ok_or_else(|| Refusal::from(Violation::missing("qualifier")))?)
}

impl Provisioned {
    fn of(view: &ProvisionView) -> Self {
        let status_reason = match &view.provisioned.status {
            ProvisioningStatus::InProgress | ProvisioningStatus::Ready => None,
            ProvisioningStatus::Failed(failure) => Some(failure.to_string()),
        };
        Self {
            function_arn: None,
            requested_provisioned_concurrent_executions: view.provisioned.requested,
            available_provisioned_concurrent_executions: view.provisioned.available,
            allocated_provisioned_concurrent_executions: view.provisioned.allocated,
            status: view.provisioned.status.as_str(),
            status_reason,
            last_modified: last_modified(view.modified),
        }
    }
}
