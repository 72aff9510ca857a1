//! Function URLs as their callers meet them.

use std::sync::Arc;

use hearth_engine::{Event, InvokeRequest, Running};
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
    /// The function, or the alias.
    reference: FunctionReference,
    configuration: Arc<UrlConfiguration>,
    /// Whether anybody may call it who has not signed the request.
    is_open: bool,
    entry: Arc<Entry>,
}

impl Functions {
    /// The URL of an identifier.
    #[must_use]
    pub fn url_of(&self, id: &str) -> Option<Url> {
        let owner = self.urls().read().get(id).cloned()?;
        let entry = self.entry(&owner.partition, &owner.function)?;
        let qualifier = owner.alias.clone().map(Qualifier::Alias);
        let name = owner.function.clone();
        let reference = FunctionReference { account: None, region: None, name, qualifier };
        let (configuration, is_open) = {
            let state = entry.state();
            let policy = state.policies.get(&reference.qualifier);
            let is_open = policy.is_some_and(|policy| policy.opens_url(UrlAuthorization::None, None));
            (Arc::clone(state.urls.get(&owner.alias)?), is_open)
        };
        Some(Url { owner, reference, configuration, is_open, entry })
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
        self.begin_version(&url.entry, version, &url.reference, request)
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
        match (self.configuration.authorization, caller) {
            (UrlAuthorization::None, _) => self.is_open,
            (UrlAuthorization::Iam, None) => false,
            (UrlAuthorization::Iam, Some(account)) if account == self.owner.partition.account => true,
            (UrlAuthorization::Iam, caller) => {
                let state = self.entry.state();
                let policy = state.policies.get(&self.reference.qualifier);
                policy.is_some_and(|policy| policy.opens_url(UrlAuthorization::Iam, caller))
            }
        }
    }

    /// The version that shall serve one request.
    ///
    /// # Errors
    /// If there is no such alias any more.
    pub fn choose_version(&self) -> Result<Version, InvocationError> {
        let Some(qualifier) = &self.reference.qualifier else { return Ok(Version::Latest) };
        let version = self.entry.state().choose(qualifier, || self.entry.function.draw());
        version.ok_or_else(|| not_found(&self.reference, &self.owner.partition))
    }

    /// Whether a version takes requests as they are, and not as events.
    #[must_use]
    pub fn takes_requests(&self, version: Version) -> bool {
        self.entry.function.takes_requests(version)
    }
}
