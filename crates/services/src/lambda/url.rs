//! Function URLs as their callers meet them.

use std::sync::Arc;

use hearth_engine::{Event, InvokeRequest, Running, random::random_number};
use hearth_model::{
    identity::{AccountId, Version},
    limits,
    reference::{FunctionReference, Qualifier},
};

use super::{
    Functions, InvalidEvent, InvocationError, UrlAuthorization, UrlConfiguration, UrlOwner, entry::Entry,
    functions::not_found,
};

/// A URL, and what is behind it.
pub struct Url {
    owner: Arc<UrlOwner>,
    configuration: Arc<UrlConfiguration>,
    entry: Arc<Entry>,
}

impl Functions {
    /// The URL of an identifier.
    #[must_use]
    pub fn url_of(&self, id: &str) -> Option<Url> {
        let owner = self.urls().read().get(id).cloned()?;
        let entry = self.entry(&owner.partition, &owner.function)?;
        let configuration = entry.state().urls.get(&owner.alias)?.clone();
        Some(Url { owner, configuration, entry })
    }

    /// Begins to invoke the function or the alias that a URL is of, with an event that is JSON; or with the request itself, a version
    /// that [takes it](Url::takes_requests).
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn begin_at_url<E: Event>(
        &self,
        url: &Url,
        version: Version,
        request: InvokeRequest<E>,
    ) -> Result<Running<E::Answer>, InvocationError> {
        let (bytes, most) = (request.event.bytes(), limits::SYNCHRONOUS_REQUEST_BYTES);
        if bytes > most {
            return Err(InvalidEvent::TooLarge { bytes, most }.into());
        }
        self.begin_version(&url.entry, version, &url.reference(), request)
    }
}

impl Url {
    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> &UrlOwner {
        &self.owner
    }

    /// How it answers.
    #[must_use]
    pub fn configuration(&self) -> &UrlConfiguration {
        &self.configuration
    }

    /// Whether somebody may call it: an account that signed the request, or else anybody.
    ///
    /// Accounts may call what is their own. For all else the policy decides, of the function or of the alias, whichever the URL
    /// is for.
    #[must_use]
    pub fn lets_in(&self, caller: Option<AccountId>) -> bool {
        let authorization = self.configuration.authorization;
        let caller = match (authorization, caller) {
            (UrlAuthorization::Iam, None) => return false,
            (UrlAuthorization::Iam, Some(account)) if account == self.owner.partition.account => return true,
            (UrlAuthorization::Iam, caller) => caller,
            (UrlAuthorization::None, _) => None,
        };
        let state = self.entry.state();
        let policy = state.policies.get(&self.qualifier());
        policy.is_some_and(|policy| policy.opens_url(authorization, caller))
    }

    /// The version that shall serve one request.
    ///
    /// # Errors
    /// If there is no such alias any more.
    pub fn choose_version(&self) -> Result<Version, InvocationError> {
        let Some(qualifier) = self.qualifier() else { return Ok(Version::Latest) };
        let version = self.entry.state().choose(&qualifier, random_number);
        version.ok_or_else(|| not_found(&self.reference(), &self.owner.partition))
    }

    /// Whether a version takes requests as they are, and not as events.
    #[must_use]
    pub fn takes_requests(&self, version: Version) -> bool {
        self.entry.function.takes_requests(version)
    }

    fn qualifier(&self) -> Option<Qualifier> {
        self.owner.alias.clone().map(Qualifier::Alias)
    }

    fn reference(&self) -> FunctionReference {
        let name = self.owner.function.clone();
        FunctionReference { account: None, region: None, name, qualifier: self.qualifier() }
    }
}
