//! Entries, as the functions and layers that they were.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::{
    Function, FunctionId, KeptVersion,
    journal::{NotLoaded, Unreadable},
};
use hearth_model::{
    identity::{FunctionName, Partition, Version},
    pool::ReservationRefused,
};
use tokio::task::JoinSet;

use super::{
    FUNCTIONS, LAYER_VERSIONS, LAYERS, VERSIONS,
    content::{Codes, VersionDocument},
    function::FunctionDocument,
    layers::{read_layer, read_layer_version},
    read_number,
};
use crate::{
    kept::{read, read_prefix, unreadable},
    lambda::{
        Content, DeployedVersion, Functions, Phase, UrlOwner,
        entry::{Entry, State},
        operations::Layers,
    },
};

impl Functions {
    /// Brings back what the journal has, code and all. To be called once, before anything else happens.
    ///
    /// What has code that is lost, or cannot be loaded any more, is there as well, and [fails](DeployedVersion::failure).
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) async fn restore(&self) -> Result<(), NotLoaded> {
        let journal = self.journal();
        let (mut kept, mut layers) = (BTreeMap::new(), Layers::default());
        let mut codes = Codes::new(self.code_files());
        journal.load(FUNCTIONS, |key, value| read_function(&mut kept, &mut codes, key, value))?;
        journal.load(VERSIONS, |key, value| read_version(&mut kept, &mut codes, key, value))?;
        journal.load(LAYERS, |key, value| read_layer(&mut layers, key, value))?;
        journal.load(LAYER_VERSIONS, |key, value| read_layer_version(&mut layers, &mut codes, key, value))?;
        let used = codes.hashes().collect();
        // Where everything begins anew, it is not kept yet that nothing has the code of before.
        if journal.kept().await.is_ok() {
            self.code_files().clean(&used).map_err(|error| NotLoaded {
                reason: format!("code that nothing needs cannot be removed: {error}"),
            })?;
        }
        *self.layers().write() = layers;
        self.load(kept).await
    }

    /// Loads the code of all functions at once.
    async fn load(&self, kept: KeptFunctions) -> Result<(), NotLoaded> {
        let mut tasks = JoinSet::new();
        for ((partition, name), KeptFunction { id, state }) in kept {
            let engine = Arc::clone(self.engine());
            tasks.spawn(async move {
                let reserved = state.reserved_concurrency;
                let version = |version: &DeployedVersion| version.content.kept(reserved);
                let published = state.published.iter().map(|(number, kept)| (*number, version(kept)));
                let loaded =
                    engine.load_kept(partition, id, version(&state.latest), published.collect()).await;
                (name, state, loaded)
            });
        }
        let mut failed = Vec::new();
        let mut loaded = tasks.join_all().await;
        loaded.sort_by(|(one, _, of_one), (other, _, of_other)| {
            (of_one.partition(), one).cmp(&(of_other.partition(), other))
        });
        for (name, state, loaded) in loaded {
            let restored = self
                .engine()
                .establish(loaded)
                .map_err(|error| describe(&error))
                .and_then(|function| self.restore_entry(&name, function, state));
            failed.extend(restored.err().map(|reason| format!("function `{name}`: {reason}")));
        }
        if failed.is_empty() { Ok(()) } else { Err(NotLoaded { reason: failed.join("; ") }) }
    }

    fn restore_entry(
        &self,
        name: &FunctionName,
        function: Arc<Function>,
        mut state: State,
    ) -> Result<(), String> {
        let partition = function.partition().clone();
        state.listed = true;
        state.note_unloaded(&function);
        let entry = Arc::new(Entry::new(function, state, self.journal().clone()));
        {
            let state = entry.state();
            self.restore_provisions(&entry, &state).map_err(|refusal| refusal.to_string())?;
            self.apply_all(&entry, &state);
            let mut urls = self.urls().write();
            for alias in state.urls.keys() {
                let (partition, function, alias) = (partition.clone(), name.clone(), alias.clone());
                let owner = UrlOwner { partition, function, alias };
                urls.insert(owner.id(), Arc::new(owner));
            }
        }
        self.directory().0.write().entry(partition).or_default().insert(name.clone(), entry);
        Ok(())
    }
}

/// What was read, by where it lives and by its name.
type KeptFunctions = BTreeMap<(Partition, FunctionName), KeptFunction>;

struct KeptFunction {
    id: FunctionId,
    state: State,
}

fn read_function(
    all: &mut KeptFunctions,
    codes: &mut Codes<'_>,
    key: &[u8],
    value: &[u8],
) -> Result<(), Unreadable> {
    let (partition, name) = read_prefix(key)?;
    let name = function_name(name)?;
    let FunctionDocument::V1(document) = read(value)?;
    let (id, state) = document.read(&name, codes)?;
    all.insert((partition, name), KeptFunction { id, state });
    Ok(())
}

fn read_version(
    all: &mut KeptFunctions,
    codes: &mut Codes<'_>,
    key: &[u8],
    value: &[u8],
) -> Result<(), Unreadable> {
    let (partition, rest) = read_prefix(key)?;
    let (name, number) =
        read_number(rest).ok_or_else(|| unreadable("its key names no version of a function"))?;
    let name = function_name(name)?;
    let VersionDocument::V1(document) = read(value)?;
    let version = document.read(name.clone(), Version::Published(number), codes)?;
    let function = all.get_mut(&(partition, name));
    let function = function.ok_or_else(|| unreadable("the function that it belongs to is not there"))?;
    function.state.published.restore(number, version);
    Ok(())
}

fn function_name(text: &[u8]) -> Result<FunctionName, Unreadable> {
    let name = str::from_utf8(text).ok().and_then(|text| FunctionName::parse(text).ok());
    name.ok_or_else(|| unreadable("its key names no function"))
}

/// Why a function cannot be as it was, and what to do about it.
fn describe(refused: &ReservationRefused) -> String {
    format!("cannot reserve concurrency: {refused}: raise `account_concurrency` in the manifest")
}

impl State {
    /// Notes what of a function cannot be invoked.
    fn note_unloaded(&mut self, function: &Function) {
        let versions = [&mut self.latest].into_iter().chain(self.published.restored());
        for version in versions {
            if let Some(reason) = function.unloaded(version.version) {
                version.phase = Phase::Failed { reason };
            }
        }
    }
}

impl Content {
    fn kept(&self, reserved_concurrency: Option<u32>) -> KeptVersion {
        KeptVersion {
            configuration: self.configuration(reserved_concurrency),
            package: Arc::clone(self.code.package()),
            layers: self.packages(),
            lost: self.codes().iter().find_map(|code| code.loss().cloned()),
        }
    }
}
