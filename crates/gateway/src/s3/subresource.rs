//! Sub-resources: what a query names of a bucket or an object, and what can be done with it.
//!
//! `s3s` takes a sub-resource that it does not know for the bucket or object itself: it would delete the bucket of whoever
//! asks to delete something of it.
//!
//! Source: the operations of AWS's service model; its answers to other requests as its users report them.

use hearth_services::s3::Refusal;
use http::{Method, StatusCode};

use super::failure::Failure;

/// What a path is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Service,
    Bucket,
    Object,
}

/// Of what, which one, what can be done with it, and whether Hearth takes it to `s3s`.
struct SubResource(Level, &'static str, &'static [Method], Known);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Yes,
    No,
}

const READ: &[Method] = &[Method::GET];
const SET: &[Method] = &[Method::PUT];
const POST: &[Method] = &[Method::POST];
const READ_AND_SET: &[Method] = &[Method::GET, Method::PUT];
const READ_SET_AND_DELETE: &[Method] = &[Method::DELETE, Method::GET, Method::PUT];
const READ_POST_AND_DELETE: &[Method] = &[Method::DELETE, Method::POST, Method::GET];
const PARTS: &[Method] = &[Method::DELETE, Method::POST, Method::GET, Method::PUT];
/// What buckets and objects themselves have.
const ALL_METHODS: &[Method] = &[Method::HEAD, Method::DELETE, Method::POST, Method::GET, Method::PUT];

const SUB_RESOURCES: [SubResource; 45] = {
    use Known::{No, Yes};
    use Level::{Bucket, Object};
    [
        SubResource(Bucket, "abac", READ_AND_SET, No),
        SubResource(Bucket, "accelerate", READ_AND_SET, Yes),
        SubResource(Bucket, "acl", READ_AND_SET, Yes),
        SubResource(Bucket, "analytics", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "cors", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "delete", POST, Yes),
        SubResource(Bucket, "encryption", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "intelligent-tiering", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "inventory", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "lifecycle", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "location", READ, Yes),
        SubResource(Bucket, "logging", READ_AND_SET, Yes),
        SubResource(Bucket, "metadataAnnotationTable", SET, No),
        SubResource(Bucket, "metadataConfiguration", READ_POST_AND_DELETE, No),
        SubResource(Bucket, "metadataInventoryTable", SET, No),
        SubResource(Bucket, "metadataJournalTable", SET, No),
        SubResource(Bucket, "metadataTable", READ_POST_AND_DELETE, Yes),
        SubResource(Bucket, "metrics", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "notification", READ_AND_SET, Yes),
        SubResource(Bucket, "object-lock", READ_AND_SET, Yes),
        SubResource(Bucket, "ownershipControls", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "policy", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "policyStatus", READ, Yes),
        SubResource(Bucket, "publicAccessBlock", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "replication", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "requestPayment", READ_AND_SET, Yes),
        SubResource(Bucket, "session", READ, Yes),
        SubResource(Bucket, "tagging", READ_SET_AND_DELETE, Yes),
        SubResource(Bucket, "uploads", READ, Yes),
        SubResource(Bucket, "versioning", READ_AND_SET, Yes),
        SubResource(Bucket, "versions", READ, Yes),
        SubResource(Bucket, "website", READ_SET_AND_DELETE, Yes),
        SubResource(Object, "acl", READ_AND_SET, Yes),
        SubResource(Object, "annotation", READ_SET_AND_DELETE, No),
        SubResource(Object, "attributes", READ, Yes),
        SubResource(Object, "encryption", SET, No),
        SubResource(Object, "legal-hold", READ_AND_SET, Yes),
        SubResource(Object, "renameObject", SET, No),
        SubResource(Object, "restore", POST, Yes),
        SubResource(Object, "retention", READ_AND_SET, Yes),
        SubResource(Object, "select", POST, Yes),
        SubResource(Object, "tagging", READ_SET_AND_DELETE, Yes),
        SubResource(Object, "torrent", READ, Yes),
        SubResource(Object, "uploadId", PARTS, Yes),
        SubResource(Object, "uploads", POST, Yes),
    ]
};

/// Refuses what cannot be done with whatever a path and a query name.
pub(super) fn check(method: &Method, path: &str, query: Option<&str>) -> Result<(), Failure> {
    let level = Level::of(path);
    let mut named: Vec<&str> = Vec::new();
    for parameter in query.unwrap_or_default().split('&') {
        let name = parameter.split('=').next().unwrap_or_default();
        if SUB_RESOURCES.iter().any(|known| known.1 == name) && !named.contains(&name) {
            named.push(name);
        }
    }
    match named.as_slice() {
        [] => check_plain(level, method),
        [name] => check_sub_resource(level, name, method),
        [first, ..] => {
            let message = format!("Conflicting query string parameters: {}", named.join(", "));
            Err(Refusal::argument(message, "ResourceType", *first).into())
        }
    }
}

