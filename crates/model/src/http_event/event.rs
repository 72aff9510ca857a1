//! A request rendered as an event.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    EventBody, HttpOrigin, IamCaller, RequestHeaders, RouteAuthorizer, RouteOrigin, query::parameters,
    time::clock_face, writer::Writer,
};

/// An HTTP request, as a front has it.
#[derive(Clone, Debug)]
pub struct FrontRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The query without its question mark; empty if there is none.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a RequestHeaders<'a>,
    /// The body.
    pub body: &'a [u8],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Authorizer<'a> {
    Iam(Iam<'a>),
    Jwt { claims: &'a Map<String, Value>, scopes: Option<&'a [String]> },
    Lambda(&'a Map<String, Value>),
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

const DEFAULT: &str = "$default";

impl FrontRequest<'_> {
    /// The event of payload format 2.0 that a front makes of a request, its body as [`EventBody::by_content_type`] has it.
    #[must_use]
    pub fn render(&self, origin: &HttpOrigin<'_>) -> Vec<u8> {
        let body = EventBody::by_content_type(self.body, self.headers.find("content-type").as_deref());
        let (body, is_base64_encoded) = body.into_members();
        // Most events have no more than that beside the body.
        let mut json = Writer::with_capacity(2_048 + body.as_ref().map_or(0, |body| body.len()));
        json.raw(r#"{"version":"2.0","#);
        self.write(origin, &mut json);
        if let Some(body) = body {
            json.raw(r#","body":"#).text(&body);
        }
        json.raw(if is_base64_encoded {
            r#","isBase64Encoded":true}"#
        } else {
            r#","isBase64Encoded":false}"#
        });
        json.into_bytes()
    }

    /// The event of payload format 2.0 for a Lambda authorizer: all but the body, what the request is about, and what tells the
    /// caller from others.
    #[must_use]
    pub fn render_for_authorizer(
        &self,
        origin: &HttpOrigin<'_>,
        route_arn: &str,
        identity: &[String],
    ) -> Vec<u8> {
        let mut json = Writer::with_capacity(2_048);
        json.raw(r#"{"version":"2.0","type":"REQUEST","routeArn":"#).text(route_arn);
        json.raw(r#","identitySource":"#).value(identity).raw(",");
        self.write(origin, &mut json);
        json.raw("}");
        json.into_bytes()
    }

    /// Writes what all events have, in the order in which AWS does.
    fn write(&self, origin: &HttpOrigin<'_>, json: &mut Writer) {
        let route = origin.route;
        json.raw(r#""routeKey":""#).inner(route.map_or(DEFAULT, |route| route.key));
        json.raw(r#"","rawPath":""#).inner(self.path);
        json.raw(r#"","rawQueryString":""#).inner(self.query).raw("\"");
        if let Some(cookies) = self.headers.find("cookie") {
            let cookies = cookies.split(';').map(str::trim).filter(|cookie| !cookie.is_empty());
            let cookies: Vec<_> = cookies.collect();
            if !cookies.is_empty() {
                json.raw(r#","cookies":"#).value(&cookies);
            }
        }
        json.raw(r#","headers":"#).headers(self.headers.joined());
        let parameters = parameters(self.query);
        if !parameters.is_empty() {
            json.raw(r#","queryStringParameters":"#).texts(&parameters);
        }
        json.raw(r#","requestContext":"#);
        self.write_context(origin, json);
        let Some(RouteOrigin { path_parameters, stage_variables, .. }) = route else { return };
        if !path_parameters.is_empty() {
            json.raw(r#","pathParameters":"#)
                .texts(path_parameters.iter().map(|(name, value)| (name, value)));
        }
        if !stage_variables.is_empty() {
            json.raw(r#","stageVariables":"#).texts(stage_variables);
        }
    }

    fn write_context(&self, origin: &HttpOrigin<'_>, json: &mut Writer) {
        let route = origin.route;
        let account = route.map(|route| route.account).or(origin.caller.map(|caller| caller.account));
        json.raw(r#"{"accountId":""#);
        match account {
            Some(account) => json.plain(account.digits()),
            None => json.plain("anonymous"),
        };
        json.raw(r#"","apiId":""#).plain(origin.api).raw("\"");
        if let Some(authorizer) = Authorizer::of(origin) {
            json.raw(r#","authorizer":"#).value(&authorizer);
        }
        let prefix = origin.domain.split('.').next().unwrap_or_default();
        json.raw(r#","domainName":""#).inner(origin.domain).raw(r#"","domainPrefix":""#).inner(prefix);
        json.raw(r#"","http":{"method":""#).plain(self.method).raw(r#"","path":""#).inner(self.path);
        json.raw(r#"","protocol":"HTTP/1.1","sourceIp":""#).plain(origin.source);
        json.raw(r#"","userAgent":""#).inner(&self.headers.find("user-agent").unwrap_or_default());
        json.raw(r#""},"requestId":""#).plain(origin.request_id);
        json.raw(r#"","routeKey":""#).inner(route.map_or(DEFAULT, |route| route.key));
        json.raw(r#"","stage":""#).inner(route.map_or(DEFAULT, |route| route.stage));
        json.raw(r#"","time":""#).plain(clock_face(origin.received));
        json.raw(r#"","timeEpoch":"#).value(&origin.received.as_unix_millis()).raw("}");
    }
}

impl<'a> Authorizer<'a> {
    fn of(origin: &HttpOrigin<'a>) -> Option<Self> {
        match (origin.caller, origin.route) {
            (Some(caller), _) => Some(Self::Iam(Iam::of(caller))),
            (None, Some(RouteOrigin { authorizer: Some(RouteAuthorizer::Jwt { claims, scopes }), .. })) => {
                Some(Self::Jwt { claims, scopes })
            }
            (None, Some(RouteOrigin { authorizer: Some(RouteAuthorizer::Lambda(context)), .. })) => {
                Some(Self::Lambda(context))
            }
            (None, Some(RouteOrigin { authorizer: None, .. }) | None) => None,
        }
    }
}

impl<'a> Iam<'a> {
    fn of(caller: IamCaller<'a>) -> Self {
        let account = caller.account.to_string();
        Self {
            access_key: caller.access_key,
            account_id: account.clone(),
            caller_id: account.clone(),
            cognito_identity: None,
            principal_org_id: None,
            user_arn: caller.account.root_arn(),
            user_id: account,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{http_event::HttpEvent, identity::AccountId, time::Timestamp};

    const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

    fn headers<'a, const N: usize>(headers: [(&'a str, &'a str); N]) -> RequestHeaders<'a> {
        headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    fn request<'a>(headers: &'a RequestHeaders<'a>, query: &'a str, body: &'a [u8]) -> FrontRequest<'a> {
        FrontRequest { method: "POST", path: "/my/pa%2Fth", query, headers, body }
    }

    fn origin() -> HttpOrigin<'static> {
        HttpOrigin {
            api: "id",
            domain: "id.lambda-url.us-east-1.localhost",
            caller: None,
            source: "127.0.0.1",
            request_id: REQUEST_ID,
            received: Timestamp::from_unix_millis(1_583_348_638_390),
            route: None,
        }
    }

    fn render(request: &FrontRequest<'_>) -> Value {
        serde_json::from_slice(&request.render(&origin())).expect("JSON")
    }

    #[test]
    fn an_event_has_all_that_the_developer_guide_shows() {
        let headers =
            headers([("cookie", "a=1; b=2"), ("content-type", "text/plain"), ("user-agent", "agent")]);
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
                "requestId": REQUEST_ID,
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
        let event = render(&request(&headers([]), "", b""));
        for absent in ["cookies", "queryStringParameters", "body"] {
            assert_eq!(event.get(absent), None, "{absent}");
        }
        assert_eq!(event["isBase64Encoded"], false);
    }

    #[test]
    fn bodies_that_are_no_text_are_base64() {
        let check = |content_type: Option<&str>, body: &[u8], expected: &str, encoded: bool| {
            let headers = content_type.map(|content_type| ("content-type".into(), content_type.into()));
            let event = render(&request(&headers.into_iter().collect(), "", body));
            assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(expected), &json!(encoded)));
        };
        check(None, b"text", "text", false);
        check(Some("application/json; charset=utf-8"), b"{}", "{}", false);
        check(Some("multipart/form-data; boundary=x"), b"PNG", "UE5H", true);
        check(Some("application/x-www-form-urlencoded"), b"a=1", "YT0x", true);
        check(Some("text/plain"), b"\xff", "/w==", true);
    }

    #[test]
    fn who_signed_is_told() {
        let caller =
            IamCaller { access_key: "AKIA", account: AccountId::parse("123456789012").expect("an account") };
        let origin = HttpOrigin { caller: Some(caller), ..origin() };
        let event: Value =
            serde_json::from_slice(&request(&headers([]), "", b"").render(&origin)).expect("JSON");
        assert_eq!(event["requestContext"]["accountId"], "123456789012");
        let iam = &event["requestContext"]["authorizer"]["iam"];
        assert_eq!(
            (&iam["accessKey"], &iam["userArn"]),
            (&json!("AKIA"), &json!("arn:aws:iam::123456789012:root"))
        );
    }

    #[test]
    fn an_api_tells_the_way_through_it() {
        let variables = [("table".to_owned(), "images".to_owned())].into();
        let claims = json!({"sub": "me"});
        let scopes = ["email".to_owned()];
        let parameters = [("id", "7".into())];
        let account = AccountId::parse("123456789012").expect("an account");
        let route = RouteOrigin {
            account,
            key: "GET /images/{id}",
            stage: "prod",
            path_parameters: &parameters,
            stage_variables: &variables,
            authorizer: Some(RouteAuthorizer::Jwt {
                claims: claims.as_object().expect("claims"),
                scopes: Some(&scopes),
            }),
        };
        let origin = HttpOrigin { route: Some(route), ..origin() };
        let headers = headers([]);
        let request = request(&headers, "", b"secret");
        let event: Value = serde_json::from_slice(&request.render(&origin)).expect("JSON");
        assert_eq!(event["routeKey"], "GET /images/{id}");
        assert_eq!(event["pathParameters"], json!({"id": "7"}));
        assert_eq!(event["stageVariables"], json!({"table": "images"}));
        let context = &event["requestContext"];
        assert_eq!(context["accountId"], "123456789012");
        assert_eq!((&context["routeKey"], &context["stage"]), (&event["routeKey"], &json!("prod")));
        assert_eq!(context["authorizer"], json!({"jwt": {"claims": {"sub": "me"}, "scopes": ["email"]}}));

        let known = json!({"level": 3});
        let authorizer = Some(RouteAuthorizer::Lambda(known.as_object().expect("a context")));
        let origin = HttpOrigin { route: Some(RouteOrigin { authorizer, ..route }), ..origin };
        let event: Value = serde_json::from_slice(&request.render(&origin)).expect("JSON");
        assert_eq!(event["requestContext"]["authorizer"], json!({"lambda": {"level": 3}}));

        let identity = ["user1".to_owned()];
        let event = request.render_for_authorizer(&origin, "arn:aws:execute-api:…", &identity);
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        assert_eq!((&event["type"], &event["version"]), (&json!("REQUEST"), &json!("2.0")));
        assert_eq!(
            (&event["identitySource"], &event["routeArn"]),
            (&json!(["user1"]), &json!("arn:aws:execute-api:…"))
        );
        assert_eq!((event.get("body"), event.get("isBase64Encoded")), (None, None));
    }

    proptest! {
        #[test]
        fn an_event_is_read_as_the_request_that_it_was(
            query in "[a-z=&%+]{0,16}", value in "[ -~]{0,8}", body: Vec<u8>, image: bool,
        ) {
            let content_type = if image { "image/png" } else { "text/plain" };
            let given = [("content-type", content_type), ("host", "a"), ("x-value", &*value)];
            let headers = headers(given);
            let request = request(&headers, &query, &body);
            let read = HttpEvent::parse(&request.render(&origin())).expect("an event");
            let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            prop_assert_eq!(read, HttpEvent {
                method: request.method.to_owned(),
                authority: "a".to_owned(),
                path: request.path.to_owned(),
                query: query.clone(),
                headers: given.map(pair).to_vec(),
                body: body.clone(),
            });
        }
    }
}
