//! The mappings that exist, and what their owners do with them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt, mem,
    sync::{Arc, Weak, atomic::AtomicU64},
};

use hearth_engine::{
    Engine,
    clock::Clock,
    deadlines::{Deadlines, Due},
};
use hearth_model::{
    identity::Partition,
    reference::{FunctionReference, NameShape},
    sqs::QueueAddress,
    time::Instant,
    validation::{ValidationError, Violation, one_of},
};
use parking_lot::{Mutex, RwLock};

use super::{
    MappingChange, MappingId, MappingState, MappingView, NewMapping,
    mapping::{Mapping, Surroundings},
    settings::Settings,
};
use crate::{
    lambda::{Functions, Page, PageRequest, Refusal, tags::check_tags},
    sqs::Queues,
};

/// The event source mappings of all accounts and regions.
pub struct EventSourceMappings {
    surroundings: Arc<Surroundings>,
    mappings: RwLock<HashMap<Partition, BTreeMap<MappingId, Arc<Mapping>>>>,
    /// Those of an earlier process, as long as they wait for others to be there.
    restored: Mutex<Vec<Weak<Mapping>>>,
}

/// Which mappings a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingFilter {
    /// Those of the source with this ARN.
    pub event_source_arn: Option<String>,
    /// Those of this function, version or alias.
    pub function: Option<String>,
}

impl EventSourceMappings {
    /// No mappings yet.
    ///
    /// # Panics
    /// Outside a tokio runtime: one task waits for what is due.
    pub(crate) fn new(engine: Arc<Engine>, functions: Arc<Functions>, queues: Arc<Queues>) -> Arc<Self> {
        let (deadlines, created) = (Arc::default(), AtomicU64::new(0));
        let surroundings = Arc::new(Surroundings { engine, functions, queues, deadlines, created });
        let mappings =
            Arc::new(Self { surroundings, mappings: RwLock::default(), restored: Mutex::default() });
        mappings.surroundings.functions.connect(Arc::downgrade(&mappings));
        mappings.surroundings.engine.work().spawn_watcher(Deadlines::run(Arc::downgrade(&mappings)));
        mappings
    }

    /// Lets the mappings of an earlier process begin.
    pub(crate) fn resume(&self) {
        let restored = mem::take(&mut *self.restored.lock());
        restored.iter().filter_map(Weak::upgrade).for_each(|mapping| mapping.start());
    }

    /// A function has got code: lets those receive messages that waited for that.
    pub(in crate::lambda) fn look_again(&self) {
        let mappings: Vec<_> =
            self.mappings.read().values().flat_map(BTreeMap::values).map(Arc::clone).collect();
        mappings.iter().for_each(|mapping| mapping.look_again());
    }

    /// `CreateEventSourceMapping`. From when this returns, messages are received.
    ///
    /// # Errors
    /// If a setting is refused, there is no such queue or function, they do not fit, or there is such a mapping.
    pub fn create(&self, partition: &Partition, new: NewMapping) -> Result<MappingView, Refusal> {
        let NewMapping { event_source_arn, starting_position, tags, settings } = new;
        check_tags(&tags)?;
        let queue = read_source(event_source_arn.as_deref(), starting_position.as_deref())?;
        let functions = &self.surroundings.functions;
        let settings = Settings::create(functions, partition, queue.name.is_fifo(), settings)?;
        self.check_fit(&queue, &settings)?;
        let shown = if settings.enabled { MappingState::Creating } else { MappingState::Disabled };
        let mapping = {
            let mut mappings = self.mappings.write();
            let own = mappings.entry(partition.clone()).or_default();
            check_unique(own, None, &queue, &settings)?;
            let surroundings = Arc::clone(&self.surroundings);
            let mapping = Mapping::new(surroundings, partition.clone(), queue, settings, tags);
            mapping.list();
            own.insert(mapping.id, Arc::clone(&mapping));
            mapping
        };
        let view = mapping.view(Some(shown));
        mapping.start();
        Ok(view)
    }

