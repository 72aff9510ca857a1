//! Notices changes of a manifest and of the code that it names.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hearth_engine::clock::Clock;
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::sync::Notify;

use crate::{
    manifest::{Manifest, ManifestError},
    world::{Change, DATA_FOLDER, World},
};

/// A build writes many files, and large ones bit by bit: it is over when nothing has happened for this long.
const QUIESCENCE: Duration = Duration::from_millis(100);

/// Watches a manifest and its code.
pub(crate) struct Watch {
    manifest: Manifest,
    changed: Arc<Notify>,
    /// Replaced each time, because a folder that was removed and made anew is another one to the system.
    watcher: Option<RecommendedWatcher>,
    /// Builds take real time.
    clock: Clock,
}

/// What came of a change.
pub(crate) enum Noticed {
    /// The manifest was applied; nothing may have changed in effect.
    Applied {
        changes: Vec<Change>,
        /// The manifest's settings are others than before, and cannot be changed while the world runs.
        settings_differ: bool,
    },
    /// The manifest cannot be used. All stays as it was.
    Refused(ManifestError),
}

impl Watch {
    /// Watches from now on. To miss nothing, this comes before the code is loaded.
    pub(crate) fn new(manifest: Manifest) -> notify::Result<Self> {
        let changed = Arc::new(Notify::new());
        let mut watch = Self { manifest, changed, watcher: None, clock: Clock::real() };
        watch.watch_anew()?;
        Ok(watch)
    }

    /// Waits for the next change, until it is complete, and applies it to the world.
    pub(crate) async fn next(&mut self, world: &World) -> notify::Result<Noticed> {
        self.changed.notified().await;
        while self.changes_within(QUIESCENCE).await {}
        let path = self.manifest.path().to_owned();
        let read = tokio::task::spawn_blocking(move || Manifest::read(&path)).await;
        // A task that was not aborted can only fail by a panic, which is passed on.
        let read = read.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
        let manifest = match read {
            Ok(manifest) => manifest,
            Err(error) => {
                self.watch_anew()?;
                return Ok(Noticed::Refused(error));
            }
        };
        let settings_differ = manifest.settings != self.manifest.settings;
        // Before the code is read, so that a change in between is noticed.
        self.manifest.clone_from(&manifest);
        self.watch_anew()?;
        Ok(Noticed::Applied { changes: world.apply(&manifest).await, settings_differ })
    }

    async fn changes_within(&self, period: Duration) -> bool {
        tokio::select! {
            () = self.changed.notified() => true,
            () = self.clock.sleep(period) => false,
        }
    }

    fn watch_anew(&mut self) -> notify::Result<()> {
        let changed = Arc::clone(&self.changed);
        let scopes = scopes(&self.manifest);
        let folders: Vec<_> = scopes.iter().map(|(folder, scope)| (folder.clone(), scope.mode())).collect();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error means that events were lost: whatever it was may have changed something.
            if event.is_ok_and(|event| !changes_something(&event.kind) || !concerns(&event, &scopes)) {
                return;
            }
            changed.notify_one();
        })?;
        for (folder, mode) in folders {
            watcher.watch(&folder, mode)?;
        }
        self.watcher = Some(watcher);
        Ok(())
    }
}

/// What of a watched folder matters.
#[derive(Debug, PartialEq, Eq)]
enum Scope {
    /// Everything in it and below it, but for state.
    All,
    /// Only these names in it: whatever else lies beside them, such as a log of Hearth's own, is none of its business.
    Names(BTreeSet<OsString>),
}

impl Scope {
    fn mode(&self) -> RecursiveMode {
        match self {
            Self::All => RecursiveMode::Recursive,
            Self::Names(_) => RecursiveMode::NonRecursive,
        }
    }

