//! Why an operation is refused.

use std::{borrow::Cow, io};

use thiserror::Error;

use super::VersionId;

/// Why an operation is refused, by the codes of error that the S3 API has. Messages that AWS has are AWS's.
///
/// Source: "Error responses" in the S3 API reference; answers of AWS as its users report them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the fields are what the error document has under these names")]
pub enum Refusal {
    /// No bucket can have this name.
    #[error("The specified bucket is not valid.")]
    InvalidBucketName { bucket: String },
    /// There is no such bucket.
    #[error("The specified bucket does not exist")]
    NoSuchBucket { bucket: String },
    /// Somebody else has a bucket of this name.
    #[error(
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please \
         select a different name and try again."
    )]
    BucketAlreadyExists { bucket: String },
    /// The caller has it already.
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou { bucket: String },
    /// There are objects or versions in it.
    #[error("{}", if *.versioned { VERSIONS_LEFT } else { OBJECTS_LEFT })]
    BucketNotEmpty { bucket: String, versioned: bool },
    /// The caller's region and the location that is asked for do not go together.
    #[error(
        "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
    )]
    IllegalLocationConstraint { constraint: String },
    /// There is no such location.
    #[error("The specified location-constraint is not valid")]
    InvalidLocationConstraint { constraint: String },
    /// There is no object of this key, or a delete marker stands in its place.
    #[error("The specified key does not exist.")]
    NoSuchKey { key: String, delete_marker: Option<VersionId> },
    /// There is no such version.
    #[error("The specified version does not exist.")]
    NoSuchVersion { key: String, version: String },
    /// There is no such upload.
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )]
    NoSuchUpload { upload: String },
    /// A version that is asked for is a delete marker.
    #[error("The specified method is not allowed against this resource.")]
    IsDeleteMarker { version: VersionId },
    /// The key is too long.
    #[error("Your key is too long")]
    KeyTooLong { bytes: usize, most: usize },
    /// An argument has a value that it cannot have.
    #[error("{message}")]
    InvalidArgument { message: Cow<'static, str>, arguments: Vec<Argument> },
    /// Targets of notifications do not exist or may not be used; the arguments name and explain them.
    #[error("Unable to validate the following destination configurations")]
    UnusableTargets(Vec<Argument>),
    /// The request as a whole makes no sense.
    #[error("{0}")]
    InvalidRequest(Cow<'static, str>),
    /// As `InvalidRequest`, where AWS has only this to say.
    #[error("{0}")]
    BadRequest(Cow<'static, str>),
    /// The document does not have the form that it must have.
    #[error("The XML you provided was not well-formed or did not validate against our published schema")]
    MalformedXml,
    /// A policy that is none.
    #[error("{0}")]
    MalformedPolicy(Cow<'static, str>),
    /// A tag cannot be as it is.
    #[error("{message}")]
    InvalidTag { message: Cow<'static, str>, key: String },
    /// A digest is none.
    #[error("The Content-MD5 you specified was invalid.")]
    InvalidDigest { given: String },
    /// The content does not have the digest that its sender says it has.
    #[error("The Content-MD5 you specified did not match what we received.")]
    BadDigest { expected: String, calculated: String },
    /// The content does not have the checksum that its sender says it has.
    #[error("The {algorithm} you specified did not match the calculated checksum.")]
    BadChecksum { algorithm: &'static str },
    /// The content is not the one that was signed.
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    ContentSha256Mismatch { client: String, server: String },
    /// Less or more came than was announced.
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    IncompleteBody,
    /// More than an object or a part can have.
    #[error("Your proposed upload exceeds the maximum allowed size")]
    EntityTooLarge { proposed: u64, most: u64 },
    /// Less than a form's policy allows.
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    EntityTooSmall { proposed: u64, least: u64, part: Option<(u32, String)> },
    /// A part that is named was not uploaded, or is another one.
    #[error(
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified \
         entity tag may not match the part's entity tag."
    )]
    InvalidPart { upload: String, part: u32, etag: String },
    /// The parts are not in order.
    #[error("The list of parts was not in ascending order. Parts must be ordered by part number.")]
    InvalidPartOrder { upload: String },
    /// There is no such part in the object.
    #[error("The requested partnumber is not satisfiable")]
    InvalidPartNumber { requested: u32, actual: u32 },
    /// Nothing of the object is in the range.
    #[error("The requested range is not satisfiable")]
    InvalidRange { range: String, bytes: u64 },
    /// A condition does not hold.
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed { condition: &'static str },
    /// The caller has the current one.
    #[error("Not Modified")]
    NotModified { etag: String, last_modified: hearth_model::time::Timestamp },
    /// Access control lists are off for this bucket.
    #[error("The bucket does not allow ACLs")]
    AclNotSupported,
    /// There is no configuration of this kind.
    #[error("{}", .0.message())]
    NotConfigured(Missing),
    /// AWS does this, and Hearth does not.
    #[error("{0}")]
    NotImplemented(Cow<'static, str>),
    /// The disk does not take or give what it should.
    #[error("{0}")]
    Unavailable(String),
    /// Hearth itself could not do it.
    #[error("We encountered an internal error. Please try again. ({0})")]
    Internal(String),
}

const OBJECTS_LEFT: &str = "The bucket you tried to delete is not empty";
const VERSIONS_LEFT: &str =
    "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";

/// An element of an error document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What is in it.
    pub value: String,
}

/// A configuration that a bucket may have or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Tags.
    Tags,
    /// A policy.
    Policy,
    /// Rules for browsers.
    Cors,
    /// Lifecycle rules.
    Lifecycle,
    /// Who owns objects.
    OwnershipControls,
    /// What is blocked for the public.
    PublicAccessBlock,
    /// A website.
    Website,
    /// Replication to other buckets.
    Replication,
    /// Locks on objects.
    ObjectLock,
    /// Something that a bucket can have several of, and has none of this name.
    Other,
}

impl Refusal {
    /// An argument has a value that it cannot have.
    #[must_use]
    pub fn argument(
        message: impl Into<Cow<'static, str>>,
        name: &'static str,
        value: impl Into<String>,
    ) -> Self {
        let arguments = vec![
            Argument { name: "ArgumentName".into(), value: name.to_owned() },
            Argument { name: "ArgumentValue".into(), value: value.into() },
        ];
        Self::InvalidArgument { message: message.into(), arguments }
    }

    /// Hearth itself could not do it.
    #[must_use]
    pub fn internal(reason: impl Into<String>) -> Self {
        Self::Internal(reason.into())
    }

    pub(super) fn storage(error: &io::Error) -> Self {
        Self::Unavailable(format!("cannot keep objects on disk: {error}"))
    }
}

impl Missing {
    /// The code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tags => "NoSuchTagSet",
            Self::Policy => "NoSuchBucketPolicy",
            Self::Cors => "NoSuchCORSConfiguration",
            Self::Lifecycle => "NoSuchLifecycleConfiguration",
            Self::OwnershipControls => "OwnershipControlsNotFoundError",
            Self::PublicAccessBlock => "NoSuchPublicAccessBlockConfiguration",
            Self::Website => "NoSuchWebsiteConfiguration",
            Self::Replication => "ReplicationConfigurationNotFoundError",
            Self::ObjectLock => "ObjectLockConfigurationNotFoundError",
            Self::Other => "NoSuchConfiguration",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Tags => "The TagSet does not exist",
            Self::Policy => "The bucket policy does not exist",
            Self::Cors => "The CORS configuration does not exist",
            Self::Lifecycle => "The lifecycle configuration does not exist",
            Self::OwnershipControls => "The bucket ownership controls were not found",
            Self::PublicAccessBlock => "The public access block configuration was not found",
            Self::Website => "The specified bucket does not have a website configuration",
            Self::Replication => "The replication configuration was not found",
            Self::ObjectLock => "Object Lock configuration does not exist for this bucket",
            Self::Other => "The specified configuration does not exist.",
        }
    }
}
