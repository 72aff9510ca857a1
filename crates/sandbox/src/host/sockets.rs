//! TCP connections of guests to Hearth's own endpoint: by the wire, and not through the kernel.
//!
//! A guest's socket is one of `wasmtime-wasi`'s, whatever it is for: its options are set and read there. Only once it is told to
//! connect to the endpoint is it another one, which is why the functions that have to do with connections are Hearth's own here. Its
//! socket of the machine's then stays what it was.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::Poll,
};

use bytes::Bytes;
use hearth_engine::{
    port::NetworkPolicy,
    wire::{Connection, Wire},
};
use wasmtime::{
    Result, StoreContextMut,
    component::{Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    p2::{
        SocketError,
        bindings::sockets::{
            network::{ErrorCode, IpAddressFamily, IpSocketAddress, Network},
            tcp::{HostTcpSocket, ShutdownType, TcpSocket},
        },
    },
    sockets::WasiSocketsView,
};
use wasmtime_wasi_io::{
    poll::Pollable,
    streams::{DynInputStream, DynOutputStream, InputStream, OutputStream, StreamError, StreamResult},
};

use super::State;

/// The most that a guest reads at once.
const READ_BYTES: usize = 64 * 1024;

/// The ports that clients have when they name none: dynamic ones, as IANA calls them.
const EPHEMERAL_PORTS: std::ops::RangeInclusive<u16> = 49_152..=65_535;

/// A guest's sockets that are connected to the endpoint.
pub(super) struct Wired {
    endpoint: Option<SocketAddr>,
    wire: Wire,
    /// By the socket's number among the guest's resources.
    sockets: HashMap<u32, Socket>,
    next_port: u16,
}

/// A socket that is connected, or about to be.
struct Socket {
    local: SocketAddr,
    /// `None` if it was refused.
    connection: Option<Arc<Connection>>,
    /// Whether the guest has its streams.
    is_connected: bool,
}

type Store<'a> = StoreContextMut<'a, State>;

/// What a function of `wasi:sockets` returns.
type Answer<T> = Result<(Result<T, ErrorCode>,)>;

/// Puts Hearth's own functions in the place of the library's.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.allow_shadowing(true);
    let mut tcp = linker.instance("wasi:sockets/tcp@0.2.12")?;
    tcp.resource("tcp-socket", ResourceType::host::<TcpSocket>(), |mut store: Store<'_>, socket| {
        let state = store.data_mut();
        state.wired.sockets.remove(&socket);
        HostTcpSocket::drop(&mut state.sockets(), Resource::new_own(socket))
    })?;
    tcp.func_wrap("[method]tcp-socket.start-connect", |mut store: Store<'_>, asked| {
        let (socket, network, to): (Resource<TcpSocket>, Resource<Network>, IpSocketAddress) = asked;
        let state = store.data_mut();
        if state.wired.sockets.contains_key(&socket.rep()) {
            return refused(ErrorCode::InvalidState);
        }
        if state.wired.endpoint != Some(to.into()) {
            return answer(state.sockets().start_connect(socket, network, to));
        }
        state.table.get(&network)?;
        answer(start_connect(state, &socket))
    })?;
    tcp.func_wrap(
        "[method]tcp-socket.finish-connect",
        |mut store: Store<'_>, (socket,): (Resource<TcpSocket>,)| {
            let state = store.data_mut();
            match state.wired.sockets.get_mut(&socket.rep()) {
                Some(wired) => answer(wired.finish_connect().and_then(|(input, output)| {
                    Ok((state.table.push_child(input, &socket)?, state.table.push_child(output, &socket)?))
                })),
                None => answer(state.sockets().finish_connect(socket)),
            }
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.local-address",
        |mut store: Store<'_>, (socket,): (Resource<TcpSocket>,)| {
            let state = store.data_mut();
            match state.wired.sockets.get(&socket.rep()) {
                Some(wired) => answer(wired.connected().map(|_| wired.local.into())),
                None => answer(state.sockets().local_address(socket)),
            }
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.remote-address",
        |mut store: Store<'_>, (socket,): (Resource<TcpSocket>,)| {
            let state = store.data_mut();
            match (state.wired.sockets.get(&socket.rep()), state.wired.endpoint) {
                (Some(wired), Some(endpoint)) => answer(wired.connected().map(|_| endpoint.into())),
                _ => answer(state.sockets().remote_address(socket)),
            }
        },
    )?;
    tcp.func_wrap(
        "[method]tcp-socket.shutdown",
        |mut store: Store<'_>, (socket, what): (Resource<TcpSocket>, ShutdownType)| {
            let state = store.data_mut();
            match state.wired.sockets.get(&socket.rep()) {
                Some(wired) => answer(wired.connected().map(|connection| shut_down(connection, what))),
                None => answer(state.sockets().shutdown(socket, what)),
            }
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

fn answer<T>(result: Result<T, SocketError>) -> Answer<T> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(error) => Err(error.downcast()?),
    },))
}

