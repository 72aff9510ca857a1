//! Lists in pages, as `position` and `limit` ask for them.

use super::Refusal;

/// Which part of a list a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The position of the page before; none for the first.
    pub position: Option<String>,
    /// How many items at most, from 1 to 500; 25 by default.
    pub limit: Option<i64>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub position: Option<String>,
}

impl PageRequest {
    /// The page out of a list in the order of its items' keys. A position is the key of the last item before the page,
    /// whether that item is still there or not.
    pub(super) fn of<T>(
        &self,
        list: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Refusal> {
        const MOST: i64 = 500;
        let limit = self.limit.unwrap_or(25);
        if !(1..=MOST).contains(&limit) {
            return Err(Refusal::bad(format!("Invalid limit {limit}: it must be from 1 to {MOST}")));
        }
        let limit = usize::try_from(limit).expect("it is from 1 to 500");
        let is_before = |item: &T| self.position.as_deref().is_some_and(|position| *key(item) <= *position);
        let mut items: Vec<T> = list.into_iter().skip_while(is_before).take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let position = items.last().filter(|_| more).map(&key);
        Ok(Page { items, position })
    }
}

impl<T> Page<T> {
    /// The page with something made of each item.
    #[must_use]
    pub fn map<R>(self, make: impl FnMut(T) -> R) -> Page<R> {
        Page { items: self.items.into_iter().map(make).collect(), position: self.position }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(position: Option<&str>, limit: Option<i64>) -> Result<Page<u32>, Refusal> {
        let request = PageRequest { position: position.map(str::to_owned), limit };
        request.of(0..60, |number| format!("{number:02}"))
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let (mut seen, mut position) = (Vec::new(), None);
        loop {
            let page = page(position.as_deref(), None).expect("a page");
            seen.push(page.items.len());
            position = page.position;
            if position.is_none() {
                break;
            }
        }
        assert_eq!(seen, [25, 25, 10]);
        assert_eq!(page(Some("57-deleted"), Some(1)).expect("a page").items, [58]);
        for limit in [0, 501, -1] {
            assert!(page(None, Some(limit)).is_err());
        }
    }
}
