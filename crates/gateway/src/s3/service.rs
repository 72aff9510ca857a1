//! From a request to its answer.

use std::{
    borrow::Cow,
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use hearth_engine::random::random_number;
use hearth_model::identity::{AccountId, Partition};
use hearth_services::s3::RangeRequest;
use hearth_services::{
    Services,
    s3::{Buckets, Caller, Refusal},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_LENGTH, HOST, ORIGIN, RANGE, SERVER},
    request::Parts,
};
use s3s::{
    service::{S3Service, S3ServiceBuilder},
    validation::NameValidation,
};

use super::{
    api::Api,
    call::{Call, Context, check_owner},
    content::{Content, Source, Wrapping, check_length_is_known, expected, is_content},
    cors,
    failure::Failure,
    form::Upload,
    host::Host,
    signature, subresource, unsupported,
};
use crate::{
    body::{self, AnswerBody, BodyError, RequestBody},
    credential, percent,
};

/// Answers requests for S3.
pub(crate) struct S3 {
    buckets: Arc<Buckets>,
    service: S3Service,
}

/// A request, as far as it is the same for whatever is answered.
struct Common {
    method: Method,
    bucket: Option<String>,
    origin: Option<String>,
    peer: IpAddr,
    request_id: String,
    host_id: String,
}

/// The largest document, as AWS allows for policies and lists of objects to delete.
const DOCUMENT_BYTES: usize = 2 * 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const EXPECTED_OWNER: HeaderName = HeaderName::from_static("x-amz-expected-bucket-owner");

impl S3 {
    pub(crate) fn new(services: &Services) -> Self {
        let mut builder = S3ServiceBuilder::new(Api);
        builder.set_validation(AnyName);
        Self { buckets: Arc::clone(services.buckets()), service: builder.build() }
    }

    /// Whether a request is for S3. What says nothing of a service, neither by a signature nor by its host, is if it names a
    /// bucket, and `path_is_free`: no other service has the path.
    pub(crate) fn is_meant(head: &Parts, path_is_free: bool) -> bool {
        match credential::service(&head.headers) {
            Some(service) => return service == "s3",
            None if credential::version_2_access_key(&head.headers).is_some() => return true,
            None => {}
        }
        let query = head.uri.query().unwrap_or_default();
        if let Some(credential) = signature::credential(query) {
            return credential.split('/').nth(3) == Some("s3");
        }
        match host(&head.headers).map_or(Host::Other, Host::of) {
            Host::Bucket(_) | Host::S3 => true,
            Host::Other if signature::access_key(query).is_some() => true,
            Host::Other => path_is_free && bucket(head.uri.path()).is_some_and(|name| !is_api_version(&name)),
        }
    }

