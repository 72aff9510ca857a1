//! What a sender may say.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::random::random_bits;
use hearth_model::{
    identity::AccountId,
    sqs::{MessageId, NewMessage, QueueName, Sent, SequenceNumber, limits},
    work_id::WorkId,
};
use sha2::{Digest, Sha256};

use super::{
    Refusal, RefusalKind,
    content::{AttributeValue, Content, Md5, MessageAttribute},
};

/// A message as its sender gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendRequest {
    /// `MessageBody`.
    pub body: String,
    /// `DelaySeconds`.
    pub delay_seconds: Option<i64>,
    /// `MessageAttributes`, by their names.
    pub attributes: BTreeMap<String, GivenAttribute>,
    /// `MessageSystemAttributes`, by their names.
    pub system_attributes: BTreeMap<String, GivenAttribute>,
    /// `MessageDeduplicationId`.
    pub deduplication_id: Option<String>,
    /// `MessageGroupId`.
    pub group_id: Option<String>,
    /// The X-Ray trace header of the request, which the message has if it brings none of its own.
    pub trace_header: Option<String>,
    /// What led to the message, if that is known from elsewhere than the trace header.
    pub cause: Option<WorkId>,
}

/// An attribute as its sender gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenAttribute {
    /// `DataType`.
    pub data_type: Option<String>,
    /// `StringValue`.
    pub text: Option<String>,
    /// `BinaryValue`.
    pub binary: Option<Bytes>,
}

/// What a sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReply {
    /// `MessageId`: that of the first one, if the message is a duplicate.
    pub message_id: MessageId,
    /// `MD5OfMessageBody`.
    pub body_md5: Md5,
    /// `MD5OfMessageAttributes`, if there are any.
    pub attributes_md5: Option<Md5>,
    /// `MD5OfMessageSystemAttributes`, if there are any.
    pub system_attributes_md5: Option<Md5>,
    /// `SequenceNumber`, in a FIFO queue.
    pub sequence_number: Option<SequenceNumber>,
}

/// A message that has a form in which it can be sent.
pub(super) struct CheckedMessage {
    /// Its bytes are those that count against the limit of messages.
    pub(super) message: NewMessage<Arc<Content>>,
    /// Whether it can be sent only if the queue tells duplicates by their content.
    pub(super) deduplicated_by_content: bool,
    /// What led to it.
    pub(super) cause: Option<WorkId>,
    attributes_md5: Option<Md5>,
    system_attributes_md5: Option<Md5>,
}

impl SendRequest {
    /// A message with a text only.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// Gives the message an attribute of a textual type.
    #[must_use]
    pub fn with_attribute(
        mut self,
        name: impl Into<String>,
        data_type: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let given =
            GivenAttribute { data_type: Some(data_type.into()), text: Some(value.into()), binary: None };
        self.attributes.insert(name.into(), given);
        self
    }

    /// How many bytes it counts against the limit of a batch.
    pub(super) fn bytes(&self) -> usize {
        let attribute = |(name, given): (&String, &GivenAttribute)| {
            let GivenAttribute { data_type, text, binary } = given;
            name.len()
                + data_type.as_ref().map_or(0, String::len)
                + text.as_ref().map_or(0, String::len)
                + binary.as_ref().map_or(0, Bytes::len)
        };
        self.body.len() + self.attributes.iter().map(attribute).sum::<usize>()
    }

    /// What a FIFO queue demands of every message, and of a batch as a whole. Returns whether the message has no
    /// deduplication id of its own.
    pub(super) fn check_fifo(&self, queue: &QueueName) -> Result<bool, Refusal> {
        if !queue.is_fifo() {
            return Ok(false);
        }
        if self.group_id.is_none() {
            return Err(Refusal::missing("MessageGroupId"));
        }
        Ok(self.deduplication_id.is_none())
    }

