//! Terms: what messages have in them, and what they have not.

use regex_lite::Regex;

use super::{
    InvalidFilterPattern,
    cursor::{Cursor, Literal},
};

/// Terms of which messages have some.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    none: Vec<Term>,
    any: Vec<Term>,
}

#[derive(Clone, Debug)]
enum Term {
    Text(String),
    Expression(Regex),
}

impl Terms {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        let mut terms = Self::default();
        while cursor.has_more() {
            let terms = if cursor.take("-") {
                &mut terms.none
            } else if cursor.take("?") {
                &mut terms.any
            } else {
                &mut terms.all
            };
            terms.push(Term::parse(cursor)?);
        }
        Ok(terms)
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let is_in = |term: &Term| term.is_in(message);
        if self.all.is_empty() && self.none.is_empty() {
            return self.any.is_empty() || self.any.iter().any(is_in);
        }
        self.all.iter().all(is_in) && !self.none.iter().any(is_in)
    }
}

impl Term {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        let text = match cursor.literal(|character| !character.is_whitespace() && character != '"')? {
            Literal::Expression(expression) => return Ok(Self::Expression(expression)),
            Literal::Quoted(text) if text.is_empty() => {
                return Err(InvalidFilterPattern::Term { term: "\"\"".to_owned() });
            }
            Literal::Quoted(text) => text,
            Literal::Bare(text)
                if text.chars().all(|character| character.is_alphanumeric() || character == '_') =>
            {
                text
            }
            Literal::Bare(term) => return Err(InvalidFilterPattern::Term { term }),
        };
        Ok(Self::Text(text))
    }

    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text),
            Self::Expression(expression) => expression.is_match(message),
        }
    }
}
