//! How the program ends.

use std::process::ExitCode;

/// What the exit code tells a script. Also in `hearth --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: all went well.
    Success,
    /// 1: a function failed: an error of its own, a timeout, a crash.
    FunctionError,
    /// 2: the command line, the manifest, the code or the event is wrong.
    Usage,
    /// 3: Hearth or the machine could not do its part, or a concurrency limit turned the invocation away.
    Platform,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::FunctionError => 1,
            Exit::Usage => 2,
            Exit::Platform => 3,
        })
    }
}
