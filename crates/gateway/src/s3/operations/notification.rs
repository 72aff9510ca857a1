//! Where events go.

use hearth_model::bucket_notification::{EventPattern, Filter, InvalidFilter, Rule, Target};
use hearth_services::s3::{NewNotification, Refusal};
use s3s::dto::{
    Event, FilterRule, FilterRuleName, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, LambdaFunctionConfiguration, NotificationConfigurationFilter,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput, QueueConfiguration,
    S3KeyFilter,
};

use super::{Answer, Call};
use crate::{rest_json::fresh_request_id, s3::unsupported::not_there};

pub(in crate::s3) async fn rules(
    call: Call,
    input: GetBucketNotificationConfigurationInput,
) -> Answer<GetBucketNotificationConfigurationOutput> {
    let configuration = call.buckets.configuration(&input.bucket)?.notification;
    let (mut functions, mut queues) = (Vec::new(), Vec::new());
    for rule in configuration.rules() {
        let (events, filter, id) = (events(rule), rule.filter.as_ref().map(shown), Some(rule.id.clone()));
        match rule.target {
            Target::Function => {
                let lambda_function_arn = rule.arn.clone();
                functions.push(LambdaFunctionConfiguration { events, filter, id, lambda_function_arn });
            }
            Target::Queue => {
                queues.push(QueueConfiguration { events, filter, id, queue_arn: rule.arn.clone() });
            }
        }
    }
    Ok(GetBucketNotificationConfigurationOutput {
        lambda_function_configurations: (!functions.is_empty()).then_some(functions),
        queue_configurations: (!queues.is_empty()).then_some(queues),
        ..GetBucketNotificationConfigurationOutput::default()
    })
}

pub(in crate::s3) async fn set_rules(
    call: Call,
    input: PutBucketNotificationConfigurationInput,
) -> Answer<PutBucketNotificationConfigurationOutput> {
    let given = input.notification_configuration;
    if given.topic_configurations.is_some_and(|topics| !topics.is_empty()) {
        return Err(not_there("notifications to SNS topics"));
    }
    if given.event_bridge_configuration.is_some() {
        return Err(not_there("notifications to EventBridge"));
    }
    let queues = given.queue_configurations.unwrap_or_default().into_iter();
    let queues = queues.map(|rule| read(Target::Queue, rule.id, rule.queue_arn, &rule.events, rule.filter));
    let functions = given.lambda_function_configurations.unwrap_or_default().into_iter();
    let functions = functions
        .map(|rule| read(Target::Function, rule.id, rule.lambda_function_arn, &rule.events, rule.filter));
    let new = NewNotification {
        rules: queues.chain(functions).collect::<Answer<_>>()?,
        skip_validation: input.skip_destination_validation == Some(true),
    };
    call.buckets.set_notification(&call.caller, &input.bucket, new)?;
    Ok(PutBucketNotificationConfigurationOutput::default())
}

fn read(
    target: Target,
    id: Option<String>,
    arn: String,
    events: &[Event],
    filter: Option<NotificationConfigurationFilter>,
) -> Answer<Rule> {
    if events.is_empty() {
        return Err(Refusal::MalformedXml.into());
    }
    let patterns = events.iter().map(|event| {
        EventPattern::parse(event.as_ref()).ok_or_else(|| {
            let message = "A specified event is not supported for notifications.";
            Refusal::argument(message, "Event", event.as_ref())
        })
    });
    let events = patterns.collect::<Result<_, _>>()?;
    let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules);
    let filter = rules.map(|rules| {
        let pairs: Option<Vec<_>> =
            rules.iter().map(|rule| Some((rule.name.as_ref()?.as_str(), rule.value.as_deref()?))).collect();
        let pairs = pairs.ok_or(Refusal::MalformedXml)?;
        Filter::of_rules(pairs).map_err(refusal)
    });
    let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| fresh_request_id().to_string());
    Ok(Rule { id, target, arn, events, filter: filter.transpose()? })
}

fn refusal(error: InvalidFilter) -> Refusal {
    let message = error.to_string();
    match error {
        InvalidFilter::Name { name } => Refusal::argument(message, "FilterRule.Name", name),
        InvalidFilter::TwoPrefixes => Refusal::argument(message, "FilterRule.Name", "prefix"),
        InvalidFilter::TwoSuffixes => Refusal::argument(message, "FilterRule.Name", "suffix"),
        InvalidFilter::TooLong { value } => Refusal::argument(message, "filter value", value),
    }
}

fn events(rule: &Rule) -> Vec<Event> {
    rule.events.iter().map(|pattern| Event::from(pattern.as_str().to_owned())).collect()
}

fn shown(filter: &Filter) -> NotificationConfigurationFilter {
    let rules = filter.rules().map(|(name, value)| FilterRule {
        name: Some(FilterRuleName::from_static(name)),
        value: Some(value.to_owned()),
    });
    NotificationConfigurationFilter { key: Some(S3KeyFilter { filter_rules: Some(rules.collect()) }) }
}
