//! From a form to the request that would put the same object.

use bytes::Bytes;
use hearth_model::time::Timestamp;
use hearth_services::s3::Refusal;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use s3s::{dto::Tagging, xml};

use super::{Decoder, Fields, FormAnswer, decoder::MalformedForm, policy::Policy};
use crate::{
    percent,
    s3::{call::SizeRange, content::Source, failure::Failure},
};

/// A form whose fields have been read.
#[derive(Debug)]
pub(in crate::s3) struct Upload {
    /// The object's key.
    pub(in crate::s3) key: String,
    /// What a request would have as headers.
    pub(in crate::s3) headers: HeaderMap,
    /// Who signed the form, as a query would have it.
    pub(in crate::s3) credential: Option<String>,
    /// How large the file may be.
    pub(in crate::s3) size: SizeRange,
    /// Reads the file.
    pub(in crate::s3) decoder: Decoder,
    /// How the form wants to be answered.
    pub(in crate::s3) answer: FormAnswer,
}

impl Upload {
    /// Whether a request posts a form.
    pub(in crate::s3) fn is_form(headers: &HeaderMap) -> bool {
        boundary(headers).is_some()
    }

    /// Reads the fields of a form that is posted to a bucket.
    pub(in crate::s3) async fn read(
        source: &mut Source,
        headers: &HeaderMap,
        bucket: &str,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let boundary = boundary(headers).ok_or_else(|| malformed(MalformedForm::NotMultipart))?;
        let mut decoder = Decoder::new(boundary);
        loop {
            let frame = source.frame().await.ok_or_else(|| malformed(MalformedForm::NotMultipart))?;
            let frame = frame.map_err(|_| Failure::from(Refusal::IncompleteBody))?;
            let data: Bytes = frame.into_data().unwrap_or_default();
            if decoder.fields(&data).map_err(malformed)? {
                break;
            }
        }
        let (fields, file_name) = decoder.take_fields();
        let size = match fields.find("policy") {
            Some(policy) => Policy::read(policy)?.check(bucket, &fields, now)?,
            None => None,
        };
        let key = fields.find("key").filter(|key| !key.is_empty()).ok_or_else(|| {
            let message = "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the \
                           fields.";
            Refusal::argument(message, "key", "")
        })?;
        Ok(Self {
            key: key.replace("${filename}", &file_name),
            headers: headers_of(&fields)?,
            credential: fields.find("x-amz-credential").map(str::to_owned),
            size: size.unwrap_or(SizeRange { least: 0, most: u64::MAX }),
            decoder,
            answer: FormAnswer::of(fields.find("success_action_status"), redirect(&fields)),
        })
    }
}

fn redirect(fields: &Fields) -> Option<&str> {
    fields.find("success_action_redirect").or_else(|| fields.find("redirect"))
}

/// The fields that a request would have as headers.
fn headers_of(fields: &Fields) -> Result<HeaderMap, Failure> {
    const HEADERS: [&str; 6] = [
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-type",
        "content-md5",
        "expires",
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let (name, value) = match name {
            "acl" => ("x-amz-acl", value.to_owned()),
            "tagging" => ("x-amz-tagging", tags(value)?),
            name if HEADERS.contains(&name) || name.starts_with("x-amz-") => (name, value.to_owned()),
            _ => continue,
        };
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = HeaderValue::from_str(&value).or_else(|_| HeaderValue::from_bytes(value.as_bytes())).ok();
        let (Some(header), Some(value)) = (header, value) else {
            return Err(Refusal::argument("Invalid header field", "field", name).into());
        };
        headers.insert(header, value);
    }
    Ok(headers)
}

/// The tags of a form are a document; those of a header are as in a query.
fn tags(document: &str) -> Result<String, Failure> {
    let mut xml = xml::Deserializer::new(document.as_bytes());
    let tagging = <Tagging as xml::Deserialize>::deserialize(&mut xml).map_err(|_| Refusal::MalformedXml)?;
    let encode = |text: Option<String>| percent::encode(&text.unwrap_or_default());
    let pairs = tagging.tag_set.into_iter().map(|tag| format!("{}={}", encode(tag.key), encode(tag.value)));
    Ok(pairs.collect::<Vec<_>>().join("&"))
}

fn boundary(headers: &HeaderMap) -> Option<&str> {
    let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = media_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let (_, boundary) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    Some(boundary.trim().trim_matches('"'))
}

fn malformed(error: MalformedForm) -> Failure {
    let code = match error {
        MalformedForm::NotMultipart => "MalformedPOSTRequest",
        MalformedForm::FieldsTooLarge => "MaxPostPreDataLengthExceeded",
    };
    Failure::new(code, StatusCode::BAD_REQUEST, error.to_string())
}
