//! A request rendered as an event of payload format 1.0: what functions and Lambda authorizers of REST APIs get, and those of
//! HTTP APIs that ask for it.
//!
//! Sources: API Gateway developer guide, "Input format of a Lambda function for proxy integration", "Input to an API Gateway
//! Lambda authorizer" and "Payload format version 1.0"; recorded events.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    EventBody,
    query::{grouped, pairs},
    time::request_time,
};
use crate::{identity::AccountId, time::Timestamp};

/// Which kind of API writes an event, or reads an answer, of payload format 1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFront {
    /// A REST API.
    Rest,
    /// An HTTP API, which says the format's version in its events.
    Http,
}

/// A request, as an event of payload format 1.0 has it.
#[derive(Clone, Debug)]
pub struct ProxyEvent<'a, H = String> {
    /// The kind of API.
    pub front: ProxyFront,
    /// The template of the path, such as `/images/{id}`; of an HTTP API the whole route's.
    pub resource: &'a str,
    /// The path as it was sent; of a REST API without the stage.
    pub path: &'a str,
    /// The method.
    pub method: &'a str,
    /// The headers; a name may come several times, and is spelled alike.
    pub headers: &'a [(H, H)],
    /// The query without its question mark.
    pub query: &'a str,
    /// What the parameters of the template stand for.
    pub path_parameters: &'a BTreeMap<String, String>,
    /// The variables of the stage.
    pub stage_variables: &'a BTreeMap<String, String>,
    /// The body.
    pub body: EventBody<'a>,
    /// What the front adds.
    pub context: ProxyContext<'a>,
}

/// What a front adds to a request.
#[derive(Clone, Debug)]
pub struct ProxyContext<'a> {
    /// Whose the API is.
    pub account: AccountId,
    /// The API's identifier.
    pub api: &'a str,
    /// The deployment's identifier; an HTTP API does not say it.
    pub deployment: Option<&'a str>,
    /// The host name of the API, without port.
    pub domain: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// The identifier of the resource; an HTTP API has none.
    pub resource_id: Option<&'a str>,
    /// How the method's owner calls what it does, if at all.
    pub operation: Option<&'a str>,
    /// The path with the stage.
    pub path: &'a str,
    /// What the authorizer says, if there is one.
    pub authorizer: Option<&'a Map<String, Value>>,
    /// The key that the client showed, if it had to.
    pub api_key: Option<ProxyApiKey<'a>>,
    /// The address that the request came from.
    pub source: &'a str,
    /// The request's own identifier.
    pub request_id: &'a str,
    /// Another one.
    pub extended_request_id: &'a str,
    /// When it came.
    pub received: Timestamp,
}

/// An API key that a client showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyApiKey<'a> {
    /// Its identifier.
    pub id: &'a str,
    /// The key.
    pub value: &'a str,
}

