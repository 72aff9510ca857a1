//! How a world comes to be.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use hearth_engine::{
    EngineOptions,
    clock::Clock,
    journal::{Journal, NotLoaded},
    port::{NetworkPolicy, Sandbox},
    shown::shown_until,
    work::{WorkKind, WorkTracker},
};
use hearth_gateway::{BindError, Listener};
use hearth_model::{identity::Version, time::Timestamp};
use hearth_sandbox::{
    DEFAULT_MAX_ENVIRONMENTS, MOST_ENVIRONMENTS, ManagedRuntimes, SandboxError, SandboxOptions, WasmSandbox,
};
use hearth_services::{Inventory, Services};
use hearth_store::{Folder, OpenError, Store};
use thiserror::Error;

use super::{Life, Lives, World};
use crate::{
    manifest::{Manifest, ManifestError},
    progress::Progress,
    runtime,
    terminal::{self, NAME},
};

/// The folder that state is kept in, beside the manifest, unless another one is named. It is never code.
pub(crate) const DATA_FOLDER: &str = ".hearth";

/// What a world is made with besides its manifest.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// The address to listen on; port 0 takes a free one. `None` by default: no port.
    pub listen: Option<SocketAddr>,
    /// The folder for compiled code; `None` compiles every time. By default
    /// [`default_cache_folder`](crate::default_cache_folder).
    pub cache_folder: Option<PathBuf>,
    /// The folder in which state survives; `None` by default: it ends with the process.
    pub data_folder: Option<PathBuf>,
    /// The clock by which everything runs; by default one that runs as the machine's and can be steered.
    pub clock: Clock,
    /// Whether the clock shall begin where it stands, and nowhere else. Otherwise, the default, it is set forward to where kept state
    /// has got to, if need be.
    pub clock_is_given: bool,
    /// Environments that can live at once. By default a quarter more than the manifest's `account_concurrency`, so that
    /// idle ones need not make room at once, and at least 1,250.
    pub max_environments: Option<u32>,
    /// Sandboxes that other worlds use as well; then the folder for compiled code and the number of environments are theirs.
    /// `None` by default: the world has its own.
    pub sandbox: Option<Arc<WasmSandbox>>,
}

/// State that survives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptState {
    /// The folder that it is in.
    pub folder: PathBuf,
    /// What was in it at the start.
    pub loaded: Inventory,
}

/// Why a world cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The manifest, or code that it names, cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The port cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The machine has no room for sandboxes.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The folder for state cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// What is in it cannot be brought back.
    #[error(transparent)]
    Restore(#[from] NotLoaded),
    /// The clock would go back.
    #[error(
        "the clock cannot begin at {at}: the state in `{}` has got to {until}, and time does not go back for it. Begin then or later, \
         or choose another folder",
        folder.display()
    )]
    Past {
        /// When it should begin.
        at: String,
        /// When it can.
        until: String,
        /// The folder with the state.
        folder: PathBuf,
    },
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            listen: None,
            cache_folder: crate::default_cache_folder(),
            data_folder: None,
            clock: Clock::steered(),
            clock_is_given: false,
            max_environments: None,
            sandbox: None,
        }
    }
}

