//! Lists: ordered, in pages, with whatever has a common prefix folded into one.
//!
//! What is folded is skipped, not looked through: a list of the folders of a million objects costs as much as it has entries.

use std::{
    collections::{BTreeMap, btree_map},
    ops::Bound,
};

use super::ObjectKey;

/// Which keys a list shall have.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Those that begin with this.
    pub prefix: String,
    /// Fold what has the same text from the prefix up to this.
    pub delimiter: Option<String>,
    /// Begin behind this.
    pub after: Option<Position>,
    /// How many entries and folded prefixes at most.
    pub most: usize,
}

/// A place in a list; nothing need be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// A key, or a prefix that was folded.
    pub key: String,
    /// Which of the entries of this key, if it can have several; none is the last of them.
    pub entry: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// What is in it.
    pub entries: Vec<T>,
    /// What was folded.
    pub prefixes: Vec<String>,
    /// If there is more: the end of this page, behind which the next one begins.
    pub next: Option<Position>,
}

/// Goes through keys.
pub(super) struct Walk<'a, V> {
    map: &'a BTreeMap<ObjectKey, V>,
    range: btree_map::Range<'a, ObjectKey, V>,
    prefix: &'a str,
    delimiter: Option<&'a str>,
}

/// Where a walk has come to.
pub(super) enum Step<'a, V> {
    Entry(&'a ObjectKey, &'a V),
    Prefix(&'a str),
}

impl<'a, V> Walk<'a, V> {
    /// Begins at the first key with anything behind `query.after`.
    pub(super) fn new(map: &'a BTreeMap<ObjectKey, V>, query: &'a ListQuery) -> Self {
        let prefix = query.prefix.as_str();
        let delimiter = query.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
        let mut walk = Self { map, range: map.range::<[u8], _>(..), prefix, delimiter };
        match query.after.as_ref().filter(|after| *after.key >= *prefix) {
            None => walk.start(Bound::Included(prefix.as_bytes())),
            Some(Position { key, entry: Some(_) }) => walk.start(Bound::Included(key.as_bytes())),
            // The page before ended with this prefix.
            Some(Position { key, .. }) if walk.common_prefix(key) == Some(key) => walk.skip(key),
            Some(Position { key, .. }) => walk.start(Bound::Excluded(key.as_bytes())),
        }
        walk
    }

    /// The next one that `is_there`.
    pub(super) fn next(&mut self, is_there: impl Fn(&V) -> bool) -> Option<Step<'a, V>> {
        loop {
            let (key, value) = self.range.next()?;
            if !key.as_str().starts_with(self.prefix) {
                return None;
            }
            if !is_there(value) {
                continue;
            }
            let Some(common) = self.common_prefix(key.as_str()) else { return Some(Step::Entry(key, value)) };
            self.skip(common);
            return Some(Step::Prefix(common));
        }
    }

    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let rest = key.strip_prefix(self.prefix)?;
        let end = key.len() - rest.len() + rest.find(delimiter)? + delimiter.len();
        Some(&key[..end])
    }

    /// Goes on behind everything that begins with this.
    fn skip(&mut self, prefix: &str) {
        let mut behind = prefix.as_bytes().to_vec();
        // No text has a byte of 255 in it.
        if let Some(last) = behind.last_mut() {
            *last += 1;
        }
        self.start(Bound::Included(&behind));
    }

    fn start(&mut self, bound: Bound<&[u8]>) {
        self.range = self.map.range::<[u8], _>((bound, Bound::Unbounded));
    }
}

