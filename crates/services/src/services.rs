//! All services of one Hearth, and what they are to each other.

use std::sync::{Arc, Weak};

use hearth_engine::{
    Engine,
    journal::NotLoaded,
    port::{Aliases, DestinationSink},
};
use hearth_model::sqs::QueueOptions;

use crate::{
    apigateway::{v1::RestApis, v2::Apis},
    cloudwatch::Metrics,
    delivery::Deliveries,
    destinations::Destinations,
    events::Rules,
    lambda::{EventSourceMappings, Functions},
    logs::Logs,
    s3::Buckets,
    scheduler::Schedules,
    sqs::Queues,
};

/// The services of one engine.
#[derive(Debug)]
pub struct Services {
    engine: Arc<Engine>,
    functions: Arc<Functions>,
    event_source_mappings: Arc<EventSourceMappings>,
    logs: Logs,
    queues: Arc<Queues>,
    metrics: Arc<Metrics>,
    deliveries: Arc<Deliveries>,
    rules: Arc<Rules>,
    schedules: Arc<Schedules>,
    buckets: Arc<Buckets>,
    rest_apis: RestApis,
    apis: Arc<Apis>,
    /// Held for the engine, which asks it but does not hold it.
    _destinations: Arc<Destinations>,
}

impl Services {
    /// Services in which nothing is yet. An engine has one of these: with the first, aliases and destinations of
    /// asynchronous invocations begin to lead somewhere.
    ///
    /// # Panics
    /// Outside a tokio runtime: tasks wait for what is due.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Arc<Self> {
        let queues = Queues::new(Arc::clone(&engine), QueueOptions::default());
        let functions = Arc::new(Functions::new(Arc::clone(&engine), Arc::clone(&queues)));
        let event_source_mappings =
            EventSourceMappings::new(Arc::clone(&engine), Arc::clone(&functions), Arc::clone(&queues));
        let destinations = Arc::new(Destinations::new(&functions, &queues));
        let aliases: Weak<dyn Aliases> = Arc::downgrade(functions.directory()) as _;
        let sink: Weak<dyn DestinationSink> = Arc::downgrade(&destinations) as _;
        engine.connect(aliases, sink);
        let buckets = Buckets::new(Arc::clone(&engine), Arc::clone(&functions), Arc::clone(&queues));
        let metrics = Arc::new(Metrics::new(Arc::clone(&engine), Arc::clone(&functions)));
        let deliveries = Deliveries::new(
            Arc::clone(&engine),
            Arc::clone(&functions),
            Arc::clone(&queues),
            Arc::clone(&metrics),
        );
        let rules = Rules::new(Arc::clone(&engine), Arc::clone(&deliveries));
        let schedules = Schedules::new(Arc::clone(&engine), Arc::clone(&deliveries));
        let logs = Logs::new(Arc::clone(&engine));
        let rest_apis = RestApis::new(Arc::clone(&engine), Arc::clone(&functions));
        let apis = Apis::new(Arc::clone(&engine), Arc::clone(&functions));
        Arc::new(Self {
            engine,
            functions,
            event_source_mappings,
            logs,
            queues,
            buckets,
            metrics,
            deliveries,
            rules,
            schedules,
            rest_apis,
            apis,
            _destinations: destinations,
        })
    }

    /// Brings back what the engine's journal has of an earlier process. To be called once, before anything else happens.
    ///
    /// # Errors
    /// If it cannot be read, or code cannot be loaded.
    pub async fn restore(&self) -> Result<(), NotLoaded> {
        // First: functions log as soon as they are there.
        self.logs.restore()?;
        self.queues.restore()?;
        self.functions.restore().await?;
        self.event_source_mappings.restore()?;
        self.engine.restore_events()?;
        self.buckets.restore()?;
        self.rest_apis.restore()?;
        self.apis.restore()?;
        // What is due at once finds its targets there.
        self.deliveries.restore()?;
        self.rules.restore()?;
        self.schedules.restore()
    }

    /// Goes on where the process that is [brought back](Self::restore) ended. To be called once, when everything is there that what
    /// it does may lead to.
    pub fn resume(&self) {
        self.event_source_mappings.resume();
        self.engine.resume_events();
        self.buckets.resume();
    }

    /// What runs everything.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// AWS Lambda.
    #[must_use]
    pub fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }

    /// Amazon S3.
    #[must_use]
    pub fn buckets(&self) -> &Arc<Buckets> {
        &self.buckets
    }

    /// What invokes functions with the messages of queues.
    #[must_use]
    pub fn event_source_mappings(&self) -> &Arc<EventSourceMappings> {
        &self.event_source_mappings
    }

    /// API Gateway's REST APIs.
    #[must_use]
    pub fn rest_apis(&self) -> &RestApis {
        &self.rest_apis
    }

    /// API Gateway's HTTP APIs and WebSocket APIs.
    #[must_use]
    pub fn apis(&self) -> &Arc<Apis> {
        &self.apis
    }

    /// CloudWatch Logs.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Amazon SQS.
    #[must_use]
    pub fn queues(&self) -> &Arc<Queues> {
        &self.queues
    }

    /// CloudWatch's metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// EventBridge: rules.
    #[must_use]
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// EventBridge Scheduler: schedules.
    #[must_use]
    pub fn schedules(&self) -> &Arc<Schedules> {
        &self.schedules
    }
}
