//! Why a text is no filter pattern.

use thiserror::Error;

/// Why a text is no filter pattern, in AWS's words where they are known.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidFilterPattern {
    /// It begins as one kind of pattern and does not end as such.
    #[error("If a filter pattern starts with '{open}' it must end with '{close}'")]
    Open {
        /// How it begins.
        open: char,
        /// How it should end.
        close: char,
    },
    /// A term must be quoted.
    #[error("Invalid filter pattern: Invalid character(s) in term '{term}'")]
    Term {
        /// The term.
        term: String,
    },
    /// Something else should stand somewhere.
    #[error("Invalid filter pattern: expected {expected} at '{rest}'")]
    Expected {
        /// What should be there.
        expected: &'static str,
        /// What is there, to the end of the pattern.
        rest: String,
    },
    /// A regular expression is none, or has what is not supported.
    #[error("Invalid filter pattern: '%{expression}%' is no regular expression: {reason}")]
    Expression {
        /// The expression.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Parentheses lie too deep in each other.
    #[error("Invalid filter pattern: parentheses are nested more than {most} deep")]
    TooDeep {
        /// How deep they may be.
        most: usize,
    },
    /// More than one `...`.
    #[error("Invalid filter pattern: '...' may stand for fields only once")]
    TwoEllipses,
}
