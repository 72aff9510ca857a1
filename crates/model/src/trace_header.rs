//! X-Ray trace headers: fields with semicolons between them, each a name and a value.

use std::iter;

/// The fields, as they stand there.
///
/// Every invocation pays for this, more than once: fields are short, and to look at each byte is quicker than to search for a
/// character.
pub(crate) fn fields(header: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(header);
    iter::from_fn(move || {
        let fields = rest?;
        let Some(end) = fields.bytes().position(|byte| byte == b';') else { return rest.take() };
        rest = Some(&fields[end + 1..]);
        Some(&fields[..end])
    })
}

/// What the header says first of the work that the request is a part of.
pub(crate) fn parent(header: &str) -> Option<&str> {
    fields(header)
        .find_map(|field| if let Field::Parent(value) = Field::of(field) { Some(value) } else { None })
}

/// What it says first of the invocations that led to the request.
pub(crate) fn lineage(header: &str) -> Option<&str> {
    fields(header)
        .find_map(|field| if let Field::Lineage(value) = Field::of(field) { Some(value) } else { None })
}

/// What a field is, as far as Hearth is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// The work that the request is a part of.
    Parent(&'a str),
    /// What stands for the invocations that led to the request.
    Lineage(&'a str),
    /// Whether the trace is sampled.
    Sampled,
    Other,
}

pub(crate) const PARENT: &str = "Parent";
pub(crate) const LINEAGE: &str = "Lineage";
pub(crate) const SAMPLED: &str = "Sampled";

impl<'a> Field<'a> {
    pub(crate) fn of(field: &'a str) -> Self {
        let field = field.trim_ascii();
        let named = |name: &str| {
            let (start, rest) = field.split_at_checked(name.len())?;
            let value = rest.strip_prefix('=')?;
            start.eq_ignore_ascii_case(name).then_some(value)
        };
        match field.as_bytes().first() {
            Some(b'P' | b'p') => named(PARENT).map_or(Self::Other, Self::Parent),
            Some(b'L' | b'l') => named(LINEAGE).map_or(Self::Other, Self::Lineage),
            Some(b'S' | b's') => named(SAMPLED).map_or(Self::Other, |_| Self::Sampled),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_field_has_a_name_and_a_value() {
        let check = |field: &str, expected: Field<'_>| assert_eq!(Field::of(field), expected, "{field}");
        check("Parent=1", Field::Parent("1"));
        check(" parent=1=2 ", Field::Parent("1=2"));
        check("Parent=", Field::Parent(""));
        check("lineagE=1:2", Field::Lineage("1:2"));
        check("Sampled=?", Field::Sampled);
        for other in
            ["", "Self=1", "Parent", "Parent =1", "Parents=1", "Lineages=1", "Root=1", "Paren\u{e4}=1"]
        {
            check(other, Field::Other);
        }
    }

    proptest! {
        #[test]
        fn fields_stand_between_semicolons(header in "[a;=\u{e4}]{0,8}") {
            prop_assert_eq!(fields(&header).collect::<Vec<_>>(), header.split(';').collect::<Vec<_>>());
        }
    }
}
