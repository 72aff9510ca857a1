//! What lets a world begin anew.
//!
//! A reset ends one life and begins the next, behind the same port: there is no list of what is to be put back, and nothing that could
//! be missing from it. What is under way ends as it would with the process.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use hearth_engine::{
    EngineOptions,
    clock::Clock,
    journal::{Journal, NotLoaded},
    port::{BoxFuture, Sandbox},
    work::{WorkKind, WorkTracker},
};
use hearth_gateway::{
    Entrance, Gateway,
    control::{NotReset, Reset},
};
use hearth_store::Store;
use tokio::sync::{Mutex, oneshot, watch};

use super::{Change, change, life::Life};
use crate::{manifest::Manifest, terminal::Chain};

/// What the lives of a world have in common.
pub(super) struct Lives {
    this: Weak<Self>,
    options: EngineOptions,
    sandbox: Arc<dyn Sandbox>,
    /// What goes on in no life.
    work: WorkTracker,
    now: watch::Sender<Arc<Life>>,
    entrance: Option<Arc<Entrance>>,
    /// Where state is kept, if it is.
    pub(super) store: Option<Arc<Store>>,
    /// What is declared now. Held by whoever changes that, or begins a life.
    manifest: Mutex<Manifest>,
}

impl Lives {
    /// The first life, of a manifest; with a port, requests come in at an entrance.
    pub(super) fn first(
        manifest: Manifest,
        life: Life,
        options: EngineOptions,
        sandbox: Arc<dyn Sandbox>,
        work: WorkTracker,
        store: Option<Arc<Store>>,
        listens: bool,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            options,
            sandbox,
            work,
            entrance: listens.then(|| Entrance::to(gateway(this, &life, store.is_some()))),
            store,
            now: watch::Sender::new(Arc::new(life)),
            manifest: Mutex::new(manifest),
        })
    }

    pub(super) fn now(&self) -> Arc<Life> {
        Arc::clone(&self.now.borrow())
    }

    /// Tells when a life has begun.
    pub(super) fn follow(&self) -> watch::Receiver<Arc<Life>> {
        self.now.subscribe()
    }

    pub(super) fn entrance(&self) -> Option<&Arc<Entrance>> {
        self.entrance.as_ref()
    }

    /// Makes everything that of another manifest.
    pub(super) async fn apply(&self, manifest: &Manifest) -> Vec<Change> {
        let mut declared = self.manifest.lock().await;
        let changes = self.now().apply(manifest).await;
        declared.clone_from(manifest);
        changes
    }

    /// Ends the life that there is. None comes after it.
    pub(super) async fn end(&self, grace: Duration) {
        let _declared = self.manifest.lock().await;
        self.now().end(grace).await;
    }

    async fn begin_anew(&self) -> Result<Clock, NotReset> {
        let manifest = self.manifest.lock().await;
        let before = self.now();
        // First, so that nothing of it is left that could ask for anything in the next.
        before.end(Duration::ZERO).await;
        let journal = before.engine().journal().anew();
        // Before anything is removed that what was kept names.
        let kept = journal.kept().await;
        let clock = before.engine().clock().anew();
        let activity = clock.activity();
        let begin = activity.watch(WorkKind::Loading, async {
            // Nothing that follows from one thing comes before the next one is there.
            let _busy = activity.begin(WorkKind::Loading);
            let life = self.begin(journal, clock.clone()).await?;
            let changes = life.make_again(&manifest, &before).await;
            Ok::<_, NotLoaded>((life, changes))
        });
        let (life, changes) = begin.await?;
        if let Some(entrance) = &self.entrance {
            entrance.lead_to(gateway(&self.this, &life, self.store.is_some()));
        }
        self.now.send_replace(Arc::new(life));
        kept?;
        match change::succeeded(changes) {
            Ok(()) => Ok(clock),
            Err(error) => Err(NotReset::Incomplete { reason: Chain(&error).to_string() }),
        }
    }

    async fn begin(&self, journal: Journal, clock: Clock) -> Result<Life, NotLoaded> {
        let options = EngineOptions { journal, ..self.options.clone() };
        Life::begin(options, Arc::clone(&self.sandbox), clock).await
    }
}

