//! Events of connections and messages.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    http_event::{grouped, query_pairs, request_time},
    time::Timestamp,
};

/// Something that happened at a connection, as a function is told of it.
#[derive(Clone, Debug)]
pub struct SocketEvent<'a> {
    /// What happened.
    pub happening: SocketHappening<'a>,
    /// The key of the route.
    pub route: &'a str,
    /// The API's identifier.
    pub api: &'a str,
    /// The host name of the API, without port.
    pub domain: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// The variables of the stage.
    pub stage_variables: &'a BTreeMap<String, String>,
    /// The connection's identifier.
    pub connection: &'a str,
    /// When the connection was asked for.
    pub connected: Timestamp,
    /// What the authorizer said of the client, if one was asked.
    pub authorizer: Option<&'a Map<String, Value>>,
    /// The address that the client connects from.
    pub source: &'a str,
    /// What the client says that it is.
    pub user_agent: Option<&'a str>,
    /// What tells the happening from all others.
    pub request_id: &'a str,
    /// When it came about.
    pub received: Timestamp,
}

/// What happened at a connection.
#[derive(Clone, Copy, Debug)]
pub enum SocketHappening<'a> {
    /// A client wants to connect.
    Connect {
        /// The headers of its request; a name may come several times, and is spelled alike.
        headers: &'a [(String, String)],
        /// The query of its request, without the question mark.
        query: &'a str,
    },
    /// A client sent a message.
    Message {
        /// What tells it from all others.
        id: &'a str,
        /// The message.
        text: &'a str,
    },
    /// The connection ended.
    Disconnect {
        /// The status, as RFC 6455 numbers them.
        status: u16,
        /// Why.
        reason: &'a str,
    },
}

impl SocketEvent<'_> {
    /// The event for a function.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let variables = Some(self.stage_variables).filter(|variables| !variables.is_empty());
        let document = match self.happening {
            SocketHappening::Connect { headers, query } => {
                let of_connection = |name: &str| {
                    ["connection", "upgrade", "content-length"]
                        .iter()
                        .any(|own| name.eq_ignore_ascii_case(own))
                };
                let headers = headers.iter().filter(|(name, _)| !of_connection(name));
                let (single, multi) = both(headers.map(|(name, value)| (&**name, &**value)));
                Document {
                    headers: Some(single),
                    multi_value_headers: Some(multi),
                    query_string_parameters: Some(query_pairs(query).collect()).filter(is_something),
                    multi_value_query_string_parameters: Some(grouped(query_pairs(query)))
                        .filter(is_something),
                    ..self.document()
                }
            }
            SocketHappening::Message { text, .. } => Document { body: Some(text), ..self.document() },
            SocketHappening::Disconnect { .. } => {
                let known =
                    [("Host", self.domain), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")];
                let (single, multi) = both(known.into_iter());
                Document { headers: Some(single), multi_value_headers: Some(multi), ..self.document() }
            }
        };
        to_bytes(&Document { stage_variables: variables, is_base64_encoded: Some(false), ..document })
    }

    /// The event for a Lambda authorizer, which is asked when a client wants to connect.
    #[must_use]
    pub fn render_for_authorizer(&self, method_arn: &str) -> Vec<u8> {
        let (headers, query) = match self.happening {
            SocketHappening::Connect { headers, query } => (headers, query),
            SocketHappening::Message { .. } | SocketHappening::Disconnect { .. } => (&[][..], ""),
        };
        let (single, multi) = both(headers.iter().map(|(name, value)| (&**name, &**value)));
        to_bytes(&Document {
            event_type: Some("REQUEST"),
            method_arn: Some(method_arn),
            headers: Some(single),
            multi_value_headers: Some(multi),
            query_string_parameters: Some(query_pairs(query).collect()),
            multi_value_query_string_parameters: Some(grouped(query_pairs(query))),
            stage_variables: Some(self.stage_variables),
            ..self.document()
        })
    }

    /// With what all events have.
    fn document(&self) -> Document<'_> {
        Document {
            event_type: None,
            method_arn: None,
            headers: None,
            multi_value_headers: None,
            query_string_parameters: None,
            multi_value_query_string_parameters: None,
            stage_variables: None,
            request_context: self.context(),
            body: None,
            is_base64_encoded: None,
        }
    }

    fn context(&self) -> Context<'_> {
        let (event_type, message_id, disconnect) = match self.happening {
            SocketHappening::Connect { .. } => ("CONNECT", None, None),
            SocketHappening::Message { id, .. } => ("MESSAGE", Some(id), None),
            SocketHappening::Disconnect { status, reason } => ("DISCONNECT", None, Some((status, reason))),
        };
        Context {
            api_id: self.api,
            authorizer: self.authorizer,
            connected_at: self.connected.as_unix_millis(),
            connection_id: self.connection,
            disconnect_reason: disconnect.map(|(_, reason)| reason),
            disconnect_status_code: disconnect.map(|(status, _)| status),
            domain_name: self.domain,
            event_type,
            extended_request_id: self.request_id,
            identity: Identity { source_ip: self.source, user_agent: self.user_agent },
            message_direction: "IN",
            message_id,
            request_id: self.request_id,
            request_time: request_time(self.received),
            request_time_epoch: self.received.as_unix_millis(),
            route_key: self.route,
            stage: self.stage,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<&'a str, Vec<&'a str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_query_string_parameters: Option<BTreeMap<String, Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<&'a BTreeMap<String, String>>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'a Map<String, Value>>,
    connected_at: i64,
    connection_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    domain_name: &'a str,
    event_type: &'static str,
    extended_request_id: &'a str,
    identity: Identity<'a>,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
    request_id: &'a str,
    request_time: String,
    request_time_epoch: i64,
    route_key: &'a str,
    stage: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    source_ip: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
}

