//! Function URLs: how they are configured.
//!
//! Source: the operations in the Lambda API reference and its published model; recorded answers and refusals.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{
    identity::{FunctionName, Partition},
    reference::{AliasName, FunctionReference, NameShape, Qualifier},
    time::Timestamp,
    validation::{ValidationError, Violation, one_of},
};
use sha2::{Digest, Sha256};

use crate::lambda::{Functions, Page, PageRequest, Refusal, UrlAuthorization, entry::Entry};

/// How a function's URL, or an alias's, answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlConfiguration {
    /// How callers are authenticated.
    pub authorization: UrlAuthorization,
    /// Which pages of other origins may read answers; none sets no header, and a handler may.
    pub cors: Option<Cors>,
    /// How answers come; none is [`InvokeMode::Buffered`], and not shown.
    pub invoke_mode: Option<InvokeMode>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub modified: Timestamp,
}

/// A URL as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlView {
    /// Whose it is.
    pub owner: UrlOwner,
    /// How it answers.
    pub configuration: Arc<UrlConfiguration>,
}

/// Whose a URL is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlOwner {
    /// Where the function is.
    pub partition: Partition,
    /// The function.
    pub function: FunctionName,
    /// The alias; none if the URL is the function's own.
    pub alias: Option<AliasName>,
}

/// What a URL shall be; all that is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlChange {
    /// How callers are authenticated.
    pub authorization: Option<String>,
    /// Which pages may read answers; one without anything in it takes that away.
    pub cors: Option<Cors>,
    /// How answers come.
    pub invoke_mode: Option<String>,
}

/// Cross-origin resource sharing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// Whether requests may carry cookies and the like.
    pub allow_credentials: Option<bool>,
    /// The headers that requests may have.
    pub allow_headers: Option<Vec<String>>,
    /// The methods that requests may have.
    pub allow_methods: Option<Vec<String>>,
    /// The origins of pages that may send requests.
    pub allow_origins: Option<Vec<String>>,
    /// The headers of answers that pages may read.
    pub expose_headers: Option<Vec<String>>,
    /// For how many seconds a browser may remember this, from 0 to 86,400.
    pub max_age_s: Option<i64>,
}

/// How a URL's answers come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InvokeMode {
    /// As a whole.
    #[default]
    Buffered,
    /// As they are written. Handlers of Hearth write theirs as a whole.
    ResponseStream,
}

/// The owners of all URLs, by the URLs' identifiers.
pub(in crate::lambda) type Urls = BTreeMap<String, Arc<UrlOwner>>;

impl Functions {
    /// `CreateFunctionUrlConfig`.
    ///
    /// # Errors
    /// If there is no such function or alias, it has a URL, or what is asked for is not allowed.
    pub fn create_url(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        given: UrlChange,
    ) -> Result<UrlView, Refusal> {
        let (owner, entry) = self.url_owner(partition, name, qualifier)?;
        let given = given.read()?;
        let authorization = given.authorization.ok_or_else(|| Violation::missing("authType"))?;
        let entry = entry.filter(|entry| owner.exists(entry)).ok_or_else(no_function)?;
        let mut state = entry.state();
        if state.urls.contains_key(&owner.alias) {
            let message = format!(
                "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for \
                 this Lambda function",
                owner.arn()
            );
            return Err(Refusal::Conflict(message.into()));
        }
        let now = self.now();
        let configuration = Arc::new(UrlConfiguration {
            authorization,
            cors: given.cors.filter(|cors| *cors != Cors::default()),
            invoke_mode: given.invoke_mode,
            created: now,
            modified: now,
        });
        state.urls.insert(owner.alias.clone(), Arc::clone(&configuration));
        self.urls().write().insert(owner.id(), Arc::new(owner.clone()));
        Ok(UrlView { owner, configuration })
    }

