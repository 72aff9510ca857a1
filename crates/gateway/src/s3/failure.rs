//! Error documents.
//!
//! Rendered here, and not by `s3s`, because AWS's have more in them than a code and a message.

use std::borrow::Cow;

use bytes::Bytes;
use hearth_services::s3::{Missing, Refusal};
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED},
};
use s3s::{dto, xml::Serializer};

use super::operations::timestamp;
use crate::body::AnswerBody;

/// What a caller is told instead of an answer.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) code: Cow<'static, str>,
    pub(super) status: StatusCode,
    pub(super) message: Cow<'static, str>,
    /// What else is in the document.
    pub(super) elements: Vec<(Cow<'static, str>, String)>,
    /// What else is in the head.
    headers: Vec<(HeaderName, HeaderValue)>,
}

const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");
const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");

impl Failure {
    pub(super) fn new(
        code: impl Into<Cow<'static, str>>,
        status: StatusCode,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { code, status, message, elements: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.elements.push((name.into(), value.into()));
        self
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// What `s3s` says of a request that did not come as far as an operation.
    pub(super) fn of_s3s(status: StatusCode, document: &[u8]) -> Self {
        let text = String::from_utf8_lossy(document);
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
        };
        let code = element("Code").unwrap_or_else(|| "InternalError".to_owned());
        let message = match code.as_str() {
            "MalformedXML" => Refusal::MalformedXml.to_string(),
            "MethodNotAllowed" => "The specified method is not allowed against this resource.".to_owned(),
            "InvalidURI" => "Couldn't parse the specified URI.".to_owned(),
            "MissingRequestBodyError" => "Request Body is empty".to_owned(),
            "NotImplemented" => {
                "Hearth does not have this operation of S3, or this setting of it, yet".to_owned()
            }
            _ => element("Message").unwrap_or_else(|| code.clone()),
        };
        Self::new(code, status, message)
    }

    /// The answer. `without_document` if the request has none to expect.
    pub(super) fn render(
        self,
        request_id: &str,
        host_id: &str,
        without_document: bool,
    ) -> Response<AnswerBody> {
        let mut response = Response::new(AnswerBody::EMPTY);
        *response.status_mut() = self.status;
        let document = (!without_document && self.status != StatusCode::NOT_MODIFIED)
            .then(|| self.document(request_id, host_id));
        response.headers_mut().extend(self.headers);
        if let Some(document) = document {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            *response.body_mut() = AnswerBody::from(document);
        }
        response
    }

    fn document(&self, request_id: &str, host_id: &str) -> Bytes {
        let mut document = Vec::with_capacity(512);
        let mut xml = Serializer::new(&mut document);
        let written = xml.decl().and_then(|()| {
            xml.element("Error", |xml| {
                xml.content("Code", &*self.code)?;
                xml.content("Message", &*self.message)?;
                for (name, value) in &self.elements {
                    xml.content(name, value.as_str())?;
                }
                xml.content("RequestId", request_id)?;
                xml.content("HostId", host_id)
            })
        });
        written.expect("memory takes everything");
        document.into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        let bad = |code: &'static str| Self::new(code, StatusCode::BAD_REQUEST, message.clone());
        let missing = |code: &'static str| Self::new(code, StatusCode::NOT_FOUND, message.clone());
        let conflict = |code: &'static str| Self::new(code, StatusCode::CONFLICT, message.clone());
        match refusal {
            Refusal::InvalidBucketName { bucket } => bad("InvalidBucketName").with("BucketName", bucket),
            Refusal::NoSuchBucket { bucket } => missing("NoSuchBucket").with("BucketName", bucket),
            Refusal::BucketAlreadyExists { bucket } => {
                conflict("BucketAlreadyExists").with("BucketName", bucket)
            }
            Refusal::BucketAlreadyOwnedByYou { bucket } => {
                conflict("BucketAlreadyOwnedByYou").with("BucketName", bucket)
            }
            Refusal::BucketNotEmpty { bucket, .. } => conflict("BucketNotEmpty").with("BucketName", bucket),
            Refusal::IllegalLocationConstraint { .. } => bad("IllegalLocationConstraintException"),
            Refusal::InvalidLocationConstraint { constraint } => {
                bad("InvalidLocationConstraint").with("LocationConstraint", constraint)
            }
            Refusal::NoSuchKey { key, delete_marker } => {
                let failure = missing("NoSuchKey").with("Key", key);
                match delete_marker {
                    Some(version) => failure
                        .with_header(DELETE_MARKER, "true")
                        .with_header(VERSION_ID, &version.to_string()),
                    None => failure,
                }
            }
            Refusal::NoSuchVersion { key, version } => {
                missing("NoSuchVersion").with("Key", key).with("VersionId", version)
            }
            Refusal::NoSuchUpload { upload } => missing("NoSuchUpload").with("UploadId", upload),
            Refusal::IsDeleteMarker { version } => {
                Self::new("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED, message)
                    .with("Method", "GET")
                    .with("ResourceType", "DeleteMarker")
                    .with_header(http::header::ALLOW, "DELETE")
                    .with_header(DELETE_MARKER, "true")
                    .with_header(VERSION_ID, &version.to_string())
            }
            Refusal::KeyTooLong { bytes, most } => {
                let sizes = [("Size", bytes), ("MaxSizeAllowed", most)];
                sizes.into_iter().fold(bad("KeyTooLongError"), |failure, (name, size)| {
                    failure.with(name, size.to_string())
                })
            }
            Refusal::InvalidArgument { arguments, .. } | Refusal::UnusableTargets(arguments) => {
                arguments.into_iter().fold(bad("InvalidArgument"), |failure, argument| {
                    failure.with(argument.name, argument.value)
                })
            }
            Refusal::InvalidRequest(_) => bad("InvalidRequest"),
            Refusal::BadRequest(_) => bad("BadRequest"),
            Refusal::MalformedXml => bad("MalformedXML"),
            Refusal::MalformedPolicy(_) => bad("MalformedPolicy"),
            Refusal::InvalidTag { key, .. } => bad("InvalidTag").with("TagKey", key),
            Refusal::InvalidDigest { given } => bad("InvalidDigest").with("Content-MD5", given),
            Refusal::BadDigest { expected, calculated } => {
                bad("BadDigest").with("ExpectedDigest", expected).with("CalculatedDigest", calculated)
            }
            Refusal::BadChecksum { .. } => bad("BadDigest"),
            Refusal::ContentSha256Mismatch { client, server } => bad("XAmzContentSHA256Mismatch")
                .with("ClientComputedContentSHA256", client)
                .with("S3ComputedContentSHA256", server),
            Refusal::IncompleteBody => bad("IncompleteBody"),
            Refusal::EntityTooLarge { proposed, most } => bad("EntityTooLarge")
                .with("ProposedSize", proposed.to_string())
                .with("MaxSizeAllowed", most.to_string()),
            Refusal::EntityTooSmall { proposed, least, part } => {
                let failure = bad("EntityTooSmall")
                    .with("ProposedSize", proposed.to_string())
                    .with("MinSizeAllowed", least.to_string());
                match part {
                    Some((number, etag)) => failure.with("PartNumber", number.to_string()).with("ETag", etag),
                    None => failure,
                }
            }
            Refusal::InvalidPart { upload, part, etag } => bad("InvalidPart")
                .with("UploadId", upload)
                .with("PartNumber", part.to_string())
                .with("ETag", etag),
            Refusal::InvalidPartOrder { upload } => bad("InvalidPartOrder").with("UploadId", upload),
            Refusal::InvalidPartNumber { requested, actual } => {
                Self::new("InvalidPartNumber", StatusCode::RANGE_NOT_SATISFIABLE, message)
                    .with("PartNumberRequested", requested.to_string())
                    .with("ActualPartCount", actual.to_string())
            }
            Refusal::InvalidRange { range, bytes } => {
                Self::new("InvalidRange", StatusCode::RANGE_NOT_SATISFIABLE, message)
                    .with("RangeRequested", range)
                    .with("ActualObjectSize", bytes.to_string())
                    .with_header(CONTENT_RANGE, &format!("bytes */{bytes}"))
            }
            Refusal::PreconditionFailed { condition } => {
                Self::new("PreconditionFailed", StatusCode::PRECONDITION_FAILED, message)
                    .with("Condition", condition)
            }
            Refusal::NotModified { etag, last_modified } => {
                Self::new("NotModified", StatusCode::NOT_MODIFIED, message)
                    .with_header(ETAG, &format!("\"{etag}\""))
                    .with_header(LAST_MODIFIED, &http_date(last_modified))
            }
            Refusal::AclNotSupported => bad("AccessControlListNotSupported"),
            Refusal::NotConfigured(missing_one) => match missing_one {
                Missing::Tags
                | Missing::Policy
                | Missing::Cors
                | Missing::Lifecycle
                | Missing::OwnershipControls
                | Missing::PublicAccessBlock
                | Missing::Website
                | Missing::Replication
                | Missing::ObjectLock
                | Missing::Other => missing(missing_one.code()),
            },
            Refusal::NotImplemented(_) => Self::new("NotImplemented", StatusCode::NOT_IMPLEMENTED, message),
            Refusal::Unavailable(_) => {
                Self::new("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE, message)
            }
            Refusal::Internal(_) => Self::new("InternalError", StatusCode::INTERNAL_SERVER_ERROR, message),
        }
    }
}

/// The code of the error by which S3 refuses something.
pub(crate) fn error_code(refusal: Refusal) -> Cow<'static, str> {
    Failure::from(refusal).code
}

/// `Mon, 04 Mar 2024 17:22:38 GMT`.
pub(super) fn http_date(moment: hearth_model::time::Timestamp) -> String {
    let mut text = Vec::new();
    let format = dto::TimestampFormat::HttpDate;
    timestamp::to_dto(moment).format(format, &mut text).expect("memory takes everything");
    String::from_utf8(text).expect("a date is text")
}