    /// An answer that says that nothing can be done now.
    pub(crate) fn unavailable(message: String) -> Response<AnswerBody> {
        let (request_id, host_id) = (fresh_request_id(), fresh_host_id());
        let failure = Failure::new("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE, message);
        failure.render(&request_id, &host_id, false)
    }

    /// Answers a request. Cancel safe: what is not whole is not there.
    pub(crate) async fn answer(
        &self,
        head: Parts,
        body: RequestBody,
        peer: IpAddr,
        default: &Partition,
    ) -> Response<AnswerBody> {
        let awaits_permission = body::awaits_permission(&head.headers);
        let source = Source::new(body);
        let mut common = Common::new(&head, peer);
        let answer = self.try_answer(head, source.clone(), &mut common, default).await;
        let mut response = match answer {
            Ok(response) => response,
            Err(failure) => {
                if !awaits_permission && !source.is_at_end() {
                    source.discard().await;
                }
                let without_document = common.method == Method::HEAD;
                failure.render(&common.request_id, &common.host_id, without_document)
            }
        };
        common.finish(&self.buckets, response.headers_mut());
        response
    }

    async fn try_answer(
        &self,
        mut head: Parts,
        mut source: Source,
        common: &mut Common,
        default: &Partition,
    ) -> Result<Response<AnswerBody>, Failure> {
        let partition = partition(&head, default);
        signature::take_off(&mut head, self.buckets.now())?;
        to_path_style(&mut head)?;
        common.bucket = bucket(head.uri.path());
        let bucket = common.bucket.as_deref().unwrap_or_default();
        check_owner(&self.buckets, head.headers.get(EXPECTED_OWNER), bucket)?;
        if head.method == Method::OPTIONS {
            return cors::preflight(&self.buckets, bucket, &head.headers);
        }
        ignore_odd_ranges(&mut head.headers);
        if head.method == Method::POST && Upload::is_form(&head.headers) {
            let upload = Upload::read(&mut source, &head.headers, bucket, self.buckets.now()).await?;
            return self.answer_form(upload, &head, source, common, partition).await;
        }
        read_as_latin_1(&mut head.headers);
        subresource::check(&head.method, head.uri.path(), head.uri.query())?;
        let wrapping = Wrapping::take_off(&mut head.headers);
        if is_content(&head.method, &head.uri) {
            check_length_is_known(&head.headers)?;
            let call = self.call(&head, common, partition, head.headers.clone(), None);
            let content = Content::new(source, wrapping, Bytes::new(), Arc::clone(&call));
            return self.perform(head, s3s::Body::http_body(content), call).await;
        }
        let call = self.call(&head, common, partition, head.headers.clone(), None);
        let content = Content::new(source, wrapping, Bytes::new(), Arc::clone(&call));
        let document = body::read(content, DOCUMENT_BYTES, body::awaits_permission(&head.headers)).await;
        let document = document.map_err(|error| match error {
            BodyError::TooLarge { .. } => {
                let message = "Your request was too big.";
                Failure::new("MaxMessageLengthExceeded", StatusCode::BAD_REQUEST, message)
            }
            BodyError::Broken { .. } => Refusal::IncompleteBody.into(),
        })?;
        if !document.is_empty() {
            expected(&call)?.check_document(&document)?;
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
            // It is read once.
            let _read_before = call.document.set(document.clone());
        }
        self.perform(head, s3s::Body::from(document), call).await
    }

    /// Puts what a form uploads, and answers as the form says.
    async fn answer_form(
        &self,
        upload: Upload,
        head: &Parts,
        source: Source,
        common: &Common,
        partition: Partition,
    ) -> Result<Response<AnswerBody>, Failure> {
        let bucket = common.bucket.as_deref().unwrap_or_default();
        let partition = match &upload.credential {
            Some(credential) => scoped(credential, partition),
            None => partition,
        };
        let call = self.call(head, common, partition, upload.headers.clone(), Some(upload.size));
        let content = Content::new(source, Wrapping::Form(upload.decoder), Bytes::new(), Arc::clone(&call));
        let target = format!("/{bucket}/{}", percent::encode_path(&upload.key));
        let mut put = Request::put(target).body(()).map_err(|_| Refusal::BadRequest("Invalid key".into()))?;
        *put.headers_mut() = upload.headers;
        let put = put.into_parts().0;
        let done = self.perform(put, s3s::Body::http_body(content), Arc::clone(&call)).await?;
        Ok(upload.answer.render(&call.host, bucket, &upload.key, done.into_parts().0.headers))
    }

    /// Lets `s3s` find out which operation is meant, and renders what that says.
    async fn perform(
        &self,
        head: Parts,
        body: s3s::Body,
        call: Call,
    ) -> Result<Response<AnswerBody>, Failure> {
        unsupported::check(&call.headers)?;
        let of_attributes = head
            .uri
            .query()
            .is_some_and(|query| query.split('&').any(|name| name.trim_end_matches('=') == "attributes"));
        let mut request = Request::from_parts(head, body);
        request.extensions_mut().insert(Arc::clone(&call));
        let response = self.service.call(request).await.map_err(|error| {
            let error: s3s::StdError = error.into();
            Failure::from(Refusal::internal(error.to_string()))
        })?;
        if let Some(failure) = call.failure.get() {
            return Err(failure.clone());
        }
        let (head, body) = response.into_parts();
        if head.status.is_client_error() || head.status.is_server_error() {
            return Err(Failure::of_s3s(head.status, &body.bytes().unwrap_or_default()));
        }
        let body = match body.bytes() {
            Some(whole) if of_attributes => AnswerBody::from(without_quotes(&whole)),
            Some(whole) => AnswerBody::from(whole),
            None => AnswerBody::Content(body),
        };
        Ok(Response::from_parts(head, body))
    }

    fn call(
        &self,
        head: &Parts,
        common: &Common,
        partition: Partition,
        headers: HeaderMap,
        form: Option<super::call::SizeRange>,
    ) -> Call {
        let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Arc::new(Context {
            buckets: Arc::clone(&self.buckets),
            caller: Caller {
                partition,
                source_ip: common.peer,
                request_id: common.request_id.clone(),
                host_id: common.host_id.clone(),
                trace_header: text(TRACE),
            },
            host: text(HOST).unwrap_or_else(|| "localhost:4566".to_owned()),
            headers,
            trailers: OnceLock::new(),
            document: OnceLock::new(),
            form,
            failure: OnceLock::new(),
        })
    }
}

impl Common {
    fn new(head: &Parts, peer: IpAddr) -> Self {
        Self {
            method: head.method.clone(),
            bucket: None,
            origin: head.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()).map(str::to_owned),
            peer,
            request_id: fresh_request_id(),
            host_id: fresh_host_id(),
        }
    }

