//! Lists in pages, as the APIs of EventBridge ask for them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_model::validation::Violation;

/// Which part of a list a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// `NextToken` of the page before; none for the first.
    pub next_token: Option<String>,
    /// How many items at most; none for as many as a page can have, 100.
    pub most: Option<i64>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next_token: Option<String>,
}

/// Most items of a page.
const MOST: usize = 100;

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvalidPage {
    /// The number of items is none that can be asked for.
    Most(Violation),
    /// The token is none.
    Token,
}

impl PageRequest {
    /// The page out of items in the order of their keys. A token is the key of the last item before the page, whether that is
    /// still there or not. `member` is what the API calls the number of items.
    pub(crate) fn of<T, K: AsRef<str>>(
        &self,
        items: impl Iterator<Item = T>,
        member: &'static str,
        key: impl Fn(&T) -> K,
    ) -> Result<Page<T>, InvalidPage> {
        let most = match self.most {
            None => MOST,
            Some(given) if given < 1 => {
                return Err(InvalidPage::Most(Violation::value_at_least(member, given, 1)));
            }
            Some(given) => usize::try_from(given)
                .ok()
                .filter(|given| *given <= MOST)
                .ok_or_else(|| InvalidPage::Most(Violation::value_at_most(member, given, MOST as i64)))?,
        };
        let after =
            self.next_token.as_deref().map(|token| read(token).ok_or(InvalidPage::Token)).transpose()?;
        let is_before = |item: &T| after.as_deref().is_some_and(|after| key(item).as_ref() <= after);
        let mut items: Vec<T> = items.skip_while(is_before).take(most + 1).collect();
        let more = items.len() > most;
        items.truncate(most);
        let next_token = items.last().filter(|_| more).map(|item| BASE64_STANDARD.encode(key(item).as_ref()));
        Ok(Page { items, next_token })
    }
}

fn read(token: &str) -> Option<String> {
    String::from_utf8(BASE64_STANDARD.decode(token).ok()?).ok()
}