/// A gateway to a life, by which clients can have the next one begun, and what is kept.
fn gateway(lives: &Weak<Lives>, life: &Life, keeps: bool) -> Gateway {
    let reset: Weak<dyn Reset> = Weak::clone(lives) as _;
    let gateway = Gateway::new(Arc::clone(life.services())).reset_by(reset);
    if keeps { gateway.export_by(Weak::clone(lives) as _) } else { gateway }
}

impl Reset for Lives {
    fn reset(&self) -> BoxFuture<'static, Result<Clock, NotReset>> {
        let lives = self.this.upgrade().expect("who calls this has it");
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            let work = lives.work.clone();
            // A task of its own: who goes away meanwhile must not leave a world that is neither in one life nor in the other.
            work.spawn_watcher_without_turns(async move {
                // Nobody need wait for it.
                let _unheard = sender.send(lives.begin_anew().await);
            });
            receiver.await.expect("it ends as long as there is a world, and whoever asked has one")
        })
    }
}

impl fmt::Debug for Lives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lives").field("now", &*self.now.borrow()).finish_non_exhaustive()
    }
}

impl Drop for Lives {
    fn drop(&mut self) {
        self.work.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap, future::poll_fn, path::Path, pin::pin, sync::Arc, task::Poll, time::Duration,
    };

    use hearth_engine::clock::Clock;
    use hearth_model::{identity::Partition, time::Timestamp};

    use crate::{
        manifest::Manifest,
        world::{World, WorldOptions},
    };

    /// A world with a queue, whose clock stands.
    async fn world(data_folder: Option<&Path>) -> World {
        let text = "[queues.orders]\n".to_owned();
        let manifest = Manifest::parse(Path::new("hearth.toml"), text).expect("a manifest");
        let options = WorldOptions {
            data_folder: data_folder.map(Path::to_owned),
            cache_folder: None,
            clock: Clock::frozen(Timestamp::from_unix_millis(1_000)),
            max_environments: Some(1),
            ..WorldOptions::default()
        };
        World::start(&manifest, options).await.expect("it starts")
    }

    fn create_queue(world: &World, name: &str) {
        let (services, none) = (world.services(), BTreeMap::new());
        let made = services.queues().create_queue(&Partition::default(), name, &none, BTreeMap::new());
        made.expect("it is made");
    }

    fn has_queue(world: &World, name: &str) -> bool {
        world.services().queues().find_queue(&Partition::default(), name, None).is_ok()
    }

    #[tokio::test]
    async fn a_life_leaves_nothing_behind_not_even_itself() {
        let world = world(None).await;
        create_queue(&world, "mine");
        world.engine().clock().advance(Duration::from_secs(60)).await;
        let before = Arc::downgrade(&world.engine());
        world.reset().await.expect("it is reset");
        assert!(before.upgrade().is_none(), "somebody still holds it");
        assert!(has_queue(&world, "orders") && !has_queue(&world, "mine"));
        assert_eq!(world.engine().clock().wall(), Timestamp::from_unix_millis(1_000));
    }

    #[tokio::test]
    async fn what_was_kept_goes_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = world(Some(folder.path())).await;
        create_queue(&first, "mine");
        first.reset().await.expect("it is reset");
        create_queue(&first, "later");
        first.engine().journal().kept().await.expect("it is kept");
        first.shutdown(Duration::ZERO).await;
        drop(first);
        let second = world(Some(folder.path())).await;
        assert!(has_queue(&second, "orders") && has_queue(&second, "later") && !has_queue(&second, "mine"));
    }

    #[tokio::test]
    async fn who_gives_up_waiting_finds_it_reset() {
        let world = world(None).await;
        create_queue(&world, "mine");
        let mut lives = world.follow();
        {
            let mut reset = pin!(world.reset());
            poll_fn(|context| {
                assert!(reset.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        lives.changed().await.expect("the world is there");
        assert!(!has_queue(&world, "mine"));
    }
}
