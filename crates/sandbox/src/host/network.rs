//! What a guest may reach: Hearth's own endpoint on loopback, by a wire, and what the manifest opens.
//!
//! There is no listening. TCP connections to any other address are refused as `access-denied`, and `wasi:http` requests to any other
//! authority as `HTTP-request-denied`.

use std::{io, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use hearth_engine::{activity, clock::Clock, port::NetworkPolicy, work::WorkKind};
use http::HeaderName;
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use wasmtime_wasi::{WasiCtx, sockets::SocketAddrUse};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, WasiBody, WasiHttpHooks, io::TokioIo,
};

use super::names::Known;

/// `wasmtime-wasi`'s part of a store: randomness, terminals and the machine's sockets, which lead to what the manifest opens. `known`
/// are addresses that the guest has looked up.
pub(super) fn wasi(policy: &NetworkPolicy, known: &Known) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    // UDP sockets can be made, because libraries do so when they are imported (the X-Ray SDK), but neither bound nor used.
    let sockets = policy.endpoint.is_some() || !policy.open.is_empty();
    // Which names, `names` decides.
    builder.allow_udp(sockets).allow_ip_name_lookup(!policy.open.is_empty()).allow_tcp(sockets);
    if sockets {
        let (open, known) = (Arc::clone(&policy.open), known.clone());
        builder.socket_addr_check(move |address, usage| {
            let allowed = match usage {
                SocketAddrUse::TcpConnect => {
                    open.iter().any(|open| open.covers(address)) || known.cover(&open, address)
                }
                // What a client binds before it connects: any free port, which by itself reaches nobody.
                SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
                _ => false,
            };
            Box::pin(std::future::ready(allowed))
        });
    }
    builder.build()
}

/// Sends a guest's `wasi:http` requests, if they may go where they go.
pub(super) struct OutboundHttp {
    network: NetworkPolicy,
    clock: Clock,
}

/// The end of a connection, which tells whether the response's body was complete.
type ConnectionEnd = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// Where a request may go.
enum Destination {
    /// To Hearth.
    Endpoint,
    /// To somebody else, whom the manifest allows.
    Beyond { host: String, port: u16 },
}

impl OutboundHttp {
    pub(super) fn new(policy: &NetworkPolicy, clock: Clock) -> Self {
        Self { network: policy.clone(), clock }
    }

    /// Where a request goes, if it may go there.
    fn destination(&self, uri: &http::Uri) -> Result<Destination, Error> {
        let plain = uri.scheme() == Some(&http::uri::Scheme::HTTP);
        let host = uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let port = uri.port_u16().unwrap_or(80);
        if let Some(endpoint) = self.network.endpoint {
            let host_fits = host == "localhost" || host.parse() == Ok(endpoint.ip());
            // The host name of an API, which handlers compute out of `domainName` as they do on AWS: whatever the scheme and the port.
            let is_api = host.ends_with(".localhost") && host.contains(".execute-api.");
            if is_api || plain && host_fits && port == endpoint.port() {
                return Ok(Destination::Endpoint);
            }
        }
        let is_open = match host.parse::<IpAddr>() {
            Ok(address) => self.network.open.iter().any(|open| open.covers((address, port).into())),
            Err(_) => self.network.open.iter().any(|open| open.covers_named(host, port)),
        };
        if plain && is_open {
            Ok(Destination::Beyond { host: host.to_owned(), port })
        } else {
            Err(Error::HttpRequestDenied)
        }
    }
}

impl WasiHttpHooks for OutboundHttp {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        // As the library does by default, but without an allocation, or a copy of the list, for every header.
        static FORBIDDEN: [HeaderName; 9] = DEFAULT_FORBIDDEN_HEADERS;
        FORBIDDEN.contains(name)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _request_end: ConnectionEnd,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, ConnectionEnd), Error>> + Send> {
        let destination = self.destination(request.uri());
        let (wire, clock) = (self.network.wire.clone(), self.clock.clone());
        // Watched, because it runs on a task of its own of which nobody else knows whether it could go on.
        Box::new(self.clock.activity().watch(WorkKind::GuestRequest, async move {
            let options = options.unwrap_or_default();
            match destination? {
                Destination::Endpoint => {
                    let refused = || Error::Connect(io::ErrorKind::ConnectionRefused.into());
                    let connection = wire.connect().ok_or_else(refused)?;
                    send(request, options, &clock, connection).await
                }
                Destination::Beyond { host, port } => {
                    let connected = async { TcpStream::connect((host, port)).await.map_err(Error::Connect) };
                    let limit = options.connect_timeout;
                    let stream = within(limit, &clock, Error::ConnectionTimeout, connected).await?;
                    send(request, options, &clock, stream).await
                }
            }
        }))
    }
}

