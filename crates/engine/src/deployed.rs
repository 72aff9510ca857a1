//! What a version of a function is made of.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, OnceLock},
};

use hearth_model::{
    function::FunctionConfiguration,
    identity::{Partition, Version},
    pool::Generation,
};

use crate::{
    clock::Clock,
    engine::Engine,
    log::{EnvironmentLog, LogGroup, LogWriter},
    package::Package,
    port::{Code, FunctionSettings, Program},
    random::random_bits,
    variables::{environment_variables, provisioned_variables},
};

/// One generation of a function: what its environments are made of. Immutable.
pub(crate) struct Deployed {
    pub(crate) version: Version,
    pub(crate) generation: Generation,
    pub(crate) configuration: FunctionConfiguration,
    pub(crate) program: Arc<dyn Program>,
    pub(crate) settings: Arc<FunctionSettings>,
    /// Few versions need them.
    provisioned_settings: OnceLock<Arc<FunctionSettings>>,
    pub(crate) log_group: Arc<LogGroup>,
    /// The clock that the guest sees, if it is not the engine's.
    pub(crate) clock: Option<Clock>,
}

/// The versions of a function that can be invoked.
pub(crate) struct Versions {
    latest: Arc<Deployed>,
    published: BTreeMap<u64, Arc<Deployed>>,
    last_generation: Generation,
    /// Of what runs once more. They are counted from the other end.
    last_replay: Generation,
    deleted: bool,
}

impl Deployed {
    /// The generation of a function that was deployed and not changed since.
    pub(crate) const FIRST_GENERATION: Generation = Generation(1);

    /// What `$LATEST` is made of.
    pub(crate) fn latest(
        engine: &Engine,
        generation: Generation,
        mut configuration: FunctionConfiguration,
        partition: &Partition,
        program: Arc<dyn Program>,
        code: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Self {
        // A model that names no size models the package that is there.
        if configuration.cold_start.package_bytes == 0 {
            let layers = layers.iter().map(|layer| layer.unzipped_bytes()).sum::<u64>();
            configuration.cold_start.package_bytes = code.unzipped_bytes() + layers;
        }
        let (version, network) = (Version::Latest, engine.options().network.clone());
        let log_group = configuration.logging.group_of(&configuration.name);
        let log_group = engine.log_groups().group(partition, &log_group);
        let settings = FunctionSettings {
            handler: configuration.handler.clone(),
            memory: configuration.memory,
            ephemeral_storage: configuration.ephemeral_storage,
            variables: environment_variables(partition, &configuration, version, &network),
            code,
            layers,
            network,
        };
        let settings = Arc::new(settings);
        let provisioned_settings = OnceLock::new();
        Self {
            version,
            generation,
            configuration,
            program,
            settings,
            provisioned_settings,
            log_group,
            clock: None,
        }
    }

    /// What was loaded.
    pub(crate) fn code(&self) -> Code {
        let FunctionSettings { code, layers, .. } = &*self.settings;
        Code { runtime: self.configuration.runtime, package: Arc::clone(code), layers: layers.clone() }
    }

    /// A log for a new environment.
    pub(crate) fn open_log(&self, function: &Arc<str>) -> Arc<EnvironmentLog> {
        let format = self.configuration.logging.format;
        let writer = LogWriter { function: Arc::clone(function), version: self.version, format };
        Arc::new(self.log_group.environment(writer, random_bits()))
    }

    /// The settings of environments that no invocation waits for.
    pub(crate) fn provisioned_settings(&self) -> Arc<FunctionSettings> {
        let settings = self.provisioned_settings.get_or_init(|| {
            let settings = FunctionSettings::clone(&self.settings);
            let variables = provisioned_variables(settings.variables);
            Arc::new(FunctionSettings { variables, ..settings })
        });
        Arc::clone(settings)
    }

    /// The same once more, in environments of its own, which see another clock if one is given.
    pub(crate) fn again(&self, generation: Generation, clock: Option<Clock>) -> Self {
        Self {
            version: self.version,
            generation,
            configuration: self.configuration.clone(),
            program: Arc::clone(&self.program),
            settings: Arc::clone(&self.settings),
            provisioned_settings: OnceLock::new(),
            log_group: Arc::clone(&self.log_group),
            clock,
        }
    }

    /// The same code and configuration as another version, in environments of its own.
    fn publish(&self, partition: &Partition, number: u64, generation: Generation) -> Self {
        let version = Version::Published(number);
        let (configuration, program) = (self.configuration.clone(), Arc::clone(&self.program));
        let variables = environment_variables(partition, &configuration, version, &self.settings.network);
        let settings = Arc::new(FunctionSettings { variables, ..FunctionSettings::clone(&self.settings) });
        let (provisioned_settings, log_group) = (OnceLock::new(), Arc::clone(&self.log_group));
        Self {
            version,
            generation,
            configuration,
            program,
            settings,
            provisioned_settings,
            log_group,
            clock: None,
        }
    }
}

impl Versions {
    /// A function without published versions.
    pub(crate) fn new(latest: Deployed) -> Self {
        let last_generation = latest.generation;
        Self {
            latest: Arc::new(latest),
            published: BTreeMap::new(),
            last_generation,
            last_replay: Generation(u64::MAX),
            deleted: false,
        }
    }

