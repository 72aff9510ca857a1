//! Numbers as patterns compare them.

use serde_json::{Number, Value};

use super::{InvalidPattern, error::refuse};

/// A number between -5·10⁹ and 5·10⁹, in millionths: AWS compares with six digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Millionths(i64);

impl Millionths {
    /// Reads a number; `None` if it is out of range.
    pub(super) fn of(number: &Number) -> Option<Self> {
        const FURTHEST: f64 = 5e9;
        let value = number.as_f64().filter(|value| value.abs() <= FURTHEST)?;
        #[expect(clippy::cast_possible_truncation, reason = "it is at most 5e15, and rounded")]
        let millionths = (value * 1e6).round() as i64;
        Some(Self(millionths))
    }

    /// Reads a number of a pattern, which must be in range.
    pub(super) fn parse(number: &Number) -> Result<Self, InvalidPattern> {
        match Self::of(number) {
            Some(millionths) => Ok(millionths),
            None => refuse("Value must be between -5.0E9 and 5.0E9, inclusive"),
        }
    }
}

/// Whether two numbers are the same.
pub(super) fn equal(one: &Number, other: &Number) -> bool {
    match (Millionths::of(one), Millionths::of(other)) {
        (Some(one), Some(other)) => one == other,
        // Account numbers, say: AWS compares what is out of range as it is written.
        _ => one == other,
    }
}

/// What `numeric` accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumericRange {
    least: Option<Bound>,
    most: Option<Bound>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    at: Millionths,
    inclusive: bool,
}

impl NumericRange {
    /// Reads the array behind `numeric`.
    pub(super) fn parse(terms: &[Value]) -> Result<Self, InvalidPattern> {
        let (first, rest) = match terms {
            [Value::String(operator), rest @ ..] => (operator.as_str(), rest),
            [other, ..] => return refuse(format!("Invalid member in numeric match: {other}")),
            [] => return refuse("Invalid member in numeric match: ]"),
        };
        match first {
            "=" => {
                let (bound, rest) = bound("equals", true, rest)?;
                end(rest, Self { least: Some(bound), most: Some(bound) })
            }
            "<" | "<=" => {
                let (most, rest) = bound(first, first == "<=", rest)?;
                end(rest, Self { least: None, most: Some(most) })
            }
            ">" | ">=" => {
                let (least, rest) = bound(first, first == ">=", rest)?;
                let most = upper_bound(rest)?;
                if most.is_some_and(|most| most.at <= least.at) {
                    return refuse("Bottom must be less than top");
                }
                Ok(Self { least: Some(least), most })
            }
            other => refuse(format!("Unrecognized numeric range operator: {other}")),
        }
    }

    pub(super) fn contains(self, number: &Number) -> bool {
        let Some(number) = Millionths::of(number) else { return false };
        let above = self.least.is_none_or(|Bound { at, inclusive }| number > at || inclusive && number == at);
        let below = self.most.is_none_or(|Bound { at, inclusive }| number < at || inclusive && number == at);
        above && below
    }
}

/// The second half of a range, if there is one.
fn upper_bound(terms: &[Value]) -> Result<Option<Bound>, InvalidPattern> {
    match terms {
        [] => Ok(None),
        [Value::String(operator), rest @ ..] if operator == "<" || operator == "<=" => {
            let (most, rest) = bound(operator, operator == "<=", rest)?;
            if rest.is_empty() {
                Ok(Some(most))
            } else {
                refuse("Too many terms in numeric range expression")
            }
        }
        [Value::String(operator), ..] => refuse(format!("Bad numeric range operator: {operator}")),
        [other, ..] => refuse(format!("Bad value in numeric range: {other}")),
    }
}

fn bound<'a>(
    operator: &str,
    inclusive: bool,
    terms: &'a [Value],
) -> Result<(Bound, &'a [Value]), InvalidPattern> {
    match terms {
        [Value::Number(number), rest @ ..] => Ok((Bound { at: Millionths::parse(number)?, inclusive }, rest)),
        _ => refuse(format!("Value of {operator} must be numeric")),
    }
}

fn end(rest: &[Value], range: NumericRange) -> Result<NumericRange, InvalidPattern> {
    if rest.is_empty() { Ok(range) } else { refuse("Too many elements in numeric expression") }
}
