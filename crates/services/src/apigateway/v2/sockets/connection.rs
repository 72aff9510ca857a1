//! One connection.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_model::{
    time::{Instant, Moment, Timestamp},
    websocket::{SocketEvent, SocketHappening},
};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::{Closing, Outgoing, Undelivered, outbox::Outbox};
use crate::apigateway::{
    ApiId,
    v2::{Api, HttpRequest, SocketKey, live::LiveStage},
};

/// A connection of a client to a stage of a WebSocket API.
#[derive(Debug)]
pub struct Connection {
    id: String,
    pub(in crate::apigateway::v2) api: Arc<Api>,
    /// The stage's name; what is there may change.
    stage: String,
    domain: String,
    source: String,
    user_agent: Option<String>,
    connected: Moment,
    /// What the authorizer said of the client.
    pub(super) authorizer: Option<Map<String, Value>>,
    last_active: Mutex<Moment>,
    outbox: Outbox,
    /// Among all connections.
    _room: OwnedSemaphorePermit,
}

/// A connection as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionView {
    /// When the client connected.
    pub connected: Timestamp,
    /// When something went over it last.
    pub last_active: Timestamp,
    /// The address that the client connects from.
    pub source: String,
    /// What the client says that it is.
    pub user_agent: Option<String>,
}

impl Connection {
    /// The largest message, in both directions. Source: quotas of WebSocket APIs.
    pub const MESSAGE_BYTES: usize = 128 * 1024;
    /// The largest frame of a client. Source: quotas of WebSocket APIs.
    pub const FRAME_BYTES: usize = 32 * 1024;
    /// For how long nothing needs to go over a connection. Source: quotas of WebSocket APIs.
    pub const IDLE: Duration = Duration::from_secs(10 * 60);
    /// For how long a connection may be open. Source: quotas of WebSocket APIs.
    pub const DURATION: Duration = Duration::from_secs(2 * 60 * 60);

    pub(super) fn new(
        id: String,
        api: &Arc<Api>,
        stage: &LiveStage,
        request: &HttpRequest<'_>,
        connected: Moment,
        room: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            id,
            api: Arc::clone(api),
            stage: stage.name.clone(),
            domain: request.domain.clone().into_owned(),
            source: request.source.clone().into_owned(),
            user_agent: request.header("user-agent").map(str::to_owned),
            connected,
            authorizer: None,
            last_active: Mutex::new(connected),
            outbox: Outbox::default(),
            _room: room,
        }
    }

    /// What tells it from all others, of every API.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `GetConnection`.
    #[must_use]
    pub fn view(&self) -> ConnectionView {
        ConnectionView {
            connected: self.connected.wall,
            last_active: self.last_active.lock().wall,
            source: self.source.clone(),
            user_agent: self.user_agent.clone(),
        }
    }

    /// `PostToConnection`: sends a message, as soon as those before it are sent.
    ///
    /// # Errors
    /// If it is being closed, or too much waits.
    pub fn post(&self, message: Bytes) -> Result<(), Undelivered> {
        self.outbox.put(message)
    }

    /// `DeleteConnection`, or another reason why it ends, as soon as what waits is sent.
    pub fn close(&self, closing: Closing) {
        self.outbox.close(closing);
    }

    /// Ends it at once, because the client does not read what waits for it.
    pub(super) fn break_off(&self) {
        self.outbox.break_off();
    }

    /// Waits until it is broken off. Cancel safe.
    pub(super) async fn broken_off(&self) {
        self.outbox.broken_off().await;
    }

    /// What is to be sent next, as soon as there is something. Cancel safe.
    pub(super) async fn next(&self) -> Outgoing {
        self.outbox.next().await
    }

    /// Takes note that something went over it.
    pub(super) fn touch(&self, now: Moment) {
        *self.last_active.lock() = now;
    }

    /// When it ends if nothing goes over it until then.
    pub(super) fn expires(&self) -> Instant {
        let idle = self.last_active.lock().instant + Self::IDLE;
        idle.min(self.connected.instant + Self::DURATION)
    }

    /// Whether it leads to a stage of an API.
    pub(in crate::apigateway::v2) fn is_of(&self, api: &ApiId, stage: &str) -> bool {
        self.api.id() == api && self.stage == stage
    }

    /// The stage as it is now; `None` if it is gone.
    pub(super) fn live_stage(&self) -> Option<Arc<LiveStage>> {
        self.api.live().stage(&self.stage).cloned()
    }

    /// The ARN of a route, or of something else at the stage.
    pub(super) fn arn(&self, what: &str) -> String {
        self.api.arn(&[&self.stage, "/", what])
    }

    /// Something that happens at it, as a function is told.
    pub(super) fn event<'a>(
        &'a self,
        stage: &'a LiveStage,
        route: &'a SocketKey,
        happening: SocketHappening<'a>,
        request_id: &'a str,
        received: Moment,
    ) -> SocketEvent<'a> {
        SocketEvent {
            happening,
            route: route.as_str(),
            api: self.api.id().as_str(),
            domain: &self.domain,
            stage: &self.stage,
            stage_variables: &stage.variables,
            connection: &self.id,
            connected: self.connected.wall,
            authorizer: self.authorizer.as_ref(),
            source: &self.source,
            user_agent: self.user_agent.as_deref(),
            request_id,
            received: received.wall,
        }
    }
}
