//! Answers and errors as XML.
//!
//! There are only elements and text in them, and the names and nesting of lists are the protocol's own, which no
//! library for XML knows: what remains is to escape text, so Hearth does that itself.

use std::fmt::Write;

use bytes::Bytes;
use ciborium::Value;
use hearth_model::identity::RequestId;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;

use super::service::QueryService;
use crate::{body::AnswerBody, rest_json};

const XML: HeaderValue = HeaderValue::from_static("text/xml");

/// How a member that holds several things is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `<Name><member>…</member></Name>`; and structures as they are.
    Members,
    /// One element of this name for each of a list's items.
    Repeated(&'static str),
    /// One element for each of a map's entries, with a key and a value.
    Entries { element: &'static str, key: &'static str, value: &'static str },
}

/// The answer of an operation: its document, or nothing at all if that is `()`.
#[cfg_attr(not(test), expect(dead_code, reason = "the services that answer come next"))]
pub(crate) fn answer(
    service: QueryService,
    operation: &str,
    document: &impl Serialize,
) -> Response<AnswerBody> {
    let document = Value::serialized(document).expect("a document has nothing that CBOR has not");
    let id = rest_json::fresh_request_id();
    let mut xml = Xml { text: String::new(), service, operation };
    let root = format!("{operation}Response");
    xml.begin_root(&root);
    if !document.is_null() {
        xml.element(&format!("{operation}Result"), |xml| xml.content(&document));
    }
    xml.element("ResponseMetadata", |xml| xml.leaf("RequestId", &id.to_string()));
    xml.end(&root);
    respond(StatusCode::OK, xml.text, id)
}

/// What the caller is told instead of an answer.
pub(crate) fn error(
    service: QueryService,
    code: &str,
    status: StatusCode,
    message: &str,
) -> Response<AnswerBody> {
    let id = rest_json::fresh_request_id();
    let mut xml = Xml { text: String::new(), service, operation: "" };
    xml.begin_root("ErrorResponse");
    xml.element("Error", |xml| {
        xml.leaf("Type", if status.is_client_error() { "Sender" } else { "Receiver" });
        xml.leaf("Code", code);
        xml.leaf("Message", message);
        if service.has_detail() {
            xml.leaf("Detail", "");
        }
    });
    xml.leaf("RequestId", &id.to_string());
    xml.end("ErrorResponse");
    respond(status, xml.text, id)
}

fn respond(status: StatusCode, text: String, id: RequestId) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::from(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, XML);
    rest_json::set_request_id(&mut response, id);
    response
}

/// A document that is being written.
struct Xml<'a> {
    text: String,
    service: QueryService,
    operation: &'a str,
}

