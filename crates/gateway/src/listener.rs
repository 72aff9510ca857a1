//! The port: accepting connections, and ending them in order.

use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use hearth_engine::{
    clock::Clock,
    wire::{self, Endpoint},
    work::{WorkKind, WorkTracker},
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Notify, watch},
};

use crate::{
    connection::{self, Stage},
    entrance::Entrance,
    gateway::Gateway,
    peer::Peer,
};

/// Connections that are open at once. More wait, unaccepted, until one of them ends.
const MAX_CONNECTIONS: usize = 16_384;

/// Connections that the kernel holds for Hearth until it accepts them.
const BACKLOG: u32 = 4_096;

/// How long nothing is accepted when the machine refuses to open another connection, unless one ends before.
const EXHAUSTION_PAUSE: Duration = Duration::from_secs(1);

/// A bound port that nothing is answered on yet: connections wait until [`serve`](Self::serve) is called.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    clock: Clock,
}

/// Why a port can't be used.
#[derive(Debug, Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("port {port} of {host} is in use, perhaps by another Hearth: stop that, or choose another port (0 takes a free one)", port = address.port(), host = address.ip())]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// The system does not allow it.
    #[error("cannot listen on {address}")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Listener {
    /// Takes a port of an address of this machine; port 0 takes a free one.
    ///
    /// # Errors
    /// If somebody else has it, or the system refuses it.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn bind(address: SocketAddr) -> Result<Self, BindError> {
        let bound = Self::listen(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
        match bound {
            Ok((address, socket)) => Ok(Self { socket, address, clock: Clock::real() }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(BindError::InUse { address }),
            Err(source) => Err(BindError::Refused { address, source }),
        }
    }

    /// Takes another clock than the machine's for how long peers are waited for. That is real time otherwise, whatever
    /// time the engine's clock makes of it, since a peer is not emulated.
    #[must_use]
    pub fn timed_by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    fn listen(address: SocketAddr) -> io::Result<TcpListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A port whose last user has just ended is free; on Windows the option means something else.
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    }

    /// The address, with the port that was taken.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address by which programs on this machine reach the port.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        if self.address.ip().is_unspecified() {
            return SocketAddr::from((Ipv4Addr::LOCALHOST, self.address.port()));
        }
        self.address
    }

    /// Answers requests until `stop` completes. Then accepts no more, lets requests that are under way finish within
    /// `grace` of real time, and breaks off those that still run.
    ///
    /// Cancel safe: dropping the future breaks off everything at once.
    pub async fn serve(self, entrance: Arc<Entrance>, stop: impl Future<Output = ()>, grace: Duration) {
        let connections = Connections::new(entrance, self.clock);
        let endpoint: Weak<dyn Endpoint> = Arc::downgrade(&connections) as _;
        connections.entrance.gateway().engine().network().wire.lead_to(endpoint);
        tokio::select! {
            () = connections.accept(self.socket) => {}
            () = stop => {}
        }
        connections.end(grace).await;
    }
}

/// The connections that are open.
struct Connections {
    entrance: Arc<Entrance>,
    /// Its own, not the engine's: an open connection on which nothing is asked is no work. What goes on is told to the same
    /// activity.
    work: WorkTracker,
    /// Dropping it breaks connections off.
    stage: watch::Sender<Stage>,
    ended: Arc<Notify>,
    clock: Clock,
}

impl Connections {
    fn new(entrance: Arc<Entrance>, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            work: WorkTracker::new(entrance.gateway().engine().work().activity().clone()),
            entrance,
            stage: watch::Sender::new(Stage::Serving),
            ended: Arc::default(),
            clock,
        })
    }

    async fn accept(&self, socket: TcpListener) {
        loop {
            while self.work.running() >= MAX_CONNECTIONS {
                self.ended.notified().await;
            }
            match socket.accept().await {
                Ok((stream, peer)) => self.open(stream, peer),
                Err(error) => self.recover(&error).await,
            }
        }
    }

    fn open(&self, stream: TcpStream, peer: SocketAddr) {
        // An answer is written in one piece: waiting for more to send would only delay it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before its first request");
            return;
        }
        let entrance = Arc::clone(&self.entrance);
        let serve = self.serve(stream, Peer::new(peer.ip().to_canonical()), move || entrance.gateway());
        // When something comes from outside depends on the machine. Each request takes its turns.
        self.work.spawn_without_turns(WorkKind::Connection, serve);
    }

    fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Peer,
        gateway: impl Fn() -> Arc<Gateway> + Send + Sync + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let ended = Arc::clone(&self.ended);
        let (stage, clock) = (self.stage.subscribe(), self.clock.clone());
        async move {
            connection::serve(stream, peer, gateway, stage, clock).await;
            ended.notify_one();
        }
    }

    async fn recover(&self, error: &io::Error) {
        match error.kind() {
            // The peer gave up before it was accepted.
            io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted => {}
            // Out of open files or of memory: another connection would end the same way.
            _ => {
                let open = self.work.running();
                tracing::warn!(%error, open, "cannot accept a connection before another one ends; `ulimit -n` may allow more");
                let pause = self.clock.sleep(EXHAUSTION_PAUSE);
                tokio::select! {
                    () = self.ended.notified() => {}
                    () = pause => {}
                }
            }
        }
    }

    async fn end(&self, grace: Duration) {
        self.stage.send_replace(Stage::Draining);
        self.entrance.gateway().end();
        let mut idle = pin!(self.work.idle());
        tokio::select! {
            biased;
            () = idle.as_mut() => return,
            () = self.clock.sleep(grace) => {}
        }
        self.stage.send_replace(Stage::BreakingOff);
        idle.await;
    }
}

impl Endpoint for Connections {
    fn accept(&self, connection: wire::Connection) {
        // What a guest has asked for is never done in a world that it does not belong to.
        let gateway = self.entrance.gateway();
        let peer = Peer::new(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let serve = self.serve(connection, peer, move || Arc::clone(&gateway));
        self.work.spawn(WorkKind::Connection, serve);
    }
}
