//! Who is connected to the town's WebSocket API.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use crate::town::Town;

pub(crate) struct Citizen(WebSocketStream<TcpStream>);

impl Citizen {
    pub(crate) async fn of(town: &Town) -> Self {
        let address = town.address();
        let stream = TcpStream::connect(&address).await.expect("it listens");
        let url = format!("ws://{address}/_hearth/websocket?name=ada");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("a socket");
        Self(socket)
    }

    /// Asks where it lives; false if it was silent for too long and lives here no more.
    pub(crate) async fn ask(&mut self) -> bool {
        if self.0.send(Message::text(r#"{"action":"whoami"}"#)).await.is_err() {
            return false;
        }
        match self.0.next().await {
            Some(Ok(Message::Text(answer))) => {
                assert!(answer.contains("address"), "{answer}");
                true
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => false,
            Some(Ok(other)) => panic!("{other:?}"),
        }
    }

    /// Goes away; the town knows when this returns.
    pub(crate) async fn leave(mut self) {
        self.0.close(None).await.expect("it is said");
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// The status with which the town has closed the connection.
    pub(crate) async fn told_why(mut self) -> u16 {
        match self.0.next().await {
            Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
            other => panic!("not closed, but {other:?}"),
        }
    }
}
