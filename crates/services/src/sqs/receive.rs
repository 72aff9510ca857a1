//! Receiving messages, at once or after a wait.

use std::{sync::Arc, time::Duration};

use hearth_model::sqs::{self, Delivery, MessageId, QueueAddress, Receive, ReceiveId, limits};
use tokio::sync::oneshot;

use super::{
    Queues, Refusal, Selection,
    content::{Content, Md5, MessageAttribute},
    handle::write_receipt,
    region::{Answer, Region},
    send::{WRONG_QUEUE_TYPE, check_id},
};

/// What a receiver asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiveRequest {
    /// `MaxNumberOfMessages`.
    pub maximum: Option<i64>,
    /// `VisibilityTimeout`, in seconds.
    pub visibility_timeout_s: Option<i64>,
    /// `WaitTimeSeconds`.
    pub wait_s: Option<i64>,
    /// `ReceiveRequestAttemptId`.
    pub attempt_id: Option<String>,
    /// `AttributeNames` and `MessageSystemAttributeNames` together.
    pub system_attribute_names: Vec<String>,
    /// `MessageAttributeNames`.
    pub attribute_names: Vec<String>,
}

/// A message that was received, with those of its attributes for which the receiver asked.
#[derive(Clone, Debug)]
pub struct ReceivedMessage {
    delivery: Delivery<Arc<Content>>,
    queue: QueueAddress,
    selection: Arc<Selection>,
}

impl ReceivedMessage {
    /// `MessageId`.
    #[must_use]
    pub fn message_id(&self) -> MessageId {
        self.delivery.id
    }

    /// `ReceiptHandle`.
    #[must_use]
    pub fn receipt_handle(&self) -> String {
        write_receipt(self.delivery.handle)
    }

    /// `Body`.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.delivery.content.body
    }

    /// `MD5OfBody`.
    #[must_use]
    pub fn body_md5(&self) -> Md5 {
        self.delivery.content.body_md5
    }

    /// `Attributes`: those of the system, in the order of their names.
    pub fn system_attributes(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.selection.system_attributes(&self.queue, &self.delivery)
    }

    /// `MessageAttributes`: those of the sender, in the order of their names.
    pub fn attributes(&self) -> impl Iterator<Item = &MessageAttribute> {
        self.selection.attributes(&self.delivery.content)
    }

    /// `MD5OfMessageAttributes`: that of those which are told.
    #[must_use]
    pub fn attributes_md5(&self) -> Option<Md5> {
        Md5::of_attributes(self.attributes())
    }

    /// What the rules say of the message.
    #[must_use]
    pub fn delivery(&self) -> &Delivery<Arc<Content>> {
        &self.delivery
    }
}

impl Queues {
    /// `ReceiveMessage`: waits for a message if there is none, as the request or the queue says.
    ///
    /// Cancel safe: messages that came too late for a future that was dropped are there for others, as if they had not been
    /// received.
    ///
    /// # Errors
    /// If the request is refused, or the queue is deleted meanwhile.
    pub async fn receive(
        &self,
        queue: &QueueAddress,
        request: ReceiveRequest,
    ) -> Result<Vec<ReceivedMessage>, Refusal> {
        let region = self.region(&queue.partition)?;
        let (request, wait, selection) = request.check(queue)?;
        let deliveries = self.receive_from(&region, queue, request, wait).await?;
        let selection = Arc::new(selection);
        let received =
            |delivery| ReceivedMessage { delivery, queue: queue.clone(), selection: Arc::clone(&selection) };
        Ok(deliveries.into_iter().map(received).collect())
    }

    /// Without `wait`, as long as the queue says.
    async fn receive_from(
        &self,
        region: &Region,
        queue: &QueueAddress,
        mut request: sqs::ReceiveRequest,
        wait: Option<Duration>,
    ) -> Result<Vec<Delivery<Arc<Content>>>, Refusal> {
        let id = self.next_receive();
        let received = self.with(region, |state, now| {
            request.wait = match wait {
                // Asked under the lock, so that nobody begins to wait who is not told to stop.
                _ if self.is_hurried() => Duration::ZERO,
                Some(wait) => wait,
                None => state.record(&queue.name)?.attributes.receive_wait(),
            };
            Ok::<_, Refusal>(match state.queues.handle_receive(now, &queue.name, id, request)? {
                Receive::Answer(messages) => Ok(messages),
                Receive::Waiting => Err(state.park(id, queue.name.clone())),
            })
        })?;
        match received {
            Ok(messages) => Ok(messages),
            Err(answer) => {
                let waiting = Waiting { queues: self, region, queue, id, answer };
                Ok(waiting.answer().await?)
            }
        }
    }
}

/// A receive that waits. Dropping it takes it out of the line.
struct Waiting<'a> {
    queues: &'a Queues,
    region: &'a Region,
    queue: &'a QueueAddress,
    id: ReceiveId,
    answer: oneshot::Receiver<Answer>,
}

impl Waiting<'_> {
    async fn answer(mut self) -> Answer {
        // The sender is kept until it has answered.
        (&mut self.answer).await.unwrap_or_else(|_| Ok(Vec::new()))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.answer.is_terminated() {
            return;
        }
        self.queues.with(self.region, |state, now| {
            if state.unpark(now, self.id) {
                return;
            }
            // The answer came, and nobody has heard it.
            if let Ok(Ok(messages)) = self.answer.try_recv() {
                let handles = messages.iter().map(|message| message.handle);
                state.queues.handle_return(now, &self.queue.name, handles);
            }
        });
    }
}

impl ReceiveRequest {
    fn check(
        self,
        queue: &QueueAddress,
    ) -> Result<(sqs::ReceiveRequest, Option<Duration>, Selection), Refusal> {
        let selection = Selection::parse(&self.system_attribute_names, self.attribute_names)?;
        let maximum = match self.maximum {
            None => 1,
            Some(given) => {
                let maximum = usize::try_from(given).ok().filter(|most| (1..=limits::BATCH).contains(most));
                maximum.ok_or_else(|| {
                    Refusal::parameter("MaxNumberOfMessages", given, "Must be between 1 and 10, if provided.")
                })?
            }
        };
        let within = |name: &str, given: i64, most: Duration| {
            let duration = u64::try_from(given).ok().map(Duration::from_secs).filter(|given| *given <= most);
            duration.ok_or_else(|| {
                let reason = format!("Must be >= 0 and <= {}, if provided.", most.as_secs());
                Refusal::parameter(name, given, &reason)
            })
        };
        let visibility = self.visibility_timeout_s;
        let visibility_timeout = visibility
            .map(|given| within("VisibilityTimeout", given, limits::VISIBILITY_TIMEOUT))
            .transpose()?;
        let wait = self.wait_s.map(|given| within("WaitTimeSeconds", given, limits::WAIT)).transpose()?;
        let attempt = self.attempt_id.map(|id| check_id("ReceiveRequestAttemptId", id)).transpose()?;
        if let Some(id) = attempt.as_ref().filter(|_| !queue.name.is_fifo()) {
            return Err(Refusal::parameter("ReceiveRequestAttemptId", id, WRONG_QUEUE_TYPE));
        }
        let request = sqs::ReceiveRequest { maximum, visibility_timeout, wait: Duration::ZERO, attempt };
        Ok((request, wait, selection))
    }
}
