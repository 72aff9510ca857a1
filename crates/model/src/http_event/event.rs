//! A request rendered as an event.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

use super::{EventBody, HttpEvent, query::pairs, time::request_time};
use crate::{
    identity::{AccountId, RequestId},
    time::Timestamp,
};

/// Where a request came in, and from whom: what an event says beyond the request itself.
#[derive(Clone, Debug)]
pub struct HttpOrigin<'a> {
    /// The identifier of the URL or API.
    pub api: &'a str,
    /// The host name of the URL or API, without port.
    pub domain: &'a str,
    /// Who signed the request, if anybody had to.
    pub caller: Option<IamCaller<'a>>,
    /// The address that the request came from.
    pub source: &'a str,
    /// The request's own identifier.
    pub request_id: RequestId,
    /// When it came.
    pub received: Timestamp,
}

/// Who signed a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IamCaller<'a> {
    /// The access key.
    pub access_key: &'a str,
    /// Whose it is.
    pub account: AccountId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: &'static str,
    route_key: &'static str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<&'a str>,
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: String,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorizer<'a>>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: RequestId,
    route_key: &'static str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
struct Authorizer<'a> {
    iam: Iam<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Iam<'a> {
    access_key: &'a str,
    account_id: String,
    caller_id: String,
    cognito_identity: Option<()>,
    principal_org_id: Option<()>,
    user_arn: String,
    user_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'a str,
    user_agent: &'a str,
}

const DEFAULT: &str = "$default";

impl HttpEvent {
    /// The event of payload format 2.0 that a front makes of a request, its body as [`EventBody::by_content_type`] has it.
    #[must_use]
    pub fn render(&self, origin: &HttpOrigin<'_>) -> Vec<u8> {
        let headers: BTreeMap<&str, &str> =
            self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let body = EventBody::by_content_type(&self.body, headers.get("content-type").copied());
        let (body, is_base64_encoded) = body.into_members();
        let cookies = headers.get("cookie").into_iter().flat_map(|cookies| cookies.split(';'));
        let document = Document {
            version: "2.0",
            route_key: DEFAULT,
            raw_path: &self.path,
            raw_query_string: &self.query,
            cookies: cookies.map(str::trim).filter(|cookie| !cookie.is_empty()).collect(),
            query_string_parameters: parameters(&self.query),
            request_context: self.context(origin, headers.get("user-agent").copied().unwrap_or_default()),
            headers,
            body,
            is_base64_encoded,
        };
        serde_json::to_vec(&document).expect("numbers and texts can be written as JSON")
    }

    fn context<'a>(&'a self, origin: &HttpOrigin<'a>, user_agent: &'a str) -> Context<'a> {
        Context {
            account_id: origin
                .caller
                .map_or_else(|| "anonymous".to_owned(), |caller| caller.account.to_string()),
            api_id: origin.api,
            authorizer: origin.caller.map(Authorizer::of),
            domain_name: origin.domain,
            domain_prefix: origin.domain.split('.').next().unwrap_or_default(),
            http: Http {
                method: &self.method,
                path: &self.path,
                protocol: "HTTP/1.1",
                source_ip: origin.source,
                user_agent,
            },
            request_id: origin.request_id,
            route_key: DEFAULT,
            stage: DEFAULT,
            time: request_time(origin.received),
            time_epoch: origin.received.as_unix_millis(),
        }
    }
}

impl<'a> Authorizer<'a> {
    fn of(caller: IamCaller<'a>) -> Self {
        let account = caller.account.to_string();
        let iam = Iam {
            access_key: caller.access_key,
            account_id: account.clone(),
            caller_id: account.clone(),
            cognito_identity: None,
            principal_org_id: None,
            user_arn: format!("arn:aws:iam::{account}:root"),
            user_id: account,
        };
        Self { iam }
    }
}