    /// What every answer says.
    fn finish(&self, buckets: &Buckets, headers: &mut HeaderMap) {
        let text = |text: &str| HeaderValue::from_str(text).expect("ids are made of letters and digits");
        headers.insert(REQUEST_ID, text(&self.request_id));
        headers.insert(HOST_ID, text(&self.host_id));
        headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
        if let (Some(origin), Some(bucket)) = (&self.origin, &self.bucket)
            && self.method != Method::OPTIONS
        {
            cors::apply(buckets, bucket, &self.method, origin, headers);
        }
    }
}

fn fresh_request_id() -> String {
    format!("{:016X}", random_number())
}

fn fresh_host_id() -> String {
    let host_id: Vec<u8> = (0..6).flat_map(|_| random_number().to_be_bytes()).collect();
    BASE64_URL_SAFE_NO_PAD.encode(host_id)
}

/// Names are checked where they mean something.
struct AnyName;

impl NameValidation for AnyName {
    fn validate_bucket_name(&self, _: &str) -> bool {
        true
    }
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok()
}

/// Puts the bucket into the path, wherever it was.
fn to_path_style(head: &mut Parts) -> Result<(), Failure> {
    let Some(Host::Bucket(bucket)) = host(&head.headers).map(Host::of) else { return Ok(()) };
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("/{bucket}{}{query}", head.uri.path());
    head.uri = target.parse().map_err(|_| {
        Failure::new("InvalidURI", StatusCode::BAD_REQUEST, "Couldn't parse the specified URI.")
    })?;
    Ok(())
}

fn bucket(path: &str) -> Option<String> {
    let first = path.trim_start_matches('/').split('/').next().filter(|first| !first.is_empty())?;
    percent::decode(first).map(Cow::into_owned)
}

/// Paths of other services begin with dates, and who has misspelt one is not looking for a bucket.
fn is_api_version(name: &str) -> bool {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = name.split('-');
    [4, 2, 2].into_iter().all(|count| parts.next().is_some_and(|part| digits(part, count)))
        && parts.next().is_none()
}

/// Whoever asks for a range that is none, or for several, gets all, as on AWS.
fn ignore_odd_ranges(headers: &mut HeaderMap) {
    let range = headers.get(RANGE).map(|range| range.to_str().ok().and_then(RangeRequest::parse));
    if range == Some(None) {
        headers.remove(RANGE);
    }
}

/// Metadata that are not ASCII are read byte by byte as characters, as on AWS: senders should encode them (RFC 2047).
///
/// Source: "Working with object metadata" in the S3 user guide.
fn read_as_latin_1(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if name.as_str().starts_with("x-amz-meta-") && !value.as_bytes().is_ascii() {
            let text: String = value.as_bytes().iter().copied().map(char::from).collect();
            if let Ok(read) = HeaderValue::from_bytes(text.as_bytes()) {
                *value = read;
            }
        }
    }
}

/// `s3s` quotes all ETags, AWS all but those among attributes of objects.
fn without_quotes(document: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(document);
    text.replace("<ETag>\"", "<ETag>").replace("\"</ETag>", "</ETag>").into()
}

fn partition(head: &Parts, default: &Partition) -> Partition {
    let query = head.uri.query().unwrap_or_default();
    if let Some(credential) = signature::credential(query) {
        return scoped(&credential, default.clone());
    }
    let key = credential::version_2_access_key(&head.headers).map(Cow::Borrowed);
    if let Some(account) = key.or_else(|| signature::access_key(query)).and_then(|key| AccountId::parse(&key))
    {
        return Partition { account, ..default.clone() };
    }
    credential::partition(&head.headers, default).into_owned()
}

/// The partition of a credential, as a query has it.
fn scoped(credential: &str, default: Partition) -> Partition {
    credential::of_scope(credential, &default).unwrap_or(default)
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("buckets", &self.buckets).finish_non_exhaustive()
    }
}
