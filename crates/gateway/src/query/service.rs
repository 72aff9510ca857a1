//! Which service a request of the protocol is for, and what is particular to it.

use http::{
    HeaderMap,
    header::{CONTENT_TYPE, HeaderValue},
};

use super::{parameters::Parameters, xml::Shape};
use crate::{credential, rpc::Service};

/// The services that speak the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryService {
    /// CloudWatch's metrics.
    CloudWatch,
    /// SQS.
    Sqs,
    /// STS.
    Sts,
}

/// Whether a request's body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let media_type = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    media_type.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

impl QueryService {
    /// The service that a request means: by the scope of its signature, or else by its `Version`.
    pub(crate) fn of(headers: &HeaderMap, parameters: &Parameters) -> Option<Self> {
        match credential::service(headers) {
            Some("monitoring") => return Some(Self::CloudWatch),
            Some("sqs") => return Some(Self::Sqs),
            Some("sts") => return Some(Self::Sts),
            Some(_) => return None,
            None => {}
        }
        match parameters.text("Version")? {
            "2010-08-01" => Some(Self::CloudWatch),
            "2012-11-05" | "2011-10-01" | "2009-02-01" | "2008-01-01" => Some(Self::Sqs),
            "2011-06-15" => Some(Self::Sts),
            _ => None,
        }
    }

    pub(super) const fn service(self) -> Service {
        match self {
            Self::CloudWatch => Service::CloudWatch,
            Self::Sqs => Service::Sqs,
            Self::Sts => Service::Sts,
        }
    }

    /// The XML namespace of the service's answers.
    pub(super) const fn namespace(self) -> &'static str {
        match self {
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            Self::Sqs => "http://queue.amazonaws.com/doc/2012-11-05/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }

    /// How a member of an operation's answer is written.
    ///
    /// Source: the services' models, SQS's in its version before the JSON protocol.
    pub(super) fn shape(self, operation: &str, member: &str) -> Shape {
        match self {
            Self::CloudWatch => match member {
                "ExtendedStatistics" => Shape::Map,
                _ => Shape::Members,
            },
            Self::Sqs => match (member, operation) {
                ("Attributes", _) => Shape::Entries { element: "Attribute", key: "Name", value: "Value" },
                ("MessageAttributes", _) => {
                    Shape::Entries { element: "MessageAttribute", key: "Name", value: "Value" }
                }
                ("Tags", _) => Shape::Entries { element: "Tag", key: "Key", value: "Value" },
                ("Messages", _) => Shape::Repeated("Message"),
                // `ListDeadLetterSourceQueues` spells its member small.
                ("QueueUrls" | "queueUrls", _) => Shape::Repeated("QueueUrl"),
                ("Failed", _) => Shape::Repeated("BatchResultErrorEntry"),
                ("Successful", "SendMessageBatch") => Shape::Repeated("SendMessageBatchResultEntry"),
                ("Successful", "DeleteMessageBatch") => Shape::Repeated("DeleteMessageBatchResultEntry"),
                ("Successful", "ChangeMessageVisibilityBatch") => {
                    Shape::Repeated("ChangeMessageVisibilityBatchResultEntry")
                }
                _ => Shape::Members,
            },
            Self::Sts => Shape::Members,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    fn check(scope: Option<&str>, form: &str, expect: Option<QueryService>) {
        let mut headers = HeaderMap::new();
        if let Some(service) = scope {
            let value = format!(
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, Signature=f"
            );
            headers.insert(AUTHORIZATION, value.parse().expect("a header's value"));
        }
        let parameters = Parameters::parse([form]).expect("a form");
        assert_eq!(QueryService::of(&headers, &parameters), expect, "{scope:?} {form}");
    }

    #[test]
    fn the_scope_names_the_service_and_then_the_version() {
        check(Some("monitoring"), "Version=2012-11-05", Some(QueryService::CloudWatch));
        check(Some("sqs"), "", Some(QueryService::Sqs));
        check(Some("sns"), "Version=2012-11-05", None);
        check(None, "Version=2010-08-01", Some(QueryService::CloudWatch));
        check(None, "Version=2012-11-05", Some(QueryService::Sqs));
        check(Some("sts"), "Version=2011-06-15", Some(QueryService::Sts));
        check(None, "Version=2011-06-15", Some(QueryService::Sts));
        check(None, "Version=2010-03-31", None);
        check(None, "", None);
    }

    #[test]
    fn forms_are_known_by_their_media_type() {
        let check = |media_type: &'static str, expect: bool| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
            assert_eq!(is_form(&headers), expect, "{media_type}");
        };
        check("application/x-www-form-urlencoded", true);
        check("application/X-WWW-form-urlencoded; charset=utf-8", true);
        check("application/json", false);
        assert!(!is_form(&HeaderMap::new()));
    }
}
