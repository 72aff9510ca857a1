//! SQS on the wire: AWS JSON 1.0, and the Query protocol of older clients. Queues are named by URLs in path style.
//!
//! Source: the API's published model (2012-11-05), for the names of the Query protocol in its version before the JSON
//! protocol; recorded answers of both.

mod attribute;
mod batches;
mod messages;
mod moves;
mod permissions;
mod queues;
mod tags;
mod url;

use hearth_services::sqs::{Refusal, RefusalKind};
use http::StatusCode;

use crate::rpc::{Answer, Call, RpcError};

/// Answers a request for an operation.
pub(crate) async fn answer(call: &Call<'_>, operation: &str) -> Answer {
    let answer = match operation {
        "AddPermission" => permissions::add(call),
        "CancelMessageMoveTask" => moves::cancel(call),
        "ChangeMessageVisibility" => messages::change_visibility(call),
        "ChangeMessageVisibilityBatch" => batches::change_visibility(call),
        "CreateQueue" => queues::create(call),
        "DeleteMessage" => messages::delete(call),
        "DeleteMessageBatch" => batches::delete(call),
        "DeleteQueue" => queues::delete(call),
        "GetQueueAttributes" => queues::attributes(call),
        "GetQueueUrl" => queues::url(call),
        "ListDeadLetterSourceQueues" => queues::dead_letter_sources(call),
        "ListMessageMoveTasks" => moves::list(call),
        "ListQueueTags" => tags::list(call),
        "ListQueues" => queues::list(call),
        "PurgeQueue" => queues::purge(call),
        "ReceiveMessage" => messages::receive(call).await,
        "RemovePermission" => permissions::remove(call),
        "SendMessage" => messages::send(call),
        "SendMessageBatch" => batches::send(call),
        "SetQueueAttributes" => queues::set_attributes(call),
        "StartMessageMoveTask" => moves::start(call),
        "TagQueue" => tags::tag(call),
        "UntagQueue" => tags::untag(call),
        _ => Err(RpcError::unknown_operation(operation)),
    };
    // In the Query protocol AWS says a little more: recorded.
    answer.map_err(|error| match error.code {
        NO_SUCH_QUEUE if call.is_query() => {
            RpcError { message: "The specified queue does not exist for this wsdl version.".into(), ..error }
        }
        _ => error,
    })
}

const NO_SUCH_QUEUE: &str = RefusalKind::QueueDoesNotExist.shape();

impl From<Refusal> for RpcError {
    fn from(Refusal { kind, message }: Refusal) -> Self {
        let status = StatusCode::from_u16(kind.status()).expect("the statuses of the API's model");
        Self { code: kind.shape(), status, message, query_code: Some(kind.code()) }
    }
}

/// A parameter that is missing though the operation cannot do without.
fn missing(parameter: &str) -> RpcError {
    RpcError::from(Refusal::missing(parameter))
}