    /// `GetEventSourceMapping`.
    ///
    /// # Errors
    /// If there is no such mapping.
    pub fn mapping(&self, partition: &Partition, id: &str) -> Result<MappingView, Refusal> {
        Ok(self.find(partition, id)?.view(None))
    }

    /// `UpdateEventSourceMapping`. Messages that are received from now on are treated so; batches that run finish.
    ///
    /// # Errors
    /// As [`create`](Self::create), and if there is no such mapping.
    pub fn update(
        &self,
        partition: &Partition,
        id: &str,
        change: MappingChange,
    ) -> Result<MappingView, Refusal> {
        let mapping = self.find(partition, id)?;
        let mappings = self.mappings.write();
        let old = mapping.settings();
        let (functions, fifo) = (&self.surroundings.functions, mapping.queue.name.is_fifo());
        let settings = old.change(functions, partition, fifo, change)?;
        self.check_fit(&mapping.queue, &settings)?;
        let own = mappings.get(partition).ok_or_else(not_found)?;
        check_unique(own, Some(mapping.id), &mapping.queue, &settings)?;
        let shown = match (old.enabled, settings.enabled) {
            (false, true) => MappingState::Enabling,
            (true, false) => MappingState::Disabling,
            (true, true) | (false, false) => MappingState::Updating,
        };
        mapping.change(settings);
        Ok(mapping.view(Some(shown)))
    }

    /// `DeleteEventSourceMapping`. Batches that run finish.
    ///
    /// # Errors
    /// If there is no such mapping.
    pub fn delete(&self, partition: &Partition, id: &str) -> Result<MappingView, Refusal> {
        let mapping = self.find(partition, id)?;
        let removed = {
            let mut mappings = self.mappings.write();
            let removed = mappings.get_mut(partition).and_then(|own| own.remove(&mapping.id));
            removed.inspect(|mapping| mapping.unlist())
        };
        let mapping = removed.ok_or_else(not_found)?;
        mapping.stop();
        Ok(mapping.view(Some(MappingState::Deleting)))
    }

    /// `ListEventSourceMappings`.
    ///
    /// # Errors
    /// If the function's name is none, or there cannot be such a page.
    pub fn list(
        &self,
        partition: &Partition,
        filter: &MappingFilter,
        request: &PageRequest,
    ) -> Result<Page<MappingView>, Refusal> {
        let function = filter.function.as_deref().map(|name| {
            let reference = FunctionReference::parse(NameShape::Namespaced, name, None)?;
            let partition = self.surroundings.functions.partition_of(partition, &reference)?;
            Ok::<_, Refusal>(reference.arn(&partition))
        });
        let function = function.transpose()?;
        let of_source = |view: &MappingView| {
            filter.event_source_arn.as_ref().is_none_or(|arn| *arn == view.queue.to_string())
        };
        let of_function =
            |view: &MappingView| function.as_ref().is_none_or(|function| *function == view.function_arn);
        let mappings = self.mappings.read();
        let own = mappings.get(partition).into_iter().flat_map(BTreeMap::values);
        let views = own.map(|mapping| mapping.view(None));
        let views = views.filter(|view| of_source(view) && of_function(view)).collect();
        request.of(views, |view: &MappingView| view.id.to_string())
    }

    /// Finds a mapping by what a caller says its identifier is.
    pub(in crate::lambda) fn find(&self, partition: &Partition, id: &str) -> Result<Arc<Mapping>, Refusal> {
        const LENGTH: usize = 36;
        let short = (id.len() < LENGTH).then(|| Violation::length_at_least("uUID", id, LENGTH));
        let long = (id.len() > LENGTH).then(|| Violation::length_at_most("uUID", id, LENGTH));
        ValidationError::check(short.into_iter().chain(long))?;
        let mappings = self.mappings.read();
        let mapping = MappingId::parse(id).and_then(|id| mappings.get(partition)?.get(&id).cloned());
        mapping.ok_or_else(not_found)
    }

    pub(super) const fn surroundings(&self) -> &Arc<Surroundings> {
        &self.surroundings
    }

