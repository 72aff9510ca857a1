//! Statistics, by the names that requests have for them.

use thiserror::Error;

/// What is told of many values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// How many there are.
    SampleCount,
    /// What they are on average.
    Average,
    /// All together.
    Sum,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// The one that this many percent of them do not exceed, from 0 to 100.
    Percentile(f64),
}

/// Why a text names no statistic that can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidStatistic {
    /// CloudWatch has no such statistic.
    #[error("there is no such statistic")]
    Unknown,
    /// CloudWatch has it and Hearth has not.
    #[error(
        "Hearth has the statistics SampleCount, Average, Sum, Minimum, Maximum and percentiles such as p99.9"
    )]
    Unsupported,
}

impl Statistic {
    /// Reads a name, such as `Sum` or `p99.9`.
    ///
    /// # Errors
    /// If there is no such statistic, or only CloudWatch has it: trimmed means and what goes with them.
    pub fn parse(text: &str) -> Result<Self, InvalidStatistic> {
        match text {
            "SampleCount" => return Ok(Self::SampleCount),
            "Average" => return Ok(Self::Average),
            "Sum" => return Ok(Self::Sum),
            "Minimum" => return Ok(Self::Minimum),
            "Maximum" => return Ok(Self::Maximum),
            "IQM" => return Err(InvalidStatistic::Unsupported),
            _ => {}
        }
        if let Some(percent) = text.strip_prefix('p') {
            return percentile(percent).ok_or(InvalidStatistic::Unknown);
        }
        let trimmed = ["tm", "tc", "ts", "wm", "TM", "TC", "TS", "WM", "PR"];
        let known = trimmed.iter().any(|prefix| {
            let behind = text.strip_prefix(prefix);
            behind.is_some_and(|behind| {
                behind.starts_with(|first: char| first == '(' || first.is_ascii_digit())
            })
        });
        Err(if known { InvalidStatistic::Unsupported } else { InvalidStatistic::Unknown })
    }
}

/// Up to ten digits behind the point, as CloudWatch has it.
fn percentile(text: &str) -> Option<Statistic> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let percent: f64 = text.parse().ok().filter(|_| digits && text.len() <= 14)?;
    (percent <= 100.0).then_some(Statistic::Percentile(percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_cloudwatch() {
        let check = |text: &str, expect: Result<Statistic, InvalidStatistic>| {
            assert_eq!(Statistic::parse(text), expect, "{text}");
        };
        check("Sum", Ok(Statistic::Sum));
        check("p50", Ok(Statistic::Percentile(50.0)));
        check("p99.9", Ok(Statistic::Percentile(99.9)));
        check("p100", Ok(Statistic::Percentile(100.0)));
        for text in ["tm90", "TM(10%:90%)", "IQM", "PR(:300)", "wm98"] {
            check(text, Err(InvalidStatistic::Unsupported));
        }
        for text in ["", "sum", "p", "p101", "p-1", "pinf", "p1e1", "p99.", "total", "TM"] {
            let expect =
                if text == "p99." { Ok(Statistic::Percentile(99.0)) } else { Err(InvalidStatistic::Unknown) };
            check(text, expect);
        }
    }
}