async fn send(
    mut request: http::Request<WasiBody>,
    options: RequestOptions,
    clock: &Clock,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<(http::Response<WasiBody>, ConnectionEnd), Error> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;

    // Scheme and authority are for proxies; the authority has become the `host` header by now.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(http::Uri::default, http::Uri::from);

    let mut connection = Box::pin(connection);
    let exchange = async {
        let mut response = pin!(sender.send_request(request));
        tokio::select! {
            biased;
            response = &mut response => return response.map_err(Error::from),
            ended = &mut connection => ended.map_err(Error::from)?,
        }
        response.await.map_err(Error::from)
    };
    let response = within(options.first_byte_timeout, clock, Error::ConnectionReadTimeout, exchange).await?;
    // Something goes on from now on, until the guest has been told that there is an answer: at the end of the task that begins the
    // next one, which runs on until it ends. Nobody else has a turn before.
    let telling = clock.activity().begin(WorkKind::GuestRequest);
    let connection = clock.activity().watch(WorkKind::GuestRequest, connection);
    let end: ConnectionEnd = Box::new(async move {
        for _ in 0..2 {
            activity::yield_now().await;
        }
        drop(telling);
        connection.await.map_err(Error::from)
    });
    Ok((response.map(|body| body.map_err(Error::from).boxed_unsync()), end))
}

/// Runs `work`, but no longer than `limit` on Hearth's clock.
async fn within<T>(
    limit: Option<Duration>,
    clock: &Clock,
    late: Error,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else { return work.await };
    tokio::select! {
        biased;
        done = work => done,
        () = clock.sleep(limit) => Err(late),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn requests_go_to_the_endpoint_or_nowhere() {
        let endpoint: SocketAddr = "127.0.0.1:4566".parse().expect("an address");
        let check = |endpoint, uri: &str| {
            let outbound =
                OutboundHttp::new(&NetworkPolicy { endpoint, ..NetworkPolicy::default() }, Clock::real());
            outbound.destination(&uri.parse().expect(uri)).is_ok()
        };
        for uri in [
            "http://127.0.0.1:4566/bucket",
            "http://localhost:4566/",
            "http://abc.execute-api.us-east-1.localhost:4566/prod",
            "https://abc.execute-api.us-east-1.localhost/prod",
        ] {
            assert!(check(Some(endpoint), uri), "{uri}");
            assert!(!check(None, uri), "{uri} without an endpoint");
        }
        for uri in [
            "http://127.0.0.1/",
            "http://127.0.0.1:4567/",
            "https://127.0.0.1:4566/",
            "http://example.com:4566/",
            "http://abc.localhost:4566/",
            "https://abc.execute-api.us-east-1.amazonaws.com/prod",
        ] {
            assert!(!check(Some(endpoint), uri), "{uri}");
        }
    }

    #[test]
    fn what_the_manifest_opens_is_reached_over_plain_http() {
        let open = ["api.example.com:8080", "192.0.2.1:80"].map(|text| text.parse().expect(text));
        let policy = NetworkPolicy { open: Arc::new(open), ..NetworkPolicy::default() };
        let outbound = OutboundHttp::new(&policy, Clock::real());
        let check = |uri: &str| outbound.destination(&uri.parse().expect(uri)).is_ok();
        for uri in ["http://api.example.com:8080/", "http://192.0.2.1/path"] {
            assert!(check(uri), "{uri}");
        }
        for uri in [
            "http://api.example.com/",
            "https://api.example.com:8080/",
            "http://192.0.2.2/",
            "http://localhost:80/",
        ] {
            assert!(!check(uri), "{uri}");
        }
    }
}