impl<H: AsRef<str>> ProxyEvent<'_, H> {
    /// The event for a function.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let (body, is_base64_encoded) = self.body.clone().into_members();
        let document = Document { body: Some(Body { body, is_base64_encoded }), ..self.document() };
        to_bytes(&document.with_null_for_nothing())
    }

    /// The event for a Lambda authorizer of requests: what it is about, and what tells the caller from others, where the front
    /// says it.
    #[must_use]
    pub fn render_for_authorizer(&self, method_arn: &str, identity: Option<&str>) -> Vec<u8> {
        let document = Document {
            event_type: Some("REQUEST"),
            method_arn: Some(method_arn),
            identity_source: identity,
            authorization_token: identity,
            ..self.document()
        };
        to_bytes(&document)
    }

    fn document(&self) -> Document<'_> {
        let multi_value_headers = grouped(self.headers());
        Document {
            version: (self.front == ProxyFront::Http).then_some("1.0"),
            event_type: None,
            method_arn: None,
            identity_source: None,
            authorization_token: None,
            resource: self.resource,
            path: self.path,
            http_method: self.method,
            headers: self.headers().collect(),
            multi_value_headers,
            query_string_parameters: Some(pairs(self.query).collect()),
            multi_value_query_string_parameters: Some(grouped(pairs(self.query))),
            path_parameters: Some(self.path_parameters),
            stage_variables: Some(self.stage_variables),
            request_context: self.request_context(),
            body: None,
        }
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    fn request_context(&self) -> Context<'_> {
        let context = &self.context;
        let user_agent = self.headers().find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
        Context {
            account_id: context.account.to_string(),
            api_id: context.api,
            authorizer: context.authorizer,
            deployment_id: context.deployment,
            domain_name: context.domain,
            domain_prefix: context.domain.split('.').next().unwrap_or_default(),
            extended_request_id: context.extended_request_id,
            http_method: self.method,
            identity: Identity {
                api_key: context.api_key.map(|key| key.value),
                api_key_id: context.api_key.map(|key| key.id),
                source_ip: context.source,
                user_agent: user_agent.map(|(_, value)| value),
                ..Identity::default()
            },
            operation_name: context.operation,
            path: context.path,
            protocol: "HTTP/1.1",
            request_id: context.request_id,
            request_time: request_time(context.received),
            request_time_epoch: context.received.as_unix_millis(),
            resource_id: context.resource_id,
            resource_path: self.resource,
            stage: context.stage,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_token: Option<&'a str>,
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: BTreeMap<&'a str, &'a str>,
    multi_value_headers: BTreeMap<&'a str, Vec<&'a str>>,
    query_string_parameters: Option<BTreeMap<String, String>>,
    multi_value_query_string_parameters: Option<BTreeMap<String, Vec<String>>>,
    path_parameters: Option<&'a BTreeMap<String, String>>,
    stage_variables: Option<&'a BTreeMap<String, String>>,
    request_context: Context<'a>,
    #[serde(flatten)]
    body: Option<Body<'a>>,
}

impl Document<'_> {
    /// A function is told `null` where an authorizer gets an empty object.
    fn with_null_for_nothing(self) -> Self {
        Self {
            query_string_parameters: self.query_string_parameters.filter(|map| !map.is_empty()),
            multi_value_query_string_parameters: self
                .multi_value_query_string_parameters
                .filter(|map| !map.is_empty()),
            path_parameters: self.path_parameters.filter(|map| !map.is_empty()),
            stage_variables: self.stage_variables.filter(|map| !map.is_empty()),
            ..self
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: String,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<&'a str>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    extended_request_id: &'a str,
    http_method: &'a str,
    identity: Identity<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<&'a str>,
    path: &'a str,
    protocol: &'static str,
    request_id: &'a str,
    request_time: String,
    request_time_epoch: i64,
    resource_id: Option<&'a str>,
    resource_path: &'a str,
    stage: &'a str,
}

/// Who sent a request. Most of it is for signatures and user pools, and `null` without.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    access_key: Option<()>,
    account_id: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<&'a str>,
    caller: Option<()>,
    cognito_authentication_provider: Option<()>,
    cognito_authentication_type: Option<()>,
    cognito_identity_id: Option<()>,
    cognito_identity_pool_id: Option<()>,
    principal_org_id: Option<()>,
    source_ip: &'a str,
    user: Option<()>,
    user_agent: Option<&'a str>,
    user_arn: Option<()>,
}