    pub(super) fn check(self, queue: &QueueName, sender: AccountId) -> Result<CheckedMessage, Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::missing("MessageBody"));
        }
        check_characters(&self.body)?;
        let deduplicated_by_content = self.check_fifo(queue)?;
        let delay = self.delay_seconds.map(|seconds| check_delay(queue, seconds)).transpose()?;
        let group = self.group_id.map(|id| check_id("MessageGroupId", id)).transpose()?;
        let deduplication =
            self.deduplication_id.map(|id| check_id("MessageDeduplicationId", id)).transpose()?;
        if let Some(id) = deduplication.as_ref().filter(|_| !queue.is_fifo()) {
            return Err(Refusal::parameter("MessageDeduplicationId", id, WRONG_QUEUE_TYPE));
        }
        let deduplication =
            if deduplicated_by_content { Some(content_digest(&self.body)) } else { deduplication };
        let attributes = check_attributes(self.attributes)?;
        let system_attributes = check_system_attributes(self.system_attributes)?;
        let attributes_md5 = Md5::of_attributes(&attributes);
        let system_attributes_md5 = Md5::of_attributes(&system_attributes);
        let bytes = self.body.len() + attributes.iter().map(MessageAttribute::bytes).sum::<usize>();
        let own_trace_header = system_attributes.into_iter().find_map(|attribute| match attribute.value {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Binary(_) => None,
        });
        let trace_header = own_trace_header.or_else(|| self.trace_header.map(String::into_boxed_str));
        let cause = self.cause.or_else(|| trace_header.as_deref().and_then(WorkId::of_trace_header));
        let content = Content {
            body_md5: Md5::of(&self.body),
            body: self.body.into(),
            attributes: attributes.into(),
            trace_header,
            sender,
        };
        let id = MessageId::from_random(random_bits());
        let message = NewMessage {
            id,
            content: Arc::new(content),
            bytes,
            delay,
            group,
            deduplication,
            overtakes: false,
        };
        Ok(CheckedMessage { message, deduplicated_by_content, cause, attributes_md5, system_attributes_md5 })
    }
}

impl CheckedMessage {
    /// What its sender is to be told, once the queue has told what it made of it.
    pub(super) fn reply(&self) -> impl FnOnce(Sent) -> SendReply + use<> {
        let body_md5 = self.message.content.body_md5;
        let (attributes_md5, system_attributes_md5) = (self.attributes_md5, self.system_attributes_md5);
        move |Sent { id, sequence }| SendReply {
            message_id: id,
            body_md5,
            attributes_md5,
            system_attributes_md5,
            sequence_number: sequence,
        }
    }
}

pub(super) const WRONG_QUEUE_TYPE: &str =
    "The request include parameter that is not valid for this queue type.";

const TRACE_HEADER: &str = "AWSTraceHeader";

/// Ids of groups, duplicates and attempts: 1 to 128 letters, digits and punctuation marks.
pub(super) fn check_id(parameter: &str, id: String) -> Result<Arc<str>, Refusal> {
    let fits = (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(id.into());
    }
    let reason =
        format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    Err(Refusal::parameter(parameter, id, &reason))
}

fn check_delay(queue: &QueueName, seconds: i64) -> Result<Duration, Refusal> {
    let delay = u64::try_from(seconds).map(Duration::from_secs).ok().filter(|delay| *delay <= limits::DELAY);
    let Some(delay) = delay else {
        return Err(Refusal::parameter("DelaySeconds", seconds, "DelaySeconds must be >= 0 and <= 900."));
    };
    // None is the delay of the queue, as for those who say nothing.
    if queue.is_fifo() && !delay.is_zero() {
        return Err(Refusal::parameter("DelaySeconds", seconds, WRONG_QUEUE_TYPE));
    }
    Ok(delay)
}

fn check_characters(body: &str) -> Result<(), Refusal> {
    let Some(character) = body.chars().find(|character| !is_allowed(*character)) else { return Ok(()) };
    Err(Refusal::new(
        RefusalKind::InvalidMessageContents,
        format!(
            "Invalid binary character '#x{:X}' was found in the message body, the set of allowed characters is #x9 | #xA | \
             #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].",
            u32::from(character)
        ),
    ))
}

/// What XML 1.0 can carry.
const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

