//! The headers of a request, as events of payload format 2.0 have them.

use std::borrow::Cow;

/// Headers by their lower-case names, in the order of these. A name may come several times: its values stay in the order in which
/// they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHeaders<'a>(Vec<Header<'a>>);

type Header<'a> = (Cow<'a, str>, Cow<'a, str>);

impl<'a> FromIterator<Header<'a>> for RequestHeaders<'a> {
    fn from_iter<I: IntoIterator<Item = Header<'a>>>(headers: I) -> Self {
        // Most requests have no more.
        let mut all = Vec::with_capacity(16);
        all.extend(headers);
        // Stable, so that values stay in their order.
        all.sort_by(|(name, _), (other, _)| name.cmp(other));
        Self(all)
    }
}

impl<'a> RequestHeaders<'a> {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Header<'a>] {
        &self.0
    }

    /// The first value of a header.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        // There are so few that comparing lengths first is quicker than to divide them.
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The headers with their values as one.
    pub(super) fn joined(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.chunk_by(|(name, _), (next, _)| name == next).map(|same| (&*same[0].0, join(same)))
    }

    /// The values of a header as one.
    pub(super) fn find(&self, name: &str) -> Option<Cow<'_, str>> {
        let start = self.0.iter().position(|(known, _)| known == name)?;
        let same = self.0[start..].iter().take_while(|(known, _)| known == name).count();
        Some(join(&self.0[start..start + same]))
    }
}

/// The values of one name: with commas between them, and those of cookies with semicolons.
fn join<'a>(same: &'a [Header<'_>]) -> Cow<'a, str> {
    match same {
        [(_, value)] => Cow::Borrowed(value),
        several => {
            let separator = if several[0].0 == "cookie" { "; " } else { "," };
            let values: Vec<_> = several.iter().map(|(_, value)| &**value).collect();
            Cow::Owned(values.join(separator))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_name_are_joined() {
        let given = [("b", "1"), ("cookie", "a=1"), ("a", "2"), ("b", "3"), ("cookie", "b=2"), ("b", "")];
        let headers: RequestHeaders<'_> =
            given.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let joined: Vec<_> = headers.joined().collect();
        let expected = [("a", "2"), ("b", "1,3,"), ("cookie", "a=1; b=2")];
        assert_eq!(joined, expected.map(|(name, value)| (name, Cow::Borrowed(value))));
        assert_eq!((headers.find("b").as_deref(), headers.find("c")), (Some("1,3,"), None));
        assert_eq!((headers.first("b"), headers.first("c")), (Some("1"), None));
    }
}
