//! The beginning and the end of a gateway.

use std::{net::SocketAddr, time::Duration};

use hearth_gateway::Listener;
use tokio::net::TcpStream;

use crate::{
    client::{invoke, request},
    world::World,
};

const AN_HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn requests_under_way_are_answered_and_idle_connections_closed() {
    let world = World::with_grace(AN_HOUR).await;
    let (mut busy, mut idle, fresh) = (world.client().await, world.client().await, world.client().await);
    assert_eq!(idle.call(&invoke("hello"), &[], "1").await.body, "1");
    busy.send(&request(&invoke("hello"), &[], "\"wait\"")).await;
    world.waiting.notified().await;
    let (go_on, address) = (world.go_on.clone(), world.address);
    let mut serving = world.stopping();
    assert_eq!(idle.closed().await, "");
    assert_eq!(fresh.closed().await, "");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");

    go_on.notify_one();
    let answer = busy.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "\"wait\""));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(busy.closed().await, "");
    serving.join_next().await.expect("it was serving").expect("it does not panic");
}

#[tokio::test]
async fn what_takes_longer_than_the_grace_is_broken_off() {
    let world = World::with_grace(Duration::ZERO).await;
    let (mut busy, mut stalled) = (world.client().await, world.client().await);
    stalled.send("POST /2015-03-31/functions/hel").await;
    busy.send(&request(&invoke("hello"), &[], "\"wait\"")).await;
    world.waiting.notified().await;
    world.stop().await;
    assert_eq!(busy.closed().await, "");
    assert_eq!(stalled.closed().await, "");
}

#[tokio::test]
async fn nobody_waits_for_those_who_follow() {
    let world = World::with_grace(AN_HOUR).await;
    let mut follower = world.client().await;
    follower.send("GET /_hearth/logs/hello?follow=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(follower.head().await.status, 200);
    world.stop().await;
    assert_eq!(follower.closed().await, "0\r\n\r\n");
}

#[tokio::test]
async fn dropping_the_gateway_breaks_off_everything() {
    let world = World::with_grace(AN_HOUR).await;
    let mut busy = world.client().await;
    busy.send(&request(&invoke("hello"), &[], "\"wait\"")).await;
    world.waiting.notified().await;
    world.abort().await;
    assert_eq!(busy.closed().await, "");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let error = Listener::bind(taken.address()).expect_err("it is taken");
    let port = taken.address().port();
    assert_eq!(
        error.to_string(),
        format!(
            "port {port} of 127.0.0.1 is in use, perhaps by another Hearth: stop that, or choose another port (0 takes \
             a free one)"
        )
    );
}

#[tokio::test]
async fn a_port_of_all_addresses_is_reached_by_loopback() {
    let listener = Listener::bind(SocketAddr::from(([0, 0, 0, 0], 0))).expect("a free port");
    assert_eq!(listener.local_address().to_string(), format!("127.0.0.1:{}", listener.address().port()));
}

#[tokio::test]
async fn who_waits_for_a_message_holds_nobody_up() {
    let world = World::with_grace(AN_HOUR).await;
    let mut waiting = world.client().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let created =
        waiting.call("POST /", &form, "Version=2012-11-05&Action=CreateQueue&QueueName=orders").await;
    assert_eq!(created.status, 200);
    let receive = "Version=2012-11-05&Action=ReceiveMessage&WaitTimeSeconds=20";
    waiting.send(&request("POST /000000000000/orders", &form, receive)).await;
    // The end of the wait is the only thing that is due.
    while world.engine.clock().next_deadline().is_none() {
        tokio::task::yield_now().await;
    }
    let mut serving = world.stopping();
    let answer = waiting.answer().await;
    assert_eq!((answer.status, answer.body.contains("<ReceiveMessageResult")), (200, true));
    serving.join_next().await.expect("it was serving").expect("it does not panic");
}
