//! HTTP APIs and WebSocket APIs: routes, what they lead to, who may use them, and the stages where they can be called.
//!
//! An API's parts are what its owner works on; stages have a deployment, a snapshot of all of them. A request meets a stage in
//! a form of its own (`live`), which is made once after each change, so that a request costs the same however many routes
//! there are. What comes of it is in `exchange` for HTTP APIs, and in `sockets` for WebSocket APIs, which have connections.
//!
//! Source: the API's published model (2018-11-29); API Gateway developer guide, "API Gateway HTTP APIs" and "API Gateway
//! WebSocket APIs".

mod api;
mod apis;
mod authorizer;
mod caller;
mod cors;
mod exchange;
mod identity;
mod integration;
mod invocation;
mod jwt;
mod kept;
mod key;
mod keys;
mod live;
mod operations;
mod page;
mod refusal;
mod request;
mod responses;
mod route;
mod settings;
mod sockets;
mod stage;
mod tags;

pub use self::{
    api::Api,
    apis::{Apis, Denial, HttpReply, Place},
    authorizer::{Authorizer, AuthorizerChange, AuthorizerKind, JwtAuthorizer, RequestAuthorizer},
    cors::CorsConfiguration,
    identity::{ContextVariable, IdentitySource},
    integration::{Integration, IntegrationChange, PayloadFormat},
    key::{Key, SocketKey},
    keys::{DocumentSource, KeySet, KeySetError, KeySets},
    page::{Page, PageRequest},
    refusal::Refusal,
    request::HttpRequest,
    route::{Authorization, Route, RouteChange},
    settings::{ApiChange, ApiSettings, ApiView, NewApi, Protocol},
    sockets::{
        Closing, Connection, ConnectionView, Handshake, NoConnection, Outgoing, Session, SocketPlace,
        Undelivered,
    },
    stage::{DeploymentView, RouteSettings, Stage, StageChange},
};
