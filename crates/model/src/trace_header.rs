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

/// The value of a field, if it has this name.
pub(crate) fn value<'a>(field: &'a str, name: &str) -> Option<&'a str> {
    let (start, rest) = field.trim_ascii().split_at_checked(name.len())?;
    let value = rest.strip_prefix('=')?;
    start.eq_ignore_ascii_case(name).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_field_has_a_name_and_a_value() {
        let check =
            |field: &str, expected: Option<&str>| assert_eq!(value(field, "Parent"), expected, "{field}");
        check("Parent=1", Some("1"));
        check(" parent=1=2 ", Some("1=2"));
        check("Parent=", Some(""));
        for other in ["", "Parent", "Parent =1", "Parents=1", "Root=1", "Paren\u{e4}=1"] {
            check(other, None);
        }
    }

    proptest! {
        #[test]
        fn fields_stand_between_semicolons(header in "[a;=\u{e4}]{0,8}") {
            prop_assert_eq!(fields(&header).collect::<Vec<_>>(), header.split(';').collect::<Vec<_>>());
        }
    }
}
