//! Lists in pages.

use super::Refusal;

/// Which part of a list a caller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The token of the page before; none for the first.
    pub token: Option<String>,
    /// How many items at most; none for as many as a page can have.
    pub most: Option<String>,
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
const MOST: usize = 500;

impl PageRequest {
    /// The page out of a list whose items come in the order of their keys. A token is the key of the last item before the page,
    /// whether that item is still there or not.
    pub(super) fn of<T>(
        &self,
        list: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> &str,
    ) -> Result<Page<T>, Refusal> {
        let most = self.most()?;
        let is_before = |item: &T| self.token.as_deref().is_some_and(|token| key(item) <= token);
        let mut rest = list.into_iter().skip_while(is_before);
        let items: Vec<T> = rest.by_ref().take(most).collect();
        let next_token = items.last().map(|item| key(item).to_owned());
        Ok(Page { items, next_token: next_token.filter(|_| rest.next().is_some()) })
    }

    fn most(&self) -> Result<usize, Refusal> {
        let Some(text) = &self.most else { return Ok(MOST) };
        let most = text.parse().ok().filter(|most| (1..=MOST).contains(most));
        most.ok_or_else(|| {
            Refusal::bad_request(format!("Invalid page size: `{text}` is no number from 1 to {MOST}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let list = ["a", "b", "c", "d", "e"];
        let page = |token: Option<&str>, most: &str| {
            let request = PageRequest { token: token.map(str::to_owned), most: Some(most.to_owned()) };
            request.of(list, |item| item).map(|page| (page.items, page.next_token))
        };
        assert_eq!(page(None, "2"), Ok((vec!["a", "b"], Some("b".to_owned()))));
        assert_eq!(page(Some("b"), "3"), Ok((vec!["c", "d", "e"], None)));
        assert_eq!(page(Some("bb"), "1"), Ok((vec!["c"], Some("c".to_owned()))));
        assert_eq!(page(Some("e"), "1"), Ok((vec![], None)));
        for most in ["0", "-1", "x", "501"] {
            assert!(matches!(page(None, most), Err(Refusal::BadRequest(_))), "{most}");
        }
        assert_eq!(PageRequest::default().of(list, |item| item).expect("a page").items, list);
    }
}
