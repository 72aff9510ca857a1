//! Tells the engine what applies to the events of a function.

use hearth_model::{asynchronous::Configuration, identity::Version, reference::Qualifier};

use crate::lambda::{
    Functions,
    entry::{Entry, State},
};

impl Functions {
    /// Tells the engine what applies by all names.
    pub(in crate::lambda) fn apply_all(&self, entry: &Entry, state: &State) {
        for version in state.versions() {
            self.apply_asynchronous(entry, state, version.version.into());
        }
        for alias in state.aliases.keys() {
            self.apply_asynchronous(entry, state, Qualifier::Alias(alias.clone()));
        }
    }

    /// Tells the engine what applies after a version came or was changed: by its own name, and by those of the aliases that
    /// mainly point to it.
    pub(in crate::lambda) fn apply_version(&self, entry: &Entry, state: &State, version: Version) {
        self.apply_asynchronous(entry, state, version.into());
        for alias in state.aliases.values().filter(|alias| alias.routing.primary() == version) {
            self.apply_asynchronous(entry, state, Qualifier::Alias(alias.name.clone()));
        }
    }

    /// Tells the engine what applies to events that are sent by this name.
    pub(in crate::lambda) fn apply_asynchronous(&self, entry: &Entry, state: &State, qualifier: Qualifier) {
        let set = state.asynchronous.get(&qualifier).cloned().unwrap_or_default();
        let version = state.qualified(&qualifier);
        let configuration = Configuration {
            maximum_retry_attempts: set.maximum_retry_attempts.unwrap_or_default(),
            maximum_event_age: set.maximum_event_age.unwrap_or_default(),
            on_success: set.on_success,
            on_failure: set.on_failure,
            dead_letter: version
                .and_then(|version| version.content.settings.configuration.dead_letter.clone()),
        };
        self.engine().configure_asynchronous(&entry.function, qualifier, configuration);
    }

    /// Forgets what was set for a version or alias that is gone. Events that wait under its name find nothing any more, and
    /// nobody is told of their end.
    pub(in crate::lambda) fn drop_asynchronous(
        &self,
        entry: &Entry,
        state: &mut State,
        qualifier: Qualifier,
    ) {
        state.asynchronous.remove(&qualifier);
        self.apply_asynchronous(entry, state, qualifier);
    }
}
