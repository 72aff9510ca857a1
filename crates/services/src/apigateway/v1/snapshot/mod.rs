//! APIs as they were when they were deployed: what their documents mean, read once and for all requests.

mod authorizer;
mod expression;
mod integration;
mod response;
mod template;
mod uri;

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::http_route::{RouteKey, RouteTable};

pub(super) use self::{
    authorizer::{AuthorizerRules, check_authorizer},
    expression::Expression,
    integration::{MockAnswer, Serving, check_integration, check_response},
    response::{ErrorResponse, check_gateway_response},
    template::Lookup,
};
use super::{
    Refusal,
    document::{ApiKeySource, Flags, GatewayResponseType, Method, Resource},
    service::Api,
};

/// An API that can be called.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) routes: RouteTable<Arc<Target>>,
    responses: BTreeMap<GatewayResponseType, ErrorResponse>,
    /// The media types of bodies that are binary.
    pub(super) binary_media_types: Vec<String>,
    pub(super) api_key_source: ApiKeySource,
}

/// A method of a resource.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) resource_id: String,
    /// The path of the resource.
    pub(super) path: String,
    /// `GET` and the like, or `ANY`.
    pub(super) method: String,
    pub(super) operation: Option<String>,
    pub(super) authorizer: Option<Arc<AuthorizerRules>>,
    pub(super) needs_key: bool,
    /// What must be in a request.
    pub(super) required: Vec<Expression>,
    pub(super) serving: Serving,
}

impl Snapshot {
    /// An API as it is.
    pub(super) fn of(api: &Api) -> Result<Self, Refusal> {
        let authorizers = api
            .authorizers
            .iter()
            .map(|(id, document)| Ok((id.as_str(), Arc::new(AuthorizerRules::read(document)?))));
        let authorizers = authorizers.collect::<Result<BTreeMap<_, _>, Refusal>>()?;
        let mut routes = RouteTable::new();
        let mut empty = true;
        for resource in api.resources.values() {
            for method in resource.resource_methods.values() {
                let key = RouteKey::parse(&format!("{} {}", method.http_method, resource.path));
                let key = key
                    .map_err(|_| Refusal::bad(format!("The path {} has a variable twice", resource.path)))?;
                routes.insert(key, Arc::new(target(api, resource, method, &authorizers)?));
                empty = false;
            }
        }
        if empty {
            return Err(Refusal::bad("The REST API doesn't contain any methods"));
        }
        let responses = GatewayResponseType::ALL
            .map(|kind| ErrorResponse::read(&api.gateway_response(kind)).map(|response| (kind, response)));
        Ok(Self {
            routes,
            responses: responses.into_iter().collect::<Result<_, _>>()?,
            binary_media_types: api.document.binary_media_types.clone(),
            api_key_source: api.document.api_key_source,
        })
    }

    /// What callers get if something is wrong.
    pub(super) fn response(&self, kind: GatewayResponseType) -> &ErrorResponse {
        self.responses.get(&kind).expect("there is one for each kind")
    }
}

fn target(
    api: &Api,
    resource: &Resource,
    method: &Method,
    authorizers: &BTreeMap<&str, Arc<AuthorizerRules>>,
) -> Result<Target, Refusal> {
    let integration = method.method_integration.as_ref();
    let integration = integration.ok_or_else(|| Refusal::bad("No integration defined for method"))?;
    let validator = method.request_validator_id.as_ref().and_then(|id| api.validators.get(id));
    let validates = validator.is_some_and(|validator| validator.validate_request_parameters);
    let authorizer = method.authorizer_id.as_deref().map(|id| {
        let known = authorizers.get(id).cloned();
        known.ok_or_else(|| Refusal::bad(format!("The authorizer {id} of a method was deleted")))
    });
    Ok(Target {
        resource_id: resource.id.clone(),
        path: resource.path.clone(),
        method: method.http_method.clone(),
        operation: method.operation_name.clone(),
        authorizer: authorizer.transpose()?,
        needs_key: method.api_key_required,
        required: if validates { required(&method.request_parameters)? } else { Vec::new() },
        serving: Serving::read(integration)?,
    })
}

fn required(parameters: &Flags) -> Result<Vec<Expression>, Refusal> {
    let required = parameters.iter().filter(|(_, required)| **required);
    required.map(|(expression, _)| Expression::parse(expression)).collect()
}
