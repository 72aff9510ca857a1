//! What has changed, as entries.

use hearth_model::{
    asynchronous::{Change, Ending},
    identity::{Partition, RequestId},
};

use super::{
    ATTEMPTS, INVOCATIONS,
    document::{AttemptDocument, AttemptV1, InvocationDocument, InvocationV1},
    key, prefix,
};
use crate::{
    asynchronous::events::{Events, Response, Task},
    engine::Engine,
    function::{Function, FunctionId},
    journal,
    kept::write,
};

impl Engine {
    /// Tells the journal what has changed of a function's events, before their lock is let go.
    pub(in crate::asynchronous) fn record_events(
        &self,
        function: &Function,
        events: &mut Events,
        tasks: &[Task],
    ) {
        self.journal().record(|change| {
            while let Some(changed) = events.poll_change() {
                match changed {
                    Change::Accepted(id) => self.record_accepted(function, events, id, change),
                    Change::Retrying(id) => self.record_retrying(function, events, id, change),
                    // What is to be told of it is in a task.
                    Change::Ended(_) => {}
                }
            }
            for task in tasks {
                if let Task::End { ending, last, .. } = task {
                    record_ended(function, ending, last.as_ref(), change);
                }
            }
        });
        // Nobody has taken it if nothing is kept.
        while events.poll_change().is_some() {}
    }

    /// Everybody who is to be told of an event's end was.
    pub(in crate::asynchronous) fn record_told(&self, function: &Function, id: RequestId) {
        self.journal().record(|change| forget(function, id, change));
    }

    /// All events of a function are gone.
    pub(crate) fn forget_events(&self, function: &Function) {
        self.forget_events_of(function.partition(), function.id());
    }

    /// All events of a function that may not be there are gone.
    pub(super) fn forget_events_of(&self, partition: &Partition, function: FunctionId) {
        self.journal().record(|change| {
            let prefix = prefix(partition, function);
            change.remove_all(INVOCATIONS, prefix.clone());
            change.remove_all(ATTEMPTS, prefix);
        });
    }

    fn record_accepted(
        &self,
        function: &Function,
        events: &Events,
        id: RequestId,
        change: &mut journal::Change,
    ) {
        let Some((kept, request, _)) = events.kept(id) else { return };
        let document = InvocationV1::of(self.clock().moment(), &kept, request);
        let key = key(function.partition(), function.id(), id);
        change.put(INVOCATIONS, key, write(&InvocationDocument::V1(document)));
    }

    fn record_retrying(
        &self,
        function: &Function,
        events: &Events,
        id: RequestId,
        change: &mut journal::Change,
    ) {
        let Some((kept, _, last)) = events.kept(id) else { return };
        let document = AttemptV1::waiting(self.clock().moment(), kept.progress, last);
        let key = key(function.partition(), function.id(), id);
        change.put(ATTEMPTS, key, write(&AttemptDocument::V1(document)));
    }
}

/// An event of which nobody is to be told goes at once.
fn record_ended(function: &Function, ending: &Ending, last: Option<&Response>, change: &mut journal::Change) {
    if ending.record_to.is_none() && ending.dead_letter_to.is_none() {
        return forget(function, ending.id, change);
    }
    let document = AttemptDocument::V1(AttemptV1::ended(ending, last));
    change.put(ATTEMPTS, key(function.partition(), function.id(), ending.id), write(&document));
}

fn forget(function: &Function, id: RequestId, change: &mut journal::Change) {
    let key = key(function.partition(), function.id(), id);
    change.remove(INVOCATIONS, key.clone());
    change.remove(ATTEMPTS, key);
}
