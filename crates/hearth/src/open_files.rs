//! How many files and connections this process may have open.

/// As many as Hearth makes use of: its connections, and the files of objects.
#[cfg(unix)]
const WANTED: u64 = 65_536;

/// Raises the limit as far as the system lets this process, which starts with a limit for programs that have few open. If it
/// can't be raised, what the system gives must do: connections beyond it wait.
#[cfg(unix)]
pub(crate) fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_some_and(|current| current < wanted) {
        // Whoever is refused goes on with what there is.
        let _refused = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// There is no such limit.
#[cfg(not(unix))]
pub(crate) fn raise_limit() {}
