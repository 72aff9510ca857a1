//! Where the events of a bucket go.

use std::{collections::BTreeSet, sync::Arc};

use hearth_model::{
    bucket_notification::{Configuration, InvalidConfiguration, Rule, Target},
    destination::{Destination, DestinationService},
    identity::Partition,
    sqs::QueueAddress,
};

use crate::s3::{Argument, BucketView, Buckets, Caller, Refusal, notify::Notice};

/// The rules that a bucket shall have.
#[derive(Clone, Debug, Default)]
pub struct NewNotification {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Whether the targets are taken as they are, even if they are not there or may not be used.
    pub skip_validation: bool,
}

impl Buckets {
    /// `PutBucketNotificationConfiguration`. Queues that are new get a test event.
    ///
    /// # Errors
    /// If a target is none or may not be used, or an event could go to two of them.
    pub fn set_notification(
        &self,
        caller: &Caller,
        bucket: &str,
        new: NewNotification,
    ) -> Result<(), Refusal> {
        let view = self.describe(bucket)?;
        let targets = new.rules.iter().map(|rule| Ok((rule, target(rule)?)));
        let targets: Vec<_> = targets.collect::<Result<_, Refusal>>()?;
        if !new.skip_validation {
            self.check_targets(&view, &targets)?;
        }
        let configuration = Arc::new(Configuration::new(new.rules)?);
        self.change(caller, bucket, |state, now, effects| {
            let of_rule = |queue| Notice::of_rule(caller, &view.name, queue, now);
            let (before, after) = (queues(&state.configuration.notification), queues(&configuration));
            effects.notices.extend(after.difference(&before).cloned().map(of_rule));
            state.configuration_mut().notification = configuration;
            Ok(())
        })
    }

    /// AWS names all targets that it can't use, each with a number.
    fn check_targets(&self, bucket: &BucketView, targets: &[(&Rule, Destination)]) -> Result<(), Refusal> {
        let mut refused: Vec<(String, String)> = Vec::new();
        for (rule, target) in targets {
            match rule.target {
                Target::Function if !self.may_invoke(bucket, target) => {
                    let reason = format!("Not authorized to invoke function [{}]", rule.arn);
                    refused.push((format!("{}, null", rule.arn), reason));
                }
                Target::Queue => {
                    let address = QueueAddress::parse_arn(target.as_str());
                    let reason = match address {
                        Some(address) if address.name.is_fifo() => "FIFO SQS queues are not supported",
                        Some(address) if self.queues().exists(&address) => continue,
                        Some(_) | None => "The destination queue does not exist",
                    };
                    refused.push((rule.arn.clone(), reason.to_owned()));
                }
                Target::Function => {}
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        let numbered = refused.into_iter().zip(1..).flat_map(|((name, value), number)| {
            [
                Argument { name: format!("ArgumentName{number}").into(), value: name },
                Argument { name: format!("ArgumentValue{number}").into(), value },
            ]
        });
        Err(Refusal::UnusableTargets(numbered.collect()))
    }

    /// Whether a function's policy lets the bucket invoke it.
    fn may_invoke(&self, bucket: &BucketView, function: &Destination) -> bool {
        let Some((account, region)) = function.account().zip(function.region()) else { return false };
        let place = Partition { account, region: region.clone() };
        let (source, owner) = (bucket.name.arn(), bucket.partition.account);
        self.functions().lets_in(&place, function.as_str(), "s3.amazonaws.com", &source, owner)
    }
}

/// The queues that events go to.
fn queues(configuration: &Configuration) -> BTreeSet<String> {
    let to_queues = configuration.rules().iter().filter(|rule| rule.target == Target::Queue);
    to_queues.map(|rule| rule.arn.clone()).collect()
}

/// The resource that a rule names.
fn target(rule: &Rule) -> Result<Destination, Refusal> {
    let (service, argument) = match rule.target {
        Target::Function => (DestinationService::Lambda, "CloudFunction"),
        Target::Queue => (DestinationService::Sqs, "Queue"),
    };
    let parsed = Destination::parse(&rule.arn).ok().filter(|target| target.service() == service);
    parsed.ok_or_else(|| Refusal::argument("The ARN could not be parsed", argument, rule.arn.clone()))
}

impl From<InvalidConfiguration> for Refusal {
    fn from(error: InvalidConfiguration) -> Self {
        let message = error.to_string();
        match error {
            InvalidConfiguration::SameId { .. } | InvalidConfiguration::SameObjects => {
                Self::InvalidArgument { message: message.into(), arguments: Vec::new() }
            }
            InvalidConfiguration::SameEvents { events: [first, second] } => {
                Self::argument(message, "Event", format!("{first}, {second}"))
            }
        }
    }
}
