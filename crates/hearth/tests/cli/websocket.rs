//! Routes of a WebSocket API in the manifest, with the sample `chat`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};

use crate::support::{Project, Up, samples};

fn up() -> Up {
    let manifest = samples().join("chat");
    Project::empty().up(&[manifest.to_str().expect("text"), "--ephemeral"])
}

/// A client of the API, which speaks as much of the protocol as it needs.
struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects; the status line of the answer tells whether that went well.
    fn connect(url: &str, query: &str) -> (Self, String) {
        let address = url.strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(address).expect("it listens");
        write!(
            stream,
            "GET /_hearth/websocket{query} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .expect("it is sent");
        let (mut client, mut status) = (Self(BufReader::new(stream)), String::new());
        client.0.read_line(&mut status).expect("a status");
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            client.0.read_line(&mut line).expect("a header");
        }
        (client, status)
    }

    /// Sends a short message in one frame, masked with zeros.
    fn send(&mut self, message: &str) {
        let length = u8::try_from(message.len()).expect("a short message");
        assert!(length < 126);
        let head = [0x81, 0x80 | length, 0, 0, 0, 0];
        self.0.get_mut().write_all(&[&head[..], message.as_bytes()].concat()).expect("it is sent");
    }

    /// Receives a short message in one frame.
    fn receive(&mut self) -> String {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).expect("a frame");
        assert!(head[0] == 0x81 && head[1] < 126, "{head:?}");
        let mut message = vec![0; head[1].into()];
        self.0.read_exact(&mut message).expect("a message");
        String::from_utf8(message).expect("text")
    }

    fn ask(&mut self, message: &Value) -> Value {
        self.send(&message.to_string());
        serde_json::from_str(&self.receive()).expect("JSON")
    }
}

#[test]
fn clients_send_each_other_messages() {
    let up = up();
    assert!(up.ready.contains("Hearth is ready"), "{}", up.ready);
    let (mut ada, status) = Client::connect(&up.url, "?name=ada");
    assert!(status.starts_with("HTTP/1.1 101 "), "{status}");
    up.says(" is ada");
    let (mut bob, _) = Client::connect(&up.url, "?name=bob");
    let address = |client: &mut Client| client.ask(&json!({"action": "whoami"}))["address"].clone();
    let (from, to) = (address(&mut ada), address(&mut bob));
    let said = ada.ask(&json!({"action": "say", "to": to, "text": "tea?"}));
    assert_eq!(said, json!({"delivered": true}));
    let heard: Value = serde_json::from_str(&bob.receive()).expect("JSON");
    assert_eq!(heard, json!({"from": from, "text": "tea?"}));
    ada.send("hello");
    assert_eq!(ada.receive(), "hello");
    drop(bob);
    up.says("left: 1006");
    let said = ada.ask(&json!({"action": "say", "to": to, "text": "tea?"}));
    assert_eq!(said, json!({"delivered": false}));
}

#[test]
fn who_does_not_say_its_name_is_refused() {
    let (_, status) = Client::connect(&up().url, "");
    assert!(status.starts_with("HTTP/1.1 403 "), "{status}");
}

#[test]
fn routes_change_with_the_manifest() {
    let manifest = |routes: &str| {
        format!("[functions.chat]\ncode = \"chat.wasm\"\n[[functions.chat.events]]\nwebsocket = {routes}\n")
    };
    let project = Project::new(&manifest("\"$connect\""));
    project.copy_sample("chat", "chat.wasm");
    let up = project.up(&["--watch", "--json"]);
    let ready: Value = serde_json::from_str(&up.ready).expect("JSON");
    let url = ready["url"].as_str().expect("a URL");
    let socket_url = format!("{}/_hearth/websocket", url.replace("http://", "ws://"));
    let route = json!({"route": "$connect", "url": socket_url, "function": "chat"});
    assert_eq!(ready["routes"], json!([route]));
    project.write_manifest(&manifest("{ routes = [\"$default\"], two_way = true }"));
    up.says("messages of $connect no longer invoke chat");
    let (mut client, status) = Client::connect(url, "");
    assert!(status.starts_with("HTTP/1.1 101 "), "{status}");
    client.send("hello");
    assert_eq!(client.receive(), "hello");
}
