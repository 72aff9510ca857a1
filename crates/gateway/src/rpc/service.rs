//! The services.

use super::{Answer, Call};
use crate::{cloudwatch, events, logs, sqs, sts};

/// A service that speaks such protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// CloudWatch's metrics.
    CloudWatch,
    /// EventBridge.
    Events,
    /// CloudWatch Logs.
    Logs,
    /// SQS.
    Sqs,
    /// STS.
    Sts,
}

impl Service {
    /// The service of the name that its targets begin with; `None` if Hearth has no such service.
    pub(crate) fn of_target(prefix: &str) -> Option<Self> {
        match prefix {
            "AWSEvents" => Some(Self::Events),
            "AmazonSQS" => Some(Self::Sqs),
            "GraniteServiceVersion20100801" => Some(Self::CloudWatch),
            "Logs_20140328" => Some(Self::Logs),
            _ => None,
        }
    }

    /// Does what a request asks for.
    pub(crate) async fn answer(self, call: &Call<'_>, operation: &str) -> Answer {
        match self {
            Self::CloudWatch => cloudwatch::answer(call, operation),
            Self::Events => events::answer(call, operation),
            Self::Logs => logs::answer(call, operation),
            Self::Sqs => sqs::answer(call, operation).await,
            Self::Sts => sts::answer(call, operation),
        }
    }
}