    /// Whether a path that lies in or below `folder` matters.
    fn has(&self, folder: &Path, path: &Path) -> bool {
        match self {
            Self::All => {
                let inside = path.strip_prefix(folder);
                inside.is_ok_and(|inside| inside.iter().all(|part| part != DATA_FOLDER))
            }
            Self::Names(names) => {
                path.parent() == Some(folder) && path.file_name().is_some_and(|name| names.contains(name))
            }
        }
    }
}

/// Reading is no change, and Hearth itself reads.
fn changes_something(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(access) => matches!(access, AccessKind::Close(AccessMode::Write)),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// Whether an event is about something that matters. One that names no path may be about anything.
fn concerns(event: &Event, scopes: &BTreeMap<PathBuf, Scope>) -> bool {
    let matters = |path: &PathBuf| scopes.iter().any(|(folder, scope)| scope.has(folder, path));
    event.paths.is_empty() || event.paths.iter().any(matters)
}

/// What to watch: folders of code with all below them, and of everything that is named the folder that it lies in,
/// because files are replaced rather than written to, folders are made anew, and links are set to other places. Folders
/// are without links, as the paths of events then are.
fn scopes(manifest: &Manifest) -> BTreeMap<PathBuf, Scope> {
    let mut scopes = BTreeMap::new();
    let declarations = manifest.functions.iter();
    let code =
        declarations.flat_map(|declaration| std::iter::once(&declaration.code).chain(&declaration.layers));
    for path in code.map(|code| code.path.as_path()).chain([manifest.path()]) {
        if path.is_dir()
            && let Ok(folder) = path.canonicalize()
        {
            scopes.insert(folder, Scope::All);
        }
        if let Some((folder, name)) = nearest_folder(path)
            && let Scope::Names(names) = scopes.entry(folder).or_insert(Scope::Names(BTreeSet::new()))
        {
            names.insert(name);
        }
    }
    scopes
}

/// The folder that something is in, or will be in once it exists, and what of it leads there.
fn nearest_folder(path: &Path) -> Option<(PathBuf, OsString)> {
    // A path that cannot be made absolute, as in a folder that was removed, is nothing to watch.
    let path = std::path::absolute(path).ok()?;
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let name = path.strip_prefix(folder).ok()?.components().next()?;
    Some((folder.canonicalize().ok()?, name.as_os_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_matters() {
        let names = Scope::Names(BTreeSet::from([OsString::from("hearth.toml")]));
        let scopes = BTreeMap::from([(PathBuf::from("/p"), names), (PathBuf::from("/p/code"), Scope::All)]);
        let check = |path: &str| concerns(&Event::new(EventKind::Any).add_path(path.into()), &scopes);
        for path in ["/p/hearth.toml", "/p/code", "/p/code/app.wasm", "/p/code/lib/a"] {
            assert!(check(path), "{path}");
        }
        for path in ["/p/hearth.log", "/p/other/hearth.toml", "/p/code/.hearth/state.redb", "/q"] {
            assert!(!check(path), "{path}");
        }
        assert!(concerns(&Event::new(EventKind::Any), &scopes), "events were lost");
    }

    #[test]
    fn reading_is_no_change() {
        assert!(!changes_something(&EventKind::Access(AccessKind::Open(AccessMode::Read))));
        assert!(changes_something(&EventKind::Access(AccessKind::Close(AccessMode::Write))));
    }

    #[test]
    fn what_is_not_there_yet_is_watched_for_where_it_will_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("it exists");
        std::fs::create_dir(folder.join("code")).expect("a folder");
        let text = "functions.a.code = \"code\"\nfunctions.b.code = \"target/release/b.wasm\"\n";
        let manifest = Manifest::parse(&folder.join("hearth.toml"), text.to_owned()).expect("a manifest");
        let names = ["code", "hearth.toml", "target"].map(OsString::from);
        let expected = BTreeMap::from([
            (folder.join("code"), Scope::All),
            (folder.clone(), Scope::Names(BTreeSet::from(names))),
        ]);
        assert_eq!(scopes(&manifest), expected);
    }
}
