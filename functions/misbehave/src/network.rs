//! Sockets, straight on WASI: the standard library has none before `wasm32-wasip2`. Errors have WASI's error code as
//! their type. Requests go the way of all functions.

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use hearth_lambda::{Error, http::Request};
use serde_json::{Value, json};
use wasip2::{
    io::streams::{InputStream, OutputStream},
    sockets::{
        instance_network::instance_network,
        ip_name_lookup::resolve_addresses,
        network::{
            ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
        },
        tcp::{ShutdownType, TcpSocket},
        tcp_create_socket::create_tcp_socket,
        udp::OutgoingDatagram,
        udp_create_socket::create_udp_socket,
    },
};

/// How much of a reply is read.
const REPLY_BYTES: u64 = 64 * 1024;

/// A connection; its streams go before their socket.
struct Connection {
    input: InputStream,
    output: OutputStream,
    socket: TcpSocket,
}

thread_local! {
    static KEPT: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

pub(crate) fn connect(address: &str, text: &str) -> Result<Value, Error> {
    let address = parse(address)?;
    let mut connection = Connection::open(address)?;
    let Connection { input, output, .. } = &mut connection;
    let mut reply = Vec::new();
    if !text.is_empty() {
        output.write_all(text.as_bytes())?;
        Write::flush(output)?;
        input.take(REPLY_BYTES).read_to_end(&mut reply)?;
    }
    Ok(json!({ "connected": address, "reply": String::from_utf8_lossy(&reply) }))
}

pub(crate) fn talk(address: &str, text: &str, dots: usize, finish: bool, keep: bool) -> Result<Value, Error> {
    let kept = KEPT.take().filter(|_| keep);
    let reused = kept.is_some();
    let mut connection = kept.map_or_else(|| Connection::open(parse(address)?), Ok)?;
    let Connection { input, output, socket } = &mut connection;
    output.write_all(text.as_bytes())?;
    io::copy(&mut io::repeat(b'.').take(dots as u64), output)?;
    Write::flush(output)?;
    let mut reply = Vec::new();
    if finish {
        socket.shutdown(ShutdownType::Send).map_err(refused("shut down"))?;
        input.take(REPLY_BYTES).read_to_end(&mut reply)?;
    } else {
        read_response(input, &mut reply)?;
    }
    let [local, remote] = [socket.local_address(), socket.remote_address()];
    let answer = json!({
        "reused": reused,
        "local": local.map(address_of).map_err(refused("tell its address"))?,
        "remote": remote.map(address_of).map_err(refused("tell its peer's address"))?,
        "reply": String::from_utf8_lossy(&reply),
    });
    if keep {
        KEPT.set(Some(connection));
    }
    Ok(answer)
}

/// Reads the head of an HTTP response, and as much of a body as it says.
fn read_response(input: &mut InputStream, reply: &mut Vec<u8>) -> Result<(), Error> {
    while !reply.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        reply.extend(byte);
    }
    let head = String::from_utf8_lossy(reply).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(Ok(0), |length| length.trim().parse())?;
    input.take(length).read_to_end(reply)?;
    Ok(())
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self, Error> {
        let socket = create_tcp_socket(family(address)).map_err(refused("create a TCP socket"))?;
        socket.start_connect(&instance_network(), wire(address)).map_err(refused("connect"))?;
        let (input, output) = loop {
            match socket.finish_connect() {
                Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
                result => break result.map_err(refused("connect"))?,
            }
        };
        Ok(Self { input, output, socket })
    }
}

pub(crate) fn fetch(url: &str) -> Result<Value, Error> {
    let response = Request::new("GET", url).send()?;
    Ok(json!({ "status": response.status, "body": String::from_utf8_lossy(&response.body) }))
}

pub(crate) fn send(address: &str, text: &str) -> Result<Value, Error> {
    let address = parse(address)?;
    let socket = create_udp_socket(family(address)).map_err(refused("create a UDP socket"))?;
    let any = SocketAddr::new(unspecified(address), 0);
    socket.start_bind(&instance_network(), wire(any)).map_err(refused("bind"))?;
    loop {
        match socket.finish_bind() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            result => break result.map_err(refused("bind"))?,
        }
    }
    let (_, outgoing) = socket.stream(None).map_err(refused("send"))?;
    while outgoing.check_send().map_err(refused("send"))? == 0 {
        outgoing.subscribe().block();
    }
    let datagram = OutgoingDatagram { data: text.into(), remote_address: Some(wire(address)) };
    let sent = outgoing.send(&[datagram]).map_err(refused("send"))?;
    Ok(json!({ "sent": sent }))
}

pub(crate) fn listen(address: &str) -> Result<Value, Error> {
    let address = parse(address)?;
    let socket = create_tcp_socket(family(address)).map_err(refused("create a TCP socket"))?;
    socket.start_bind(&instance_network(), wire(address)).map_err(refused("bind"))?;
    loop {
        match socket.finish_bind() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            result => break result.map_err(refused("bind"))?,
        }
    }
    socket.start_listen().map_err(refused("listen"))?;
    loop {
        match socket.finish_listen() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            result => break result.map_err(refused("listen"))?,
        }
    }
    Ok(json!({ "listening": address }))
}

pub(crate) fn resolve(name: &str) -> Result<Value, Error> {
    let lookup = resolve_addresses(&instance_network(), name).map_err(refused("resolve"))?;
    let mut addresses = Vec::new();
    loop {
        match lookup.resolve_next_address() {
            Ok(Some(address)) => addresses.push(ip(address)),
            Ok(None) => return Ok(json!({ "addresses": addresses })),
            Err(ErrorCode::WouldBlock) => lookup.subscribe().block(),
            Err(code) => return Err(refused("resolve")(code)),
        }
    }
}

fn parse(address: &str) -> Result<SocketAddr, Error> {
    address.parse().map_err(|error| Error::new("ValidationError", format!("`{address}`: {error}")))
}

fn refused(what: &'static str) -> impl Fn(ErrorCode) -> Error {
    // The message goes on with the POSIX names of the error.
    move |code| {
        Error::new(
            code.name(),
            format!("cannot {what}: {}", code.message().lines().next().unwrap_or_default()),
        )
    }
}

fn family(address: SocketAddr) -> IpAddressFamily {
    if address.is_ipv4() { IpAddressFamily::Ipv4 } else { IpAddressFamily::Ipv6 }
}

fn unspecified(address: SocketAddr) -> IpAddr {
    if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() }
}

fn wire(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(address) => {
            let [a, b, c, d] = address.ip().octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port: address.port(), address: (a, b, c, d) })
        }
        SocketAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.ip().segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: address.port(),
                flow_info: address.flowinfo(),
                address: (a, b, c, d, e, f, g, h),
                scope_id: address.scope_id(),
            })
        }
    }
}

fn address_of(address: IpSocketAddress) -> SocketAddr {
    match address {
        IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }) => {
            (ip(IpAddress::Ipv4(address)), port).into()
        }
        IpSocketAddress::Ipv6(Ipv6SocketAddress { port, address, .. }) => {
            (ip(IpAddress::Ipv6(address)), port).into()
        }
    }
}

fn ip(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => Ipv4Addr::new(a, b, c, d).into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => Ipv6Addr::new(a, b, c, d, e, f, g, h).into(),
    }
}
