//! Lets the clients of a WebSocket API send each other messages.
//!
//! A client says who it is when it connects, `?name=ada`, learns its address by `{"action": "whoami"}`, and reaches others by
//! `{"action": "say", "to": "ADDRESS", "text": "hello"}`. All else it gets back.

use std::collections::BTreeMap;

use hearth_lambda::{Context, Error, connections, handler};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a WebSocket API tells a function. Of it, what this function looks at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    request_context: RequestContext,
    query_string_parameters: Option<BTreeMap<String, String>>,
    body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    connection_id: String,
    route_key: String,
    disconnect_status_code: Option<u16>,
    disconnect_reason: Option<String>,
}

/// What a client says to another one.
#[derive(Debug, Deserialize)]
struct Saying {
    to: String,
    text: String,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    body: String,
}

fn handle(event: Event, _: &Context) -> Result<Answer, Error> {
    let context = &event.request_context;
    let body = event.body.unwrap_or_default();
    match context.route_key.as_str() {
        "$connect" => Ok(connect(context, event.query_string_parameters.unwrap_or_default())),
        "$disconnect" => {
            let (status, reason) = (context.disconnect_status_code, context.disconnect_reason.as_deref());
            println!(
                "{} left: {} {}",
                context.connection_id,
                status.unwrap_or_default(),
                reason.unwrap_or_default()
            );
            Ok(answer(200, ""))
        }
        "whoami" => Ok(answer(200, &json!({ "address": context.connection_id }).to_string())),
        "say" => say(&context.connection_id, &serde_json::from_str(&body)?),
        _ => Ok(answer(200, &body)),
    }
}

/// Lets in who says its name.
fn connect(context: &RequestContext, query: BTreeMap<String, String>) -> Answer {
    match query.get("name").filter(|name| !name.is_empty()) {
        Some(name) => {
            println!("{} is {name}", context.connection_id);
            answer(200, "")
        }
        None => answer(403, "say who you are: ?name=…"),
    }
}

fn say(from: &str, saying: &Saying) -> Result<Answer, Error> {
    let message = json!({ "from": from, "text": saying.text }).to_string();
    match connections::post(&saying.to, message.as_bytes()) {
        Ok(()) => Ok(answer(200, &json!({ "delivered": true }).to_string())),
        Err(error) if error.error_type() == "GoneException" => {
            Ok(answer(200, &json!({ "delivered": false }).to_string()))
        }
        Err(error) => Err(error),
    }
}

fn answer(status_code: u16, body: &str) -> Answer {
    Answer { status_code, body: body.to_owned() }
}

handler!(handle);

#[cfg(test)]
mod tests {
    use super::*;

    fn event(route: &str, query: &str, body: &str) -> Event {
        let event = format!(
            r#"{{"requestContext":{{"connectionId":"a=","routeKey":"{route}","disconnectStatusCode":1005,"disconnectReason":"gone"}},
                "queryStringParameters":{query},"body":{}}}"#,
            serde_json::Value::from(body)
        );
        serde_json::from_str(&event).unwrap()
    }

    fn check(event: Event, expected: Answer) {
        let context = Context::default();
        assert_eq!(handle(event, &context).unwrap(), expected);
    }

    #[test]
    fn who_says_its_name_is_let_in() {
        check(event("$connect", r#"{"name":"ada"}"#, ""), answer(200, ""));
        check(event("$connect", r#"{"name":""}"#, ""), answer(403, "say who you are: ?name=…"));
        check(event("$connect", "null", ""), answer(403, "say who you are: ?name=…"));
        check(event("$disconnect", "null", ""), answer(200, ""));
    }

    #[test]
    fn clients_learn_their_addresses() {
        check(event("whoami", "null", r#"{"action":"whoami"}"#), answer(200, r#"{"address":"a="}"#));
    }

    #[test]
    fn all_else_comes_back() {
        check(event("$default", "null", "hello"), answer(200, "hello"));
    }
}
