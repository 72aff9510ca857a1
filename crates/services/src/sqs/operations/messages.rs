//! Messages one by one.

use std::time::Duration;

use hearth_engine::timeline::EventKind;
use hearth_model::{
    faults::{Fault, Point},
    identity::AccountId,
    sqs::{self, QueueAddress, limits},
    time::Moment,
};

use crate::sqs::{
    Queues, Refusal, SendReply, SendRequest,
    handle::read_receipt,
    region::{State, about},
    send::CheckedMessage,
};

impl Queues {
    /// `SendMessage`.
    ///
    /// # Errors
    /// If there is no such queue, or the message is refused.
    pub fn send(
        &self,
        queue: &QueueAddress,
        sender: AccountId,
        request: SendRequest,
    ) -> Result<SendReply, Refusal> {
        let region = self.region(&queue.partition)?;
        let message = request.check(&queue.name, sender)?;
        self.with(&region, |state, now| {
            send(state, now, queue, message, "One or more parameters are invalid.")
        })
    }

    /// `DeleteMessage`.
    ///
    /// # Errors
    /// If there is no such queue, or the handle is none, or in a FIFO queue its time has passed.
    pub fn delete_message(&self, queue: &QueueAddress, handle: &str) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        self.with(&region, |state, now| delete(state, now, queue, handle))
    }

    /// `ChangeMessageVisibility`.
    ///
    /// # Errors
    /// If there is no such queue, the handle is none, the message is gone, or it cannot be invisible for so long.
    pub fn change_visibility(
        &self,
        queue: &QueueAddress,
        handle: &str,
        timeout_s: i64,
    ) -> Result<(), Refusal> {
        let region = self.region(&queue.partition)?;
        self.with(&region, |state, now| change_visibility(state, now, queue, handle, timeout_s))
    }
}

/// `too_long` is how the refusal of a message that is too long begins.
pub(super) fn send(
    state: &mut State,
    now: Moment,
    queue: &QueueAddress,
    checked: CheckedMessage,
    too_long: &str,
) -> Result<SendReply, Refusal> {
    let attributes = &state.record(&queue.name)?.attributes;
    if checked.deduplicated_by_content && !attributes.deduplicates_by_content() {
        return Err(without_deduplication());
    }
    let most = attributes.maximum_message_bytes;
    if checked.message.bytes > most {
        return Err(Refusal::invalid(format!(
            "{too_long} Reason: Message must be shorter than {most} bytes."
        )));
    }
    let (reply, cause, mut message) = (checked.reply(), checked.cause, checked.message);
    let (id, body_bytes) = (message.id, message.content.body.len());
    let faults = if queue.name.is_fifo() {
        Vec::new()
    } else {
        let (name, subject) = (&queue.name, || about(&queue.name, id));
        state.engine.faults().call(Point::Send, name.as_str(), subject)
    };
    message.overtakes = faults.contains(&Fault::ReorderMessage);
    let twin = faults.contains(&Fault::DuplicateMessage).then(|| message.clone());
    let sent = state.queues.handle_send(now, &queue.name, message)?;
    // One that was sent before is not another message. Recorded before anybody receives it.
    if sent.id == id {
        let subject = about(&queue.name, id).caused_by(cause);
        state.engine.timeline().record(subject, EventKind::Sent { body_bytes });
    }
    if let Some(twin) = twin {
        state.queues.handle_send(now, &queue.name, twin)?;
    }
    Ok(reply(sent))
}

pub(super) fn without_deduplication() -> Refusal {
    Refusal::invalid(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
}

pub(super) fn delete(
    state: &mut State,
    now: Moment,
    queue: &QueueAddress,
    handle: &str,
) -> Result<(), Refusal> {
    state.record(&queue.name)?;
    let deleted = state.queues.handle_delete_message(now, &queue.name, read_receipt(handle)?);
    deleted.map_err(|refusal| Refusal::of_receipt(refusal, handle))
}

pub(super) fn change_visibility(
    state: &mut State,
    now: Moment,
    queue: &QueueAddress,
    handle: &str,
    timeout_s: i64,
) -> Result<(), Refusal> {
    state.record(&queue.name)?;
    let receipt = read_receipt(handle)?;
    let timeout = u64::try_from(timeout_s).map(Duration::from_secs).ok();
    let timeout = timeout.filter(|timeout| *timeout <= limits::VISIBILITY_TIMEOUT).ok_or_else(|| {
        Refusal::parameter("VisibilityTimeout", timeout_s, "Must be >= 0 and <= 43200, if provided.")
    })?;
    let changed = state.queues.handle_visibility(now, &queue.name, receipt, timeout);
    changed.map_err(|refusal| match refusal {
        sqs::Refusal::BeyondVisibilityLimit => Refusal::parameter(
            "VisibilityTimeout",
            timeout_s,
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        ),
        refusal => Refusal::of_receipt(refusal, handle),
    })
}
