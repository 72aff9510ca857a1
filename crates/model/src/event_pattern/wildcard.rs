//! Texts with `*` for anything.

use super::{InvalidPattern, error::refuse};

/// What `wildcard` accepts: what stands before, between and behind the asterisks. One part more than there are asterisks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wildcard {
    parts: Vec<Box<str>>,
}

/// AWS refuses what would take too long to match and does not say where that begins; the one refusal that is recorded has six
/// asterisks.
const MOST_ASTERISKS: usize = 5;

impl Wildcard {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPattern> {
        // AWS counts bytes, from the quote before the text.
        let position = |index: usize| index + 1;
        let (mut parts, mut part) = (Vec::new(), String::new());
        let mut characters = text.char_indices().peekable();
        while let Some((index, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            match (character, next) {
                ('*', Some('*')) => {
                    return refuse(format!("Consecutive wildcard characters at pos {}", position(index)));
                }
                ('*', _) => parts.push(std::mem::take(&mut part).into()),
                ('\\', Some(escaped @ ('*' | '\\'))) => {
                    characters.next();
                    part.push(escaped);
                }
                ('\\', _) => {
                    return refuse(format!("Invalid escape character at pos {}", position(index)));
                }
                (other, _) => part.push(other),
            }
        }
        if parts.len() > MOST_ASTERISKS {
            return refuse(
                "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after \
                 a wildcard character",
            );
        }
        parts.push(part.into());
        Ok(Self { parts })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let [before, between @ .., behind] = &*self.parts else {
            return self.parts.first().is_some_and(|only| **only == *text);
        };
        let Some(rest) = text.strip_prefix(&**before).and_then(|rest| rest.strip_suffix(&**behind)) else {
            return false;
        };
        // Whatever is found first leaves the most for those that follow.
        let find = |rest: &str, part: &str| rest.find(part).map(|at| at + part.len());
        let mut rest = rest;
        between.iter().all(|part| match find(rest, part) {
            Some(end) => {
                rest = &rest[end..];
                true
            }
            None => false,
        })
    }
}
