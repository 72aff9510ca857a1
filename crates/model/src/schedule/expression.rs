//! Expressions, and how rules and EventBridge Scheduler read them.

use std::time::Duration;

use jiff::civil::DateTime;

use super::{Cron, InvalidExpression};

/// When something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Whenever clocks show certain minutes.
    Cron(Cron),
    /// At a steady interval.
    Rate(Rate),
    /// Once, when clocks show this.
    At(DateTime),
}

impl Expression {
    /// Reads an expression as EventBridge's rules do.
    ///
    /// # Errors
    /// If a rule would be refused with it.
    pub fn for_rule(text: &str) -> Result<Self, InvalidExpression> {
        Self::parse(text, Dialect::Rule)
    }

    /// Reads an expression as EventBridge Scheduler does.
    ///
    /// # Errors
    /// If a schedule would be refused with it.
    pub fn for_scheduler(text: &str) -> Result<Self, InvalidExpression> {
        Self::parse(text, Dialect::Scheduler)
    }

    fn parse(text: &str, dialect: Dialect) -> Result<Self, InvalidExpression> {
        let parts = text.strip_suffix(')').and_then(|text| text.split_once('('));
        let (kind, content) = parts.unwrap_or_default();
        if matches!(kind, "cron" | "rate" | "at") && content.trim() != content {
            return Err(InvalidExpression::Padding { text: text.to_owned() });
        }
        match (kind, dialect) {
            ("cron", _) => cron(content, dialect).map(Self::Cron),
            ("rate", _) => Rate::parse(content, dialect).map(Self::Rate),
            ("at", Dialect::Scheduler) => at(content).map(Self::At),
            _ => Err(InvalidExpression::Form { text: text.to_owned(), forms: dialect.forms() }),
        }
    }
}

/// A steady interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(Duration);

impl Rate {
    /// The time between two firings; a whole number of minutes, and at least one.
    #[must_use]
    pub const fn interval(self) -> Duration {
        self.0
    }

    fn parse(text: &str, dialect: Dialect) -> Result<Self, InvalidExpression> {
        let refusal = || InvalidExpression::Rate { text: text.to_owned() };
        let mut words = text.split_ascii_whitespace();
        let (Some(number), Some(unit), None) = (words.next(), words.next(), words.next()) else {
            return Err(refusal());
        };
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| digits && *number > 0).ok_or_else(refusal)?;
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        let seconds = match singular {
            "minute" => 60,
            "hour" => 60 * 60,
            "day" => 24 * 60 * 60,
            _ => return Err(refusal()),
        };
        let fitting = if number == 1 { singular.to_owned() } else { format!("{singular}s") };
        if unit != fitting && dialect == Dialect::Rule {
            return Err(InvalidExpression::Unit { number, unit: unit.to_owned(), fitting });
        }
        Ok(Self(Duration::from_secs(u64::from(number) * seconds)))
    }
}

/// Who reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Rule,
    Scheduler,
}

impl Dialect {
    const fn forms(self) -> &'static str {
        match self {
            Self::Rule => "cron(0 12 * * ? *) or rate(5 minutes)",
            Self::Scheduler => "cron(0 12 * * ? *), rate(5 minutes) or at(2026-11-21T13:00:00)",
        }
    }
}

fn cron(text: &str, dialect: Dialect) -> Result<Cron, InvalidExpression> {
    let text = text.to_ascii_uppercase();
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    match (fields.as_slice(), dialect) {
        (&[minutes, hours, day_of_month, month, day_of_week, year], _) => {
            Cron::parse([minutes, hours, day_of_month, month, day_of_week, year])
        }
        (&[minutes, hours, day_of_month, month, day_of_week], Dialect::Scheduler) => {
            Cron::parse([minutes, hours, day_of_month, month, day_of_week, "*"])
        }
        (fields, _) => Err(InvalidExpression::Fields { found: fields.len() }),
    }
}

fn at(text: &str) -> Result<DateTime, InvalidExpression> {
    // Only what is written in full, and exists, is written so again.
    let written_so = |at: &DateTime| at.to_string() == text && at.subsec_nanosecond() == 0;
    let at = text.parse().ok().filter(|at| written_so(at) && (1970..=2199).contains(&at.year()));
    at.ok_or_else(|| InvalidExpression::At { text: text.to_owned() })
}
