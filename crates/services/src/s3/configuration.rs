//! What a bucket's owner sets for it.

use std::sync::Arc;

use hearth_model::bucket_notification;

use super::{Cors, Encryption, Lifecycle, Tags, Versioning};

/// What is set for a bucket.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What happens to older versions.
    pub versioning: Versioning,
    /// Tags.
    pub tags: Tags,
    /// Who may do what: a JSON document. It is kept and shown, and decides nothing.
    pub policy: Option<Arc<str>>,
    /// What scripts of other origins may do.
    pub cors: Option<Arc<Cors>>,
    /// When objects go by themselves.
    pub lifecycle: Option<Arc<Lifecycle>>,
    /// How objects are encrypted that come without wish.
    pub encryption: Encryption,
    /// Who owns objects that others put.
    pub ownership: Option<Ownership>,
    /// What is blocked for the public. It is kept and shown, and decides nothing: nobody is the public.
    pub public_access: Option<PublicAccessBlock>,
    /// Where events go.
    pub notification: Arc<bucket_notification::Configuration>,
}

/// One change of a [`Configuration`].
#[derive(Clone, Debug)]
pub enum Setting {
    /// Versions are kept, or not any more.
    Versioning(Versioning),
    /// Other tags.
    Tags(Tags),
    /// Another policy, or none.
    Policy(Option<Arc<str>>),
    /// Other rules for scripts, or none.
    Cors(Option<Cors>),
    /// Other lifecycle rules, or none.
    Lifecycle(Option<Lifecycle>),
    /// Another encryption.
    Encryption(Encryption),
    /// Another owner of objects, or nothing said about that.
    Ownership(Option<Ownership>),
    /// Something else is blocked, or nothing said about that.
    PublicAccess(Option<PublicAccessBlock>),
}

/// Who owns objects that others put, and whether there are access control lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// The bucket's owner; there are no lists.
    #[default]
    BucketOwnerEnforced,
    /// The bucket's owner, if whoever puts them says so.
    BucketOwnerPreferred,
    /// Whoever puts them.
    ObjectWriter,
}

/// What is blocked for the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the four switches of the API, independent of each other")]
pub struct PublicAccessBlock {
    /// Lists that would allow the public something are refused.
    pub block_acls: bool,
    /// Such lists are ignored.
    pub ignore_acls: bool,
    /// Policies that would allow the public something are refused.
    pub block_policy: bool,
    /// Such policies are ignored.
    pub restrict_buckets: bool,
}

impl Default for Configuration {
    /// Of a new bucket, as AWS has it since April 2023.
    fn default() -> Self {
        Self {
            versioning: Versioning::default(),
            tags: Tags::default(),
            policy: None,
            cors: None,
            lifecycle: None,
            encryption: Encryption::default(),
            ownership: Some(Ownership::default()),
            public_access: Some(PublicAccessBlock {
                block_acls: true,
                ignore_acls: true,
                block_policy: true,
                restrict_buckets: true,
            }),
            notification: Arc::default(),
        }
    }
}

impl Configuration {
    pub(super) fn set(&mut self, setting: Setting) {
        match setting {
            Setting::Versioning(versioning) => self.versioning = versioning,
            Setting::Tags(tags) => self.tags = tags,
            Setting::Policy(policy) => self.policy = policy,
            Setting::Cors(cors) => self.cors = cors.map(Arc::new),
            Setting::Lifecycle(lifecycle) => self.lifecycle = lifecycle.map(Arc::new),
            Setting::Encryption(encryption) => self.encryption = encryption,
            Setting::Ownership(ownership) => self.ownership = ownership,
            Setting::PublicAccess(block) => self.public_access = block,
        }
    }
}

impl Ownership {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter];

    /// The name, as in `OwnershipControls`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ownership| ownership.name() == text)
    }
}