impl<T> Listing<T> {
    /// Takes a page of those that are there. Each key has `entries`, with a name if it can have several.
    pub(super) fn take<'a, V, I>(
        map: &'a BTreeMap<ObjectKey, V>,
        query: &'a ListQuery,
        is_there: impl Fn(&V) -> bool,
        entries: impl Fn(&'a ObjectKey, &'a V) -> I,
    ) -> Self
    where
        I: Iterator<Item = (Option<&'a str>, T)>,
    {
        let mut walk = Walk::new(map, query);
        let mut page = Self { entries: Vec::new(), prefixes: Vec::new(), next: None };
        let mut end = None;
        while let Some(step) = walk.next(&is_there) {
            match step {
                Step::Prefix(prefix) => {
                    if page.has(query.most) {
                        return page.ending(end);
                    }
                    page.prefixes.push(prefix.to_owned());
                    end = Some((prefix, None));
                }
                Step::Entry(key, value) => {
                    let after = query.after.as_ref().filter(|after| after.key == key.as_str());
                    let known = after.and_then(|after| {
                        let last = after.entry.as_deref();
                        entries(key, value).position(|(name, _)| name == last)
                    });
                    for (name, entry) in entries(key, value).skip(known.map_or(0, |known| known + 1)) {
                        if page.has(query.most) {
                            return page.ending(end);
                        }
                        page.entries.push(entry);
                        end = Some((key.as_str(), name));
                    }
                }
            }
        }
        page
    }

    fn has(&self, most: usize) -> bool {
        self.entries.len() + self.prefixes.len() >= most
    }

    /// There is more. Whoever asks for nothing is not told.
    fn ending(self, end: Option<(&str, Option<&str>)>) -> Self {
        let position = |(key, entry): (&str, Option<&str>)| Position {
            key: key.to_owned(),
            entry: entry.map(str::to_owned),
        };
        Self { next: end.map(position), ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn map(keys: &[&str]) -> BTreeMap<ObjectKey, bool> {
        keys.iter().map(|key| (ObjectKey::parse(key).expect("a key"), !key.ends_with('!'))).collect()
    }

    /// All pages, each of at most `most`: entries, and prefixes with a `>` behind them.
    fn pages(map: &BTreeMap<ObjectKey, bool>, query: &ListQuery) -> Vec<Vec<String>> {
        let mut query = query.clone();
        let mut pages = Vec::new();
        loop {
            let one = |key: &ObjectKey, _: &bool| std::iter::once((None, key.to_string()));
            let page = Listing::take(map, &query, |live| *live, one);
            let prefixes = page.prefixes.iter().map(|prefix| format!("{prefix}>"));
            pages.push(page.entries.into_iter().chain(prefixes).collect());
            match page.next {
                Some(next) => query.after = Some(next),
                None => return pages,
            }
        }
    }

    fn query(prefix: &str, delimiter: &str, most: usize) -> ListQuery {
        let delimiter = (!delimiter.is_empty()).then(|| delimiter.to_owned());
        ListQuery { prefix: prefix.to_owned(), delimiter, after: None, most }
    }

    #[test]
    fn what_has_a_common_prefix_is_folded() {
        let map = map(&["a", "b/1", "b/2/x", "b/2/y", "b/gone!", "c//d", "gone/only!", "z"]);
        let check = |prefix: &str, delimiter: &str, expected: &[&str]| {
            assert_eq!(pages(&map, &query(prefix, delimiter, 100)), [expected], "{prefix} {delimiter}");
        };
        check("", "", &["a", "b/1", "b/2/x", "b/2/y", "c//d", "z"]);
        check("", "/", &["a", "z", "b/>", "c/>"]);
        check("b/", "/", &["b/1", "b/2/>"]);
        check("b", "/", &["b/>"]);
        check("b/2", "", &["b/2/x", "b/2/y"]);
        check("c/", "/", &["c//>"]);
        check("", "/2/", &["a", "b/1", "c//d", "z", "b/2/>"]);
        check("nothing", "/", &[]);
    }

    #[test]
    fn a_list_begins_behind_what_need_not_exist() {
        let map = map(&["a", "b/1", "b/2", "c"]);
        let check = |after: &str, expected: &[&str]| {
            let after_key = Position { key: after.to_owned(), entry: None };
            let query = ListQuery { after: Some(after_key), ..query("", "/", 100) };
            assert_eq!(pages(&map, &query), [expected], "{after}");
        };
        check("", &["a", "c", "b/>"]);
        check("a", &["c", "b/>"]);
        check("aa", &["c", "b/>"]);
        check("b/", &["c"]);
        check("b/1", &["c", "b/>"]);
        check("c", &[]);
    }

    #[test]
    fn a_page_can_end_between_the_entries_of_a_key() {
        let keys = ["a", "b", "c"].map(|key| (ObjectKey::parse(key).expect("a key"), ["1", "2", "3"]));
        let map = BTreeMap::from(keys);
        let page = |after: Option<Position>| {
            let entries = |key: &ObjectKey, names: &[&'static str; 3]| {
                names.map(|name| (Some(name), format!("{key}{name}"))).into_iter()
            };
            Listing::take(&map, &ListQuery { after, ..query("", "", 2) }, |_| true, entries)
        };
        let mut pages = vec![page(None)];
        while let Some(next) = pages.last().and_then(|page| page.next.clone()) {
            pages.push(page(Some(next)));
        }
        let found: Vec<_> = pages.iter().map(|page| page.entries.join(" ")).collect();
        assert_eq!(found, ["a1 a2", "a3 b1", "b2 b3", "c1 c2", "c3"]);
        let gone = Position { key: "b".to_owned(), entry: Some("gone".to_owned()) };
        assert_eq!(page(Some(gone)).entries, ["b1", "b2"]);
    }

    proptest! {
        /// Whatever the pages, together they are what looking at every key would find.
        #[test]
        fn pages_are_whole(
            keys in prop::collection::btree_set("[ab/é]{1,5}!?", 0..40),
            prefix in "[ab/é]{0,2}",
            delimiter in "(/|a|é|//)?",
            most in 1_usize..6,
        ) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let map = map(&keys);
            let live = keys.iter().filter(|key| !key.ends_with('!') && key.starts_with(&prefix));
            let expected: BTreeSet<String> = live
                .map(|key| match key[prefix.len()..].find(&delimiter) {
                    Some(at) if !delimiter.is_empty() => format!("{}>", &key[..prefix.len() + at + delimiter.len()]),
                    _ => (*key).to_owned(),
                })
                .collect();
            let pages = pages(&map, &query(&prefix, &delimiter, most));
            let full = pages.iter().take(pages.len() - 1).all(|page| page.len() == most);
            prop_assert!(full, "{:?}", pages);
            let found: Vec<String> = pages.into_iter().flatten().collect();
            prop_assert_eq!(found.len(), expected.len());
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }
}