/// The parameters of a query, decoded; several of one name are joined with commas.
fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs(query) {
        parameters
            .entry(name)
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn request(headers: &[(&str, &str)], query: &str, body: &[u8]) -> HttpEvent {
        HttpEvent {
            method: "POST".to_owned(),
            authority: "id.lambda-url.us-east-1.localhost:4566".to_owned(),
            path: "/my/pa%2Fth".to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.to_vec(),
        }
    }

    fn origin() -> HttpOrigin<'static> {
        HttpOrigin {
            api: "id",
            domain: "id.lambda-url.us-east-1.localhost",
            caller: None,
            source: "127.0.0.1",
            request_id: RequestId::from_random(0),
            received: Timestamp::from_unix_millis(1_583_348_638_390),
        }
    }

    fn render(request: &HttpEvent) -> Value {
        serde_json::from_slice(&request.render(&origin())).expect("JSON")
    }

    #[test]
    fn an_event_has_all_that_the_developer_guide_shows() {
        let headers = [("cookie", "a=1; b=2"), ("content-type", "text/plain"), ("user-agent", "agent")];
        let request = request(&headers, "parameter1=value1&parameter1=value2&parameter2=a+b%2C", b"Hello");
        let expected = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/my/pa%2Fth",
            "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=a+b%2C",
            "cookies": ["a=1", "b=2"],
            "headers": {"cookie": "a=1; b=2", "content-type": "text/plain", "user-agent": "agent"},
            "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "a b,"},
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "id",
                "domainName": "id.lambda-url.us-east-1.localhost",
                "domainPrefix": "id",
                "http": {
                    "method": "POST",
                    "path": "/my/pa%2Fth",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "agent",
                },
                "requestId": RequestId::from_random(0),
                "routeKey": "$default",
                "stage": "$default",
                "time": "04/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_583_348_638_390_i64,
            },
            "body": "Hello",
            "isBase64Encoded": false,
        });
        assert_eq!(render(&request), expected);
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let event = render(&request(&[], "", b""));
        for absent in ["cookies", "queryStringParameters", "body"] {
            assert_eq!(event.get(absent), None, "{absent}");
        }
        assert_eq!(event["isBase64Encoded"], false);
    }

    #[test]
    fn bodies_that_are_no_text_are_base64() {
        let check = |headers: &[(&str, &str)], body: &[u8], expected: &str, encoded: bool| {
            let event = render(&request(headers, "", body));
            assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(expected), &json!(encoded)));
        };
        check(&[], b"text", "text", false);
        check(&[("content-type", "application/json; charset=utf-8")], b"{}", "{}", false);
        check(&[("content-type", "multipart/form-data; boundary=x")], b"PNG", "UE5H", true);
        check(&[("content-type", "application/x-www-form-urlencoded")], b"a=1", "YT0x", true);
        check(&[("content-type", "text/plain")], b"\xff", "/w==", true);
    }

    #[test]
    fn who_signed_is_told() {
        let caller =
            IamCaller { access_key: "AKIA", account: AccountId::parse("123456789012").expect("an account") };
        let origin = HttpOrigin { caller: Some(caller), ..origin() };
        let event: Value = serde_json::from_slice(&request(&[], "", b"").render(&origin)).expect("JSON");
        assert_eq!(event["requestContext"]["accountId"], "123456789012");
        let iam = &event["requestContext"]["authorizer"]["iam"];
        assert_eq!(
            (&iam["accessKey"], &iam["userArn"]),
            (&json!("AKIA"), &json!("arn:aws:iam::123456789012:root"))
        );
    }

    proptest! {
        #[test]
        fn an_event_is_read_as_the_request_that_it_was(
            query in "[a-z=&%+]{0,16}", value in "[ -~]{0,8}", body: Vec<u8>, image: bool,
        ) {
            let content_type = if image { "image/png" } else { "text/plain" };
            let headers = [("content-type", content_type), ("host", "a"), ("x-value", &*value)];
            let mut request = request(&headers, &query, &body);
            request.authority = "a".to_owned();
            let read = HttpEvent::parse(&request.render(&origin())).expect("an event");
            prop_assert_eq!(read, request);
        }
    }
}
