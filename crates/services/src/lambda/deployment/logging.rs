//! How the log of a function is written, and where to: `LoggingConfig`.
//!
//! Source: the API's published model; refusals that others have reported.

use hearth_model::{
    logging::{
        ApplicationLogLevel, InvalidLogGroupName, LogFormat, LogGroupName, LogLevels, LoggingConfiguration,
        SystemLogLevel,
    },
    validation::Violation,
};

use crate::lambda::Refusal;

const FORMATS: [&str; 2] = ["JSON", "Text"];

/// What is to be set; all that is none stays as it is, but that JSON begins with its default levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggingChange {
    /// `JSON` or `Text`.
    pub format: Option<String>,
    /// The log group.
    pub group: Option<String>,
    /// The lowest level of what the function writes.
    pub application_level: Option<String>,
    /// The lowest level of what the platform writes.
    pub system_level: Option<String>,
}

impl LoggingChange {
    /// What is wrong with the form of it.
    pub(super) fn violations(&self) -> impl Iterator<Item = Violation> {
        let format = one_of("loggingConfig.logFormat", self.format.as_deref(), &FORMATS);
        let names: Vec<_> = ApplicationLogLevel::ALL.iter().map(|level| level.as_str()).collect();
        let application =
            one_of("loggingConfig.applicationLogLevel", self.application_level.as_deref(), &names);
        let names: Vec<_> = SystemLogLevel::ALL.iter().map(|level| level.as_str()).collect();
        let system = one_of("loggingConfig.systemLogLevel", self.system_level.as_deref(), &names);
        let group = self.group.as_deref().and_then(|name| {
            const MEMBER: &str = "loggingConfig.logGroup";
            Some(match name.parse::<LogGroupName>().err()? {
                InvalidLogGroupName::TooLong => {
                    Violation::length_at_most(MEMBER, name, LogGroupName::MOST_CHARACTERS)
                }
                InvalidLogGroupName::Pattern => Violation::pattern(MEMBER, name, LogGroupName::PATTERN),
            })
        });
        [format, application, system, group].into_iter().flatten()
    }

    /// What was configured, with this change, whose form is as it must be.
    pub(super) fn apply(self, before: &LoggingConfiguration) -> Result<LoggingConfiguration, Refusal> {
        let levels_before = match (self.format.as_deref(), before.format) {
            (Some("JSON"), _) => Some(LogLevels::default()),
            (None, LogFormat::Json(levels)) => Some(levels),
            (Some(_), _) | (None, LogFormat::Text) => None,
        };
        let application = self.application_level.as_deref().and_then(ApplicationLogLevel::parse);
        let system = self.system_level.as_deref().and_then(SystemLogLevel::parse);
        let format = match levels_before {
            Some(before) => LogFormat::Json(LogLevels {
                application: application.unwrap_or(before.application),
                system: system.unwrap_or(before.system),
            }),
            None if application.is_some() || system.is_some() => {
                return Err(Refusal::invalid(
                    "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or \
                     change the LogFormat to \"JSON\" and try again.",
                ));
            }
            None => LogFormat::Text,
        };
        let group = self.group.as_deref().and_then(|name| name.parse().ok());
        Ok(LoggingConfiguration { format, group: group.or_else(|| before.group.clone()) })
    }
}

fn one_of(member: &'static str, given: Option<&str>, names: &[&str]) -> Option<Violation> {
    let given = given.filter(|given| !names.contains(given))?;
    let constraint = format!("Member must satisfy enum value set: [{}]", names.join(", "));
    Some(Violation::new(member, given, constraint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(format: Option<&str>, application: Option<&str>, system: Option<&str>) -> LoggingChange {
        LoggingChange {
            format: format.map(str::to_owned),
            group: None,
            application_level: application.map(str::to_owned),
            system_level: system.map(str::to_owned),
        }
    }

    fn json(application: ApplicationLogLevel, system: SystemLogLevel) -> LoggingConfiguration {
        LoggingConfiguration { format: LogFormat::Json(LogLevels { application, system }), group: None }
    }

    #[test]
    fn json_begins_with_its_default_levels_and_keeps_others() {
        use {ApplicationLogLevel as Application, SystemLogLevel as System};
        let check = |before: &LoggingConfiguration, change: LoggingChange, expect: LoggingConfiguration| {
            assert_eq!(change.violations().count(), 0);
            assert_eq!(change.apply(before), Ok(expect));
        };
        let text = LoggingConfiguration::default();
        let default = json(Application::Info, System::Info);
        check(&text, change(None, None, None), text.clone());
        check(&text, change(Some("JSON"), None, None), default.clone());
        let debug = json(Application::Debug, System::Info);
        check(&text, change(Some("JSON"), Some("DEBUG"), None), debug.clone());
        check(&debug, change(None, None, Some("WARN")), json(Application::Debug, System::Warn));
        check(&debug, change(Some("JSON"), None, None), default);
        check(&debug, change(Some("Text"), None, None), text.clone());
        let group = LoggingChange { group: Some("shop".to_owned()), ..LoggingChange::default() };
        let moved = LoggingConfiguration { group: Some("shop".parse().expect("a name")), ..debug.clone() };
        check(&debug, group, moved.clone());
        check(&moved, change(None, None, None), moved.clone());
    }

    #[test]
    fn text_has_no_levels() {
        let text = LoggingConfiguration::default();
        let debug = json(ApplicationLogLevel::Debug, SystemLogLevel::Info);
        for (before, format) in [(&text, None), (&text, Some("Text")), (&debug, Some("Text"))] {
            let refusal = change(format, None, Some("INFO")).apply(before).expect_err("refused");
            assert!(refusal.to_string().starts_with("LogLevel is not supported when LogFormat"), "{refusal}");
        }
    }

    #[test]
    fn what_has_no_form_is_refused_member_by_member() {
        let given = LoggingChange {
            group: Some("my group".to_owned()),
            ..change(Some("text"), Some("LOUD"), Some("ERROR"))
        };
        let violations: Vec<_> = given.violations().map(|violation| violation.to_string()).collect();
        let expect = [
            "Value 'text' at 'loggingConfig.logFormat' failed to satisfy constraint: Member must satisfy enum value set: \
             [JSON, Text]",
            "Value 'LOUD' at 'loggingConfig.applicationLogLevel' failed to satisfy constraint: Member must satisfy enum \
             value set: [TRACE, DEBUG, INFO, WARN, ERROR, FATAL]",
            "Value 'ERROR' at 'loggingConfig.systemLogLevel' failed to satisfy constraint: Member must satisfy enum value \
             set: [DEBUG, INFO, WARN]",
            "Value 'my group' at 'loggingConfig.logGroup' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: [\\\\.\\\\-_/#A-Za-z0-9]+",
        ];
        assert_eq!(violations, expect);
    }
}
