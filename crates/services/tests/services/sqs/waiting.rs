//! Receives that wait.

use hearth_services::sqs::{ReceiveRequest, RefusalKind};
use tokio::{join, task::yield_now};

use super::world::{QueueWorld, bodies, ten};

fn waiting(seconds: i64) -> ReceiveRequest {
    ReceiveRequest { wait_s: Some(seconds), ..ten() }
}

#[tokio::test]
async fn a_receive_waits_for_a_message() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let (received, ()) = join!(world.receive_request(&queue, waiting(20)), async {
        yield_now().await;
        world.send(&queue, "message");
    });
    assert_eq!(bodies(&received.expect("an answer")), ["message"]);
}

#[tokio::test]
async fn a_receive_waits_no_longer_than_it_may() {
    let world = QueueWorld::new();
    let queue = world.create("orders", [("ReceiveMessageWaitTimeSeconds", "5")]);
    let (received, ()) = join!(world.receive_request(&queue, ten()), world.advance(5));
    assert!(received.expect("an answer").is_empty());
}

#[tokio::test]
async fn who_goes_away_loses_no_message() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let mut receive = Box::pin(world.receive_request(&queue, waiting(20)));
    assert!(futures_poll(&mut receive).await);
    world.send(&queue, "message");
    assert_eq!(world.counts(&queue), [0, 1, 0], "it was answered");
    drop(receive);
    assert_eq!(world.counts(&queue), [1, 0, 0]);
    let mut receive = Box::pin(world.receive_request(&queue, waiting(20)));
    let received = (&mut receive).await.expect("an answer");
    assert_eq!(received[0].delivery().receive_count, 1);
}

#[tokio::test]
async fn whose_queue_is_deleted_waits_no_longer() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let (received, ()) = join!(world.receive_request(&queue, waiting(20)), async {
        yield_now().await;
        world.queues.delete_queue(&queue).expect("it is deleted");
    });
    assert_eq!(received.expect_err("it is gone").kind, RefusalKind::QueueDoesNotExist);
}

/// Whether a future is still pending after being polled once.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
    })
    .await
}
