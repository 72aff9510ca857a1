//! The rules of a bucket.

use thiserror::Error;

use super::{EventPattern, EventType, Filter};

/// Where events go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A function: it is invoked.
    Function,
    /// A queue: it gets a message.
    Queue,
}

/// Which events go where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What tells it from the others.
    pub id: String,
    /// What kind of resource takes the events.
    pub target: Target,
    /// The resource, by its ARN.
    pub arn: String,
    /// Which events.
    pub events: Vec<EventPattern>,
    /// Of which objects; none was given if it is none.
    pub filter: Option<Filter>,
}

/// All rules of a bucket. An event goes to one target at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    rules: Vec<Rule>,
}

/// Why rules cannot stand beside each other. The messages are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidConfiguration {
    /// Two rules have the same name.
    #[error("Same ID used for multiple configurations. IDs must be unique.")]
    SameId {
        /// The name.
        id: String,
    },
    /// Two rules without filters are about the same event.
    #[error("Configurations overlap. Configurations on the same bucket cannot share a common event type.")]
    SameEvents {
        /// What both are about.
        events: [EventPattern; 2],
    },
    /// Two rules with filters are about the same event of the same object.
    #[error(
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping \
         for the same event type."
    )]
    SameObjects,
}

impl Configuration {
    /// Checks rules.
    ///
    /// # Errors
    /// If two have the same name, or an event could go to two targets.
    pub fn new(rules: Vec<Rule>) -> Result<Self, InvalidConfiguration> {
        for (position, rule) in rules.iter().enumerate() {
            for earlier in &rules[..position] {
                earlier.check_beside(rule)?;
            }
        }
        Ok(Self { rules })
    }

    /// The rules, in the order in which they were given.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule by which an event goes somewhere.
    #[must_use]
    pub fn rule_for(&self, event: EventType, key: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| {
            rule.events.iter().any(|pattern| pattern.matches(event))
                && rule.filter.as_ref().is_none_or(|filter| filter.matches(key))
        })
    }
}

impl Rule {
    fn check_beside(&self, other: &Self) -> Result<(), InvalidConfiguration> {
        if self.id == other.id {
            return Err(InvalidConfiguration::SameId { id: self.id.clone() });
        }
        let all = Filter::default();
        let filters = [self, other].map(|rule| rule.filter.as_ref().unwrap_or(&all));
        let pairs =
            self.events.iter().flat_map(|mine| other.events.iter().map(move |theirs| [*mine, *theirs]));
        let Some(events) = pairs.into_iter().find(|[mine, theirs]| mine.overlaps(*theirs)) else {
            return Ok(());
        };
        if !filters[0].overlaps(filters[1]) {
            return Ok(());
        }
        Err(if filters.iter().all(|filter| filter.is_empty()) {
            InvalidConfiguration::SameEvents { events }
        } else {
            InvalidConfiguration::SameObjects
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, events: &[&str], prefix: &str, suffix: &str) -> Rule {
        let pattern = |text: &&str| EventPattern::parse(text).expect("a pattern");
        let rules = [("prefix", prefix), ("suffix", suffix)];
        let given = rules.into_iter().filter(|(_, value)| !value.is_empty());
        let filter = Filter::of_rules(given).expect("a filter");
        Rule {
            id: id.to_owned(),
            target: Target::Function,
            arn: format!("arn:{id}"),
            events: events.iter().map(pattern).collect(),
            filter: (!filter.is_empty()).then_some(filter),
        }
    }

    #[test]
    fn an_event_goes_to_one_target() {
        let configuration = Configuration::new(vec![
            rule("small", &["s3:ObjectCreated:*"], "in/", ".jpg"),
            rule("other", &["s3:ObjectCreated:*", "s3:ObjectRemoved:*"], "in/", ".png"),
            rule("gone", &["s3:ObjectRemoved:Delete"], "in/", ".jpg"),
        ]);
        let configuration = configuration.expect("they stand beside each other");
        let check = |event, key: &str, expected: Option<&str>| {
            let found = configuration.rule_for(event, key).map(|rule| rule.id.as_str());
            assert_eq!(found, expected, "{event:?} {key}");
        };
        check(EventType::CreatedPut, "in/a.jpg", Some("small"));
        check(EventType::CreatedCopy, "in/a.png", Some("other"));
        check(EventType::RemovedDelete, "in/a.png", Some("other"));
        check(EventType::RemovedDelete, "in/a.jpg", Some("gone"));
        check(EventType::RemovedDeleteMarkerCreated, "in/a.jpg", None);
        check(EventType::CreatedPut, "a.jpg", None);
        assert_eq!(Configuration::default().rule_for(EventType::CreatedPut, "a"), None);
    }

    #[test]
    fn what_could_go_to_two_targets_is_refused() {
        let check = |left: Rule, right: Rule, expected: Option<&str>| {
            let refused = Configuration::new(vec![left, right]).err().map(|error| error.to_string());
            assert_eq!(refused.as_deref(), expected);
        };
        let created = &["s3:ObjectCreated:*"];
        check(
            rule("a", created, "", ""),
            rule("b", &["s3:ObjectCreated:Put"], "", ""),
            Some(
                "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            ),
        );
        check(
            rule("a", created, "in/", ""),
            rule("b", created, "", ".jpg"),
            Some(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are \
                 overlapping for the same event type.",
            ),
        );
        check(
            rule("a", created, "in/", ""),
            rule("a", created, "out/", ""),
            Some("Same ID used for multiple configurations. IDs must be unique."),
        );
        check(rule("a", created, "in/", ""), rule("b", created, "out/", ""), None);
        check(rule("a", created, "", ""), rule("b", &["s3:ObjectRemoved:*"], "", ""), None);
    }
}