    /// Takes a mapping of an earlier process.
    pub(super) fn take(&self, mapping: Arc<Mapping>) {
        self.restored.lock().push(Arc::downgrade(&mapping));
        self.mappings.write().entry(mapping.partition().clone()).or_default().insert(mapping.id, mapping);
    }

    /// Checks that the queue and the function exist and that messages stay hidden as long as the function may run.
    fn check_fit(&self, queue: &QueueAddress, settings: &Settings) -> Result<(), Refusal> {
        let Settings { function, function_partition, .. } = settings;
        let Some(timeout) = self.surroundings.functions.timeout(function_partition, function) else {
            return Err(Refusal::invalid("Function does not exist"));
        };
        let Some(visibility_timeout) = self.surroundings.queues.visibility_timeout(queue) else {
            return Err(Refusal::invalid(NO_QUEUE));
        };
        if visibility_timeout < timeout {
            return Err(Refusal::invalid(format!(
                "Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
                visibility_timeout.as_secs(),
                timeout.as_secs()
            )));
        }
        Ok(())
    }
}

impl Due for EventSourceMappings {
    fn clock(&self) -> &Clock {
        self.surroundings.engine.clock()
    }

    fn deadlines(&self) -> &Arc<Deadlines> {
        &self.surroundings.deadlines
    }

    /// A window ends, a batch is tried again, one more batch may run.
    fn handle_due(&self) -> Option<Instant> {
        let mut all: Vec<_> = self.mappings.read().values().flat_map(BTreeMap::values).cloned().collect();
        // Not in that of their identifiers, so that what happens does not hang on chance.
        all.sort_unstable_by_key(|mapping| mapping.number);
        all.iter().filter_map(|mapping| mapping.handle_due()).min()
    }
}

impl fmt::Debug for EventSourceMappings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mappings = self.mappings.read();
        let all = mappings.values().flat_map(BTreeMap::values);
        f.debug_list().entries(all.map(|mapping| mapping.id.to_string())).finish()
    }
}

/// Reads where the events come from: a queue.
fn read_source(arn: Option<&str>, starting_position: Option<&str>) -> Result<QueueAddress, Refusal> {
    const POSITIONS: [&str; 3] = ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"];
    if let Some(position) = starting_position {
        one_of("startingPosition", position, &POSITIONS, |name| name)?;
    }
    let arn = arn.ok_or_else(|| Refusal::invalid("Unrecognized event source."))?;
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", _, service, _, _, _] = *parts else {
        let pattern = r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
        return Err(Violation::pattern("eventSourceArn", arn, pattern).into());
    };
    if service != "sqs" {
        let message =
            format!("Hearth maps queues of Amazon SQS to functions, and no event sources of `{service}`");
        return Err(Refusal::invalid(message));
    }
    if starting_position.is_some() {
        return Err(Refusal::invalid("StartingPosition is not valid for SQS event sources."));
    }
    QueueAddress::parse_arn(arn).ok_or_else(|| Refusal::invalid(NO_QUEUE))
}

/// A function gets the messages of a queue through one mapping.
fn check_unique(
    own: &BTreeMap<MappingId, Arc<Mapping>>,
    itself: Option<MappingId>,
    queue: &QueueAddress,
    settings: &Settings,
) -> Result<(), Refusal> {
    let function_arn = settings.function_arn();
    let same = |other: &&Arc<Mapping>| {
        Some(other.id) != itself && other.queue == *queue && other.settings().function_arn() == function_arn
    };
    let Some(other) = own.values().find(same) else { return Ok(()) };
    let FunctionReference { name, qualifier, .. } = &settings.function;
    let qualifier = qualifier.as_ref().map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    // The spaces are AWS's.
    let message = format!(
        "An event source mapping with SQS arn (\" {queue} \") and function (\" {name}{qualifier} \") already exists. \
         Please update or delete the existing mapping with UUID {}",
        other.id
    );
    Err(Refusal::Conflict(message.into()))
}

fn not_found() -> Refusal {
    Refusal::NotFound("The resource you requested does not exist.".into())
}

const NO_QUEUE: &str = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS \
                        Error Message: The specified queue does not exist.";
