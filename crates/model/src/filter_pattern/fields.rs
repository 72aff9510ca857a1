//! Patterns of fields: messages as columns with spaces between them.

use std::iter;

use super::{InvalidFilterPattern, comparison::Comparison, cursor::Cursor};

/// What the fields of a message must be like.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    before: Vec<Field>,
    /// What stands behind a `...`; none if there is no such thing, and the message must have just these fields.
    after: Option<Vec<Field>>,
}

/// One field: alternatives, of each of which everything must hold. Without any it can be anything.
#[derive(Clone, Debug, Default)]
struct Field(Vec<Vec<Comparison>>);

impl Fields {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        let mut fields = Self { before: Vec::new(), after: None };
        loop {
            if cursor.take("...") || cursor.take("\u{2026}") {
                if fields.after.replace(Vec::new()).is_some() {
                    return Err(InvalidFilterPattern::TwoEllipses);
                }
            } else {
                let field = Field::parse(cursor)?;
                fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
            }
            if !cursor.take(",") {
                break;
            }
        }
        if cursor.has_more() { Err(cursor.expected("',' or the end")) } else { Ok(fields) }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let values = split(message);
        let after = self.after.as_deref().unwrap_or_default();
        let named = self.before.len() + after.len();
        let fits = if self.after.is_some() { values.len() >= named } else { values.len() == named };
        let last = values.get(values.len().saturating_sub(after.len())..).unwrap_or_default();
        let pairs = iter::zip(&self.before, &values).chain(iter::zip(after, last));
        fits && pairs.into_iter().all(|(field, value)| field.matches(value))
    }
}

impl Field {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        let name = cursor.take_while(is_name);
        let mut alternatives = Vec::new();
        // A name alone, or nothing at all, leaves the field open.
        let mut ahead = cursor.clone();
        if name.is_empty() || !["=", "!", "<", ">"].iter().any(|operator| ahead.take(operator)) {
            return Ok(Self::default());
        }
        let mut conditions = vec![Comparison::parse(cursor, is_value)?];
        loop {
            if cursor.take("&&") {
                Self::repeated_name(cursor, name)?;
                conditions.push(Comparison::parse(cursor, is_value)?);
            } else if cursor.take("||") {
                Self::repeated_name(cursor, name)?;
                alternatives.push(conditions);
                conditions = vec![Comparison::parse(cursor, is_value)?];
            } else {
                alternatives.push(conditions);
                return Ok(Self(alternatives));
            }
        }
    }

    /// Each condition of a field names it again.
    fn repeated_name(cursor: &mut Cursor<'_>, name: &str) -> Result<(), InvalidFilterPattern> {
        let before = cursor.clone();
        if cursor.take_while(is_name) == name {
            Ok(())
        } else {
            Err(before.expected("the name of the same field"))
        }
    }

    fn matches(&self, value: &str) -> bool {
        let number = value.parse().ok();
        let holds = |conditions: &Vec<Comparison>| {
            conditions.iter().all(|condition| condition.matches(value, number))
        };
        self.0.is_empty() || self.0.iter().any(holds)
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || "_-".contains(character)
}

fn is_value(character: char) -> bool {
    !character.is_whitespace() && !",&|\"".contains(character)
}

/// The fields of a message: what is between spaces, between `[` and `]`, or between quotes.
fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while !rest.is_empty() {
        let close = match rest.chars().next() {
            Some('[') => Some(']'),
            Some('"') => Some('"'),
            _ => None,
        };
        let enclosed = close.and_then(|close| rest[1..].split_once(close));
        let (field, after) =
            enclosed.unwrap_or_else(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}