fn check_plain(level: Level, method: &Method) -> Result<(), Failure> {
    let allowed = match level {
        Level::Service => READ,
        Level::Bucket | Level::Object => ALL_METHODS,
    };
    match level {
        Level::Bucket if *method == Method::POST => {
            let condition = "Bucket POST must be of the enclosure-type multipart/form-data";
            Err(Refusal::PreconditionFailed { condition }.into())
        }
        Level::Object if *method == Method::POST => Err(not_allowed(method, level.name(), allowed)),
        _ if allowed.contains(method) => Ok(()),
        _ => Err(not_allowed(method, level.name(), allowed)),
    }
}

fn check_sub_resource(level: Level, name: &str, method: &Method) -> Result<(), Failure> {
    let found = SUB_RESOURCES.iter().find(|known| known.0 == level && known.1 == name);
    match found {
        Some(SubResource(.., methods, _)) if !methods.contains(method) => {
            Err(not_allowed(method, &name.to_ascii_uppercase(), methods))
        }
        Some(SubResource(.., Known::Yes)) => Ok(()),
        Some(SubResource(.., Known::No)) => {
            let message = format!("Hearth does not have {method} of `?{name}`, which is a part of S3");
            Err(Refusal::NotImplemented(message.into()).into())
        }
        None if level == Level::Object => {
            let message = format!("There is no such thing as the ?{name} sub-resource for a key");
            Err(Refusal::InvalidRequest(message.into()).into())
        }
        None => Err(Refusal::InvalidRequest("A key must be specified".into()).into()),
    }
}

impl Level {
    fn of(path: &str) -> Self {
        match path.trim_start_matches('/').split_once('/') {
            Some((_, key)) if !key.is_empty() => Self::Object,
            None if path.trim_start_matches('/').is_empty() => Self::Service,
            Some(_) | None => Self::Bucket,
        }
    }

    /// As error documents have it.
    const fn name(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::Bucket => "BUCKET",
            Self::Object => "OBJECT",
        }
    }
}

fn not_allowed(method: &Method, resource: &str, allowed: &[Method]) -> Failure {
    let message = "The specified method is not allowed against this resource.";
    let allowed: Vec<_> = allowed.iter().map(Method::as_str).collect();
    Failure::new("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED, message)
        .with("Method", method.as_str())
        .with("ResourceType", resource)
        .with_header(http::header::ALLOW, &allowed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_done_is_refused() {
        let check = |line: &str, expected: Option<&str>| {
            let (method, target) = line.split_once(' ').expect("a method and a target");
            let (path, query) =
                target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let found = check(&method, path, query);
            assert_eq!(found.err().map(|failure| failure.code).as_deref(), expected, "{line}");
        };
        for line in [
            "GET /",
            "PUT /b",
            "GET /b?list-type=2&prefix=acl",
            "HEAD /b",
            "DELETE /b/",
            "GET /b?x-id=GetBucketAcl&acl",
            "DELETE /b?cors=",
            "POST /b?delete",
            "GET /b/k?unknown",
            "HEAD /b/k?versionId=1&partNumber=1",
            "PUT /b/k?partNumber=1&uploadId=u",
            "POST /b/k?uploads",
            "GET /b//?tagging&versionId=null",
        ] {
            check(line, None);
        }
        for line in [
            "PUT /",
            "PATCH /b",
            "PATCH /b/k",
            "POST /b/k",
            "POST /b/k?unknown",
            "DELETE /b?versioning",
            "DELETE /b/k?acl",
            "HEAD /b?location",
            "HEAD /b/k?tagging",
            "PUT /b?versions",
        ] {
            check(line, Some("MethodNotAllowed"));
        }
        for line in ["PUT /b/k?annotation&name=x", "PUT /b/k?encryption", "DELETE /b?metadataConfiguration"] {
            check(line, Some("NotImplemented"));
        }
        check("POST /b", Some("PreconditionFailed"));
        check("GET /b?acl&versioning", Some("InvalidArgument"));
        check("GET /b/k?versions", Some("InvalidRequest"));
        check("DELETE /b/k?lifecycle", Some("InvalidRequest"));
        check("POST /b?restore", Some("InvalidRequest"));
    }
}
