//! Identifiers, and what names things.

use hearth_model::identity::Partition;

use crate::apigateway::id::random_id;

/// What the caller shows as an API key, unless its owner says what.
pub(super) fn draw_key() -> String {
    [(); 4].map(|()| random_id(10)).concat()
}

/// The ARN of a document of API Gateway: of `restapis/abc`, and the like.
pub(super) fn document_arn(partition: &Partition, path: &str) -> String {
    format!("arn:aws:apigateway:{}::/{path}", partition.region)
}

/// The ARN of a method as it is called: of `prod/GET/images`, and the like.
pub(super) fn method_arn(partition: &Partition, api: &str, path: &str) -> String {
    format!("arn:aws:execute-api:{}:{}:{api}/{path}", partition.region, partition.account)
}