/// The last value of each name, and all of them.
fn both<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> (BTreeMap<&'a str, &'a str>, BTreeMap<&'a str, Vec<&'a str>>) {
    (pairs.clone().collect(), grouped(pairs))
}

fn is_something<V>(map: &BTreeMap<String, V>) -> bool {
    !map.is_empty()
}

fn to_bytes(document: &Document<'_>) -> Vec<u8> {
    serde_json::to_vec(document).expect("numbers and texts can be written as JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOTHING: &BTreeMap<String, String> = &BTreeMap::new();

    fn event<'a>(happening: SocketHappening<'a>, route: &'a str) -> SocketEvent<'a> {
        SocketEvent {
            happening,
            route,
            api: "abcde12345",
            domain: "abcde12345.execute-api.us-east-1.localhost",
            stage: "prod",
            stage_variables: NOTHING,
            connection: "BFHPhfCWIAMCKlQ=",
            connected: Timestamp::from_unix_millis(1_731_324_924_553),
            authorizer: None,
            source: "127.0.0.1",
            user_agent: None,
            request_id: "BFHPhFe3IAMF95g=",
            received: Timestamp::from_unix_millis(1_731_324_924_561),
        }
    }

    fn context(event_type: &str, route: &str) -> Value {
        json!({
            "routeKey": route,
            "eventType": event_type,
            "extendedRequestId": "BFHPhFe3IAMF95g=",
            "requestTime": "11/Nov/2024:11:35:24 +0000",
            "messageDirection": "IN",
            "stage": "prod",
            "connectedAt": 1_731_324_924_553_i64,
            "requestTimeEpoch": 1_731_324_924_561_i64,
            "identity": {"sourceIp": "127.0.0.1"},
            "requestId": "BFHPhFe3IAMF95g=",
            "domainName": "abcde12345.execute-api.us-east-1.localhost",
            "connectionId": "BFHPhfCWIAMCKlQ=",
            "apiId": "abcde12345",
        })
    }

    fn render(event: &SocketEvent<'_>) -> Value {
        serde_json::from_slice(&event.render()).expect("JSON")
    }

    fn headers() -> Vec<(String, String)> {
        let headers = [("Connection", "upgrade"), ("Host", "h"), ("X-A", "1"), ("X-A", "2")];
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn a_connection_that_is_asked_for() {
        let headers = headers();
        let connect = event(SocketHappening::Connect { headers: &headers, query: "" }, "$connect");
        let expected = json!({
            "headers": {"Host": "h", "X-A": "2"},
            "multiValueHeaders": {"Host": ["h"], "X-A": ["1", "2"]},
            "requestContext": context("CONNECT", "$connect"),
            "isBase64Encoded": false,
        });
        assert_eq!(render(&connect), expected);
        let connect = event(SocketHappening::Connect { headers: &[], query: "a=1&a=2" }, "$connect");
        let shown = render(&connect);
        assert_eq!(shown["queryStringParameters"], json!({"a": "2"}));
        assert_eq!(shown["multiValueQueryStringParameters"], json!({"a": ["1", "2"]}));
    }

    #[test]
    fn a_message() {
        let happening = SocketHappening::Message { id: "BFaVtfGSIAMCKug=", text: "hello" };
        let variables = BTreeMap::from([("table".to_owned(), "orders".to_owned())]);
        let authorizer = json!({"principalId": "me"});
        let message = SocketEvent {
            stage_variables: &variables,
            authorizer: authorizer.as_object(),
            user_agent: Some("curl"),
            ..event(happening, "chat")
        };
        let mut context = context("MESSAGE", "chat");
        context["messageId"] = json!("BFaVtfGSIAMCKug=");
        context["authorizer"] = authorizer.clone();
        context["identity"]["userAgent"] = json!("curl");
        let expected = json!({
            "requestContext": context,
            "stageVariables": {"table": "orders"},
            "body": "hello",
            "isBase64Encoded": false,
        });
        assert_eq!(render(&message), expected);
    }

    #[test]
    fn a_connection_that_ended() {
        let reason = "Client-side close frame status not set";
        let end = event(SocketHappening::Disconnect { status: 1005, reason }, "$disconnect");
        let mut context = context("DISCONNECT", "$disconnect");
        (context["disconnectStatusCode"], context["disconnectReason"]) = (json!(1005), json!(reason));
        let domain = "abcde12345.execute-api.us-east-1.localhost";
        let expected = json!({
            "headers": {"Host": domain, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""},
            "multiValueHeaders": {"Host": [domain], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""]},
            "requestContext": context,
            "isBase64Encoded": false,
        });
        assert_eq!(render(&end), expected);
    }

    #[test]
    fn an_authorizer_is_told_all_of_the_request() {
        let headers = headers();
        let connect = event(SocketHappening::Connect { headers: &headers, query: "" }, "$connect");
        let shown: Value = serde_json::from_slice(&connect.render_for_authorizer("arn:x")).expect("JSON");
        let expected = json!({
            "type": "REQUEST",
            "methodArn": "arn:x",
            "headers": {"Connection": "upgrade", "Host": "h", "X-A": "2"},
            "multiValueHeaders": {"Connection": ["upgrade"], "Host": ["h"], "X-A": ["1", "2"]},
            "queryStringParameters": {},
            "multiValueQueryStringParameters": {},
            "stageVariables": {},
            "requestContext": context("CONNECT", "$connect"),
        });
        assert_eq!(shown, expected);
    }
}
