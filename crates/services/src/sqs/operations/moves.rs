//! Tasks that move the messages of dead-letter queues.

use hearth_engine::random::random_bits;
use hearth_model::{
    identity::Partition,
    sqs::{self, MoveFailure, MoveStatus, MoveTask, MoveTaskId, NewMoveTask, QueueAddress, limits},
    time::Timestamp,
};

use crate::sqs::{
    Queues, Refusal, RefusalKind,
    handle::{read_task, write_task},
};

/// What `StartMessageMoveTask` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartMove {
    /// `SourceArn`.
    pub source_arn: String,
    /// `DestinationArn`; without it, messages go to where they came from.
    pub destination_arn: Option<String>,
    /// `MaxNumberOfMessagesPerSecond`.
    pub messages_per_second: Option<i64>,
}

/// What `ListMessageMoveTasks` tells of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveTaskView {
    /// `TaskHandle`, as long as it runs.
    pub task_handle: Option<String>,
    /// `Status`.
    pub status: &'static str,
    /// `FailureReason`, if it failed.
    pub failure_reason: Option<&'static str>,
    /// `SourceArn`.
    pub source: QueueAddress,
    /// `DestinationArn`, if one was named.
    pub destination: Option<QueueAddress>,
    /// `MaxNumberOfMessagesPerSecond`, if it is limited.
    pub messages_per_second: Option<u32>,
    /// `ApproximateNumberOfMessagesMoved`.
    pub moved: u64,
    /// `ApproximateNumberOfMessagesToMove`.
    pub to_move: u64,
    /// `StartedTimestamp`, which is in milliseconds.
    pub started_at: Timestamp,
}

impl Queues {
    /// `StartMessageMoveTask`; returns the task's handle.
    ///
    /// # Errors
    /// If the source is no dead-letter queue or has such a task, or the destination cannot take its messages.
    pub fn start_move(&self, partition: &Partition, request: &StartMove) -> Result<String, Refusal> {
        let source = own(partition, "SourceArn", &request.source_arn)?;
        let destination = request.destination_arn.as_deref();
        let destination = destination.map(|arn| own(partition, "DestinationArn", arn)).transpose()?;
        if destination.as_ref() == Some(&source) {
            return Err(Refusal::invalid("Source queue arn and destination queue arn cannot be the same."));
        }
        if destination.as_ref().is_some_and(|queue| queue.name.is_fifo() != source.name.is_fifo()) {
            return Err(Refusal::invalid("Source queue and destination queue must be of the same type."));
        }
        let messages_per_second = request.messages_per_second.map(check_rate).transpose()?;
        let id = MoveTaskId::from_random(random_bits());
        let task = NewMoveTask { id, destination: destination.map(|queue| queue.name), messages_per_second };
        let region = self.region(partition).map_err(|_| no_source())?;
        self.with(&region, |state, now| state.queues.handle_start_move(now, &source.name, task))
            .map_err(of_source)?;
        Ok(write_task(id, &source))
    }

    /// `ListMessageMoveTasks`, the latest first.
    ///
    /// # Errors
    /// If there is no such queue.
    pub fn move_tasks(
        &self,
        partition: &Partition,
        source_arn: &str,
        max_results: Option<i64>,
    ) -> Result<Vec<MoveTaskView>, Refusal> {
        let source = own(partition, "SourceArn", source_arn)?;
        let most = match max_results {
            None => 1,
            Some(given) => {
                let most = usize::try_from(given).ok();
                most.filter(|most| (1..=limits::LISTED_MOVE_TASKS).contains(most)).ok_or_else(|| {
                    Refusal::parameter("MaxResults", given, "Must be between 1 and 10, if provided.")
                })?
            }
        };
        let region = self.region(partition).map_err(|_| no_source())?;
        let state = region.lock();
        let tasks = state.queues.move_tasks(&source.name).ok_or_else(no_source)?;
        Ok(tasks.take(most).map(|task| MoveTaskView::of(&source, task)).collect())
    }

    /// `CancelMessageMoveTask`; returns how many messages were moved.
    ///
    /// # Errors
    /// If there is no such task, or it has ended.
    pub fn cancel_move(&self, partition: &Partition, handle: &str) -> Result<u64, Refusal> {
        let (id, source) = read_task(handle)?;
        let source = Some(source).filter(|source| source.partition == *partition).ok_or_else(no_source)?;
        let region = self.region(partition).map_err(|_| no_source())?;
        self.with(&region, |state, now| state.queues.handle_cancel_move(now, &source.name, id))
            .map_err(of_source)
    }
}

impl MoveTaskView {
    fn of(source: &QueueAddress, task: &MoveTask) -> Self {
        let MoveTask { request, started_at, status, moved, to_move } = task;
        let (name, failure_reason) = match status {
            MoveStatus::Running => ("RUNNING", None),
            MoveStatus::Completed => ("COMPLETED", None),
            MoveStatus::Cancelled => ("CANCELLED", None),
            MoveStatus::Failed(failure) => ("FAILED", Some(reason(*failure))),
        };
        let destination = request.destination.as_ref();
        Self {
            task_handle: (*status == MoveStatus::Running).then(|| write_task(request.id, source)),
            status: name,
            failure_reason,
            source: source.clone(),
            destination: destination
                .map(|name| QueueAddress { partition: source.partition.clone(), name: name.clone() }),
            messages_per_second: request.messages_per_second,
            moved: *moved,
            to_move: *to_move,
            started_at: *started_at,
        }
    }
}

const fn reason(failure: MoveFailure) -> &'static str {
    match failure {
        MoveFailure::NoSuchDestination => RefusalKind::QueueDoesNotExist.code(),
        MoveFailure::UnknownSource => "CouldNotDetermineMessageSource",
    }
}

/// Reads the ARN of a queue of one's own.
fn own(partition: &Partition, parameter: &str, arn: &str) -> Result<QueueAddress, Refusal> {
    let queue = QueueAddress::parse_arn(arn);
    queue.filter(|queue| queue.partition == *partition).ok_or_else(|| no_resource(parameter))
}

fn no_source() -> Refusal {
    no_resource("SourceArn")
}

fn no_resource(parameter: &str) -> Refusal {
    let message = format!("The resource that you specified for the {parameter} parameter doesn't exist.");
    Refusal::new(RefusalKind::ResourceNotFound, message)
}

fn of_source(refusal: sqs::Refusal) -> Refusal {
    if refusal == sqs::Refusal::NoSuchQueue { no_source() } else { refusal.into() }
}

fn check_rate(given: i64) -> Result<u32, Refusal> {
    let rate = u32::try_from(given).ok().filter(|rate| limits::MOVES_PER_SECOND.contains(rate));
    rate.ok_or_else(|| {
        Refusal::parameter("MaxNumberOfMessagesPerSecond", given, "Must be between 1 and 500, if provided.")
    })
}
