//! Answers that are kept.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use crate::time::Instant;

/// Answers of authorizers by whom they are about, each until its time is over.
///
/// It holds a bounded number of answers: where there is no room, the one goes whose time would be over first, and its
/// authorizer is asked again.
#[derive(Clone, Debug)]
pub struct AuthorizerCache<T> {
    answers: HashMap<String, Kept<T>>,
    /// By when they end, and as they came.
    ends: BTreeMap<(Instant, u64), String>,
    most: usize,
    inserted: u64,
}

#[derive(Clone, Debug)]
struct Kept<T> {
    answer: T,
    end: (Instant, u64),
}

impl<T> AuthorizerCache<T> {
    /// How many answers a cache holds unless it is told otherwise.
    pub const MOST: usize = 10_000;

    /// An empty cache for so many answers.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { answers: HashMap::new(), ends: BTreeMap::new(), most, inserted: 0 }
    }

    /// The answer of a key, if it still counts.
    #[must_use]
    pub fn find(&self, now: Instant, key: &str) -> Option<&T> {
        self.answers.get(key).filter(|kept| now < kept.end.0).map(|kept| &kept.answer)
    }

    /// Keeps an answer for a while, in place of another one of that key. No time at all keeps nothing.
    pub fn insert(&mut self, now: Instant, key: String, answer: T, time_to_live: Duration) {
        self.remove(&key);
        while let Some(first) = self.ends.first_entry()
            && (first.key().0 <= now || self.answers.len() >= self.most)
        {
            self.answers.remove(&first.remove());
        }
        if time_to_live.is_zero() || self.most == 0 {
            return;
        }
        self.inserted += 1;
        let end = (now + time_to_live, self.inserted);
        self.ends.insert(end, key.clone());
        self.answers.insert(key, Kept { answer, end });
    }

    /// Forgets all answers whose key is one of those.
    pub fn forget(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.ends.retain(|_, key| !is_meant(key));
        self.answers.retain(|key, _| !is_meant(key));
    }

    fn remove(&mut self, key: &str) {
        if let Some(kept) = self.answers.remove(key) {
            self.ends.remove(&kept.end);
        }
    }
}

impl<T> Default for AuthorizerCache<T> {
    fn default() -> Self {
        Self::new(Self::MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ORIGIN + Duration::from_secs(seconds)
    }

    fn insert(cache: &mut AuthorizerCache<u32>, seconds: u64, key: &str, answer: u32, ttl: u64) {
        cache.insert(at(seconds), key.to_owned(), answer, Duration::from_secs(ttl));
    }

    #[test]
    fn an_answer_counts_until_its_time_is_over() {
        let mut cache = AuthorizerCache::default();
        insert(&mut cache, 0, "a", 1, 300);
        assert_eq!(cache.find(at(299), "a"), Some(&1));
        assert_eq!(cache.find(at(300), "a"), None);
        assert_eq!(cache.find(at(0), "b"), None);
        insert(&mut cache, 100, "a", 2, 300);
        assert_eq!(cache.find(at(399), "a"), Some(&2));
    }

    #[test]
    fn no_time_keeps_nothing() {
        let mut cache = AuthorizerCache::default();
        insert(&mut cache, 0, "a", 1, 300);
        insert(&mut cache, 1, "a", 2, 0);
        assert_eq!(cache.find(at(1), "a"), None);
    }

    #[test]
    fn what_would_end_first_makes_room() {
        let mut cache = AuthorizerCache::new(2);
        insert(&mut cache, 0, "long", 1, 1_000);
        insert(&mut cache, 1, "short", 2, 10);
        insert(&mut cache, 2, "other", 3, 100);
        let found = ["long", "short", "other"].map(|key| cache.find(at(2), key).copied());
        assert_eq!(found, [Some(1), None, Some(3)]);
        insert(&mut cache, 500, "more", 4, 10);
        let found = ["long", "other", "more"].map(|key| cache.find(at(500), key).copied());
        assert_eq!(found, [Some(1), None, Some(4)]);
        assert_eq!((cache.answers.len(), cache.ends.len()), (2, 2));
    }

    #[test]
    fn answers_are_forgotten_by_their_keys() {
        let mut cache = AuthorizerCache::default();
        insert(&mut cache, 0, "prod/a", 1, 300);
        insert(&mut cache, 0, "test/a", 2, 300);
        cache.forget(|key| key.starts_with("prod/"));
        assert_eq!((cache.find(at(1), "prod/a"), cache.find(at(1), "test/a")), (None, Some(&2)));
        assert_eq!(cache.ends.len(), 1);
    }
}
