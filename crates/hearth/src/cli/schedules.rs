//! `hearth schedules`.

use clap::Args;
use hearth_gateway::control::{TimedEntry, TimedList};

use super::{
    error::CommandError,
    table::{duration, table},
    view::View,
};
use crate::{exit::Exit, terminal::DIM};

/// Show what fires by itself in a running `hearth up`, and when it does next.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth schedules                                     of the `hearth up` on port 4566
  hearth schedules --endpoint http://localhost:8080    of another one
  hearth schedules --json | jq '.schedules[].next[0]'")]
pub(super) struct Schedules {
    #[command(flatten)]
    view: View,
}

impl Schedules {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        self.view.show("/_hearth/schedules", render)
    }
}

fn render(list: &TimedList) -> String {
    if list.schedules.is_empty() {
        return format!(
            "{DIM}no schedules: write `schedule = \"rate(5 minutes)\"` below `[[functions.NAME.events]]`{DIM:#}\n"
        );
    }
    let rows: Vec<_> = list.schedules.iter().map(|entry| row(entry, list.now_ms)).collect();
    table(["NAME", "KIND", "SCHEDULE", "TIME ZONE", "NEXT", "IN", "TARGETS"], &rows)
}

fn row(entry: &TimedEntry, now_ms: i64) -> [String; 7] {
    let (next, within) = match entry.next.first() {
        Some(next) => {
            let wait = u64::try_from(next.unix_ms - now_ms).unwrap_or(0);
            (next.at.clone(), duration(wait))
        }
        None if entry.enabled => ("never again".to_owned(), "-".to_owned()),
        None => ("disabled".to_owned(), "-".to_owned()),
    };
    let resource = |arn: &String| arn.splitn(6, ':').last().unwrap_or_default().to_owned();
    let targets: Vec<_> = entry.targets.iter().map(resource).collect();
    [
        entry.name.clone(),
        entry.kind.clone(),
        entry.expression.clone(),
        entry.time_zone.clone(),
        next,
        within,
        targets.join(", "),
    ]
}

#[cfg(test)]
mod tests {
    use hearth_gateway::control::FiringTime;

    use super::*;

    #[test]
    fn schedules_are_a_table() {
        let entry = |name: &str, enabled, next: Option<(&str, i64)>| TimedEntry {
            name: name.to_owned(),
            kind: "rule".to_owned(),
            arn: String::new(),
            expression: "rate(5 minutes)".to_owned(),
            time_zone: "UTC".to_owned(),
            enabled,
            targets: vec!["arn:aws:lambda:us-east-1:000000000000:function:hello".to_owned()],
            next: next.map(|(at, unix_ms)| FiringTime { at: at.to_owned(), unix_ms }).into_iter().collect(),
        };
        let list = TimedList {
            now_ms: 0,
            schedules: vec![
                entry("hello", true, Some(("1970-01-01T00:05:00Z", 300_000))),
                entry("off", false, None),
                entry("over", true, None),
            ],
        };
        let plain = anstream::adapter::strip_str(&render(&list)).to_string();
        assert_eq!(
            plain,
            "NAME   KIND  SCHEDULE         TIME ZONE  NEXT                  IN     TARGETS\n\
             hello  rule  rate(5 minutes)  UTC        1970-01-01T00:05:00Z  5m00s  function:hello\n\
             off    rule  rate(5 minutes)  UTC        disabled              -      function:hello\n\
             over   rule  rate(5 minutes)  UTC        never again           -      function:hello\n"
        );
    }
}