    /// `GetFunctionUrlConfig`.
    ///
    /// # Errors
    /// If there is no such function, or no URL.
    pub fn url(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<UrlView, Refusal> {
        let (owner, entry) = self.url_owner(partition, name, qualifier)?;
        let configuration = entry.and_then(|entry| entry.state().urls.get(&owner.alias).cloned());
        Ok(UrlView { owner, configuration: configuration.ok_or_else(no_url)? })
    }

    /// `UpdateFunctionUrlConfig`.
    ///
    /// # Errors
    /// If there is no such function or alias, no URL, or what is asked for is not allowed.
    pub fn update_url(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        given: UrlChange,
    ) -> Result<UrlView, Refusal> {
        let (owner, entry) = self.url_owner(partition, name, qualifier)?;
        let given = given.read()?;
        let entry = entry.filter(|entry| owner.exists(entry)).ok_or_else(no_function)?;
        let mut state = entry.state();
        let configuration = state.urls.get_mut(&owner.alias).ok_or_else(no_url)?;
        let changed = UrlConfiguration {
            authorization: given.authorization.unwrap_or(configuration.authorization),
            cors: match given.cors {
                Some(cors) => Some(cors).filter(|cors| *cors != Cors::default()),
                None => configuration.cors.clone(),
            },
            invoke_mode: given.invoke_mode.or(configuration.invoke_mode),
            created: configuration.created,
            modified: self.now(),
        };
        *configuration = Arc::new(changed);
        Ok(UrlView { configuration: Arc::clone(configuration), owner })
    }

    /// `DeleteFunctionUrlConfig`.
    ///
    /// # Errors
    /// If there is no such function, or no URL.
    pub fn delete_url(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<(), Refusal> {
        let (owner, entry) = self.url_owner(partition, name, qualifier)?;
        let deleted = entry.and_then(|entry| entry.state().urls.remove(&owner.alias));
        deleted.ok_or_else(no_url)?;
        self.urls().write().remove(&owner.id());
        Ok(())
    }

    /// `ListFunctionUrlConfigs`: the function's own, and those of its aliases.
    ///
    /// # Errors
    /// If there is no such function, or the page is none.
    pub fn function_urls(
        &self,
        partition: &Partition,
        name: &str,
        request: &PageRequest,
    ) -> Result<Page<UrlView>, Refusal> {
        let (own, entry) = self.url_owner(partition, name, None)?;
        let entry = entry.ok_or_else(no_function)?;
        let state = entry.state();
        let views = state.urls.iter().map(|(alias, configuration)| UrlView {
            owner: UrlOwner { alias: alias.clone(), ..own.clone() },
            configuration: Arc::clone(configuration),
        });
        request.of(views.collect(), |view: &UrlView| view.owner.arn())
    }

    fn url_owner(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<(UrlOwner, Option<Arc<Entry>>), Refusal> {
        let reference = FunctionReference::parse(NameShape::FunctionUrl, name, qualifier)?;
        let partition = self.partition_of(partition, &reference)?;
        let entry = self.entry(&partition, &reference.name);
        let alias = match reference.qualifier {
            Some(Qualifier::Alias(alias)) => Some(alias),
            // Its shape lets no other qualifier pass.
            Some(Qualifier::Version(_) | Qualifier::Nothing(_)) | None => None,
        };
        Ok((UrlOwner { partition, function: reference.name, alias }, entry))
    }
}

impl UrlOwner {
    /// What tells its URL from all others: 32 letters and digits, the first part of the host name.
    ///
    /// It follows from whose the URL is, so that a function that is deployed again has the URL that it had.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = Sha256::digest(self.arn());
        digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The ARN of the function, with the alias if it is that one's.
    #[must_use]
    pub fn arn(&self) -> String {
        let arn = self.function.arn(&self.partition);
        match &self.alias {
            Some(alias) => format!("{arn}:{alias}"),
            None => arn,
        }
    }

    fn exists(&self, entry: &Entry) -> bool {
        self.alias.as_ref().is_none_or(|alias| entry.state().aliases.contains_key(alias))
    }
}

impl InvokeMode {
    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buffered => "BUFFERED",
            Self::ResponseStream => "RESPONSE_STREAM",
        }
    }
}

/// A change whose parts were checked.
struct Change {
    authorization: Option<UrlAuthorization>,
    cors: Option<Cors>,
    invoke_mode: Option<InvokeMode>,
}

impl UrlChange {
    fn read(self) -> Result<Change, ValidationError> {
        let authorization = self.authorization.map(|name| UrlAuthorization::parse_as("authType", &name));
        let authorization = authorization.transpose();
        let modes = [InvokeMode::ResponseStream, InvokeMode::Buffered];
        let invoke_mode =
            self.invoke_mode.map(|name| one_of("invokeMode", &name, &modes, InvokeMode::as_str));
        let invoke_mode = invoke_mode.transpose();
        let cors = self.cors.iter().flat_map(Cors::violations);
        let names = [authorization.as_ref().err().cloned(), invoke_mode.as_ref().err().cloned()];
        ValidationError::check(names.into_iter().flatten().chain(cors))?;
        Ok(Change { authorization: authorization?, cors: self.cors, invoke_mode: invoke_mode? })
    }
}

impl Cors {
    fn violations(&self) -> impl Iterator<Item = Violation> {
        let lists = [
            ("cors.allowHeaders", &self.allow_headers, 100, 0..=1_024),
            ("cors.allowMethods", &self.allow_methods, 6, 0..=6),
            ("cors.allowOrigins", &self.allow_origins, 100, 1..=253),
            ("cors.exposeHeaders", &self.expose_headers, 100, 0..=1_024),
        ];
        let lists = lists.into_iter().filter_map(|(member, list, most, lengths)| {
            let list = list.as_ref()?;
            let value = || format!("[{}]", list.join(", "));
            if list.len() > most {
                return Some(Violation::length_at_most(member, &value(), most));
            }
            let fits = |text: &String| lengths.contains(&text.chars().count());
            let constraint = format!(
                "Member must satisfy constraint: [Member must have length less than or equal to {}, Member must have length \
                 greater than or equal to {}, Member must not be null]",
                lengths.end(),
                lengths.start()
            );
            (!list.iter().all(fits)).then(|| Violation::new(member, value(), constraint))
        });
        const AGE: &str = "cors.maxAge";
        const MOST_S: i64 = 86_400;
        let age = self.max_age_s.and_then(|age| match age {
            ..0 => Some(Violation::value_at_least(AGE, age, 0)),
            0..=MOST_S => None,
            _ => Some(Violation::value_at_most(AGE, age, MOST_S)),
        });
        lists.chain(age)
    }
}

fn no_function() -> Refusal {
    Refusal::NotFound("Function does not exist".into())
}

fn no_url() -> Refusal {
    Refusal::NotFound("The resource you requested does not exist.".into())
}
