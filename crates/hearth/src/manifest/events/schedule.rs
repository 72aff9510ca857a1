//! `schedule = …`: time invokes a function.

use hearth_model::schedule::{Expression, time_zone};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::manifest::{
    fields::{Fields, Located},
    json::json,
    problem::{Place, Problem},
};

/// When time invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleEvents {
    /// The expression: `cron(0 9 * * ? *)`.
    pub expression: String,
    /// `timezone`: whose clocks it means.
    pub zone: Option<String>,
    /// `input`: what the function gets instead of an event, as JSON.
    pub input: Option<String>,
    /// Where it is written.
    pub place: Place,
}

impl ScheduleEvents {
    /// Whether EventBridge Scheduler is needed: rules know neither time zones nor single times.
    pub(crate) fn needs_scheduler(&self) -> bool {
        self.zone.is_some() || self.expression.starts_with("at(")
    }
}

/// The kinds of expressions, which are keys of the table.
const KINDS: [&str; 3] = ["cron", "rate", "at"];

pub(super) fn read(outer: &mut Fields<'_>, value: &Spanned<DeValue<'_>>) -> Option<ScheduleEvents> {
    match value.get_ref() {
        DeValue::String(text) => {
            let place = Place(value.span());
            check(outer, (text, value.span()), None)?;
            Some(ScheduleEvents { expression: text.to_string(), zone: None, input: None, place })
        }
        DeValue::Table(table) => read_table(outer, table, Place(value.span())),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_) => {
            outer.wrong_type("schedule", value, "a text or a table");
            None
        }
    }
}

fn read_table(outer: &mut Fields<'_>, table: &DeTable<'_>, place: Place) -> Option<ScheduleEvents> {
    let mut fields = Fields::new("`schedule`", table);
    let given: Vec<_> = KINDS.into_iter().filter_map(|kind| Some((kind, fields.string(kind)?))).collect();
    let zone = fields.string("timezone");
    let input = match fields.value("input") {
        None => Some(None),
        Some(value) => {
            let document = json(value);
            if document.is_none() {
                let problem = Problem::new("`input` has a date in it, which JSON has not", value.span());
                fields.note(problem.help("put it in quotes"));
            }
            document.map(|document| Some(document.to_string()))
        }
    };
    let expression = match &*given {
        [(kind, (content, span))] => {
            let expression = format!("{kind}({content})");
            check(&mut fields, (&expression, span.clone()), zone.clone()).map(|()| expression)
        }
        [] if KINDS.iter().any(|kind| table.contains_key(*kind)) => None,
        [] => {
            let problem = Problem::new("`schedule` does not say when", place.0.clone());
            fields.note(problem.help(
                "add `cron = \"0 9 * * ? *\"`, `rate = \"5 minutes\"` or `at = \"2026-11-21T13:00:00\"`",
            ));
            None
        }
        [_, (kind, (_, span)), ..] => {
            let problem =
                Problem::new(format!("`schedule` says when twice, with `{kind}` too"), span.clone());
            fields.note(problem.help("write `[[functions.NAME.events]]` for each of them"));
            None
        }
    };
    for problem in fields.finish() {
        outer.note(problem);
    }
    Some(ScheduleEvents {
        expression: expression?,
        zone: zone.map(|(zone, _)| zone.to_owned()),
        input: input?,
        place,
    })
}

/// Whether an expression and a time zone can be used; notes why not.
fn check(fields: &mut Fields<'_>, expression: Located<&str>, zone: Option<Located<&str>>) -> Option<()> {
    let (expression, span) = expression;
    let rule = zone.is_none() && !expression.starts_with("at(");
    let read = if rule { Expression::for_rule(expression) } else { Expression::for_scheduler(expression) };
    if let Err(error) = &read {
        fields.note(Problem::new(error.to_string(), span));
    }
    let unknown = zone.filter(|(zone, _)| time_zone(zone).is_none());
    if let Some((zone, span)) = &unknown {
        let problem = Problem::new(format!("there is no time zone `{zone}`"), span.clone());
        fields.note(problem.help("name one of the IANA database, such as `Europe/Berlin`"));
    }
    (read.is_ok() && unknown.is_none()).then_some(())
}
