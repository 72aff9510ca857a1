//! The targets of a rule.

use std::collections::BTreeMap;

use hearth_model::{
    event_input::{EventInput, InputTemplate, InvalidTemplate, JsonPath},
    schedule::RetryPolicy,
    sqs::QueueAddress,
    validation::Violation,
};
use serde::de::IgnoredAny;

use super::{Refusal, rule::NAME};
use crate::{
    checks::Checks,
    delivery::{Retries, TargetAddress, dead_letter_queue},
};

/// A target as the rule's owner gives it, and is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTarget {
    /// `Id`.
    pub id: String,
    /// `Arn`.
    pub arn: String,
    /// `RoleArn`: kept, and used by nobody.
    pub role_arn: Option<String>,
    /// `Input`.
    pub input: Option<String>,
    /// `InputPath`.
    pub input_path: Option<String>,
    /// `InputTransformer`.
    pub transformer: Option<InputTransformer>,
    /// `SqsParameters.MessageGroupId`, if there are parameters.
    pub queue: Option<Option<String>>,
    /// `DeadLetterConfig.Arn`.
    pub dead_letter_arn: Option<String>,
    /// `RetryPolicy`.
    pub retries: Option<Retries>,
}

/// `InputTransformer`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputTransformer {
    /// `InputPathsMap`.
    pub paths: BTreeMap<String, String>,
    /// `InputTemplate`.
    pub template: String,
}

/// A target.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTarget {
    /// As it was given.
    pub given: NewTarget,
    pub(super) address: TargetAddress,
    pub(super) input: EventInput,
    pub(super) policy: RetryPolicy,
    pub(super) dead_letter: Option<QueueAddress>,
}

impl RuleTarget {
    /// Reads the targets of a request.
    pub(super) fn read_all(targets: Vec<NewTarget>) -> Result<Vec<Self>, Refusal> {
        let mut checks = Checks::default();
        for (position, target) in (1..).zip(&targets) {
            target.check_form(&mut checks, position);
        }
        checks.finish()?;
        targets.into_iter().map(Self::read).collect()
    }

    fn read(given: NewTarget) -> Result<Self, Refusal> {
        let id = &given.id;
        let address =
            TargetAddress::parse(&given.arn).map_err(|reason| Refusal::parameter(&given.arn, reason))?;
        if address.is_fifo() && given.queue.clone().flatten().is_none() {
            let message = format!("Parameter(s) SqsParameters must be specified for target: {id}.");
            return Err(Refusal::invalid(message));
        }
        let input = given.read_input()?;
        let dead_letter = given.dead_letter_arn.as_deref().map(queue_of).transpose()?;
        let policy = given.retries.unwrap_or_default().policy();
        Ok(Self { given, address, input, policy, dead_letter })
    }
}

impl NewTarget {
    fn check_form(&self, checks: &mut Checks, position: usize) {
        let member = |name: &str| format!("targets.{position}.member.{name}");
        checks.name(member("id"), &self.id, NAME);
        checks.length(member("arn"), &self.arn, 1..=1_600);
        for (name, text, most) in [
            ("roleArn", &self.role_arn, 1_600),
            ("input", &self.input, 8_192),
            ("inputPath", &self.input_path, 256),
            ("sqsParameters.messageGroupId", &self.queue.clone().flatten(), 100),
        ] {
            checks.length(member(name), text.as_deref().unwrap_or_default(), 0..=most);
        }
        if let Some(transformer) = &self.transformer {
            for name in transformer.paths.keys() {
                let others = |c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c);
                if name.is_empty() || name.contains(others) {
                    let member = member("inputTransformer.inputPathsMap");
                    checks.note(Violation::pattern(member, name, r"[A-Za-z0-9\_\-]+"));
                }
            }
            checks.length(member("inputTransformer.inputTemplate"), &transformer.template, 1..=8_192);
        }
        self.retries.unwrap_or_default().check_form(checks, &member("retryPolicy"));
    }

    fn read_input(&self) -> Result<EventInput, Refusal> {
        let id = &self.id;
        match (&self.input, &self.input_path, &self.transformer) {
            (None, None, None) => Ok(EventInput::Whole),
            (Some(input), None, None) => {
                serde_json::from_str::<IgnoredAny>(input).map_err(|error| {
                    let (line, column) = (error.line(), error.column());
                    Refusal::invalid(format!(
                        "JSON syntax error in input for target {id}: [Source: (String)\"{input}\"; line: {line}, column: \
                         {column}]"
                    ))
                })?;
                Ok(EventInput::Constant(input.as_str().into()))
            }
            (None, Some(path), None) => self.path_of(path).map(EventInput::Part),
            (None, None, Some(InputTransformer { paths, template })) => {
                let paths = paths.iter().map(|(name, path)| Ok((name.clone(), self.path_of(path)?)));
                let paths = paths.collect::<Result<_, Refusal>>()?;
                let template = InputTemplate::parse(template, &paths);
                let template = template.map_err(|error| {
                    Refusal::invalid(match error {
                        InvalidTemplate::Unknown { name } => {
                            format!("InputTemplate for target {id} contains invalid placeholder {name}.")
                        }
                        InvalidTemplate::ObjectsOnly { name } => format!(
                            "InputTemplate for target {id} contains placeholder {name} valid only for JSON template."
                        ),
                        InvalidTemplate::NotJson { reason } => {
                            format!("Invalid InputTemplate for target {id} : {reason}")
                        }
                    })
                })?;
                Ok(EventInput::Transformed(template))
            }
            _ => Err(Refusal::invalid(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            ))),
        }
    }

    fn path_of(&self, text: &str) -> Result<JsonPath, Refusal> {
        let invalid = |_| Refusal::invalid(format!("InputPath for target {} is invalid.", self.id));
        JsonPath::parse(text).map_err(invalid)
    }
}

fn queue_of(arn: &str) -> Result<QueueAddress, Refusal> {
    dead_letter_queue(arn).map_err(Refusal::invalid)
}
