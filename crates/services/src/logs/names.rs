//! What names log groups and streams.

use hearth_model::{
    identity::Partition,
    logging::{InvalidLogGroupName, LogGroupName},
    validation::Violation,
};

use super::Refusal;

/// By what an operation names a log group: its name, or an identifier, which is the name or the ARN. One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSelector {
    /// The name.
    pub name: Option<String>,
    /// The name or the ARN.
    pub identifier: Option<String>,
}

/// The ARN of a log group, as tags and other services know it.
#[must_use]
pub fn group_arn(partition: &Partition, name: &LogGroupName) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", partition.region, partition.account)
}

/// The ARN of a log stream.
#[must_use]
pub fn stream_arn(partition: &Partition, group: &LogGroupName, stream: &str) -> String {
    format!("{}:log-stream:{stream}", group_arn(partition, group))
}

impl GroupSelector {
    /// The name of the group that is meant.
    pub(super) fn resolve(&self, partition: &Partition) -> Result<LogGroupName, Refusal> {
        match (self.name.as_deref(), self.identifier.as_deref()) {
            (Some(name), None) => group_name(name),
            (None, Some(arn)) if arn.starts_with("arn:") => group_of_arn(partition, arn),
            (None, Some(name)) => group_name(name),
            (Some(_), Some(_)) => Err(Refusal::Validation(
                "LogGroup name and LogGroup ARN are mutually exclusive parameters.".into(),
            )),
            (None, None) => Err(Refusal::Validation("LogGroup name or LogGroup ARN is required.".into())),
        }
    }
}

/// The group that an ARN names, with or without `:*` at its end.
pub(super) fn group_of_arn(partition: &Partition, arn: &str) -> Result<LogGroupName, Refusal> {
    let own = format!("arn:aws:logs:{}:{}:log-group:", partition.region, partition.account);
    // What is elsewhere is not found there either: groups are not shared between accounts or regions.
    let name = arn.strip_prefix(&own).ok_or_else(Refusal::group_not_found)?;
    group_name(name.strip_suffix(":*").unwrap_or(name))
}

pub(super) fn group_name(text: &str) -> Result<LogGroupName, Refusal> {
    text.parse().map_err(|error| match error {
        InvalidLogGroupName::TooLong => too_long(),
        InvalidLogGroupName::Pattern => {
            Violation::pattern("logGroupName", text, LogGroupName::PATTERN).into()
        }
    })
}

/// Checks the name of a stream, or the beginning of one.
pub(super) fn check_stream_name(member: &'static str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Violation::length_at_least(member, text, 1).into());
    }
    if text.contains([':', '*']) {
        return Err(Violation::pattern(member, text, "[^:*]*").into());
    }
    if text.chars().count() > LogGroupName::MOST_CHARACTERS { Err(too_long()) } else { Ok(()) }
}

fn too_long() -> Refusal {
    Refusal::invalid("Invalid LogGroup or LogStream, both must have length less than or equal to 512.")
}
