//! A socket: frames on one side, a session on the other.
//!
//! Messages are read and written side by side, so that a client that does not read what it is sent can be told from one that is
//! silent. How a frame looks, and that pings are answered, is the library's.

use std::time::Duration;

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use hearth_engine::clock::Clock;
use hearth_services::apigateway::v2::{Closing, Connection, Outgoing, Session};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        error::ProtocolError,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use super::{SocketSlot, slot::Upgrade};

type Stream = TokioIo<Upgraded>;
type Socket = WebSocketStream<Stream>;

/// How a socket ended.
enum End {
    /// The client said goodbye: with a status, or without.
    ByClient(Option<CloseFrame>),
    /// It is closed from this side.
    Closed(Closing),
    /// Nobody is there any more.
    Broken,
}

/// For how long a client is waited for that is told to go. It is real time, whatever time the engine's clock makes of it.
const PATIENCE: Duration = Duration::from_secs(5);

impl SocketSlot {
    /// Serves the socket that the connection became, if it did, until it ends or `stop` completes.
    pub(crate) async fn serve(&self, stop: impl Future<Output = ()>) {
        let Some(Upgrade { stream, session, end }) = self.take() else { return };
        let stop = async {
            tokio::select! {
                () = stop => {}
                () = end.reached() => {}
            }
        };
        match stream.await {
            // Boxed, so that connections which become none have no room for it.
            Ok(stream) => Box::pin(serve(TokioIo::new(stream), session, stop)).await,
            Err(error) => tracing::debug!(%error, "a connection broke before it became a socket"),
        }
    }
}

async fn serve(stream: Stream, session: Session, stop: impl Future<Output = ()>) {
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(configuration())).await;
    let (mut sink, mut messages) = socket.split();
    let end = tokio::select! {
        end = read(&mut messages, &session) => end,
        end = write(&mut sink, &session) => end,
        closing = session.over() => End::Closed(closing),
        () = stop => End::Closed(Closing::GOING_AWAY),
    };
    let goodbye = match end {
        End::ByClient(Some(frame)) => {
            session.end(frame.code.into(), &frame.reason);
            None
        }
        End::ByClient(None) => {
            // Source: events as users report them.
            session.end(1005, "Client-side close frame status not set");
            None
        }
        End::Closed(closing) => {
            session.end(closing.status, closing.reason);
            Some(closing)
        }
        End::Broken => return,
    };
    let socket = sink.reunite(messages).expect("they are the two halves of one socket");
    tokio::select! {
        () = part(socket, goodbye) => {}
        () = Clock::real().sleep(PATIENCE) => {}
    }
}

fn configuration() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_frame_size(Some(Connection::FRAME_BYTES))
        .max_message_size(Some(Connection::MESSAGE_BYTES))
        // Each socket has its own, and most of them are idle.
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
}

/// Hands over what the client sends, until it ends.
async fn read(messages: &mut SplitStream<Socket>, session: &Session) -> End {
    loop {
        let message = messages.next().await;
        session.touch();
        match message {
            Some(Ok(Message::Text(text))) => session.receive(text.as_str().to_owned()).await,
            Some(Ok(Message::Binary(_))) => return End::Closed(Closing::BINARY),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(frame))) => return End::ByClient(frame),
            Some(Err(error)) => return End::of(&error),
            None => return End::Broken,
        }
    }
}

/// Sends what is for the client, until that ends.
async fn write(sink: &mut SplitSink<Socket, Message>, session: &Session) -> End {
    loop {
        match session.next().await {
            Outgoing::Message(message) => {
                // What is no text can only be sent as binary.
                let message = match Utf8Bytes::try_from(message.clone()) {
                    Ok(text) => Message::Text(text),
                    Err(_) => Message::Binary(message),
                };
                if let Err(error) = sink.send(message).await {
                    return End::of(&error);
                }
                session.touch();
            }
            Outgoing::Close(closing) => return End::Closed(closing),
        }
    }
}

/// Lets the client know that this is the end, and reads what it still sends: a connection that is closed before would be reset, and
/// the client would not learn why.
async fn part(mut socket: Socket, goodbye: Option<Closing>) {
    let said = match goodbye {
        Some(Closing { status, reason }) => {
            let reason = Utf8Bytes::from_static(reason);
            socket.close(Some(CloseFrame { code: status.into(), reason })).await
        }
        // It is the client that says goodbye, and the library has its answer ready.
        None => socket.flush().await,
    };
    if said.is_err() {
        return;
    }
    while let Some(Ok(_)) = socket.next().await {}
    let mut stream = socket.into_inner();
    if stream.shutdown().await.is_ok() {
        let mut discarded = vec![0; 4 * 1024];
        while let Ok(1..) = stream.read(&mut discarded).await {}
    }
}

impl End {
    fn of(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Self::Closed(Closing::TOO_LARGE),
            Error::Utf8(_) => Self::Closed(Closing::NOT_TEXT),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Broken,
            Error::Protocol(_) => Self::Closed(Closing::PROTOCOL_ERROR),
            _ => Self::Broken,
        }
    }
}
