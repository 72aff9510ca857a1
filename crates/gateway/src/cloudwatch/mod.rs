//! CloudWatch's metrics on the wire: RPC v2 CBOR, which SDKs speak today, AWS JSON 1.0, and the Query protocol.
//!
//! Source: the API's published model (2010-08-01); recorded answers. The API's front end names parameters as the Query
//! protocol spells them, in whichever protocol it was asked.

mod data;
mod list;
mod parameter;
mod put;
mod statistics;

use hearth_services::cloudwatch::Refusal;
use http::StatusCode;

use crate::rpc::{Answer, Call, RpcError};

/// Answers a request for an operation.
pub(crate) fn answer(call: &Call<'_>, operation: &str) -> Answer {
    match operation {
        "GetMetricData" => data::data(call),
        "GetMetricStatistics" => statistics::statistics(call),
        "ListMetrics" => list::list(call),
        "PutMetricData" => put::put(call),
        _ if OTHERS.contains(&operation) => Err(Refusal::Unsupported(
            format!(
                "Hearth has no {operation}: of CloudWatch it has GetMetricData, GetMetricStatistics, ListMetrics and \
                 PutMetricData"
            )
            .into(),
        )
        .into()),
        _ => Err(RpcError {
            query_code: Some("InvalidAction"),
            ..RpcError::new(
                "UnknownOperationException",
                format!("Could not find operation {operation} for version 2010-08-01"),
            )
        }),
    }
}

/// What else CloudWatch does. Source: the API's published model.
const OTHERS: [&str; 55] = [
    "AssociateDatasetKmsKey",
    "CreateResourceMetricsConfiguration",
    "DeleteAlarmMuteRule",
    "DeleteAlarms",
    "DeleteAnomalyDetector",
    "DeleteDashboards",
    "DeleteInsightRules",
    "DeleteMetricDataQueryDefinition",
    "DeleteMetricStream",
    "DeleteResourceMetricsConfiguration",
    "DescribeAlarmContributors",
    "DescribeAlarmHistory",
    "DescribeAlarms",
    "DescribeAlarmsForMetric",
    "DescribeAnomalyDetectors",
    "DescribeInsightRules",
    "DisableAlarmActions",
    "DisableInsightRules",
    "DisassociateDatasetKmsKey",
    "EnableAlarmActions",
    "EnableInsightRules",
    "GetAlarmMuteRule",
    "GetDashboard",
    "GetDataset",
    "GetInsightRuleReport",
    "GetMetricDataQueryDefinition",
    "GetMetricStream",
    "GetMetricWidgetImage",
    "GetOTelEnrichment",
    "GetResourceMetricsConfiguration",
    "ListAlarmMuteRules",
    "ListDashboards",
    "ListManagedInsightRules",
    "ListMetricDataQueryDefinitions",
    "ListMetricStreams",
    "ListTagsForResource",
    "PutAlarmMuteRule",
    "PutAnomalyDetector",
    "PutCompositeAlarm",
    "PutDashboard",
    "PutInsightRule",
    "PutLogAlarm",
    "PutManagedInsightRules",
    "PutMetricAlarm",
    "PutMetricDataQueryDefinition",
    "PutMetricStream",
    "SetAlarmState",
    "StartMetricStreams",
    "StartOTelEnrichment",
    "StopMetricStreams",
    "StopOTelEnrichment",
    "TagResource",
    "UntagResource",
    "UpdateOTelEnrichment",
    "UpdateResourceMetricsConfiguration",
];

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        let (code, query_code, message) = match refusal {
            Refusal::Validation(message) => ("ValidationError", "ValidationError", message),
            Refusal::InvalidValue(message) => {
                ("InvalidParameterValueException", "InvalidParameterValue", message)
            }
            Refusal::Missing(message) => ("MissingRequiredParameterException", "MissingParameter", message),
            Refusal::Combination(message) => {
                ("InvalidParameterCombinationException", "InvalidParameterCombination", message)
            }
            Refusal::InvalidToken => ("InvalidNextToken", "InvalidNextToken", refusal.to_string().into()),
            Refusal::Unsupported(message) => ("NotImplementedException", "NotImplemented", message),
        };
        let status = if code == "NotImplementedException" {
            StatusCode::NOT_IMPLEMENTED
        } else {
            StatusCode::BAD_REQUEST
        };
        Self { query_code: Some(query_code), status, ..Self::new(code, message) }
    }
}
