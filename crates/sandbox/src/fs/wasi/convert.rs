//! Between WASI's types and ours.

use std::time::Duration;

use hearth_model::time::Timestamp;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;

use super::types::{
    DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp, OpenFlags,
    PathFlags,
};
use crate::fs::{
    descriptor::{Access, Identity},
    directory::OpenOptions,
    error::FileError,
    path::LastLink,
    tree::{Kind, Status},
};

/// How a call ends that does not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The guest is told.
    File(FileError),
    /// The guest broke the rules, for example by using what it has dropped, and ends.
    Trap(wasmtime::Error),
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<ResourceTableError> for Failure {
    fn from(error: ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

impl From<FileError> for ErrorCode {
    fn from(error: FileError) -> Self {
        match error {
            FileError::BadDescriptor => Self::BadDescriptor,
            FileError::Busy => Self::Busy,
            FileError::CrossDevice => Self::CrossDevice,
            FileError::Exist => Self::Exist,
            FileError::FileTooLarge => Self::FileTooLarge,
            FileError::InsufficientSpace => Self::InsufficientSpace,
            FileError::Invalid => Self::Invalid,
            FileError::Io => Self::Io,
            FileError::IsDirectory => Self::IsDirectory,
            FileError::Loop => Self::Loop,
            FileError::NameTooLong => Self::NameTooLong,
            FileError::NoEntry => Self::NoEntry,
            FileError::NotDirectory => Self::NotDirectory,
            FileError::NotEmpty => Self::NotEmpty,
            FileError::NotPermitted => Self::NotPermitted,
            FileError::Overflow => Self::Overflow,
            FileError::ReadOnly => Self::ReadOnly,
            FileError::TooManyLinks => Self::TooManyLinks,
            FileError::TooManyOpenFiles => Self::InsufficientMemory,
        }
    }
}

impl From<Kind> for DescriptorType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Directory => Self::Directory,
            Kind::File => Self::RegularFile,
            Kind::SymbolicLink => Self::SymbolicLink,
        }
    }
}

impl From<Status> for DescriptorStat {
    fn from(status: Status) -> Self {
        Self {
            type_: status.kind.into(),
            link_count: status.links.into(),
            size: status.size,
            data_access_timestamp: datetime(status.times.accessed),
            data_modification_timestamp: datetime(status.times.modified),
            status_change_timestamp: datetime(status.times.changed),
        }
    }
}

impl From<Identity> for MetadataHashValue {
    fn from(identity: Identity) -> Self {
        // Not hashed: the guest may know all of it, and wasi-libc takes the lower half as the inode's number.
        Self { lower: identity.file, upper: identity.state }
    }
}

/// How to treat a link at the end of a path.
pub(super) fn last_link(flags: PathFlags) -> LastLink {
    if flags.contains(PathFlags::SYMLINK_FOLLOW) { LastLink::Follow } else { LastLink::Keep }
}

pub(super) fn open_options(path: PathFlags, open: OpenFlags, flags: DescriptorFlags) -> OpenOptions {
    OpenOptions {
        follow: path.contains(PathFlags::SYMLINK_FOLLOW),
        create: open.contains(OpenFlags::CREATE),
        exclusive: open.contains(OpenFlags::EXCLUSIVE),
        directory: open.contains(OpenFlags::DIRECTORY),
        truncate: open.contains(OpenFlags::TRUNCATE),
        access: Access {
            read: flags.contains(DescriptorFlags::READ),
            write: flags.contains(DescriptorFlags::WRITE),
        },
    }
}

/// The time to set, or `None` to leave it as it is.
pub(super) fn new_time(new: NewTimestamp, now: Timestamp) -> Result<Option<Timestamp>, FileError> {
    match new {
        NewTimestamp::NoChange => Ok(None),
        NewTimestamp::Now => Ok(Some(now)),
        NewTimestamp::Timestamp(Datetime { seconds, nanoseconds }) => {
            let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
            let nanos = i64::try_from(nanos).map_err(|_| FileError::Overflow)?;
            Ok(Some(Timestamp::from_unix_nanos(nanos)))
        }
    }
}

/// WASI cannot tell times before 1970.
fn datetime(at: Timestamp) -> Option<Datetime> {
    let since_epoch = Duration::from_nanos(u64::try_from(at.as_unix_nanos()).ok()?);
    Some(Datetime { seconds: since_epoch.as_secs(), nanoseconds: since_epoch.subsec_nanos() })
}
