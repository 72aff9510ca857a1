//! Aliases: names for versions, with weights if there are two.
//!
//! Source: the alias operations in the Lambda API reference; recorded answers.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{
    identity::{Partition, Version},
    reference::{AliasName, Qualifier},
    routing::{InvalidRouting, Routing},
    validation::Violation,
};

use crate::lambda::{
    Functions, Page, PageRequest, Refusal, RevisionId,
    entry::{Entry, State},
};

/// A name for a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The name.
    pub name: AliasName,
    /// Where it points to.
    pub routing: Routing,
    /// What it is for.
    pub description: String,
    /// Changes whenever the alias does.
    pub revision: RevisionId,
}

/// An alias as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct AliasView {
    /// Its ARN.
    pub arn: String,
    /// The alias.
    pub alias: Alias,
}

/// What an alias shall be; all that is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AliasChange {
    /// The version that it points to.
    pub version: Option<String>,
    /// The weights of other versions; an empty map takes them away.
    pub weights: Option<BTreeMap<String, f64>>,
    /// What it is for.
    pub description: Option<String>,
    /// The revision that the caller has seen.
    pub revision: Option<String>,
}

impl Alias {
    /// Whether invocations through this alias may go to a version.
    #[must_use]
    pub fn points_to(&self, number: u64) -> bool {
        self.routing.leads_to(Version::Published(number))
    }
}

impl Functions {
    /// `CreateAlias`.
    ///
    /// # Errors
    /// If there is no such function or version, there is an alias of this name, or the weights are not allowed.
    pub fn create_alias(
        &self,
        partition: &Partition,
        function: &str,
        name: &str,
        given: AliasChange,
    ) -> Result<AliasView, Refusal> {
        self.set_alias(partition, function, name, given, |place, state, given| {
            let version = given.version.as_deref().unwrap_or_default();
            let routing = state.routing(&place.entry, version, given.weights.as_ref())?;
            if state.aliases.contains_key(&place.name) {
                return Err(Refusal::Conflict(format!("Alias already exists: {}", place.arn).into()));
            }
            let description = given.description.unwrap_or_default();
            Ok(Alias { name: place.name.clone(), routing, description, revision: RevisionId::draw() })
        })
    }

    /// `GetAlias`.
    ///
    /// # Errors
    /// If there is no such function or alias.
    pub fn alias(&self, partition: &Partition, function: &str, name: &str) -> Result<AliasView, Refusal> {
        let place = self.alias_of(partition, function, name)?;
        let alias = place.entry.state().alias(&place)?.clone();
        Ok(AliasView { arn: place.arn, alias })
    }

    /// `UpdateAlias`. Invocations from now on follow it.
    ///
    /// # Errors
    /// As [`create_alias`](Self::create_alias), and if there is no such alias or it is another revision.
    pub fn update_alias(
        &self,
        partition: &Partition,
        function: &str,
        name: &str,
        given: AliasChange,
    ) -> Result<AliasView, Refusal> {
        self.set_alias(partition, function, name, given, |place, state, given| {
            let alias = state.alias(place)?;
            if !alias.revision.is_meant_by(given.revision.as_deref()) {
                return Err(Refusal::stale_function());
            }
            let version = given.version.unwrap_or_else(|| alias.routing.primary().to_string());
            let weights = given.weights.unwrap_or_else(|| {
                let additional = alias.routing.additional().into_iter();
                additional.map(|additional| (additional.version.to_string(), additional.weight)).collect()
            });
            let routing = state.routing(&place.entry, &version, Some(&weights))?;
            self.move_provision(&place.entry, state, alias, &routing)?;
            let description = given.description.unwrap_or_else(|| alias.description.clone());
            Ok(Alias { name: place.name.clone(), routing, description, revision: RevisionId::draw() })
        })
    }

    /// `DeleteAlias`. An alias that is not there is no error, as on AWS.
    ///
    /// # Errors
    /// If there is no such function.
    pub fn delete_alias(&self, partition: &Partition, function: &str, name: &str) -> Result<(), Refusal> {
        let Place { name, entry, .. } = self.alias_of(partition, function, name)?;
        let mut state = entry.state();
        self.drop_provision(&entry, &mut state, &name)?;
        state.aliases.remove(&name);
        state.policies.remove(&Some(Qualifier::Alias(name.clone())));
        self.drop_asynchronous(&entry, &mut state, Qualifier::Alias(name));
        Ok(())
    }

