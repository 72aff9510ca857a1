//! HTTP APIs, and API keys of REST APIs.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::{Value, json};

use crate::{
    catalogue::{Catalogue, Things},
    client::Client,
    events::{number, text},
    http::{Answer, Unknown, ask},
    random::Random,
};

/// A client of HTTP APIs, and one of REST APIs.
pub(crate) fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    let v1 = Apis { path: "/restapis", list: "item", id: "id" };
    let v2 = Apis { path: "/v2/apis", list: "items", id: "apiId" };
    [v1, v2].map(|apis| Box::new(Catalogue::new(apis, random.split())) as Box<dyn Client>).into()
}

/// APIs of one of the two versions: where they are, and what members are called.
struct Apis {
    path: &'static str,
    list: &'static str,
    id: &'static str,
}

/// The service is told from others with such paths by what requests are signed for.
const JSON: [&str; 2] = [
    "content-type: application/json",
    "authorization: AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/apigateway/aws4_request, SignedHeaders=host, \
     Signature=0",
];

impl Apis {
    fn is_of_the_second_version(&self) -> bool {
        self.path.starts_with("/v2")
    }

    fn list(&self, server: SocketAddr) -> Result<Vec<Value>, Unknown> {
        let answer = ask(server, &format!("GET {}", self.path), &JSON, b"")?.document();
        Ok(answer[self.list].as_array().cloned().unwrap_or_default())
    }

    fn find(&self, server: SocketAddr, name: &str) -> Result<Option<String>, Unknown> {
        let apis = self.list(server)?;
        Ok(apis.iter().find(|api| api["name"] == name).map(|api| text(&api[self.id])))
    }
}

impl Things for Apis {
    const KIND: &'static str = "APIs";

    fn put(&self, server: SocketAddr, name: &str, _: bool, value: u64) -> Result<Answer, Unknown> {
        let value = value.to_string();
        let Some(id) = self.find(server, name)? else {
            let mut new = json!({ "name": name, "description": value });
            if self.is_of_the_second_version() {
                new["protocolType"] = json!("HTTP");
            }
            return ask(server, &format!("POST {}", self.path), &JSON, new.to_string().as_bytes());
        };
        let patch = if self.is_of_the_second_version() {
            json!({ "description": value })
        } else {
            json!({ "patchOperations": [{ "op": "replace", "path": "/description", "value": value }] })
        };
        ask(server, &format!("PATCH {}/{id}", self.path), &JSON, patch.to_string().as_bytes())
    }

    fn delete(&self, server: SocketAddr, name: &str) -> Result<Answer, Unknown> {
        let id = self.find(server, name)?.expect("it is there");
        ask(server, &format!("DELETE {}/{id}", self.path), &JSON, b"")
    }

    fn all(&self, server: SocketAddr, _: &[String]) -> BTreeMap<String, u64> {
        let apis = self.list(server).expect("it answers");
        apis.iter().map(|api| (text(&api["name"]), number(&api["description"]))).collect()
    }
}
