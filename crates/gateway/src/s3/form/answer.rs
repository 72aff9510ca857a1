//! How a form is answered.

use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, ETAG, LOCATION},
};

use s3s::xml::Serializer;

use crate::{body::AnswerBody, percent};

/// What a browser is told when its upload is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::s3) enum FormAnswer {
    /// Where to go.
    Redirect(String),
    /// A document about the object.
    Created,
    /// Nothing.
    Empty(StatusCode),
}

impl FormAnswer {
    /// As the form's fields say.
    pub(super) fn of(status: Option<&str>, redirect: Option<&str>) -> Self {
        match (redirect, status) {
            (Some(target), _) if target.starts_with("http://") || target.starts_with("https://") => {
                Self::Redirect(target.to_owned())
            }
            (_, Some("201")) => Self::Created,
            (_, Some("200")) => Self::Empty(StatusCode::OK),
            _ => Self::Empty(StatusCode::NO_CONTENT),
        }
    }

    /// The answer; `put` has the headers of one to a request that puts the object.
    pub(in crate::s3) fn render(
        &self,
        host: &str,
        bucket: &str,
        key: &str,
        put: HeaderMap,
    ) -> Response<AnswerBody> {
        let mut response = Response::new(AnswerBody::EMPTY);
        let etag = put.get(ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        *response.headers_mut() = put;
        let location = format!("http://{host}/{bucket}/{}", percent::encode_path(key));
        let target = match self {
            Self::Redirect(target) => {
                *response.status_mut() = StatusCode::SEE_OTHER;
                let separator = if target.contains('?') { '&' } else { '?' };
                let (key, etag) = (percent::encode(key), percent::encode(&etag));
                format!("{target}{separator}bucket={bucket}&key={key}&etag={etag}")
            }
            Self::Created => {
                *response.status_mut() = StatusCode::CREATED;
                *response.body_mut() = AnswerBody::from(document(&location, bucket, key, &etag));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                location
            }
            Self::Empty(status) => {
                *response.status_mut() = *status;
                location
            }
        };
        if let Ok(target) = HeaderValue::from_str(&target) {
            response.headers_mut().insert(LOCATION, target);
        }
        response
    }
}

fn document(location: &str, bucket: &str, key: &str, etag: &str) -> bytes::Bytes {
    let mut document = Vec::new();
    let mut xml = Serializer::new(&mut document);
    let written = xml.decl().and_then(|()| {
        xml.element("PostResponse", |xml| {
            xml.content("Location", location)?;
            xml.content("Bucket", bucket)?;
            xml.content("Key", key)?;
            xml.content("ETag", etag)
        })
    });
    written.expect("memory takes everything");
    document.into()
}
