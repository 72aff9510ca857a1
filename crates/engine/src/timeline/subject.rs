//! What events are about.

use std::sync::Arc;

use hearth_model::{
    identity::{EnvironmentId, RequestId},
    sqs::MessageId,
    work_id::WorkId,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// What an event is about, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What kind of thing it happened to.
    pub resource: Resource,
    /// The name of that.
    pub name: Arc<str>,
    /// The piece of work that it belongs to.
    pub work: Option<Work>,
    /// The environment that it is about.
    pub environment: Option<EnvironmentId>,
    /// What led to that work; known of the first event of it.
    pub cause: Option<WorkId>,
}

/// The kinds of things to which something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A function.
    Function,
    /// A queue.
    Queue,
    /// A bucket.
    Bucket,
    /// An event bus.
    EventBus,
    /// A rule of an event bus.
    Rule,
    /// A schedule, with its group.
    Schedule,
    /// A disk on which something is kept.
    Disk,
}

/// A piece of work, by the identifier that people know it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// An invocation, with all its attempts.
    RequestId(RequestId),
    /// A message of a queue.
    MessageId(MessageId),
    /// A change of a bucket, an event on a bus, or the firing of a rule or a schedule.
    EventId(RequestId),
}

impl Subject {
    /// Something as a whole.
    #[must_use]
    pub fn new(resource: Resource, name: impl Into<Arc<str>>) -> Self {
        Self { resource, name: name.into(), work: None, environment: None, cause: None }
    }

    /// A function as a whole.
    #[must_use]
    pub fn function(name: &Arc<str>) -> Self {
        Self::new(Resource::Function, Arc::clone(name))
    }

    /// A piece of work on it.
    #[must_use]
    pub fn with_work(self, work: Work) -> Self {
        Self { work: Some(work), ..self }
    }

    /// An invocation of it.
    #[must_use]
    pub fn with_request(self, id: RequestId) -> Self {
        self.with_work(Work::RequestId(id))
    }

    /// An environment of it.
    #[must_use]
    pub fn with_environment(self, environment: Option<EnvironmentId>) -> Self {
        Self { environment, ..self }
    }

    /// The beginning of work that something else led to.
    #[must_use]
    pub fn caused_by(self, cause: Option<WorkId>) -> Self {
        Self { cause, ..self }
    }
}

impl Resource {
    /// The kind's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Queue => "queue",
            Self::Bucket => "bucket",
            Self::EventBus => "event_bus",
            Self::Rule => "rule",
            Self::Schedule => "schedule",
            Self::Disk => "disk",
        }
    }
}

impl Work {
    /// What names it as a cause.
    #[must_use]
    pub const fn id(self) -> WorkId {
        match self {
            Self::RequestId(id) | Self::EventId(id) => id.work(),
            Self::MessageId(id) => id.work(),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.resource.as_str(), &*self.name)?;
        match self.work {
            Some(Work::RequestId(id)) => map.serialize_entry("request_id", &id)?,
            Some(Work::MessageId(id)) => map.serialize_entry("message_id", &id)?,
            Some(Work::EventId(id)) => map.serialize_entry("event_id", &id)?,
            None => {}
        }
        if let Some(environment) = self.environment {
            map.serialize_entry("environment", &environment)?;
        }
        if let Some(cause) = self.cause {
            map.serialize_entry("cause", &cause)?;
        }
        map.end()
    }
}
