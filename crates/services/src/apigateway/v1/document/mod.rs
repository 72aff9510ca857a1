//! The documents of the API: what clients create, read and change.
//!
//! API Gateway's resources are documents: clients change them by paths into them, and so their members' names are part of what
//! the service does. They are written down here once, and not again where they are put on the wire. What Hearth does not support
//! is no member, so that a request which has it is refused by its name.

mod api;
mod authorizer;
mod gateway_response;
mod key;
mod method;
mod model;
mod stage;
mod usage_plan;

pub use self::{
    api::{ApiKeySource, EndpointConfiguration, NewRestApi, RestApi},
    authorizer::{Authorizer, AuthorizerKind, NewAuthorizer},
    gateway_response::{GatewayResponse, GatewayResponseType, NewGatewayResponse},
    key::{ApiKey, NewApiKey},
    method::{
        Integration, IntegrationKind, IntegrationResponse, Method, MethodResponse, NewIntegration,
        NewIntegrationResponse, NewMethod, NewMethodResponse, Resource,
    },
    model::{Model, NewModel, NewRequestValidator, RequestValidator},
    stage::{Deployment, MethodSetting, NewDeployment, NewStage, Stage},
    usage_plan::{ApiStage, NewUsagePlan, Throttle, UsagePlan, UsagePlanKey},
};

/// Texts by texts.
pub type Texts = std::collections::BTreeMap<String, String>;
/// Flags by texts.
pub type Flags = std::collections::BTreeMap<String, bool>;
