//! Messages ten by ten.

use std::collections::HashSet;

use hearth_model::{
    identity::AccountId,
    sqs::{QueueAddress, limits},
};

use super::messages::{change_visibility, delete, send, without_deduplication};
use crate::sqs::{Queues, Refusal, RefusalKind, SendReply, SendRequest};

/// One of several things that are to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchEntry<T> {
    /// `Id`: what names it within the batch.
    pub id: String,
    /// What is to be done.
    pub request: T,
}

/// What became of the entries of a batch, by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchReply<T> {
    /// What was done.
    pub successful: Vec<(String, T)>,
    /// What was refused.
    pub failed: Vec<(String, Refusal)>,
}

/// An entry of `DeleteMessageBatch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRequest {
    /// `ReceiptHandle`.
    pub receipt_handle: String,
}

/// An entry of `ChangeMessageVisibilityBatch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibilityRequest {
    /// `ReceiptHandle`.
    pub receipt_handle: String,
    /// `VisibilityTimeout`, in seconds.
    pub timeout_s: i64,
}

impl Queues {
    /// `SendMessageBatch`.
    ///
    /// # Errors
    /// If there is no such queue, or the batch as a whole is refused.
    pub fn send_batch(
        &self,
        queue: &QueueAddress,
        sender: AccountId,
        entries: Vec<BatchEntry<SendRequest>>,
    ) -> Result<BatchReply<SendReply>, Refusal> {
        let region = self.region(&queue.partition)?;
        region.lock().record(&queue.name)?;
        check_entries("SendMessageBatchRequestEntry", &entries)?;
        let bytes: usize = entries.iter().map(|entry| entry.request.bytes()).sum();
        let most = *limits::MESSAGE_BYTES.end();
        if bytes > most {
            return Err(Refusal::new(
                RefusalKind::BatchRequestTooLong,
                format!("Batch requests cannot be longer than {most} bytes. You have sent {bytes} bytes."),
            ));
        }
        let mut by_content = false;
        for entry in &entries {
            // In a batch, what is missing is an invalid value: recorded.
            let checked = entry.request.check_fifo(&queue.name);
            by_content |= checked.map_err(|refusal| Refusal::invalid(refusal.message))?;
        }
        let checked: Vec<_> = entries
            .into_iter()
            .map(|BatchEntry { id, request }| (id, request.check(&queue.name, sender)))
            .collect();
        self.with(&region, |state, now| {
            if by_content && !state.record(&queue.name)?.attributes.deduplicates_by_content() {
                return Err(without_deduplication());
            }
            let mut send =
                |message| send(state, now, queue, message, "One or more parameters cannot be validated.");
            let sent = checked.into_iter().map(|(id, checked)| (id, checked.and_then(&mut send)));
            Ok(BatchReply::of(sent))
        })
    }

    /// `DeleteMessageBatch`.
    ///
    /// # Errors
    /// If there is no such queue, or the batch as a whole is refused.
    pub fn delete_batch(
        &self,
        queue: &QueueAddress,
        entries: Vec<BatchEntry<DeleteRequest>>,
    ) -> Result<BatchReply<()>, Refusal> {
        let region = self.region(&queue.partition)?;
        region.lock().record(&queue.name)?;
        check_entries("DeleteMessageBatchRequestEntry", &entries)?;
        Ok(self.with(&region, |state, now| {
            let delete = |request: DeleteRequest| delete(state, now, queue, &request.receipt_handle);
            BatchReply::of_entries(entries, delete)
        }))
    }

    /// `ChangeMessageVisibilityBatch`.
    ///
    /// # Errors
    /// If there is no such queue, or the batch as a whole is refused.
    pub fn change_visibility_batch(
        &self,
        queue: &QueueAddress,
        entries: Vec<BatchEntry<VisibilityRequest>>,
    ) -> Result<BatchReply<()>, Refusal> {
        let region = self.region(&queue.partition)?;
        region.lock().record(&queue.name)?;
        check_entries("ChangeMessageVisibilityBatchRequestEntry", &entries)?;
        Ok(self.with(&region, |state, now| {
            let change = |request: VisibilityRequest| {
                change_visibility(state, now, queue, &request.receipt_handle, request.timeout_s)
            };
            BatchReply::of_entries(entries, change)
        }))
    }
}

impl<T> BatchReply<T> {
    fn of(results: impl Iterator<Item = (String, Result<T, Refusal>)>) -> Self {
        let mut reply = Self { successful: Vec::new(), failed: Vec::new() };
        for (id, result) in results {
            match result {
                Ok(done) => reply.successful.push((id, done)),
                Err(refusal) => reply.failed.push((id, refusal)),
            }
        }
        reply
    }

    fn of_entries<R>(entries: Vec<BatchEntry<R>>, mut action: impl FnMut(R) -> Result<T, Refusal>) -> Self {
        Self::of(entries.into_iter().map(|BatchEntry { id, request }| (id, action(request))))
    }
}

/// What every batch has to satisfy. `entry` is what AWS calls its entries.
fn check_entries<T>(entry: &str, entries: &[BatchEntry<T>]) -> Result<(), Refusal> {
    if entries.is_empty() {
        let message = format!("There should be at least one {entry} in the request.");
        return Err(Refusal::new(RefusalKind::EmptyBatchRequest, message));
    }
    if entries.len() > limits::BATCH {
        let message = format!(
            "Maximum number of entries per request are {}. You have sent {}.",
            limits::BATCH,
            entries.len()
        );
        return Err(Refusal::new(RefusalKind::TooManyEntriesInBatchRequest, message));
    }
    let fits = |id: &str| {
        (1..=80).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if entries.iter().any(|entry| !fits(&entry.id)) {
        return Err(Refusal::new(
            RefusalKind::InvalidBatchEntryId,
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
             letters long.",
        ));
    }
    let mut seen = HashSet::new();
    match entries.iter().find(|entry| !seen.insert(entry.id.as_str())) {
        None => Ok(()),
        Some(entry) => {
            let message = format!("Id {} repeated.", entry.id);
            Err(Refusal::new(RefusalKind::BatchEntryIdsNotDistinct, message))
        }
    }
}
