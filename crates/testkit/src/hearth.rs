//! A running Hearth.

use std::{sync::Arc, time::Duration};

use hearth::World;
use hearth_engine::{
    Engine,
    clock::Clock,
    settle::{Tally, since},
    timeline::Event,
};
use tokio::task::JoinSet;

use crate::{builder::Builder, invocation::Invocation};

/// A Hearth of one test. It ends, with all that is in it, when this is dropped.
#[derive(Debug)]
pub struct Hearth {
    world: World,
    _serving: JoinSet<()>,
}

impl Hearth {
    /// What to start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(world: World, serving: JoinSet<()>) -> Self {
        Self { world, _serving: serving }
    }

    /// Where everything answers: the endpoint for clients of AWS, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.world.address().expect("it was started with a port"))
    }

    /// Where the routes of the manifest's HTTP API answer: this URL and the path of the route.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("{}/_hearth/http", self.url())
    }

    /// The URL of a queue.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.url(), self.world.partition().account)
    }

    /// The clock by which everything goes, until a [reset](Self::reset): then it is another one.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.engine().clock().clone()
    }

    /// Moves the clock forward, from deadline to deadline, and settles at each; tells what ran.
    pub async fn advance(&self, by: Duration) -> Tally {
        let before = self.engine().tally();
        self.clock().advance(by).await;
        self.settled_since(&before).await
    }

    /// Waits until nothing is in flight and nothing is due now; tells what ran meanwhile.
    pub async fn settle(&self) -> Tally {
        let before = self.engine().tally();
        self.settled_since(&before).await
    }

    /// Ends everything that there is, whatever is under way, and begins as at the start: with what the manifest declares and nothing
    /// else, at the time at which the clock began. Takes a few milliseconds. Clients can be used on.
    ///
    /// # Panics
    /// If something that was there at the start cannot be made again.
    pub async fn reset(&self) {
        if let Err(failure) = self.world.reset().await {
            panic!("{failure}");
        }
    }

    /// Everything that has happened, oldest first, as far as it is kept.
    #[must_use]
    pub fn timeline(&self) -> Vec<Event> {
        self.engine().timeline().snapshot()
    }

    /// The invocations of a function that are over, oldest first, as far as the timeline is kept.
    #[must_use]
    pub fn invocations(&self, function: &str) -> Vec<Invocation> {
        let events = self.timeline();
        let own = events.iter().filter(|event| event.function().is_some_and(|name| **name == *function));
        own.filter_map(Invocation::of).collect()
    }

    /// What a function has written, line by line, as far as it is kept.
    ///
    /// # Panics
    /// If there is no such function.
    #[must_use]
    pub fn logs(&self, function: &str) -> Vec<String> {
        let functions = self.world.functions();
        let function =
            functions.resolve(&self.world.partition(), function, None).expect("there is such a function");
        function.log().snapshot().iter().map(ToString::to_string).collect()
    }

    async fn settled_since(&self, before: &Tally) -> Tally {
        self.engine().settle().await;
        since(before, self.engine().tally())
    }

    fn engine(&self) -> Arc<Engine> {
        self.world.engine()
    }
}

impl Drop for Hearth {
    /// What still runs is broken off.
    fn drop(&mut self) {
        self.engine().work().abort();
    }
}
