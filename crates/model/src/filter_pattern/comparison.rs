//! Comparing a value of a message with one of a pattern.

use regex_lite::Regex;

use super::{
    InvalidFilterPattern,
    cursor::{Cursor, Literal},
};

/// What a value must be like.
#[derive(Clone, Debug)]
pub(super) enum Comparison {
    /// `=`, or `!=` if it is turned round.
    Equal {
        /// With what.
        value: Operand,
        /// Whether values that are not like it match instead.
        negated: bool,
    },
    /// One of the others, which numbers alone have.
    Ordered(Order, f64),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// A text, and the number that it is if it stands without quotes.
    Text(Wildcard, Option<f64>),
    Expression(Regex),
}

/// A text that may begin or end with anything.
#[derive(Clone, Debug)]
pub(super) struct Wildcard {
    text: String,
    open_start: bool,
    open_end: bool,
}

impl Comparison {
    /// Reads an operator and a value.
    pub(super) fn parse(
        cursor: &mut Cursor<'_>,
        fits: impl Fn(char) -> bool,
    ) -> Result<Self, InvalidFilterPattern> {
        let order = if cursor.take("!=") {
            return Ok(Self::Equal { value: Operand::parse(cursor, fits)?, negated: true });
        } else if cursor.take("<=") {
            Order::AtMost
        } else if cursor.take(">=") {
            Order::AtLeast
        } else if cursor.take("<") {
            Order::Less
        } else if cursor.take(">") {
            Order::Greater
        } else if cursor.take("=") {
            return Ok(Self::Equal { value: Operand::parse(cursor, fits)?, negated: false });
        } else {
            return Err(cursor.expected("an operator"));
        };
        let before = cursor.clone();
        match Operand::parse(cursor, fits)? {
            Operand::Text(_, Some(number)) => Ok(Self::Ordered(order, number)),
            Operand::Text(_, None) | Operand::Expression(_) => Err(before.expected("a number")),
        }
    }

    /// Whether a text is like that; `number` is what it is as a number, if it is one.
    pub(super) fn matches(&self, text: &str, number: Option<f64>) -> bool {
        match self {
            Self::Equal { value, negated } => value.matches(text, number) != *negated,
            Self::Ordered(order, wanted) => number.is_some_and(|number| order.holds(number, *wanted)),
        }
    }
}

impl Order {
    fn holds(self, number: f64, wanted: f64) -> bool {
        match self {
            Self::Less => number < wanted,
            Self::AtMost => number <= wanted,
            Self::Greater => number > wanted,
            Self::AtLeast => number >= wanted,
        }
    }
}

impl Operand {
    fn parse(cursor: &mut Cursor<'_>, fits: impl Fn(char) -> bool) -> Result<Self, InvalidFilterPattern> {
        Ok(match cursor.literal(fits)? {
            Literal::Expression(expression) => Self::Expression(expression),
            Literal::Quoted(text) => Self::Text(Wildcard::new(&text), None),
            Literal::Bare(text) => {
                let is_number =
                    text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
                let number = if is_number { text.parse().ok() } else { None };
                Self::Text(Wildcard::new(&text), number)
            }
        })
    }

    fn matches(&self, text: &str, number: Option<f64>) -> bool {
        match self {
            Self::Expression(expression) => expression.is_match(text),
            Self::Text(wildcard, wanted) => {
                let is_number = matches!((number, wanted), (Some(number), Some(wanted)) if number == *wanted);
                is_number || wildcard.matches(text)
            }
        }
    }
}

impl Wildcard {
    fn new(text: &str) -> Self {
        let (open_start, text) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        let (open_end, text) = text.strip_suffix('*').map_or((false, text), |rest| (true, rest));
        // A lone asterisk is one at both ends.
        Self { text: text.to_owned(), open_start, open_end: open_end || (open_start && text.is_empty()) }
    }

    fn matches(&self, text: &str) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => text == self.text,
            (true, false) => text.ends_with(&self.text),
            (false, true) => text.starts_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}
