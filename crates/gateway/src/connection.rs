//! One connection: HTTP/1.1 with keep-alive, its requests one after the other on the connection's own task.
//!
//! A peer that sends slowly holds nobody up, because functions are called with whole events; what it costs is a
//! connection, of which the number is bounded, and for no longer than [`patience`](crate::patience) lasts.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
};

use hearth_engine::clock::Clock;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};

use crate::{
    body::{RequestBody, Underway},
    gateway::Gateway,
    patience::{Busy, Patience, Turn, Watched},
    peer::Peer,
    websocket::SocketSlot,
};

/// How far the end of all connections has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Requests are answered.
    Serving,
    /// The request that is under way is answered, and no other one.
    Draining,
    /// Nothing is answered any more.
    BreakingOff,
}

/// Answers a connection's requests, each by the gateway that there is then, until the peer closes it, is waited for in vain, or the end comes.
pub(crate) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    gateway: impl Fn() -> Arc<Gateway>,
    mut stage: watch::Receiver<Stage>,
    clock: Clock,
) {
    let turn = Arc::<Turn>::default();
    let mut patience = Patience::new(Arc::clone(&turn), clock);
    let stream = Watched::new(TokioIo::new(stream), Arc::clone(&turn));
    let slot = SocketSlot::default();
    let (gateway, peer, turn, becomes) = (&gateway, &peer, &turn, &slot);
    let service = service_fn(move |request: Request<Incoming>| async move {
        let (gateway, busy) = (gateway(), Busy::begin(turn));
        let request = request.map(|body| RequestBody::new(body, Arc::clone(turn)));
        let answer = if gateway.takes_turns(&request) {
            // Boxed, so that those who take none do not carry room for it.
            Box::pin(gateway.answer_in_turn(request, peer, becomes)).await
        } else if gateway.is_durable() {
            // Boxed, so that those who keep nothing do not carry room for it.
            Box::pin(gateway.answer_when_kept(request, peer, becomes)).await
        } else {
            gateway.answer(request, peer, becomes).await
        };
        Ok::<_, Infallible>(answer.map(|body| Underway::new(body, busy)))
    });
    let connection = http1::Builder::new().writev(false).serve_connection(stream, service);
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = reached(&mut stage, Stage::Draining) => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                biased;
                ended = connection => ended,
                () = reached(&mut stage, Stage::BreakingOff) => Ok(()),
            }
        }
        () = &mut patience => {
            tracing::debug!("a connection ended because its peer got nowhere");
            Ok(())
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
    let mut draining = stage.clone();
    tokio::select! {
        () = slot.serve(reached(&mut draining, Stage::Draining)) => {}
        () = reached(&mut stage, Stage::BreakingOff) => {}
    }
}

/// Waits until the end has come as far as `wanted`, or whoever serves is gone. Cancel safe.
async fn reached(stage: &mut watch::Receiver<Stage>, wanted: Stage) {
    let changes = stage.clone();
    // An error means that the sender is gone, with all that it served.
    let mut reached = pin!(stage.wait_for(|stage| *stage >= wanted));
    let mut asked_for: Option<Waker> = None;
    poll_fn(|context| {
        // To ask takes a lock that all connections share; one that is woken for a request does not ask again.
        let is_waiting = asked_for.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if is_waiting && matches!(changes.has_changed(), Ok(false)) {
            return Poll::Pending;
        }
        asked_for = Some(context.waker().clone());
        reached.as_mut().poll(context).map(drop)
    })
    .await;
}
