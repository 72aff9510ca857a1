//! Answers and errors as XML.
//!
//! There are only elements and text in them, and the names and nesting of lists are the protocol's own, which no
//! library for XML knows: what remains is to escape text, so Hearth does that itself.

use std::fmt::Write;

use bytes::Bytes;
use ciborium::Value;
use hearth_model::identity::RequestId;
use serde::Serialize;

use super::service::QueryService;
use crate::rpc::{EPOCH_TAG, RpcError};

/// How a member that holds several things is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `<Name><member>…</member></Name>`; and structures as they are.
    Members,
    /// One element of this name for each of a list's items.
    Repeated(&'static str),
    /// `<Name><entry><key>…</key><value>…</value></entry></Name>`.
    Map,
    /// One element for each of a map's entries, with a key and a value.
    Entries { element: &'static str, key: &'static str, value: &'static str },
}

/// The answer of an operation: its document, or nothing at all if that is `()`.
pub(super) fn answer(
    service: QueryService,
    operation: &str,
    id: RequestId,
    document: &impl Serialize,
) -> Bytes {
    let document = Value::serialized(document).expect("a document has nothing that CBOR has not");
    let shape = |member: &str| service.shape(operation, member);
    let mut xml = Xml(String::new());
    let root = format!("{operation}Response");
    xml.begin_root(&root, Some(service));
    if !document.is_null() {
        xml.element(&format!("{operation}Result"), |xml| xml.content(&document, &shape));
    }
    xml.element("ResponseMetadata", |xml| xml.leaf("RequestId", &id.to_string()));
    xml.end(&root);
    xml.0.into()
}

/// What the caller is told instead of an answer. Without a service if it is not known whose answer that would be.
pub(super) fn error(service: Option<QueryService>, id: RequestId, error: &RpcError) -> Bytes {
    let mut xml = Xml(String::new());
    xml.begin_root("ErrorResponse", service);
    xml.element("Error", |xml| {
        xml.leaf("Type", error.fault());
        xml.leaf("Code", error.query_code.unwrap_or(error.code));
        xml.leaf("Message", &error.message);
        if service == Some(QueryService::Sqs) {
            xml.leaf("Detail", "");
        }
    });
    xml.leaf("RequestId", &id.to_string());
    xml.end("ErrorResponse");
    xml.0.into()
}

/// A document that is being written.
struct Xml(String);

impl Xml {
    fn begin_root(&mut self, name: &str, service: Option<QueryService>) {
        self.0.push_str("<?xml version=\"1.0\"?>");
        match service {
            Some(service) => self.write(format_args!("<{name} xmlns=\"{}\">", service.namespace())),
            None => self.write(format_args!("<{name}>")),
        }
    }

    fn end(&mut self, name: &str) {
        self.write(format_args!("</{name}>"));
    }

    fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.write(format_args!("<{name}>"));
        content(self);
        self.end(name);
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.escape(text));
    }

    fn content(&mut self, value: &Value, shape: &impl Fn(&str) -> Shape) {
        match value {
            Value::Map(members) => {
                for (name, member) in members {
                    self.member(name.as_text().unwrap_or_default(), member, shape);
                }
            }
            Value::Array(items) => self.repeated("member", items, shape),
            Value::Text(text) => self.escape(text),
            Value::Bool(value) => self.write(format_args!("{value}")),
            Value::Integer(value) => self.write(format_args!("{}", i128::from(*value))),
            // As Java writes it: always with a point or an exponent.
            Value::Float(value) => self.write(format_args!("{value:?}")),
            Value::Tag(EPOCH_TAG, seconds) => self.moment(seconds),
            // Absent members are not in a document; and nothing else is one.
            _ => {}
        }
    }

    /// A moment as the Query protocol has it: ISO 8601.
    fn moment(&mut self, seconds: &Value) {
        let seconds = seconds.as_float().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "moments are within the range of milliseconds")]
        if let Ok(at) = jiff::Timestamp::from_millisecond((seconds * 1_000.0).round() as i64) {
            self.write(format_args!("{at}"));
        }
    }

    fn member(&mut self, name: &str, value: &Value, shape: &impl Fn(&str) -> Shape) {
        match (shape(name), value) {
            (Shape::Repeated(element), Value::Array(items)) => self.repeated(element, items, shape),
            (Shape::Entries { element, key, value }, Value::Map(map)) => {
                self.entries([element, key, value], map, shape);
            }
            (Shape::Map, Value::Map(map)) => {
                self.element(name, |xml| xml.entries(["entry", "key", "value"], map, shape));
            }
            _ => self.element(name, |xml| xml.content(value, shape)),
        }
    }

    fn entries(
        &mut self,
        [element, key, value]: [&str; 3],
        map: &[(Value, Value)],
        shape: &impl Fn(&str) -> Shape,
    ) {
        for (name, content) in map {
            self.element(element, |xml| {
                xml.leaf(key, name.as_text().unwrap_or_default());
                xml.element(value, |xml| xml.content(content, shape));
            });
        }
    }

    fn repeated(&mut self, element: &str, items: &[Value], shape: &impl Fn(&str) -> Shape) {
        for item in items {
            self.element(element, |xml| xml.content(item, shape));
        }
    }

    /// Text, with what XML cannot hold at all replaced.
    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // A parser would make a line feed of it.
                '\r' => self.0.push_str("&#xD;"),
                '\t' | '\n' => self.0.push(character),
                '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => self.0.push(char::REPLACEMENT_CHARACTER),
                _ => self.0.push(character),
            }
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http::StatusCode;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Metrics {
        metrics: Vec<Metric>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Metric {
        name: &'static str,
        values: Vec<f64>,
        count: u32,
        whole: bool,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Messages {
        messages: Vec<Message>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Message {
        body: &'static str,
        attributes: BTreeMap<&'static str, &'static str>,
    }

    const ID: RequestId = RequestId::from_random(0);

    fn check(xml: &Bytes, expect: &str) {
        let text = str::from_utf8(xml).expect("text");
        assert_eq!(text, format!("<?xml version=\"1.0\"?>{}", expect.replace("ID", &ID.to_string())));
    }

    #[test]
    fn lists_have_members() {
        let metric = Metric { name: "Errors", values: vec![1.0, 0.25, 1e21], count: 3, whole: true };
        let document = Metrics { metrics: vec![metric], next_token: None };
        let expect = "<ListMetricsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><ListMetricsResult><Metrics>\
            <member><Name>Errors</Name><Values><member>1.0</member><member>0.25</member><member>1e21</member></Values>\
            <Count>3</Count><Whole>true</Whole></member></Metrics></ListMetricsResult>\
            <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></ListMetricsResponse>";
        check(&answer(QueryService::CloudWatch, "ListMetrics", ID, &document), expect);
        let expect = "<PutMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">\
            <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></PutMetricDataResponse>";
        check(&answer(QueryService::CloudWatch, "PutMetricData", ID, &()), expect);
    }

    #[test]
    fn lists_and_maps_of_sqs_are_flat() {
        let attributes = BTreeMap::from([("SentTimestamp", "1"), ("SenderId", "x")]);
        let message = Message { body: "<a b=\"c\">&\r\n\u{1}</a>", attributes };
        let document =
            Messages { messages: vec![message, Message { body: "", attributes: BTreeMap::new() }] };
        let expect = "<ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult>\
            <Message><Body>&lt;a b=&quot;c&quot;&gt;&amp;&#xD;\n\u{FFFD}&lt;/a&gt;</Body>\
            <Attribute><Name>SenderId</Name><Value>x</Value></Attribute>\
            <Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute></Message>\
            <Message><Body></Body></Message></ReceiveMessageResult>\
            <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></ReceiveMessageResponse>";
        check(&answer(QueryService::Sqs, "ReceiveMessage", ID, &document), expect);
    }

    #[test]
    fn errors_say_who_has_to_act() {
        let refusal =
            RpcError { query_code: Some("QueueNameExists"), ..RpcError::new("QueueAlreadyExists", "a < b") };
        let expect = "<ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">\
            <Error><Type>Sender</Type><Code>QueueNameExists</Code><Message>a &lt; b</Message><Detail></Detail></Error>\
            <RequestId>ID</RequestId></ErrorResponse>";
        check(&error(Some(QueryService::Sqs), ID, &refusal), expect);
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let fault = RpcError { status, ..RpcError::new("InternalFailure", "on fire") };
        let expect = "<ErrorResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">\
            <Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>on fire</Message></Error>\
            <RequestId>ID</RequestId></ErrorResponse>";
        check(&error(Some(QueryService::CloudWatch), ID, &fault), expect);
        let expect = "<ErrorResponse><Error><Type>Sender</Type><Code>MissingAction</Code><Message></Message></Error>\
            <RequestId>ID</RequestId></ErrorResponse>";
        check(&error(None, ID, &RpcError::new("MissingAction", "")), expect);
    }
}
