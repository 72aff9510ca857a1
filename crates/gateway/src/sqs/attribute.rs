//! Attributes of messages, as documents have them.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_services::sqs::{AttributeValue, GivenAttribute, MessageAttribute};
use serde::{Deserialize, Serialize};

use crate::rpc::RpcError;

/// What senders give, and what receivers get.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct AttributeDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// In base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    data_type: Option<String>,
    /// Reserved by AWS.
    #[serde(alias = "StringListValue", skip_serializing)]
    string_list_values: Vec<String>,
    /// Reserved by AWS.
    #[serde(alias = "BinaryListValue", skip_serializing)]
    binary_list_values: Vec<String>,
}

impl AttributeDocument {
    /// What is told of an attribute.
    pub(super) fn of(attribute: &MessageAttribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            AttributeValue::Text(text) => (Some(text.to_string()), None),
            AttributeValue::Binary(bytes) => (None, Some(BASE64_STANDARD.encode(bytes))),
        };
        Self {
            string_value,
            binary_value,
            data_type: Some(attribute.data_type.to_string()),
            ..Self::default()
        }
    }

    fn read(self) -> Result<GivenAttribute, RpcError> {
        let Self { string_value, binary_value, data_type, string_list_values, binary_list_values } = self;
        if !string_list_values.is_empty() || !binary_list_values.is_empty() {
            return Err(RpcError {
                query_code: Some("AWS.SimpleQueueService.UnsupportedOperation"),
                ..RpcError::new(
                    "UnsupportedOperation",
                    "Message attribute list values in SendMessage operation are not supported.",
                )
            });
        }
        let binary = binary_value.map(|text| {
            BASE64_STANDARD
                .decode(&text)
                .map_err(|error| RpcError::serialization(format!("`BinaryValue` is not base64: {error}")))
        });
        Ok(GivenAttribute { data_type, text: string_value, binary: binary.transpose()?.map(Into::into) })
    }
}

/// Reads the attributes of a message by their names.
pub(super) fn read(
    documents: BTreeMap<String, AttributeDocument>,
) -> Result<BTreeMap<String, GivenAttribute>, RpcError> {
    documents.into_iter().map(|(name, document)| Ok((name, document.read()?))).collect()
}
