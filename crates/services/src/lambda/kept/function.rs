//! Functions as they are written, without their published versions.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::{FunctionId, journal::Unreadable};
use hearth_model::{
    asynchronous::{EventAge, RetryAttempts},
    destination::Destination,
    identity::{FunctionName, Version},
    reference::{AliasName, Qualifier},
    routing::Routing,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    content::{Codes, VersionV1, destination, wrong},
    files::Hash,
    policy::{PolicyV1, read_policy, write_policy},
};
use crate::{
    kept::unreadable,
    lambda::{
        Alias, AsynchronousConfiguration, Cors, InvokeMode, RecursiveLoop, RevisionId, RuntimeUpdate,
        UrlAuthorization, UrlConfiguration,
        entry::State,
        operations::{Provision, Target},
    },
};

#[derive(Serialize, Deserialize)]
pub(super) enum FunctionDocument {
    V1(FunctionV1),
}

/// Names of versions and aliases are written as callers would give them.
#[derive(Serialize, Deserialize)]
pub(super) struct FunctionV1 {
    id: [u8; 16],
    latest: VersionV1,
    last_published: u64,
    aliases: Vec<AliasV1>,
    asynchronous: Vec<(String, AsynchronousV1)>,
    reserved_concurrency: Option<u32>,
    provisions: Vec<(String, ProvisionV1)>,
    policies: Vec<(Option<String>, PolicyV1)>,
    urls: Vec<(Option<String>, UrlV1)>,
    allows_loops: bool,
    runtime_updates: Vec<(String, String)>,
    tags: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct AliasV1 {
    name: String,
    version: String,
    additional: Option<(String, f64)>,
    description: String,
    revision: [u8; 16],
}

#[derive(Serialize, Deserialize)]
struct AsynchronousV1 {
    retry_attempts: Option<u32>,
    event_age_s: Option<u64>,
    on_success: Option<String>,
    on_failure: Option<String>,
    modified: i64,
}

#[derive(Serialize, Deserialize)]
struct ProvisionV1 {
    count: u32,
    modified: i64,
}

#[derive(Serialize, Deserialize)]
struct UrlV1 {
    signed: bool,
    cors: Option<CorsV1>,
    streams: Option<bool>,
    created: i64,
    modified: i64,
}

#[derive(Serialize, Deserialize)]
struct CorsV1 {
    allow_credentials: Option<bool>,
    allow_headers: Option<Vec<String>>,
    allow_methods: Option<Vec<String>>,
    allow_origins: Option<Vec<String>>,
    expose_headers: Option<Vec<String>>,
    max_age_s: Option<i64>,
}

impl FunctionV1 {
    pub(super) fn of(id: FunctionId, state: &State) -> Self {
        let State {
            latest,
            published: _,
            last_published,
            aliases,
            asynchronous,
            reserved_concurrency,
            provisions,
            policies,
            urls,
            recursive_loop,
            runtime_updates,
            tags,
            listed: _,
        } = state;
        let update =
            |(version, update): (&Version, &RuntimeUpdate)| (version.to_string(), update.as_str().to_owned());
        Self {
            id: id.to_bytes(),
            latest: VersionV1::of(latest),
            last_published: *last_published,
            aliases: aliases.values().map(AliasV1::of).collect(),
            asynchronous: asynchronous
                .iter()
                .map(|(qualifier, set)| (qualifier.to_string(), AsynchronousV1::of(set)))
                .collect(),
            reserved_concurrency: *reserved_concurrency,
            provisions: provisions
                .iter()
                .map(|(target, provision)| (target.to_string(), ProvisionV1::of(*provision)))
                .collect(),
            policies: policies
                .iter()
                .map(|(qualifier, policy)| {
                    (qualifier.as_ref().map(ToString::to_string), write_policy(policy))
                })
                .collect(),
            urls: urls
                .iter()
                .map(|(alias, url)| (alias.as_ref().map(ToString::to_string), UrlV1::of(url)))
                .collect(),
            allows_loops: *recursive_loop == RecursiveLoop::Allow,
            runtime_updates: runtime_updates.iter().map(update).collect(),
            tags: tags.clone(),
        }
    }

    /// The hashes of all code that `$LATEST` needs.
    pub(super) fn codes(&self) -> impl Iterator<Item = Hash> {
        self.latest.codes()
    }

