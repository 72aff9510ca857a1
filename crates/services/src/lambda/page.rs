//! Lists in pages, as `Marker` and `MaxItems` ask for them.

use hearth_model::validation::{ValidationError, Violation};

use super::Refusal;

/// Which part of a list a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The marker of the page before; none for the first.
    pub marker: Option<String>,
    /// How many items at most; none for the operation's own limit.
    pub max_items: Option<i64>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next_marker: Option<String>,
}

/// Most items of a page, whatever the caller asks for.
const MOST: usize = 50;

impl PageRequest {
    /// The page out of a whole list, in the order of the items' keys. A marker is the key of the last item before the page,
    /// whether that item is still there or not: who deletes what is listed shall not lose the way.
    ///
    /// # Errors
    /// If the number of items is not from 1 to 10,000.
    pub(super) fn of<T>(&self, mut list: Vec<T>, key: impl Fn(&T) -> String) -> Result<Page<T>, Refusal> {
        let most = self.most()?;
        list.sort_by_cached_key(&key);
        let marker = self.marker.as_deref().unwrap_or_default();
        let begin = list.partition_point(|item| !marker.is_empty() && *key(item) <= *marker);
        let more = list.len() > begin + most;
        let items: Vec<T> = list.into_iter().skip(begin).take(most).collect();
        let next_marker = items.last().filter(|_| more).map(key);
        Ok(Page { items, next_marker })
    }

    fn most(&self) -> Result<usize, Refusal> {
        const MEMBER: &str = "maxItems";
        let Some(given) = self.max_items else { return Ok(MOST) };
        let few = (given < 1).then(|| Violation::value_at_least(MEMBER, given, 1));
        let many = (given > 10_000).then(|| Violation::value_at_most(MEMBER, given, 10_000));
        ValidationError::check(few.into_iter().chain(many))?;
        Ok(usize::try_from(given).map_or(MOST, |given| given.min(MOST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(count: u32, marker: Option<&str>, max_items: Option<i64>) -> Result<Page<u32>, String> {
        let request = PageRequest { marker: marker.map(str::to_owned), max_items };
        request
            .of((0..count).collect(), |number| format!("{number:03}"))
            .map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let mut seen = Vec::new();
        let mut marker = None;
        loop {
            let page = page(120, marker.as_deref(), None).expect("a page");
            assert!(page.items.len() <= 50);
            seen.extend(page.items);
            marker = page.next_marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..120).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_has_no_more_than_was_asked_for() {
        let first = page(3, None, Some(2)).expect("a page");
        assert_eq!((first.items, first.next_marker.as_deref()), (vec![0, 1], Some("001")));
        let last = page(3, Some("001"), Some(2)).expect("a page");
        assert_eq!((last.items, last.next_marker), (vec![2], None));
        assert_eq!(page(0, None, Some(10_000)), Ok(Page { items: Vec::new(), next_marker: None }));
    }

    #[test]
    fn a_marker_outlives_its_item() {
        assert_eq!(page(3, Some("000-deleted"), None).expect("a page").items, [1, 2]);
        assert_eq!(page(3, Some("9"), None).expect("a page").items, [0; 0]);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let few = page(3, None, Some(0)).expect_err("none");
        assert!(
            few.contains("'maxItems' failed to satisfy constraint: Member must have value greater"),
            "{few}"
        );
        assert!(page(3, None, Some(10_001)).is_err());
    }
}