pub(super) async fn start(manifest: &Manifest, options: WorldOptions) -> Result<World, StartError> {
    let listener = options.listen.map(Listener::bind).transpose()?;
    let address = listener.as_ref().map(Listener::local_address);

    let store = options.data_folder.as_deref().map(open_store).transpose()?;
    let journal = match &store {
        Some(store) => {
            let journal = Journal::on(Arc::clone(store) as _);
            begin_no_earlier(&journal, &options, store.folder().path()).await?;
            journal
        }
        None => Journal::default(),
    };
    if let (Some(store), Some(address)) = (&store, address) {
        store.folder().announce(&format!("http://{address}"));
    }

    let settings = &manifest.settings;
    let (sandbox, progress): (Arc<dyn Sandbox>, _) = match options.sandbox {
        Some(shared) => (shared, None),
        None => {
            let quarter_more = settings.account_concurrency.saturating_add(settings.account_concurrency / 4);
            let enough = quarter_more.clamp(DEFAULT_MAX_ENVIRONMENTS, MOST_ENVIRONMENTS);
            let (observer, progress) = Progress::new();
            let managed = ManagedRuntimes {
                folder: options.cache_folder.as_deref().map(runtime::folder),
                strict: settings.strict_runtimes,
            };
            let sandbox = WasmSandbox::new(SandboxOptions {
                managed,
                cache_folder: options.cache_folder,
                max_environments: options.max_environments.unwrap_or(enough),
                observer,
            })?;
            (Arc::new(sandbox), Some(progress))
        }
    };
    let engine_options = EngineOptions {
        pool: settings.pool,
        account_concurrency: settings.account_concurrency,
        network: NetworkPolicy {
            endpoint: address,
            open: settings.network.as_slice().into(),
            ..NetworkPolicy::default()
        },
        journal,
        ..EngineOptions::default()
    };
    let work = WorkTracker::new(options.clock.activity().clone());
    if let Some(progress) = progress {
        work.spawn_watcher_without_turns(progress.run());
    }

    let activity = options.clock.activity().clone();
    let begin = activity.watch(WorkKind::Loading, async {
        // Nothing that follows from one thing comes before the next one is there.
        let _busy = activity.begin(WorkKind::Loading);
        let life = Life::begin(engine_options.clone(), Arc::clone(&sandbox), options.clock).await?;
        let inventory = life.services().inventory();
        let taken_away = life.take_over(manifest)?;
        life.make_all(manifest).await?;
        Ok::<_, StartError>((life, inventory, taken_away))
    });
    let (life, loaded, taken_away) = begin.await?;
    let kept = options.data_folder.map(|folder| KeptState { folder, loaded });
    tell_unloaded(life.services());
    let lives =
        Lives::first(manifest.clone(), life, engine_options, sandbox, work, store, listener.is_some());
    Ok(World { lives, listener, address, kept, taken_away })
}

/// Sees to it that time does not go back for what is in a folder.
async fn begin_no_earlier(
    journal: &Journal,
    options: &WorldOptions,
    folder: &Path,
) -> Result<(), StartError> {
    let WorldOptions { clock, clock_is_given, .. } = options;
    let Some(until) = shown_until(journal)?.filter(|until| *until > clock.wall()) else { return Ok(()) };
    if *clock_is_given || !clock.is_steered() {
        let [at, until] = [clock.wall(), until].map(Timestamp::to_seconds_text);
        return Err(StartError::Past { at, until, folder: folder.to_owned() });
    }
    clock.set(until).await;
    let (until, folder) = (until.to_seconds_text(), folder.display());
    terminal::note(format_args!(
        "the clock begins at {until}, which the state in `{folder}` has got to; `hearth reset` begins anew"
    ));
    Ok(())
}

/// Says what is there and cannot be invoked, now that functions of the manifest have the code that it names.
fn tell_unloaded(services: &Services) {
    for (_, version) in services.functions().unloaded() {
        let name = &version.content.settings.configuration.name;
        let reason = version.failure().map(AsRef::as_ref).unwrap_or_default();
        match version.version {
            Version::Latest => terminal::warn(format_args!(
                "function {NAME}{name}{NAME:#} cannot be invoked: {reason}. Its events and messages wait until it has other code \
                 (`aws lambda update-function-code --function-name {name} …`) or is deleted"
            )),
            Version::Published(number) => terminal::warn(format_args!(
                "version {number} of function {NAME}{name}{NAME:#} cannot be invoked: {reason}. Versions do not change: publish \
                 another one, let aliases point to that, and delete this one"
            )),
        }
    }
}

fn open_store(folder: &Path) -> Result<Arc<Store>, OpenError> {
    Ok(Arc::new(Store::open(Folder::open(folder)?)?))
}