    /// `ListAliases`: all, or those that point to a version.
    ///
    /// # Errors
    /// If there is no such function, or the version or the page is none.
    pub fn aliases(
        &self,
        partition: &Partition,
        function: &str,
        version: Option<&str>,
        request: &PageRequest,
    ) -> Result<Page<AliasView>, Refusal> {
        let (_, entry) = self.entry_to_change(partition, function)?;
        let version = version.map(Qualifier::parse_version).transpose()?;
        let state = entry.state();
        let wanted = |alias: &&Alias| match &version {
            Some(Qualifier::Version(Version::Published(number))) => alias.points_to(*number),
            Some(Qualifier::Version(Version::Latest)) => alias.routing.primary() == Version::Latest,
            Some(Qualifier::Alias(_) | Qualifier::Nothing(_)) => false,
            None => true,
        };
        let view = |alias: &Alias| AliasView { arn: arn(&entry, &alias.name), alias: alias.clone() };
        let views = state.aliases.values().filter(wanted).map(view).collect();
        request.of(views, |view: &AliasView| view.alias.name.to_string())
    }

    /// Puts an alias into its place, as `alias` makes it of what is given.
    fn set_alias(
        &self,
        partition: &Partition,
        function: &str,
        name: &str,
        given: AliasChange,
        alias: impl FnOnce(&Place, &State, AliasChange) -> Result<Alias, Refusal>,
    ) -> Result<AliasView, Refusal> {
        let place = self.alias_of(partition, function, name)?;
        given.check_form()?;
        let mut state = place.entry.state();
        let alias = alias(&place, &state, given)?;
        state.aliases.insert(place.name.clone(), alias.clone());
        self.apply_asynchronous(&place.entry, &state, Qualifier::Alias(place.name.clone()));
        Ok(AliasView { arn: place.arn.clone(), alias })
    }

    fn alias_of(&self, partition: &Partition, function: &str, name: &str) -> Result<Place, Refusal> {
        let name = AliasName::parse(name)?;
        let (_, entry) = self.entry_to_change(partition, function)?;
        Ok(Place { arn: arn(&entry, &name), name, entry })
    }
}

/// Where an alias is, or would be.
struct Place {
    name: AliasName,
    arn: String,
    entry: Arc<Entry>,
}

impl State {
    fn alias(&self, place: &Place) -> Result<&Alias, Refusal> {
        let alias = self.aliases.get(&place.name);
        alias.ok_or_else(|| Refusal::NotFound(format!("Cannot find alias arn: {}", place.arn).into()))
    }

    /// Routing between versions that exist.
    fn routing(
        &self,
        entry: &Entry,
        version: &str,
        weights: Option<&BTreeMap<String, f64>>,
    ) -> Result<Routing, Refusal> {
        let not_found = |version: &str| {
            Refusal::NotFound(format!("Function not found: {}:{version}", entry.function.arn()).into())
        };
        let primary = Qualifier::parse_version(version)?.version();
        let primary = primary.filter(|version| self.version(*version).is_some());
        let primary = primary.ok_or_else(|| not_found(version))?;
        let none = BTreeMap::new();
        let routing = Routing::weighted(primary, weights.unwrap_or(&none)).map_err(|error| match error {
            InvalidRouting::Validation(error) => error.into(),
            InvalidRouting::NoVersion { version } => not_found(&version),
            InvalidRouting::TooManyVersions | InvalidRouting::SameVersion { .. } | InvalidRouting::Latest => {
                Refusal::invalid(error.to_string())
            }
        })?;
        match routing.additional().filter(|additional| self.version(additional.version).is_none()) {
            Some(missing) => Err(not_found(&missing.version.to_string())),
            None => Ok(routing),
        }
    }
}

impl AliasChange {
    fn check_form(&self) -> Result<(), Refusal> {
        const MOST: usize = 256;
        match self.description.as_ref().filter(|text| text.chars().count() > MOST) {
            Some(long) => Err(Violation::length_at_most("description", long, MOST).into()),
            None => Ok(()),
        }
    }
}

fn arn(entry: &Entry, name: &AliasName) -> String {
    format!("{}:{name}", entry.function.arn())
}
