//! Lists in pages, as `MaxResults` and `NextToken` ask for them.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::sqs::{Refusal, RefusalKind};

/// Which part of a list a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// `MaxResults`; without it, there is one page of up to 1,000.
    pub max_results: Option<i64>,
    /// `NextToken` of the page before.
    pub next_token: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one and the caller wants pages.
    pub next_token: Option<String>,
}

/// Most items of a page.
const MOST: usize = 1_000;

impl PageRequest {
    /// The page out of a whole list, in the order of the items' keys. A token is the key of the last item before the page,
    /// whether that item is still there or not.
    pub(super) fn of<T>(
        &self,
        items: impl Iterator<Item = T>,
        key: impl Fn(&T) -> &str,
    ) -> Result<Page<T>, Refusal> {
        let most = match self.max_results {
            None => MOST,
            Some(given) => {
                usize::try_from(given).ok().filter(|most| (1..=MOST).contains(most)).ok_or_else(|| {
                    let reason = "MaxResults must be an integer between 1 and 1000.";
                    Refusal::parameter("MaxResults", given, reason)
                })?
            }
        };
        let after = self.next_token.as_deref().map(read).transpose()?;
        let rest = items.skip_while(|item| after.as_deref().is_some_and(|after| key(item) <= after));
        let mut items: Vec<T> = rest.take(most + 1).collect();
        let more = items.len() > most;
        items.truncate(most);
        let wants_pages = more && self.max_results.is_some();
        let next_token = items.last().filter(|_| wants_pages).map(|item| BASE64_STANDARD.encode(key(item)));
        Ok(Page { items, next_token })
    }
}

fn read(token: &str) -> Result<String, Refusal> {
    let key = BASE64_STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| {
        let message = "Invalid or expired next token.";
        Refusal::new(RefusalKind::InvalidParameterValue, message)
    })
}
