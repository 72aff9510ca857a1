//! URLs of queues: `http://localhost:4566/123456789012/orders`.

use hearth_model::{
    identity::{AccountId, Partition},
    sqs::{QueueAddress, QueueName},
};
use hearth_services::sqs::Refusal;
use serde::Deserialize;

use super::missing;
use crate::rpc::{Call, RpcError};

/// The member `QueueUrl` of a document: which queue is meant.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct QueueUrl(Option<String>);

impl QueueUrl {
    /// The queue that a caller means, in the region that the caller looks at.
    pub(super) fn queue(&self, call: &Call<'_>) -> Result<QueueAddress, RpcError> {
        let url = self.0.as_deref().filter(|url| !url.is_empty());
        let url = url
            .or_else(|| Some(call.path()).filter(|path| *path != "/"))
            .ok_or_else(|| missing("QueueUrl"))?;
        parse(url, call)
    }
}

/// The URL of a queue, by the host by which the caller reached Hearth.
pub(super) fn render(call: &Call<'_>, queue: &QueueAddress) -> String {
    format!("http://{}/{}/{}", call.host(), queue.partition.account, queue.name)
}

/// Reads the last two segments of a URL's path: account and name. Of a name alone, which AWS takes too, the caller is the
/// owner.
fn parse(url: &str, call: &Call<'_>) -> Result<QueueAddress, RpcError> {
    let path =
        url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let mut segments = path.trim_matches('/').rsplit('/');
    let name = segments.next().and_then(|name| QueueName::parse(name).ok());
    let account = match segments.next() {
        Some(account) => AccountId::parse(account),
        None => Some(call.partition.account),
    };
    let (Some(name), Some(account)) = (name, account) else {
        return Err(Refusal::no_such_queue().into());
    };
    Ok(QueueAddress { partition: Partition { account, region: call.partition.region.clone() }, name })
}
