//! TCP to Hearth's own endpoint, as guests see it: the sample `functions/misbehave` connects.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use hearth_engine::{clock::Clock, port::Environment};
use hearth_model::outcome::{Failure, FunctionError};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Function, Listening, context, sandbox};

/// A guest, and the endpoint that it may connect to.
async fn guest() -> (Box<dyn Environment>, Listening) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/misbehave/misbehave.wasm");
    let wasm = std::fs::read(path).unwrap();
    let mut function =
        Function::try_load(&sandbox(), &[("bootstrap.wasm", &wasm)], Clock::real()).await.unwrap();
    let endpoint = Listening::new();
    Arc::make_mut(&mut function.settings).network = endpoint.policy();
    let mut environment = function.provision();
    environment.init().await.unwrap();
    (environment, endpoint)
}

/// What the guest answers who is told to talk to the endpoint, with whatever else the event says.
async fn talk(guest: &mut dyn Environment, mut event: Value) -> Result<Value, Failure> {
    event["action"] = json!("talk");
    event["address"] = json!(Listening::ADDRESS);
    let answer = guest.invoke(Bytes::from(event.to_string()), &context()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

#[tokio::test]
async fn each_side_says_when_it_has_no_more_to_say() {
    let (mut guest, mut endpoint) = guest().await;
    let (answer, asked) =
        tokio::join!(talk(&mut *guest, json!({"text": "What time is it?", "finish": true})), async {
            let mut connection = endpoint.accept().await;
            let mut asked = String::new();
            connection.read_to_string(&mut asked).await.unwrap();
            connection.write_all(b"Late.").await.unwrap();
            asked
        });
    let answer = answer.unwrap();
    assert_eq!((asked.as_str(), &answer["reply"]), ("What time is it?", &json!("Late.")));
    assert_eq!(answer["remote"], json!(Listening::ADDRESS));
    let local: SocketAddr = answer["local"].as_str().unwrap().parse().unwrap();
    assert!(local.ip() == Listening::ADDRESS.ip() && local.port() >= 49_152, "{local}");
}

#[tokio::test]
async fn a_hundred_megabytes_pass_a_little_at_a_time() {
    const BYTES: usize = 100 << 20;
    let (mut guest, mut endpoint) = guest().await;
    let sent = talk(&mut *guest, json!({"text": "", "dots": BYTES, "finish": true}));
    let received = async {
        let (mut connection, mut piece) = (endpoint.accept().await, vec![0; 1 << 20]);
        let (mut all, mut most) = (0, 0);
        loop {
            let bytes = connection.read(&mut piece).await.unwrap();
            if bytes == 0 {
                break (all, most);
            }
            (all, most) = (all + bytes, most.max(bytes));
        }
    };
    let (answer, (all, most)) = tokio::join!(sent, received);
    answer.unwrap();
    assert_eq!(all, BYTES);
    assert!(most <= 64 * 1024, "{most} bytes were under way at once");
}

#[tokio::test]
async fn a_connection_outlives_an_invocation_and_ends_with_its_environment() {
    const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    let (mut guest, mut endpoint) = guest().await;
    let event = || json!({"text": "hello?", "keep": true});
    let (first, mut connection) = tokio::join!(talk(&mut *guest, event()), async {
        let mut connection = endpoint.accept().await;
        connection.write_all(HELLO).await.unwrap();
        connection
    });
    assert_eq!(first.unwrap()["reused"], false);
    let (second, _) = tokio::join!(talk(&mut *guest, event()), connection.write_all(HELLO));
    let second = second.unwrap();
    assert_eq!(second["reused"], true);
    assert!(second["reply"].as_str().unwrap().ends_with("\r\n\r\nhello"), "{second}");

    guest.reset();
    let mut asked = String::new();
    connection.read_to_string(&mut asked).await.unwrap();
    assert_eq!(asked, "hello?hello?", "and no more is to come");
    assert!(connection.write_all(HELLO).await.is_err(), "nobody is there");
}

#[tokio::test]
async fn a_peer_that_goes_away_is_an_error_and_one_that_is_gone_refuses() {
    let (mut guest, mut endpoint) = guest().await;
    let error = |answer: Result<Value, Failure>| match answer {
        Err(Failure::Function(FunctionError { error_type, .. })) => error_type,
        other => panic!("{other:?}"),
    };
    let (broken, ()) = tokio::join!(talk(&mut *guest, json!({"text": "hello", "dots": 1 << 20})), async {
        drop(endpoint.accept().await);
    });
    assert_ne!(error(broken), "connection-refused");
    drop(endpoint);
    assert_eq!(error(talk(&mut *guest, json!({"text": "hello"})).await), "connection-refused");
}