impl Xml<'_> {
    fn begin_root(&mut self, name: &str) {
        let namespace = self.service.namespace();
        self.write(format_args!("<?xml version=\"1.0\"?><{name} xmlns=\"{namespace}\">"));
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

    fn content(&mut self, value: &Value) {
        match value {
            Value::Map(members) => {
                for (name, member) in members {
                    self.member(name.as_text().unwrap_or_default(), member);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.element("member", |xml| xml.content(item));
                }
            }
            Value::Text(text) => self.escape(text),
            Value::Bool(value) => self.write(format_args!("{value}")),
            Value::Integer(value) => self.write(format_args!("{}", i128::from(*value))),
            // As Java writes it: always with a point or an exponent.
            Value::Float(value) => self.write(format_args!("{value:?}")),
            // Absent members are not in a document; and nothing else is one.
            _ => {}
        }
    }

    fn member(&mut self, name: &str, value: &Value) {
        match (self.service.shape(self.operation, name), value) {
            (Shape::Repeated(element), Value::Array(items)) => {
                for item in items {
                    self.element(element, |xml| xml.content(item));
                }
            }
            (Shape::Entries { element, key, value: of }, Value::Map(entries)) => {
                for (name, value) in entries {
                    self.element(element, |xml| {
                        xml.leaf(key, name.as_text().unwrap_or_default());
                        xml.element(of, |xml| xml.content(value));
                    });
                }
            }
            _ => self.element(name, |xml| xml.content(value)),
        }
    }

    /// Text, with what XML cannot hold at all replaced.
    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                // A parser would make a line feed of it.
                '\r' => self.text.push_str("&#xD;"),
                '\t' | '\n' => self.text.push(character),
                '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => self.text.push(char::REPLACEMENT_CHARACTER),
                _ => self.text.push(character),
            }
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http_body_util::BodyExt;
    use serde::Serialize;

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

    /// The text, with the request id, which the header has too, as `ID`.
    async fn text(response: Response<AnswerBody>) -> String {
        let (head, body) = response.into_parts();
        assert_eq!(head.headers[CONTENT_TYPE], "text/xml");
        let id = head.headers["x-amzn-requestid"].to_str().expect("text").to_owned();
        let Ok(body) = body.collect().await;
        let text = String::from_utf8(body.to_bytes().to_vec()).expect("text");
        assert!(text.contains(&id), "{text}");
        text.replace(&id, "ID")
    }

    #[tokio::test]
    async fn lists_have_members() {
        let metric = Metric { name: "Errors", values: vec![1.0, 0.25, 1e21], count: 3, whole: true };
        let document = Metrics { metrics: vec![metric], next_token: None };
        let expect = "<?xml version=\"1.0\"?>\
            <ListMetricsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><ListMetricsResult><Metrics>\
            <member><Name>Errors</Name><Values><member>1.0</member><member>0.25</member><member>1e21</member></Values>\
            <Count>3</Count><Whole>true</Whole></member></Metrics></ListMetricsResult>\
            <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></ListMetricsResponse>";
        assert_eq!(text(answer(QueryService::CloudWatch, "ListMetrics", &document)).await, expect);
        let expect = "<?xml version=\"1.0\"?>\
            <PutMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">\
            <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></PutMetricDataResponse>";
        assert_eq!(text(answer(QueryService::CloudWatch, "PutMetricData", &())).await, expect);
    }

    #[tokio::test]
    async fn lists_and_maps_of_sqs_are_flat() {
        let attributes = BTreeMap::from([("SentTimestamp", "1"), ("SenderId", "x")]);
        let message = Message { body: "<a b=\"c\">&\r\n\u{1}</a>", attributes };
        let document =
            Messages { messages: vec![message, Message { body: "", attributes: BTreeMap::new() }] };
        let expect = "<?xml version=\"1.0\"?>\
            <ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult>\
            <Message><Body>&lt;a b=&quot;c&quot;&gt;&amp;&#xD;\n\u{FFFD}&lt;/a&gt;</Body>\
            <Attribute><Name>SenderId</Name><Value>x</Value></Attribute>\
            <Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute></Message>\
            <Message><Body></Body></Message></ReceiveMessageResult>\
            <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></ReceiveMessageResponse>";
        assert_eq!(text(answer(QueryService::Sqs, "ReceiveMessage", &document)).await, expect);
    }

    #[tokio::test]
    async fn errors_say_who_has_to_act() {
        let refusal = error(QueryService::Sqs, "QueueNameExists", StatusCode::BAD_REQUEST, "a < b");
        assert_eq!(refusal.status(), StatusCode::BAD_REQUEST);
        let expect = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">\
            <Error><Type>Sender</Type><Code>QueueNameExists</Code><Message>a &lt; b</Message><Detail></Detail></Error>\
            <RequestId>ID</RequestId></ErrorResponse>";
        assert_eq!(text(refusal).await, expect);
        let fault =
            error(QueryService::CloudWatch, "InternalFailure", StatusCode::INTERNAL_SERVER_ERROR, "on fire");
        let expect = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">\
            <Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>on fire</Message></Error>\
            <RequestId>ID</RequestId></ErrorResponse>";
        assert_eq!(text(fault).await, expect);
    }
}
