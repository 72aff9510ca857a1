//! The order of log events, and places in it.

use std::fmt;

use hearth_engine::log::LogLine;

use super::Refusal;

/// An event's place in its group: by its time, and then as it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EventKey(u128);

/// A place between events, and the direction in which reading goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// To what is after this key.
    Forward(EventKey),
    /// To what is before this key.
    Backward(EventKey),
}

impl EventKey {
    pub(super) fn of(line: &LogLine) -> Self {
        // The sign turned round, times before 1970 come before the others.
        let at = line.at.as_unix_nanos().cast_unsigned() ^ 1 << 63;
        Self(u128::from(at) << 64 | u128::from(line.sequence))
    }

    /// The next smaller one.
    pub(super) fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The next larger one.
    pub(super) fn after(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for EventKey {
    /// With as many digits as the ids of events have on AWS.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:056}", self.0)
    }
}

impl Token {
    /// Reads what [`Display`](fmt::Display) writes.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let parts = text.strip_suffix("/s").and_then(|text| text.split_once('/'));
        let (direction, digits) = parts.ok_or_else(Refusal::invalid_token)?;
        let fits = digits.len() == 56 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let key = digits.parse().ok().filter(|_| fits).map(EventKey).ok_or_else(Refusal::invalid_token)?;
        match direction {
            "f" => Ok(Self::Forward(key)),
            "b" => Ok(Self::Backward(key)),
            _ => Err(Refusal::invalid_token()),
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forward(key) => write!(f, "f/{key}/s"),
            Self::Backward(key) => write!(f, "b/{key}/s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_as_they_were_written() {
        for token in [Token::Forward(EventKey(7)), Token::Backward(EventKey(u128::MAX))] {
            assert_eq!(Token::parse(&token.to_string()), Ok(token));
        }
        let digits = "0".repeat(56);
        for text in ["", "invalid-token", "f/1/s", &format!("x/{digits}/s"), &format!("f/{digits}")] {
            assert_eq!(Token::parse(text), Err(Refusal::invalid_token()), "{text}");
        }
    }
}
