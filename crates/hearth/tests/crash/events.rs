//! Rules of EventBridge, and schedules of EventBridge Scheduler.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::{Value, json};

use crate::{
    catalogue::{Catalogue, Things},
    client::Client,
    http::{Answer, Unknown, ask},
    random::Random,
};

/// A client of rules, and one of schedules.
pub(crate) fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    vec![Box::new(Catalogue::new(Rules, random.split())), Box::new(Catalogue::new(Schedules, random.split()))]
}

struct Rules;

impl Rules {
    fn ask(server: SocketAddr, operation: &str, document: &Value) -> Result<Answer, Unknown> {
        let target = format!("x-amz-target: AWSEvents.{operation}");
        let headers = ["content-type: application/x-amz-json-1.1", &*target];
        ask(server, "POST /", &headers, document.to_string().as_bytes())
    }
}

impl Things for Rules {
    const KIND: &'static str = "rules";

    fn put(&self, server: SocketAddr, name: &str, _: bool, value: u64) -> Result<Answer, Unknown> {
        let rule =
            json!({ "Name": name, "ScheduleExpression": "rate(1 day)", "Description": value.to_string() });
        Self::ask(server, "PutRule", &rule)
    }

    fn delete(&self, server: SocketAddr, name: &str) -> Result<Answer, Unknown> {
        Self::ask(server, "DeleteRule", &json!({ "Name": name }))
    }

    fn all(&self, server: SocketAddr, _: &[String]) -> BTreeMap<String, u64> {
        let answer = Self::ask(server, "ListRules", &json!({})).expect("it answers").document();
        let rules = answer["Rules"].as_array().expect("a list");
        rules.iter().map(|rule| (text(&rule["Name"]), number(&rule["Description"]))).collect()
    }
}

struct Schedules;

impl Schedules {
    fn ask(server: SocketAddr, method: &str, name: &str, document: &str) -> Result<Answer, Unknown> {
        // The service is told from others with such paths by what the request is signed for.
        let signed = "authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/scheduler/aws4_request, \
                      SignedHeaders=host, Signature=0";
        let headers = ["content-type: application/json", signed];
        ask(server, &format!("{method} /schedules/{name}"), &headers, document.as_bytes())
    }
}

impl Things for Schedules {
    const KIND: &'static str = "schedules";

    fn put(&self, server: SocketAddr, name: &str, is_there: bool, value: u64) -> Result<Answer, Unknown> {
        let target = json!({
            "Arn": "arn:aws:sqs:us-east-1:000000000000:nowhere",
            "RoleArn": "arn:aws:iam::000000000000:role/scheduler"
        });
        let schedule = json!({
            "ScheduleExpression": "cron(0 0 1 1 ? 2199)",
            "Description": value.to_string(),
            "FlexibleTimeWindow": { "Mode": "OFF" },
            "Target": target
        });
        let method = if is_there { "PUT" } else { "POST" };
        let answer = Self::ask(server, method, name, &schedule.to_string())?;
        // It may have been made by a request that got no answer.
        if !is_there && answer.status == 409 { self.put(server, name, true, value) } else { Ok(answer) }
    }

    fn delete(&self, server: SocketAddr, name: &str) -> Result<Answer, Unknown> {
        Self::ask(server, "DELETE", name, "")
    }

    fn all(&self, server: SocketAddr, names: &[String]) -> BTreeMap<String, u64> {
        let get = |name: &String| {
            let answer = Self::ask(server, "GET", name, "").expect("it answers");
            (answer.status != 404).then(|| (name.clone(), number(&answer.document()["Description"])))
        };
        names.iter().filter_map(get).collect()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub(crate) fn number(value: &Value) -> u64 {
    text(value).parse().expect("a number")
}
