//! Peers that keep a connection and get nowhere.

use std::time::Duration;

use hearth_engine::clock::Clock;
use hearth_model::time::Timestamp;

use crate::{
    client::{Client, invoke, request},
    world::World,
};

/// As long as a peer has at least for its next step. It is given up after twice that at the latest.
const PATIENCE: Duration = Duration::from_secs(60);

/// A world in which time passes for peers as the test says.
struct Slow {
    world: World,
    clock: Clock,
}

impl Slow {
    async fn new() -> Self {
        let clock = Clock::frozen(Timestamp::UNIX_EPOCH);
        Self { world: World::timed_by(clock.clone()).await, clock }
    }

    /// Lets time pass, once a connection waits for its peer.
    async fn pass(&self, time: Duration) {
        while self.clock.next_deadline().is_none() {
            tokio::task::yield_now().await;
        }
        self.clock.advance(time).await;
    }

    async fn client(&self) -> Client {
        self.world.client().await
    }
}

#[tokio::test]
async fn a_connection_without_requests_ends() {
    let slow = Slow::new().await;
    let client = slow.client().await;
    slow.pass(PATIENCE * 2).await;
    assert_eq!(client.closed().await, "");

    let mut client = slow.client().await;
    assert_eq!(client.call(&invoke("hello"), &[], "1").await.body, "1");
    slow.pass(PATIENCE * 2).await;
    assert_eq!(client.closed().await, "");
}

#[tokio::test]
async fn a_head_that_trickles_is_not_waited_for() {
    let slow = Slow::new().await;
    let mut client = slow.client().await;
    client.send("GET /_hearth/health HTTP/1.1\r\nhost: localhost\r\n").await;
    slow.pass(PATIENCE / 6).await;
    for _ in 0..11 {
        client.try_send("x: y\r\n").await;
        slow.clock.advance(PATIENCE / 6).await;
    }
    assert_eq!(client.closed().await, "");
}

#[tokio::test]
async fn a_body_that_trickles_is_not_waited_for() {
    let slow = Slow::new().await;
    for headers in [("content-length", "100"), ("transfer-encoding", "chunked")] {
        let mut client = slow.client().await;
        client.send(&request(&invoke("hello"), &[headers], "")).await;
        slow.pass(PATIENCE / 6).await;
        for _ in 0..11 {
            client.try_send("1\r\n1\r\n").await;
            slow.clock.advance(PATIENCE / 6).await;
        }
        assert_eq!(client.closed().await, "");
    }
    assert_eq!(slow.world.engine.functions()[0].metrics().invocations, 0);
}

#[tokio::test]
async fn a_body_that_gets_on_has_all_the_time_that_it_needs() {
    const PIECE: usize = 64 * 1024;
    let slow = Slow::new().await;
    let mut client = slow.client().await;
    let length = (20 * PIECE + 2).to_string();
    client.send(&request(&invoke("hello"), &[("content-length", &length)], "")).await;
    client.send("\"").await;
    for _ in 0..20 {
        client.send(&"x".repeat(PIECE)).await;
        slow.pass(PATIENCE * 9 / 10).await;
    }
    client.send("\"").await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn who_does_not_read_an_answer_does_not_get_the_rest() {
    let slow = Slow::new().await;
    let mut client = slow.client().await;
    let event = format!("\"{}\"", "x".repeat(5 << 20));
    client.send(&request(&invoke("hello"), &[], &event)).await;
    // The answer was begun once the function has run; the rest of it waits for room.
    while slow.world.engine.functions()[0].metrics().invocations == 0 {
        tokio::task::yield_now().await;
    }
    slow.pass(PATIENCE).await;
    slow.clock.advance(PATIENCE).await;
    let received = client.closed().await.len();
    assert!(received < event.len(), "{received} bytes");
}

#[tokio::test]
async fn functions_and_followers_have_all_the_time_that_they_need() {
    const AN_HOUR: Duration = Duration::from_secs(60 * 60);
    let slow = Slow::new().await;
    let (mut waiting, mut follower) = (slow.client().await, slow.client().await);
    waiting.send(&request(&invoke("hello"), &[], "\"wait\"")).await;
    slow.world.waiting.notified().await;
    follower.send("GET /_hearth/logs/hello?follow=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(follower.head().await.status, 200);
    slow.pass(AN_HOUR).await;
    slow.world.go_on.notify_one();
    assert_eq!(waiting.answer().await.body, "\"wait\"");
    follower.text_with("END").await;
}
