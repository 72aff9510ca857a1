//! Moving the messages of a dead-letter queue on.

use super::{MoveFailure, MoveStatus, MoveTask, MoveTaskId, NewMoveTask, Output, QueueName, Queues, Refusal};
use crate::time::Moment;

impl<C: Clone + Send + 'static> Queues<C> {
    /// Starts to move the messages of a dead-letter queue.
    ///
    /// # Errors
    /// If it is none, the destination does not exist, or there is a task that has not ended.
    pub fn handle_start_move(
        &mut self,
        now: Moment,
        source: &QueueName,
        request: NewMoveTask,
    ) -> Result<(), Refusal> {
        if !self.queues.contains_key(source) {
            return Err(Refusal::NoSuchQueue);
        }
        if self.dead_letter_sources(source).next().is_none() {
            return Err(Refusal::NotADeadLetterQueue);
        }
        if request.destination.as_ref().is_some_and(|destination| !self.queues.contains_key(destination)) {
            return Err(Refusal::NoSuchDestination);
        }
        self.act(now, source, |queue, now, _| {
            if queue.moves.is_running() {
                return Err(Refusal::MoveTaskRunning);
            }
            let to_move = u64::try_from(queue.counts().visible).expect("a usize fits");
            let (started_at, status) = (now.wall, MoveStatus::Running);
            queue.moves.start(now.instant, MoveTask { request, started_at, status, moved: 0, to_move });
            Ok(())
        })??;
        self.move_due(source);
        Ok(())
    }

    /// Ends a move task; returns how many messages it has moved.
    ///
    /// # Errors
    /// If there is no such task, or it has ended.
    pub fn handle_cancel_move(
        &mut self,
        now: Moment,
        source: &QueueName,
        id: MoveTaskId,
    ) -> Result<u64, Refusal> {
        self.act(now, source, |queue, _, _| {
            let task = queue.moves.find(id).ok_or(Refusal::NoSuchMoveTask)?;
            let moved = task.moved;
            if task.status != MoveStatus::Running {
                return Err(Refusal::MoveTaskEnded);
            }
            queue.moves.end(MoveStatus::Cancelled);
            Ok(moved)
        })?
    }

    /// The move tasks of a source, the latest first.
    pub fn move_tasks<'a>(
        &'a self,
        source: &QueueName,
    ) -> Option<impl Iterator<Item = &'a MoveTask> + use<'a, C>> {
        Some(self.queues.get(source)?.moves.list())
    }

    /// Moves the messages of a dead-letter queue whose time has come; if there are many, some of them.
    pub(super) fn move_due(&mut self, source: &QueueName) {
        let now = self.now;
        let due = self.queues.get_mut(source).and_then(|queue| queue.moves.due(now.instant));
        let Some((destination, most)) = due else { return };
        let ended = (0..most).find_map(|_| self.move_next(source, destination.as_ref()).err());
        // What is due next has changed, whether or not the task has ended.
        let noted = self.act(now, source, |queue, _, _| {
            if let Some(status) = ended {
                queue.moves.end(status);
            }
        });
        noted.expect("it was there just now");
    }

    /// Moves the next message of a dead-letter queue.
    ///
    /// # Errors
    /// With how the task ends, if that was the last one or it could not be moved.
    fn move_next(&mut self, source: &QueueName, destination: Option<&QueueName>) -> Result<(), MoveStatus> {
        let now = self.now;
        let queue = self.queues.get_mut(source).ok_or(MoveStatus::Completed)?;
        let (key, origin) = queue.next_to_move().ok_or(MoveStatus::Completed)?;
        let unknown = MoveStatus::Failed(MoveFailure::UnknownSource);
        let target = destination.or(origin).ok_or(unknown)?.clone();
        if !self.queues.contains_key(&target) {
            return Err(MoveStatus::Failed(MoveFailure::NoSuchDestination));
        }
        let moved = self.act(now, source, |queue, _, _| {
            queue.moves.count_moved();
            let message = queue.remove(key);
            (message, queue.next_to_move().is_some())
        });
        let (message, more) = moved.expect("it was there just now");
        let (id, letter) = (message.id.redriven(), message.id);
        self.outputs.push_back(Output::Redriven { id, letter, queue: target.clone() });
        let added = self.act(now, &target, |queue, now, effects| queue.add_redriven(now, message, effects));
        added.expect("it was there just now");
        more.then_some(()).ok_or(MoveStatus::Completed)
    }
}