fn refused<T>(code: ErrorCode) -> Answer<T> {
    Ok((Err(code),))
}

fn start_connect(state: &mut State, socket: &Resource<TcpSocket>) -> Result<(), SocketError> {
    let same = || Resource::new_borrow(socket.rep());
    let family = state.sockets().address_family(same()).map_err(SocketError::trap)?;
    // Bound to a port, if the guest has done so.
    let bound = state.sockets().local_address(same()).ok();
    state.wired.start_connect(socket.rep(), family, bound.map(SocketAddr::from))
}

fn shut_down(connection: &Connection, what: ShutdownType) {
    if matches!(what, ShutdownType::Receive | ShutdownType::Both) {
        connection.abandon();
    }
    if matches!(what, ShutdownType::Send | ShutdownType::Both) {
        connection.finish();
    }
}

impl Wired {
    pub(super) fn new(policy: &NetworkPolicy) -> Self {
        Self {
            endpoint: policy.endpoint,
            wire: policy.wire.clone(),
            sockets: HashMap::new(),
            next_port: *EPHEMERAL_PORTS.start(),
        }
    }

    fn start_connect(
        &mut self,
        socket: u32,
        family: IpAddressFamily,
        bound: Option<SocketAddr>,
    ) -> Result<(), SocketError> {
        let endpoint = self.endpoint.ok_or(ErrorCode::AccessDenied)?;
        let fits = match endpoint.ip() {
            IpAddr::V4(_) => family == IpAddressFamily::Ipv4,
            IpAddr::V6(_) => family == IpAddressFamily::Ipv6,
        };
        if !fits {
            return Err(ErrorCode::InvalidArgument.into());
        }
        let port = bound.map_or_else(|| self.ephemeral_port(), |bound| bound.port());
        let connection = self.wire.connect().map(Arc::new);
        let local = SocketAddr::new(endpoint.ip(), port);
        self.sockets.insert(socket, Socket { local, connection, is_connected: false });
        Ok(())
    }

    fn ephemeral_port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = port.checked_add(1).unwrap_or(*EPHEMERAL_PORTS.start());
        port
    }
}

impl Socket {
    fn finish_connect(&mut self) -> Result<(DynInputStream, DynOutputStream), SocketError> {
        if self.is_connected {
            return Err(ErrorCode::NotInProgress.into());
        }
        let connection = self.connection.as_ref().ok_or(ErrorCode::ConnectionRefused)?;
        self.is_connected = true;
        Ok((Box::new(Incoming(Arc::clone(connection))), Box::new(Outgoing(Arc::clone(connection)))))
    }

    fn connected(&self) -> Result<&Connection, SocketError> {
        let connection = self.connection.as_deref().filter(|_| self.is_connected);
        connection.ok_or_else(|| ErrorCode::InvalidState.into())
    }
}

/// What a guest reads of a connection.
struct Incoming(Arc<Connection>);

#[wasmtime_wasi::async_trait]
impl InputStream for Incoming {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        match self.0.try_read(size.min(READ_BYTES)) {
            Poll::Pending => Ok(Bytes::new()),
            Poll::Ready(bytes) if bytes.is_empty() => Err(StreamError::Closed),
            Poll::Ready(bytes) => Ok(bytes),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Incoming {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.0.poll_readable(context)).await;
    }
}

/// What a guest writes to a connection. What is written is under way at once, and there is never anything to flush.
struct Outgoing(Arc<Connection>);

#[wasmtime_wasi::async_trait]
impl OutputStream for Outgoing {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let written = self.0.try_write(&bytes).map_err(|_| StreamError::Closed)?;
        if written < bytes.len() {
            return Err(StreamError::trap("the guest wrote more than there is room for"));
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.check_write().map(drop)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.0.room().map_err(|_| StreamError::Closed)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Outgoing {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.0.poll_writable(context)).await;
    }
}
