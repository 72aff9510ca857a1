//! HTTP as it should not be, and as it may be.

use crate::{
    client::{invoke, request},
    world::World,
};

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let world = World::new().await;
    let mut client = world.client().await;
    let line = invoke("hello");
    let pipelined: String = ["1", "2", "3"].map(|event| request(&line, &[], event)).concat();
    client.send(&pipelined).await;
    for expect in ["1", "2", "3"] {
        assert_eq!(client.answer().await.body, expect);
    }
}

#[tokio::test]
async fn an_event_may_come_in_pieces_of_any_size() {
    let world = World::new().await;
    let mut client = world.client().await;
    for byte in request(&invoke("hello"), &[], "[1, 2]").chars() {
        client.send(&byte.to_string()).await;
    }
    assert_eq!(client.answer().await.body, "[1, 2]");

    client.send(&request(&invoke("hello"), &[("transfer-encoding", "chunked")], "")).await;
    client.send("3\r\n[1,\r\n4;ignored=yes\r\n 22]\r\n0\r\ntrailer: yes\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "[1, 22]");
}

#[tokio::test]
async fn a_slow_client_holds_nobody_up() {
    let world = World::new().await;
    let (mut slow, mut slower) = (world.client().await, world.client().await);
    slow.send("POST /2015-03-31/functions/hello/invoc").await;
    slower.send(&request(&invoke("hello"), &[("content-length", "4")], "")).await;
    slower.send("[1").await;
    assert_eq!(world.invoke("hello", &[], "2").await.body, "2");
    slow.send("ations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n3").await;
    assert_eq!(slow.answer().await.body, "3");
    slower.send(",]").await;
    assert_eq!(slower.answer().await.status, 400);
}

#[tokio::test]
async fn a_client_that_gives_up_is_forgotten() {
    let world = World::new().await;
    let mut client = world.client().await;
    client.send(&request(&invoke("hello"), &[("content-length", "100")], "")).await;
    client.send("{").await;
    drop(client);
    assert_eq!(world.invoke("hello", &[], "1").await.body, "1");
    assert_eq!(world.engine.functions()[0].metrics().invocations, 1);
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let world = World::new().await;
    let mut client = world.client().await;
    client.send("POST /2015-03-31/functions/hello/invocations HTTP/1.0\r\ncontent-length: 1\r\n\r\n1").await;
    let answer = client.closed().await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with("\r\n\r\n1"), "{answer}");
}

/// What two servers could read differently must not be read at all.
#[tokio::test]
async fn ambiguous_and_broken_requests_are_refused_and_the_connection_is_closed() {
    let world = World::new().await;
    let check = async |head: &str, status: &str| {
        let mut client = world.client().await;
        client.try_send(&format!("{head}\r\n\r\n1GET /_hearth/health HTTP/1.1\r\n\r\n")).await;
        let answer = client.closed().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head:?}: {answer}");
    };
    let line = format!("{} HTTP/1.1\r\nhost: localhost\r\n", invoke("hello"));
    check(&format!("{line}content-length: 1\r\ncontent-length: 2"), "400").await;
    check(&format!("{line}content-length: 1, 2"), "400").await;
    check(&format!("{line}content-length: +1"), "400").await;
    check(&format!("{line}content-length: -1"), "400").await;
    check(&format!("{line}content-length: 0x1"), "400").await;
    check(&format!("{line}content-length: 99999999999999999999"), "400").await;
    check(&format!("{line}transfer-encoding: gzip"), "400").await;
    check(&format!("{line}transfer-encoding: chunked, identity"), "400").await;
    check(&format!("{line}transfer-encoding : chunked"), "400").await;
    check(&format!("{line}x: a\r\n folded: b"), "400").await;
    check(&format!("{line}x: a\0b"), "400").await;
    check(&format!("{line}: nameless"), "400").await;
    check("no request at all", "400").await;
    check("GET  /_hearth/health HTTP/1.1", "400").await;
    check("GET /_hearth/health HTTP/7.9", "400").await;
    check(&format!("{line}x: {}", "y".repeat(1 << 20)), "431").await;
}

/// The chunks decide, and nothing that follows is read: RFC 9112, section 6.1.
#[tokio::test]
async fn a_chunked_request_with_a_length_is_the_last_of_its_connection() {
    let world = World::new().await;
    let mut client = world.client().await;
    let headers = [("transfer-encoding", "chunked"), ("content-length", "3")];
    client.send(&request(&invoke("hello"), &headers, "")).await;
    client.try_send("1\r\n7\r\n0\r\n\r\nGET /_hearth/health HTTP/1.1\r\n\r\n").await;
    let answer = client.closed().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n7"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let world = World::new().await;
    let mut client = world.client().await;
    client.try_send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert_eq!(client.closed().await, "");
}
