//! Documents of this machine: what issuers of tokens publish.

use std::time::Duration;

use bytes::Bytes;
use hearth_engine::{
    clock::Clock,
    port::BoxFuture,
    work::{WorkKind, WorkTracker},
};
use hearth_services::apigateway::v2::DocumentSource;
use http::{
    Request, StatusCode, Uri,
    header::{ACCEPT, CONNECTION, HOST},
};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::body;

/// Asks over HTTP, each time on a connection of its own. How long another program takes is real time, and something goes on
/// until it has answered.
#[derive(Debug)]
pub(crate) struct Loopback {
    clock: Clock,
    work: WorkTracker,
}

impl Loopback {
    /// What an engine waits for.
    pub(crate) fn new(work: WorkTracker) -> Self {
        Self { clock: Clock::real(), work }
    }
}

/// For how long a document is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest document.
const MOST_BYTES: usize = 1024 * 1024;

impl DocumentSource for Loopback {
    fn document<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Bytes, String>> {
        Box::pin(async move {
            let _busy = self.work.busy_beyond(WorkKind::Document);
            tokio::select! {
                document = ask(url) => document,
                () = self.clock.sleep(PATIENCE) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
            }
        })
    }
}

async fn ask(url: &str) -> Result<Bytes, String> {
    let uri: Uri = url.parse().map_err(|error| format!("it is no URL: {error}"))?;
    let authority = uri.authority().ok_or("it has no host")?;
    // Names below `localhost` are this machine's, whether it resolves them or not.
    let host = if authority.host().ends_with(".localhost") { "localhost" } else { authority.host() };
    let address = (host.trim_matches(['[', ']']), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let request = Request::get(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(HOST, authority.as_str())
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("the answer is {}", response.status()));
        }
        body::read(response.into_body(), MOST_BYTES, true).await.map_err(|error| error.to_string())
    };
    // The connection ends with the exchange, and whatever it says of that is in the exchange as well.
    let (document, _) = tokio::join!(exchange, connection);
    document
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn asked(answer: &'static str) -> Result<Bytes, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serve = async {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut request = vec![0; 1_024];
            let read = stream.read(&mut request).await.expect("a request");
            assert!(request[..read].starts_with(b"GET /a?b HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).await.expect("an answer");
        };
        let source = Loopback::new(WorkTracker::default());
        let url = format!("http://issuer.localhost:{}/a?b", address.port());
        let (document, ()) = tokio::join!(source.document(&url), serve);
        document
    }

    #[tokio::test]
    async fn a_document_is_what_is_answered() {
        let document = asked("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
        assert_eq!(document.as_deref(), Ok(&b"{}"[..]));
        let document = asked("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(document, Err("the answer is 404 Not Found".to_owned()));
        assert!(asked("nonsense").await.is_err());
    }

    #[tokio::test]
    async fn a_url_that_leads_nowhere_is_told() {
        let source = Loopback::new(WorkTracker::default());
        for url in ["http://", "no url", "http://127.0.0.1:1/"] {
            assert!(source.document(url).await.is_err(), "{url}");
        }
    }
}
