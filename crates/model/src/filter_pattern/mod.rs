//! Filter patterns of CloudWatch Logs: which log events somebody wants to see.
//!
//! A [`FilterPattern`] is read once and then asked about messages.
//!
//! | pattern | matches |
//! | --- | --- |
//! | nothing | everything |
//! | `ERROR timeout` | messages with all these terms, anywhere, in this case |
//! | `?ERROR ?WARN` | messages with one of them; without effect beside other terms |
//! | `ERROR -retry` | messages with the first and without the second |
//! | `"out of memory"`, `%4\d\d%` | that phrase; that regular expression |
//! | `{ $.level = "ERROR" && ($.size > 10 \|\| $.user IS NULL) }` | JSON objects of which that is true |
//! | `[ip, user, ..., status = 4* \|\| status = 5*]` | messages whose fields, between spaces, are like that |
//!
//! In values, a `*` at the beginning or the end stands for anything.
//!
//! Sources: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, and filter log
//! events"; the words of refusals as users report them.

mod comparison;
mod cursor;
mod error;
mod fields;
mod json;
mod terms;

pub use self::error::InvalidFilterPattern;
use self::{cursor::Cursor, fields::Fields, json::Expression, terms::Terms};

/// Which log events somebody wants to see.
#[derive(Clone, Debug)]
pub struct FilterPattern(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Terms(Terms),
    Json(Expression),
    Fields(Fields),
}

impl FilterPattern {
    /// The most characters of a pattern.
    pub const MOST_CHARACTERS: usize = 1_024;

    /// Reads a pattern.
    ///
    /// # Errors
    /// If it follows none of the forms.
    pub fn parse(text: &str) -> Result<Self, InvalidFilterPattern> {
        let text = text.trim();
        let kind = if let Some(rest) = text.strip_prefix('{') {
            let inner = rest.strip_suffix('}').ok_or(InvalidFilterPattern::Open { open: '{', close: '}' })?;
            Kind::Json(Expression::parse(&mut Cursor::new(inner))?)
        } else if let Some(rest) = text.strip_prefix('[') {
            let inner = rest.strip_suffix(']').ok_or(InvalidFilterPattern::Open { open: '[', close: ']' })?;
            Kind::Fields(Fields::parse(&mut Cursor::new(inner))?)
        } else {
            Kind::Terms(Terms::parse(&mut Cursor::new(text))?)
        };
        Ok(Self(kind))
    }

    /// Whether a message is among those that are wanted.
    #[must_use]
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(expression) => {
                serde_json::from_str(message).is_ok_and(|document| expression.matches(&document))
            }
            Kind::Fields(fields) => fields.matches(message),
        }
    }
}

#[cfg(test)]
mod tests;
