//! Lists in pages, as `nextToken` and `limit` ask for them.

use hearth_model::validation::Violation;

use super::Refusal;

/// Which part of a list a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The token of the page before; none for the first.
    pub token: Option<String>,
    /// How many items at most; none for as many as a page can have.
    pub limit: Option<i64>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next_token: Option<String>,
}

impl PageRequest {
    /// The page out of a list whose items are in the order of their keys, or in the opposite one. A token is the key of the
    /// last item before the page, whether that item is still there or not.
    pub(super) fn of<T>(
        &self,
        list: Vec<T>,
        most: usize,
        descending: bool,
        key: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Refusal> {
        let limit = self.limit(most)?;
        let is_before = |item: &T| {
            self.token.as_deref().is_some_and(|token| {
                let key = key(item);
                if descending { *key >= *token } else { *key <= *token }
            })
        };
        let begin = list.partition_point(is_before);
        let more = list.len() > begin + limit;
        let items: Vec<T> = list.into_iter().skip(begin).take(limit).collect();
        let next_token = items.last().filter(|_| more).map(key);
        Ok(Page { items, next_token })
    }

    /// How many items at most, out of those that a page can have.
    pub(super) fn limit(&self, most: usize) -> Result<usize, Refusal> {
        const MEMBER: &str = "limit";
        let Some(given) = self.limit else { return Ok(most) };
        let most_allowed = i64::try_from(most).unwrap_or(i64::MAX);
        if given < 1 {
            return Err(Violation::value_at_least(MEMBER, given, 1).into());
        }
        if given > most_allowed {
            return Err(Violation::value_at_most(MEMBER, given, most_allowed).into());
        }
        Ok(usize::try_from(given).unwrap_or(most))
    }
}
