//! One connection: HTTP/1.1 with keep-alive, its requests one after the other on the connection's own task.
//!
//! A peer that sends slowly costs a connection and nothing else, because functions are called with whole events; so
//! there is no timeout for reading, and no timer on the warm path. The number of connections is bounded.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::watch};

use crate::gateway::Gateway;

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

/// Answers a connection's requests until the peer closes it or the end comes.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    gateway: Arc<Gateway>,
    mut stage: watch::Receiver<Stage>,
) {
    // An answer is written in one piece: waiting for more to send would only delay it.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before its first request");
        return;
    }
    let (gateway, peer) = (&*gateway, peer.ip().to_canonical());
    let service =
        service_fn(move |request| async move { Ok::<_, Infallible>(gateway.answer(request, peer).await) });
    let mut connection =
        pin!(http1::Builder::new().writev(false).serve_connection(TokioIo::new(stream), service));
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
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
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
