//! What can go wrong with files, in the terms of POSIX.

use thiserror::Error;

/// Why an operation on a file failed; the guest sees it as its `errno`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum FileError {
    /// EBADF: the descriptor was not opened for this.
    #[error("the file was not opened for this")]
    BadDescriptor,
    /// EBUSY: the directory is where the operation starts from.
    #[error("the directory is in use")]
    Busy,
    /// EXDEV: from one mount to another.
    #[error("the paths are on different mounts")]
    CrossDevice,
    /// EEXIST.
    #[error("the file exists")]
    Exist,
    /// EFBIG: an offset beyond what a file can have.
    #[error("the file would be too large")]
    FileTooLarge,
    /// ENOSPC: `/tmp` is full, or the disk of the host.
    #[error("no space left on device")]
    InsufficientSpace,
    /// EINVAL.
    #[error("an argument is invalid")]
    Invalid,
    /// EIO: the host failed to read or write.
    #[error("the host failed to read or write")]
    Io,
    /// EISDIR.
    #[error("it is a directory")]
    IsDirectory,
    /// ELOOP.
    #[error("too many levels of symbolic links")]
    Loop,
    /// ENAMETOOLONG.
    #[error("the name is too long")]
    NameTooLong,
    /// ENOENT.
    #[error("no such file or directory")]
    NoEntry,
    /// ENOTDIR.
    #[error("it is not a directory")]
    NotDirectory,
    /// ENOTEMPTY.
    #[error("the directory is not empty")]
    NotEmpty,
    /// EPERM: among others, a path that would leave the directory that it starts from.
    #[error("the operation is not permitted")]
    NotPermitted,
    /// EOVERFLOW.
    #[error("the value is out of range")]
    Overflow,
    /// EROFS.
    #[error("the file system is read-only")]
    ReadOnly,
    /// EMLINK.
    #[error("the file has too many links")]
    TooManyLinks,
    /// EMFILE on Linux. WASI 0.2 has no such code, and the guest sees ENOMEM.
    #[error("too many files are open")]
    TooManyOpenFiles,
}