    /// `$LATEST` as it is now, or as it was when the function was deleted.
    pub(crate) fn latest(&self) -> &Arc<Deployed> {
        &self.latest
    }

    /// A version that can be invoked.
    pub(crate) fn find(&self, version: Version) -> Option<&Arc<Deployed>> {
        match version {
            Version::Latest => (!self.deleted).then_some(&self.latest),
            Version::Published(number) => self.published.get(&number),
        }
    }

    /// What the pool calls by its generation.
    pub(crate) fn of_generation(&self, generation: Generation) -> Option<&Arc<Deployed>> {
        self.published.values().chain([&self.latest]).find(|deployed| deployed.generation == generation)
    }

    /// The numbers of the published versions, in order.
    pub(crate) fn published(&self) -> impl Iterator<Item = u64> {
        self.published.keys().copied()
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Replaces `$LATEST`. Returns what it was.
    pub(crate) fn replace_latest(&mut self, mut deployed: Deployed) -> Arc<Deployed> {
        deployed.generation = self.next_generation();
        mem::replace(&mut self.latest, Arc::new(deployed))
    }

    /// Makes a version of what `$LATEST` is now; none if there is one of this number.
    pub(crate) fn publish(&mut self, partition: &Partition, number: u64) -> Option<Generation> {
        if self.published.contains_key(&number) {
            return None;
        }
        let generation = self.next_generation();
        self.published.insert(number, Arc::new(self.latest.publish(partition, number, generation)));
        Some(generation)
    }

    /// Takes a version that was published in an earlier process: what `content` is as `$LATEST`.
    pub(crate) fn restore(&mut self, partition: &Partition, number: u64, content: &Deployed) {
        let generation = self.next_generation();
        self.published.insert(number, Arc::new(content.publish(partition, number, generation)));
    }

    /// Forgets a published version.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Arc<Deployed>> {
        self.published.remove(&number)
    }

    /// Forgets everything: nothing can be invoked any more. Returns what could be.
    pub(crate) fn delete(&mut self) -> Vec<Arc<Deployed>> {
        if mem::replace(&mut self.deleted, true) {
            return Vec::new();
        }
        let published = mem::take(&mut self.published).into_values();
        published.chain([Arc::clone(&self.latest)]).collect()
    }

    /// What something is that runs once more.
    pub(crate) fn next_replay(&mut self) -> Generation {
        self.last_replay.0 -= 1;
        self.last_replay
    }

    fn next_generation(&mut self) -> Generation {
        self.last_generation.0 += 1;
        self.last_generation
    }
}