    /// A function that has no published versions yet.
    pub(super) fn read(
        self,
        name: &FunctionName,
        codes: &mut Codes<'_>,
    ) -> Result<(FunctionId, State), Unreadable> {
        let latest = self.latest.read(name.clone(), Version::Latest, codes)?;
        let mut state = State::new(latest, self.reserved_concurrency, self.tags);
        state.last_published = self.last_published;
        for alias in self.aliases {
            let alias = alias.read()?;
            state.aliases.insert(alias.name.clone(), alias);
        }
        for (qualifier, set) in self.asynchronous {
            state.asynchronous.insert(Qualifier::read(&qualifier), set.read()?);
        }
        for (target, provision) in self.provisions {
            state.provisions.insert(read_target(&target)?, provision.read());
        }
        for (qualifier, policy) in self.policies {
            state.policies.insert(qualifier.as_deref().map(Qualifier::read), read_policy(policy));
        }
        for (alias, url) in self.urls {
            state.urls.insert(alias.as_deref().map(alias_name).transpose()?, Arc::new(url.read()));
        }
        if self.allows_loops {
            state.recursive_loop = RecursiveLoop::Allow;
        }
        for (version, update) in self.runtime_updates {
            let update = RuntimeUpdate::parse(&update).map_err(wrong)?;
            state.runtime_updates.insert(read_version(&version)?, update);
        }
        Ok((FunctionId::from_bytes(self.id), state))
    }
}

impl AliasV1 {
    fn of(alias: &Alias) -> Self {
        let Alias { name, routing, description, revision } = alias;
        let additional = routing.additional();
        Self {
            name: name.to_string(),
            version: routing.primary().to_string(),
            additional: additional.map(|additional| (additional.version.to_string(), additional.weight)),
            description: description.clone(),
            revision: revision.to_bytes(),
        }
    }

    fn read(self) -> Result<Alias, Unreadable> {
        let weights = self.additional.into_iter().collect();
        Ok(Alias {
            name: alias_name(&self.name)?,
            routing: Routing::weighted(read_version(&self.version)?, &weights).map_err(wrong)?,
            description: self.description,
            revision: RevisionId::from_bytes(self.revision),
        })
    }
}

impl AsynchronousV1 {
    fn of(set: &AsynchronousConfiguration) -> Self {
        let AsynchronousConfiguration {
            maximum_retry_attempts,
            maximum_event_age,
            on_success,
            on_failure,
            modified,
        } = set;
        let arn = |destination: &Arc<Destination>| destination.as_str().to_owned();
        Self {
            retry_attempts: maximum_retry_attempts.map(RetryAttempts::get),
            event_age_s: maximum_event_age.map(|age| age.duration().as_secs()),
            on_success: on_success.as_ref().map(arn),
            on_failure: on_failure.as_ref().map(arn),
            modified: modified.as_unix_nanos(),
        }
    }

    fn read(self) -> Result<AsynchronousConfiguration, Unreadable> {
        let attempts = self.retry_attempts.map(|attempts| RetryAttempts::new(attempts.into()));
        let age = self.event_age_s.map(|age| EventAge::from_seconds(age.try_into().unwrap_or(i64::MAX)));
        Ok(AsynchronousConfiguration {
            maximum_retry_attempts: attempts.transpose().map_err(wrong)?,
            maximum_event_age: age.transpose().map_err(wrong)?,
            on_success: self.on_success.as_deref().map(destination).transpose()?,
            on_failure: self.on_failure.as_deref().map(destination).transpose()?,
            modified: Timestamp::from_unix_nanos(self.modified),
        })
    }
}

impl ProvisionV1 {
    fn of(Provision { count, modified }: Provision) -> Self {
        Self { count, modified: modified.as_unix_nanos() }
    }

    fn read(self) -> Provision {
        Provision { count: self.count, modified: Timestamp::from_unix_nanos(self.modified) }
    }
}

impl UrlV1 {
    fn of(url: &UrlConfiguration) -> Self {
        let UrlConfiguration { authorization, cors, invoke_mode, created, modified } = url;
        Self {
            signed: *authorization == UrlAuthorization::Iam,
            cors: cors.clone().map(CorsV1::of),
            streams: invoke_mode.map(|mode| mode == InvokeMode::ResponseStream),
            created: created.as_unix_nanos(),
            modified: modified.as_unix_nanos(),
        }
    }

    fn read(self) -> UrlConfiguration {
        let mode = |streams| if streams { InvokeMode::ResponseStream } else { InvokeMode::Buffered };
        UrlConfiguration {
            authorization: if self.signed { UrlAuthorization::Iam } else { UrlAuthorization::None },
            cors: self.cors.map(CorsV1::read),
            invoke_mode: self.streams.map(mode),
            created: Timestamp::from_unix_nanos(self.created),
            modified: Timestamp::from_unix_nanos(self.modified),
        }
    }
}

impl CorsV1 {
    fn of(cors: Cors) -> Self {
        let Cors {
            allow_credentials,
            allow_headers,
            allow_methods,
            allow_origins,
            expose_headers,
            max_age_s,
        } = cors;
        Self { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age_s }
    }

    fn read(self) -> Cors {
        let Self {
            allow_credentials,
            allow_headers,
            allow_methods,
            allow_origins,
            expose_headers,
            max_age_s,
        } = self;
        Cors { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age_s }
    }
}

fn alias_name(text: &str) -> Result<AliasName, Unreadable> {
    AliasName::parse(text).map_err(wrong)
}

fn read_version(text: &str) -> Result<Version, Unreadable> {
    Qualifier::read(text).version().ok_or_else(|| unreadable(format!("`{text}` is no version")))
}

fn read_target(text: &str) -> Result<Target, Unreadable> {
    match Qualifier::read(text) {
        Qualifier::Version(Version::Published(number)) => Ok(Target::Version(number)),
        Qualifier::Alias(name) => Ok(Target::Alias(name)),
        Qualifier::Version(Version::Latest) | Qualifier::Nothing(_) => {
            Err(unreadable(format!("no concurrency can be provisioned for `{text}`")))
        }
    }
}
