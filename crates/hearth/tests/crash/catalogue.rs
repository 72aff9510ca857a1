//! A client of things that have names and values: they are put, put otherwise, and deleted.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use crate::{
    client::Client,
    http::{Answer, Unknown},
    random::Random,
};

/// Things of a service.
pub(crate) trait Things: Send {
    /// What messages call them.
    const KIND: &'static str;

    /// Makes one have this value, whether it is there or not.
    fn put(&self, server: SocketAddr, name: &str, is_there: bool, value: u64) -> Result<Answer, Unknown>;

    fn delete(&self, server: SocketAddr, name: &str) -> Result<Answer, Unknown>;

    /// All that there are, with their values.
    fn all(&self, server: SocketAddr, names: &[String]) -> BTreeMap<String, u64>;
}

/// The only client of these things.
pub(crate) struct Catalogue<T> {
    things: T,
    random: Random,
    last: u64,
    /// What each may be: a value, or not there.
    known: BTreeMap<String, BTreeSet<Option<u64>>>,
}

/// How many names there are.
const NAMES: u64 = 8;

impl<T: Things> Catalogue<T> {
    pub(crate) fn new(things: T, random: Random) -> Self {
        Self { things, random, last: 0, known: BTreeMap::new() }
    }
}

impl<T: Things> Client for Catalogue<T> {
    fn begin(&mut self, _: SocketAddr) {}

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let name = format!("crash-{}", self.random.below(NAMES));
        let possible = self.known.entry(name.clone()).or_insert_with(|| BTreeSet::from([None]));
        let is_there = !possible.contains(&None);
        self.last += 1;
        let wanted = Some(self.last).filter(|_| !is_there || self.random.below(3) > 0);
        possible.insert(wanted);
        let answer = match wanted {
            Some(value) => self.things.put(server, &name, is_there, value)?,
            None => self.things.delete(server, &name)?,
        };
        assert!(answer.is_ok(), "{}: {answer:?}", T::KIND);
        *possible = BTreeSet::from([wanted]);
        Ok(())
    }

    fn check(&mut self, server: SocketAddr) {
        let names: Vec<_> = self.known.keys().cloned().collect();
        let found = self.things.all(server, &names);
        for name in found.keys() {
            assert!(self.known.contains_key(name), "{}: nobody has made {name}", T::KIND);
        }
        for (name, possible) in &mut self.known {
            let found = found.get(name).copied();
            assert!(possible.contains(&found), "{}: {name} is {found:?}, not one of {possible:?}", T::KIND);
            *possible = BTreeSet::from([found]);
        }
    }
}
