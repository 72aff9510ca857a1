//! Invocations as they were, to be run again.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use hearth_model::{
    identity::{RequestId, Version},
    pool::Generation,
    reference::AliasName,
    time::Timestamp,
};
use thiserror::Error;

use crate::{
    deployed::Deployed,
    engine::Engine,
    function::Function,
    invoke::{Event, InvokeError, InvokeRequest},
};

/// An invocation, with all that is needed to run it again.
#[derive(Clone)]
pub struct Recording {
    pub(crate) deployed: Arc<Deployed>,
    pub(crate) event: RecordedEvent,
    pub(crate) alias: Option<AliasName>,
    pub(crate) invoked_function_arn: Option<Arc<str>>,
    pub(crate) client_context: Option<String>,
    /// When it came in.
    pub(crate) received: Timestamp,
}

/// What a handler ran on.
#[derive(Clone)]
pub enum RecordedEvent {
    /// JSON.
    Payload(Bytes),
    /// An HTTP request.
    Request(Box<http::Request<Bytes>>),
}

/// Why an invocation cannot be run again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// It never was, or too much came after it, or its function was deleted.
    #[error(
        "the invocation {id} is not recorded, or no longer: each function keeps its newest invocations, half a MiB of them"
    )]
    NotRecorded {
        /// Which.
        id: RequestId,
    },
    /// Its code was replaced too often since.
    #[error(
        "the code and configuration that the invocation {id} ran with are not kept any more: the function was updated several times since"
    )]
    CodeGone {
        /// Which.
        id: RequestId,
    },
    /// It was turned away this time.
    #[error(transparent)]
    Refused(#[from] InvokeError),
}

impl Engine {
    /// An invocation that ran, and its function.
    ///
    /// # Errors
    /// If it is not recorded any more.
    pub fn recording(&self, id: RequestId) -> Result<(Arc<Function>, Recording), ReplayError> {
        let find = |function: Arc<Function>| Some((function.find_recording(id)?, function));
        match self.functions().into_iter().find_map(find) {
            Some((Found::Recording(recording), function)) => Ok((function, *recording)),
            Some((Found::CodeGone, _)) => Err(ReplayError::CodeGone { id }),
            None => Err(ReplayError::NotRecorded { id }),
        }
    }
}

impl Recording {
    /// The version that served it.
    #[must_use]
    pub fn version(&self) -> Version {
        self.deployed.version
    }

    /// When it came in, on the wall clock.
    #[must_use]
    pub const fn received(&self) -> Timestamp {
        self.received
    }
}

/// The newest invocations of a function.
///
/// What is small is copied into one piece of memory, which costs less than to keep the buffers that it came in; what is
/// large is shared.
#[derive(Default)]
pub(crate) struct Recordings {
    capacity_bytes: usize,
    entries: VecDeque<Entry>,
    /// The small events, in the order of the entries.
    small: VecDeque<u8>,
    /// What all entries take together.
    bytes: usize,
    /// Generations that were replaced, and whose code is still kept, the oldest first.
    replaced: VecDeque<Generation>,
}

struct Entry {
    id: RequestId,
    received: Timestamp,
    generation: Generation,
    /// None once its code is kept no longer.
    deployed: Option<Arc<Deployed>>,
    alias: Option<AliasName>,
    invoked_function_arn: Option<Arc<str>>,
    client_context: Option<Box<str>>,
    event: EntryEvent,
    /// What it takes.
    event_bytes: usize,
}

enum EntryEvent {
    /// Copied; and how copies of its kind are read.
    Small(fn(Bytes) -> RecordedEvent),
    Large(RecordedEvent),
}

/// What is known of an invocation.
pub(crate) enum Found {
    Recording(Box<Recording>),
    /// Its code was replaced too often since.
    CodeGone,
}

/// An event up to this size is copied.
const SMALL_BYTES: usize = 8 * 1024;
/// How many states of the code are kept that were replaced.
const MOST_REPLACED: usize = 3;

impl Recordings {
    /// How many bytes are kept for each function unless told otherwise.
    pub(crate) const DEFAULT_CAPACITY_BYTES: usize = 512 * 1024;

    pub(crate) fn new(capacity_bytes: usize) -> Self {
        Self { capacity_bytes, ..Self::default() }
    }

    /// Keeps an invocation that is about to run; the oldest ones go for it.
    pub(crate) fn record<E: Event>(
        &mut self,
        id: RequestId,
        received: Timestamp,
        request: &InvokeRequest<E>,
        deployed: &Arc<Deployed>,
    ) {
        if self.capacity_bytes == 0 {
            return;
        }
        let event_bytes = request.event.bytes();
        let event = if event_bytes <= SMALL_BYTES {
            request.event.copy(&mut self.small);
            EntryEvent::Small(E::read)
        } else {
            EntryEvent::Large(request.event.share())
        };
        let entry = Entry {
            id,
            received,
            generation: deployed.generation,
            deployed: Some(Arc::clone(deployed)),
            alias: request.alias.clone(),
            invoked_function_arn: request.invoked_function_arn.clone(),
            client_context: request.client_context.as_deref().map(Box::from),
            event,
            event_bytes,
        };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        // The newest stays, however large.
        while self.bytes > self.capacity_bytes && self.entries.len() > 1 {
            self.forget_oldest();
        }
    }

    /// The newest attempt of an invocation; `None` if it is not there, or no longer.
    pub(crate) fn find(&self, id: RequestId) -> Option<Found> {
        let mut end = self.small.len();
        for entry in self.entries.iter().rev() {
            let start = end - entry.small_bytes();
            if entry.id == id {
                return Some(entry.found(|| self.small.range(start..end).copied().collect()));
            }
            end = start;
        }
        None
    }

    /// A state of the code is replaced; those before it are kept a little longer. What is returned is to be dropped
    /// without the lock.
    pub(crate) fn handle_replaced(&mut self, generation: Generation) -> Vec<Arc<Deployed>> {
        self.replaced.push_back(generation);
        if self.replaced.len() <= MOST_REPLACED {
            return Vec::new();
        }
        let gone = self.replaced.pop_front();
        let entries = self.entries.iter_mut().filter(|entry| Some(entry.generation) == gone);
        entries.filter_map(|entry| entry.deployed.take()).collect()
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.entries.pop_front() {
            self.bytes -= oldest.bytes();
            self.small.drain(..oldest.small_bytes());
        }
    }
}

impl Entry {
    /// What it takes in memory.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.event_bytes + self.client_context.as_ref().map_or(0, |context| context.len())
    }

    fn found(&self, small: impl FnOnce() -> Bytes) -> Found {
        let Some(deployed) = &self.deployed else { return Found::CodeGone };
        let event = match &self.event {
            EntryEvent::Small(read) => read(small()),
            EntryEvent::Large(event) => event.clone(),
        };
        Found::Recording(Box::new(Recording {
            deployed: Arc::clone(deployed),
            event,
            alias: self.alias.clone(),
            invoked_function_arn: self.invoked_function_arn.clone(),
            client_context: self.client_context.as_deref().map(str::to_owned),
            received: self.received,
        }))
    }

    /// What it takes of the small events.
    const fn small_bytes(&self) -> usize {
        match &self.event {
            EntryEvent::Small(_) => self.event_bytes,
            EntryEvent::Large(_) => 0,
        }
    }
}
