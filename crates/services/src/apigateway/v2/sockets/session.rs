//! A connection as the one has it that speaks with its client.

use std::sync::Arc;

use bytes::Bytes;
use hearth_engine::{Via, work::WorkKind};
use hearth_model::{
    http_event::{HttpAnswer, ProxyFront},
    websocket::SocketHappening,
};
use tokio::sync::Semaphore;

use super::{Closing, Connection, Outgoing, Undelivered, failure::Failure};
use crate::apigateway::v2::{Apis, SocketKey, apis::request_id, invocation::Invocation, live::LiveRoute};

/// A connection that is open until this is dropped. Then the function of `$disconnect` is told.
#[derive(Debug)]
pub struct Session {
    apis: Arc<Apis>,
    connection: Arc<Connection>,
    /// Permits to handle messages.
    handling: Arc<Semaphore>,
    /// How it ended: the status, and why.
    end: (u16, String),
}

/// How many messages of a connection are handled at once. More are not read until one of them is done.
const HANDLED_AT_ONCE: usize = 64;

/// What is said of a connection that ended without a word.
const BROKEN: u16 = 1006;

impl Session {
    pub(super) fn open(apis: Arc<Apis>, connection: Arc<Connection>) -> Self {
        apis.connections().add(&connection);
        let handling = Arc::new(Semaphore::new(HANDLED_AT_ONCE));
        Self { apis, connection, handling, end: (BROKEN, "Connection closed abnormally".to_owned()) }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Hands over a message of the client. Functions handle messages side by side, as on AWS; if too many are being handled, this
    /// waits.
    pub async fn receive(&self, message: String) {
        let permit = Arc::clone(&self.handling).acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        let (apis, connection) = (Arc::clone(&self.apis), Arc::clone(&self.connection));
        self.apis.engine().work().spawn(WorkKind::SocketEvent, async move {
            apis.handle_message(&connection, &message).await;
            drop(permit);
        });
    }

    /// What is to be sent to the client next, as soon as there is something. Cancel safe.
    pub async fn next(&self) -> Outgoing {
        self.connection.next().await
    }

    /// Waits until the client is to be told to go, whether it reads or not: what functions return for its messages piles up, or
    /// the connection was idle or open for too long. Cancel safe.
    pub async fn over(&self) -> Closing {
        tokio::select! {
            () = self.connection.broken_off() => Closing::SLOW_READER,
            () = self.expired() => Closing::GOING_AWAY,
        }
    }

    /// Takes note that something went over the connection, in either direction.
    pub fn touch(&self) {
        self.connection.touch(self.apis.engine().clock().moment());
    }

    async fn expired(&self) {
        let clock = self.apis.engine().clock();
        loop {
            let deadline = self.connection.expires();
            if clock.now() >= deadline {
                return;
            }
            clock.sleep_until(deadline).await;
        }
    }

    /// Ends it: the status, as RFC 6455 numbers them, and why.
    pub fn end(mut self, status: u16, reason: &str) {
        self.end = (status, reason.to_owned());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let (apis, connection) = (Arc::clone(&self.apis), Arc::clone(&self.connection));
        apis.connections().remove(connection.id());
        connection.close(Closing::GOING_AWAY);
        let (status, reason) = std::mem::take(&mut self.end);
        self.apis.engine().work().spawn(WorkKind::SocketEvent, async move {
            apis.tell_end(&connection, status, &reason).await;
        });
    }
}

impl Apis {
    async fn handle_message(&self, connection: &Connection, message: &str) {
        let request_id = request_id();
        let answer = match self.answer_message(connection, message, &request_id).await {
            Ok(answer) => answer,
            Err(failure) => failure.document(connection.id(), &request_id),
        };
        if !answer.is_empty() && connection.post(answer) == Err(Undelivered::Full) {
            connection.break_off();
        }
    }

    /// What the client gets for a message; nothing if the route is one-way.
    async fn answer_message(
        &self,
        connection: &Connection,
        message: &str,
        request_id: &str,
    ) -> Result<Bytes, Failure> {
        let received = self.engine().clock().moment();
        let stage = connection.live_stage().ok_or(Failure::Forbidden)?;
        let (key, route) = stage.message_route(message).ok_or(Failure::Forbidden)?;
        if !route.admits(received.instant) {
            return Err(Failure::TooManyRequests);
        }
        let id = self::request_id();
        let happening = SocketHappening::Message { id: &id, text: message };
        let event = connection.event(&stage, key, happening, request_id, received).render();
        let trace = self.functions().begin_trace();
        let result = self.invoke_route(connection, route, event, &trace).await?;
        let answer = HttpAnswer::of_proxy_result(&result, ProxyFront::Rest, true).map_err(|error| {
            tracing::warn!(api = %connection.api.id(), route = key.as_str(), %error, "a message was handled with no answer");
            Failure::BadGateway
        })?;
        Ok(if route.is_two_way { answer.body } else { Bytes::new() })
    }

    /// Tells the function of `$disconnect`, if there is one; whatever becomes of that, nobody is left to be told.
    async fn tell_end(&self, connection: &Connection, status: u16, reason: &str) {
        let Some(stage) = connection.live_stage() else { return };
        let Some(route) = stage.socket_route(&SocketKey::Disconnect) else { return };
        let (request_id, received) = (request_id(), self.engine().clock().moment());
        let happening = SocketHappening::Disconnect { status, reason };
        let event = connection.event(&stage, &SocketKey::Disconnect, happening, &request_id, received);
        let trace = self.functions().begin_trace();
        if let Err(failure) = self.invoke_route(connection, route, event.render(), &trace).await {
            tracing::warn!(api = %connection.api.id(), ?failure, "nobody handled the end of a connection");
        }
    }

    /// What the function of a route returns.
    pub(super) async fn invoke_route(
        &self,
        connection: &Connection,
        route: &LiveRoute,
        event: Vec<u8>,
        trace: &str,
    ) -> Result<Bytes, Failure> {
        let integration = route.integration.as_ref().ok_or(Failure::Misconfigured)?;
        let function = integration.function.as_ref().ok_or(Failure::Misconfigured)?;
        let source = (!integration.has_role).then_some(|| connection.arn(&route.key));
        let callee =
            self.callee(connection.api.partition(), function, source, Some(integration.admission.of(0)))?;
        let invocation = Invocation {
            event: Bytes::from(event),
            via: Via::WebSocketApi,
            trace: trace.to_owned(),
            timeout: integration.timeout,
        };
        Ok(self.invoke(&callee, invocation).await?)
    }
}
