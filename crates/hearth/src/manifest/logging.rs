//! The `logging` table of a function.

use std::ops::Range;

use hearth_model::logging::{
    ApplicationLogLevel, InvalidLogGroupName, LogFormat, LogGroupName, LogLevels, LoggingConfiguration,
    SystemLogLevel,
};
use toml::de::DeTable;

use super::{fields::Fields, problem::Problem, suggestion};

/// Reads how a function's log is written, and where to.
pub(super) fn logging(outer: &mut Fields<'_>) -> LoggingConfiguration {
    let Some(value) = outer.value("logging") else { return LoggingConfiguration::default() };
    let Some(table) = value.get_ref().as_table() else {
        outer.wrong_type("logging", value, "a table");
        return LoggingConfiguration::default();
    };
    let mut fields = Fields::new("`logging`", table);
    let read = LoggingConfiguration { format: format(&mut fields, table), group: group(&mut fields) };
    for problem in fields.finish() {
        outer.note(problem);
    }
    read
}

fn format(fields: &mut Fields<'_>, table: &DeTable<'_>) -> LogFormat {
    const NAMES: [&str; 2] = ["text", "json"];
    let is_json = match fields.string("format") {
        None | Some(("text", _)) => false,
        Some(("json", _)) => true,
        Some((other, span)) => {
            let problem = Problem::new(format!("there is no log format `{other}`"), span);
            fields.note(problem.help(suggestion::help(other, NAMES)));
            // Whatever was meant, its levels are not to blame.
            true
        }
    };
    let application = level(fields, "application_level", ApplicationLogLevel::ALL, |level| level.as_str());
    let system = level(fields, "system_level", SystemLogLevel::ALL, |level| level.as_str());
    if is_json {
        return LogFormat::Json(LogLevels {
            application: application.unwrap_or_default(),
            system: system.unwrap_or_default(),
        });
    }
    let levels = ["application_level", "system_level"];
    if let Some((name, _)) = table.iter().find(|(name, _)| levels.contains(&name.get_ref().as_ref())) {
        let problem = Problem::new("log levels are for logs in JSON", name.span());
        fields.note(problem.help("add `format = \"json\"`, or remove the level"));
    }
    LogFormat::Text
}

/// Levels are written in small letters, as everything in a manifest is.
fn level<L: Copy>(
    fields: &mut Fields<'_>,
    key: &'static str,
    all: &[L],
    name: fn(L) -> &'static str,
) -> Option<L> {
    let (given, span): (&str, Range<usize>) = fields.string(key)?;
    let level = all.iter().find(|level| name(**level).to_ascii_lowercase() == given);
    if level.is_none() {
        let names: Vec<_> = all.iter().map(|level| name(*level).to_ascii_lowercase()).collect();
        let problem = Problem::new(format!("there is no log level `{given}` for `{key}`"), span);
        fields.note(problem.help(suggestion::help(given, names.iter().map(String::as_str))));
    }
    level.copied()
}

fn group(fields: &mut Fields<'_>) -> Option<LogGroupName> {
    let (name, span) = fields.string("group")?;
    match name.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            fields.note(Problem::new(InvalidLogGroupName::to_string(&error), span));
            None
        }
    }
}