fn to_bytes(document: &Document<'_>) -> Vec<u8> {
    serde_json::to_vec(document).expect("numbers and texts can be written as JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owned<T: FromIterator<(String, String)>>(pairs: &[(&str, &str)]) -> T {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const NOTHING: &BTreeMap<String, String> = &BTreeMap::new();

    fn event<'a>(headers: &'a [(String, String)], query: &'a str) -> ProxyEvent<'a> {
        ProxyEvent {
            front: ProxyFront::Rest,
            resource: "/{proxy+}",
            path: "/proxy-value",
            method: "GET",
            headers,
            query,
            path_parameters: NOTHING,
            stage_variables: NOTHING,
            body: EventBody::None,
            context: ProxyContext {
                account: AccountId::parse("111111111111").expect("an account"),
                api: "abcde12345",
                deployment: Some("dep123"),
                domain: "abcde12345.execute-api.us-east-1.localhost",
                stage: "stage",
                resource_id: Some("res123"),
                operation: None,
                path: "/stage/proxy-value",
                authorizer: None,
                api_key: None,
                source: "127.0.0.1",
                request_id: "8f1d3c1e-0000-4000-8000-000000000000",
                extended_request_id: "extended=",
                received: Timestamp::from_unix_millis(1_583_348_638_390),
            },
        }
    }

    fn render(event: &ProxyEvent<'_>) -> Value {
        serde_json::from_slice(&event.render()).expect("JSON")
    }

    /// As recorded, but for CloudFront's headers.
    #[test]
    fn a_rest_apis_event_is_the_recorded_one() {
        let headers: Vec<_> = owned(&[
            ("Accept", "*/*"),
            ("Authorization", "random-value"),
            ("User-Agent", "python-requests/testing"),
            ("tEsT-HEADeR", "aValUE"),
        ]);
        let path_parameters = owned(&[("proxy", "proxy-value")]);
        let event = ProxyEvent { path_parameters: &path_parameters, ..event(&headers, "") };
        let expected = json!({
            "resource": "/{proxy+}",
            "path": "/proxy-value",
            "httpMethod": "GET",
            "headers": {
                "Accept": "*/*",
                "Authorization": "random-value",
                "User-Agent": "python-requests/testing",
                "tEsT-HEADeR": "aValUE",
            },
            "multiValueHeaders": {
                "Accept": ["*/*"],
                "Authorization": ["random-value"],
                "User-Agent": ["python-requests/testing"],
                "tEsT-HEADeR": ["aValUE"],
            },
            "queryStringParameters": null,
            "multiValueQueryStringParameters": null,
            "pathParameters": {"proxy": "proxy-value"},
            "stageVariables": null,
            "requestContext": {
                "accountId": "111111111111",
                "apiId": "abcde12345",
                "deploymentId": "dep123",
                "domainName": "abcde12345.execute-api.us-east-1.localhost",
                "domainPrefix": "abcde12345",
                "extendedRequestId": "extended=",
                "httpMethod": "GET",
                "identity": {
                    "accessKey": null,
                    "accountId": null,
                    "caller": null,
                    "cognitoAuthenticationProvider": null,
                    "cognitoAuthenticationType": null,
                    "cognitoIdentityId": null,
                    "cognitoIdentityPoolId": null,
                    "principalOrgId": null,
                    "sourceIp": "127.0.0.1",
                    "user": null,
                    "userAgent": "python-requests/testing",
                    "userArn": null,
                },
                "path": "/stage/proxy-value",
                "protocol": "HTTP/1.1",
                "requestId": "8f1d3c1e-0000-4000-8000-000000000000",
                "requestTime": "04/Mar/2020:19:03:58 +0000",
                "requestTimeEpoch": 1_583_348_638_390_i64,
                "resourceId": "res123",
                "resourcePath": "/{proxy+}",
                "stage": "stage",
            },
            "body": null,
            "isBase64Encoded": false,
        });
        assert_eq!(render(&event), expected);
    }

    #[test]
    fn all_values_of_a_name_are_there_and_the_last_one_counts() {
        let check = |query: &str, last: Value, all: Value| {
            let event = render(&event(&[], query));
            assert_eq!(event["queryStringParameters"], last, "{query}");
            assert_eq!(event["multiValueQueryStringParameters"], all, "{query}");
        };
        // As recorded.
        check(
            "category=electronics&category=books&price=10&price=20&price=30",
            json!({"category": "books", "price": "30"}),
            json!({"category": ["electronics", "books"], "price": ["10", "20", "30"]}),
        );
        check(
            "dateTimeOffset=2023-06-12T18:05:10.123456+00:00&email=test%2Balias@gmail.com&plus=test+alias@gmail.com\
             &url=https://www.google.com/&whitespace=foo%20bar&zhash=abort/",
            json!({
                "dateTimeOffset": "2023-06-12T18:05:10.123456 00:00",
                "email": "test+alias@gmail.com",
                "plus": "test alias@gmail.com",
                "url": "https://www.google.com/",
                "whitespace": "foo bar",
                "zhash": "abort/",
            }),
            json!({
                "dateTimeOffset": ["2023-06-12T18:05:10.123456 00:00"],
                "email": ["test+alias@gmail.com"],
                "plus": ["test alias@gmail.com"],
                "url": ["https://www.google.com/"],
                "whitespace": ["foo bar"],
                "zhash": ["abort/"],
            }),
        );
        let headers: Vec<_> = owned(&[("X-One", "1"), ("X-Two", "2"), ("X-One", "3")]);
        let event = render(&event(&headers, ""));
        assert_eq!(event["headers"], json!({"X-One": "3", "X-Two": "2"}));
        assert_eq!(event["multiValueHeaders"], json!({"X-One": ["1", "3"], "X-Two": ["2"]}));
    }

    #[test]
    fn what_a_front_knows_is_told() {
        let authorizer = json!({"principalId": "me", "level": "3"});
        let variables = owned(&[("table", "images")]);
        let mut event = event(&[], "");
        event.stage_variables = &variables;
        event.body = EventBody::Binary(b"\xff");
        event.context.authorizer = authorizer.as_object();
        event.context.operation = Some("ListImages");
        event.context.api_key = Some(ProxyApiKey { id: "key123", value: "secret" });
        let rendered = render(&event);
        assert_eq!((&rendered["body"], &rendered["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
        assert_eq!(rendered["stageVariables"], json!({"table": "images"}));
        let context = &rendered["requestContext"];
        assert_eq!(context["authorizer"], authorizer);
        assert_eq!(context["operationName"], "ListImages");
        assert_eq!(context["identity"]["apiKey"], "secret");
        assert_eq!(context["identity"]["apiKeyId"], "key123");
        assert_eq!(rendered.get("version"), None);
    }

    #[test]
    fn an_http_api_says_the_version() {
        let mut event = event(&[], "");
        event.front = ProxyFront::Http;
        (event.context.deployment, event.context.resource_id) = (None, None);
        let rendered = render(&event);
        assert_eq!(rendered["version"], "1.0");
        assert_eq!(rendered["requestContext"].get("deploymentId"), None);
        assert_eq!(rendered["requestContext"]["resourceId"], Value::Null);
    }

    #[test]
    fn an_authorizer_gets_all_but_the_body() {
        let mut event = event(&[], "a=1");
        event.body = EventBody::Text("secret".into());
        let arn = "arn:aws:execute-api:us-east-1:111111111111:abcde12345/stage/GET/proxy-value";
        let rendered: Value = serde_json::from_slice(&event.render_for_authorizer(arn, None)).expect("JSON");
        assert_eq!((&rendered["type"], &rendered["methodArn"]), (&json!("REQUEST"), &json!(arn)));
        assert_eq!((&rendered["pathParameters"], &rendered["stageVariables"]), (&json!({}), &json!({})));
        assert_eq!(rendered["queryStringParameters"], json!({"a": "1"}));
        for absent in ["body", "isBase64Encoded", "identitySource", "version"] {
            assert_eq!(rendered.get(absent), None, "{absent}");
        }
        event.front = ProxyFront::Http;
        let rendered = event.render_for_authorizer(arn, Some("user1,123"));
        let rendered: Value = serde_json::from_slice(&rendered).expect("JSON");
        assert_eq!(rendered["identitySource"], "user1,123");
        assert_eq!(rendered["authorizationToken"], "user1,123");
    }
}