fn content_digest(body: &str) -> Arc<str> {
    let digest = Sha256::digest(body.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn check_system_attributes(
    given: BTreeMap<String, GivenAttribute>,
) -> Result<Vec<MessageAttribute>, Refusal> {
    if let Some(name) = given.keys().find(|name| *name != TRACE_HEADER) {
        return Err(Refusal::invalid(format!("Message system attribute name '{name}' is invalid.")));
    }
    let attributes: Vec<_> = given
        .into_iter()
        .map(|(name, given)| check_attribute("system", name, given))
        .collect::<Result<_, _>>()?;
    if attributes.iter().any(|attribute| &*attribute.data_type != "String") {
        return Err(Refusal::invalid(format!(
            "The type of message (system) attribute '{TRACE_HEADER}' is invalid. You must use only the following \
             supported type: String."
        )));
    }
    Ok(attributes)
}

fn check_attributes(given: BTreeMap<String, GivenAttribute>) -> Result<Vec<MessageAttribute>, Refusal> {
    if given.len() > limits::MESSAGE_ATTRIBUTES {
        return Err(Refusal::invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{}].",
            given.len(),
            limits::MESSAGE_ATTRIBUTES
        )));
    }
    let check = |(name, given): (String, GivenAttribute)| {
        check_attribute_name(&name)?;
        check_attribute("user", name, given)
    };
    given.into_iter().map(check).collect()
}

/// Source: the API reference's `MessageAttributes`, and AWS's messages as others report them.
fn check_attribute_name(name: &str) -> Result<(), Refusal> {
    let lower = name.to_ascii_lowercase();
    let message = if name.is_empty() {
        "The request must contain non-empty message (user) attribute names."
    } else if name.chars().count() > 256 {
        "Message (user) attribute name must be shorter than 256 bytes."
    } else if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal \
         use."
    } else if name.starts_with('.') || name.ends_with('.') {
        "Invalid attribute name parameter: names of message (user) attributes cannot start or end with a period."
    } else if name.contains("..") {
        "Message attribute name can not have successive '.' character."
    } else if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and \
         underscores. "
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(message))
}

/// `kind` is `user` or `system`.
fn check_attribute(kind: &str, name: String, given: GivenAttribute) -> Result<MessageAttribute, Refusal> {
    let GivenAttribute { data_type, text, binary } = given;
    let empty = || {
        let message = format!(
            "The message ({kind}) attribute '{name}' must contain a non-empty message attribute value."
        );
        Refusal::invalid(message)
    };
    let Some(data_type) = data_type.filter(|data_type| !data_type.is_empty()) else { return Err(empty()) };
    if data_type.len() > 256 {
        return Err(Refusal::invalid(format!(
            "Message ({kind}) attribute type must be shorter than 256 bytes."
        )));
    }
    let without_value = || {
        let message = format!(
            "Message ({kind}) attribute '{name}' must contain a non-empty value of type '{data_type}'."
        );
        Refusal::invalid(message)
    };
    let value = match data_type.split('.').next() {
        Some("Binary") => {
            let binary = binary.filter(|binary| !binary.is_empty());
            AttributeValue::Binary(binary.ok_or_else(without_value)?)
        }
        Some(base @ ("String" | "Number")) => {
            let text = text.filter(|text| !text.is_empty()).ok_or_else(without_value)?;
            if base == "Number" && !is_number(&text) {
                let message =
                    format!("Can't cast the value of message ({kind}) attribute '{name}' to a number.");
                return Err(Refusal::invalid(message));
            }
            if let Some(character) = text.chars().find(|character| !is_allowed(*character)) {
                return Err(Refusal::invalid(format!(
                    "Invalid binary character '#x{:X}' was found in the message ({kind}) attribute '{name}'.",
                    u32::from(character)
                )));
            }
            AttributeValue::Text(text.into())
        }
        Some(_) | None => {
            return Err(Refusal::invalid(format!(
                "The type of message ({kind}) attribute '{name}' is invalid. You must use only the following supported \
                 type prefixes: Binary, Number, String."
            )));
        }
    };
    Ok(MessageAttribute { name: name.into(), data_type: data_type.into(), value })
}

/// Digits with a sign, a point and an exponent, if it has them.
fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
}
