//! Entries, as the events that they were.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use hearth_model::{
    asynchronous::KeptInvocation,
    identity::{Partition, RequestId},
    time::Moment,
};

use super::{
    ATTEMPTS, INVOCATIONS,
    document::{AttemptDocument, InvocationDocument, State},
};
use crate::{
    asynchronous::{
        AsynchronousRequest,
        events::{Response, RestoredEvent},
    },
    engine::Engine,
    function::FunctionId,
    journal::{NotLoaded, Unreadable},
    kept::{read, read_prefix, unreadable},
};

impl Engine {
    /// Brings back what the journal has of events, for the functions that are there. To be called once, when all of them are and
    /// before anything else happens; attempts are made from [`resume_events`](Self::resume_events) on.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn restore_events(&self) -> Result<(), NotLoaded> {
        let mut kept = Kept { now: self.clock().moment(), ..Kept::default() };
        self.journal().load(INVOCATIONS, |key, value| kept.invocation(key, value))?;
        self.journal().load(ATTEMPTS, |key, value| kept.attempt(key, value))?;
        let functions: HashMap<_, _> = self
            .functions()
            .into_iter()
            .map(|function| ((function.partition().clone(), function.id()), function))
            .collect();
        let now = kept.now.instant;
        for (owner, mut events) in kept.by_function() {
            match functions.get(&owner) {
                Some(function) => {
                    events.sort_by_key(|event| event.kept.position);
                    function.with_events(|all| {
                        events.into_iter().for_each(|event| all.restore(now, event));
                    });
                }
                // The process died between the end of a function and that of its events.
                None => self.forget_events_of(&owner.0, owner.1),
            }
        }
        Ok(())
    }

    /// Goes on with the events that were there in an earlier process.
    pub fn resume_events(&self) {
        for function in self.functions() {
            self.resume_events_of(&function);
        }
    }
}

/// What was read.
#[derive(Default)]
struct Kept {
    now: Moment,
    /// By their keys.
    events: BTreeMap<Vec<u8>, KeptEvent>,
}

struct KeptEvent {
    owner: (Partition, FunctionId),
    invocation: KeptInvocation,
    request: AsynchronousRequest,
    state: Option<State>,
    last: Option<Response>,
}

impl Kept {
    fn invocation(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let (owner, id) = read_key(key)?;
        let InvocationDocument::V1(document) = read(value)?;
        let (invocation, request) = document.read(self.now, id);
        let event = KeptEvent { owner, invocation, request, state: None, last: None };
        self.events.insert(key.to_vec(), event);
        Ok(())
    }

    fn attempt(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        let event = self.events.get_mut(key);
        let event = event.ok_or_else(|| unreadable("the event that it belongs to is not there"))?;
        let AttemptDocument::V1(document) = read(value)?;
        let (state, last) = document.read(self.now, event.invocation.id)?;
        (event.state, event.last) = (Some(state), last);
        Ok(())
    }

    fn by_function(self) -> BTreeMap<(Partition, FunctionId), Vec<RestoredEvent>> {
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for KeptEvent { owner, mut invocation, request, state, last } in self.events.into_values() {
            let ending = match state {
                Some(State::Waiting(progress)) => {
                    invocation.progress = progress;
                    None
                }
                Some(State::Ended(ending)) => Some(ending),
                None => None,
            };
            let event = RestoredEvent { kept: invocation, request: Arc::new(request), last, ending };
            all.entry(owner).or_default().push(event);
        }
        all
    }
}

fn read_key(key: &[u8]) -> Result<((Partition, FunctionId), RequestId), Unreadable> {
    let (partition, rest) = read_prefix(key)?;
    let ids =
        rest.split_first_chunk::<16>().and_then(|(function, rest)| Some((function, rest.try_into().ok()?)));
    let (function, id) = ids.ok_or_else(|| unreadable("its key names no event of a function"))?;
    Ok(((partition, FunctionId::from_bytes(*function)), RequestId::from_bytes(id)))
}
