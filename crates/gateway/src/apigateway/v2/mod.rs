//! The management API of HTTP APIs and WebSocket APIs: REST-JSON below `/v2`.
//!
//! Source: the API's published model (2018-11-29).

mod api;
mod authorizer;
mod call;
mod deployment;
mod integration;
mod resource;
mod response;
mod route;
mod stage;
mod tags;

use http::{Method, request::Parts};

use self::call::Call;
pub(crate) use self::resource::Resource;
use crate::{
    body::RequestBody,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    rest_json::Answer,
};

/// Answers a request about a resource; `None` if the resource does not take the method.
pub(crate) async fn answer(
    gateway: &Gateway,
    resource: Resource<'_>,
    head: &Parts,
    body: RequestBody,
) -> Option<Answer> {
    let call = match Call::read(gateway, head, body).await {
        Ok(call) => call,
        Err(error) => return Some(Err(error)),
    };
    let answer = match (resource, &head.method) {
        (Resource::Apis, &Method::GET) => api::list(&call),
        (Resource::Apis, &Method::POST) => api::create(&call),
        (Resource::Api(id), &Method::GET) => api::api(&call, id),
        (Resource::Api(id), &Method::PATCH) => api::update(&call, id),
        (Resource::Api(id), &Method::DELETE) => api::delete(&call, id),
        (Resource::Cors(id), &Method::DELETE) => api::delete_cors(&call, id),
        (Resource::Routes(api), &Method::GET) => route::list(&call, api),
        (Resource::Routes(api), &Method::POST) => route::create(&call, api),
        (Resource::Route(api, id), &Method::GET) => route::route(&call, api, id),
        (Resource::Route(api, id), &Method::PATCH) => route::update(&call, api, id),
        (Resource::Route(api, id), &Method::DELETE) => route::delete(&call, api, id),
        (Resource::Responses(api, route), &Method::GET) => response::list(&call, api, route),
        (Resource::Responses(api, route), &Method::POST) => response::create(&call, api, route),
        (Resource::Response(api, route, id), &Method::GET) => response::response(&call, api, route, id),
        (Resource::Response(api, route, id), &Method::PATCH) => response::update(&call, api, route, id),
        (Resource::Response(api, route, id), &Method::DELETE) => response::delete(&call, api, route, id),
        (Resource::Integrations(api), &Method::GET) => integration::list(&call, api),
        (Resource::Integrations(api), &Method::POST) => integration::create(&call, api),
        (Resource::Integration(api, id), &Method::GET) => integration::integration(&call, api, id),
        (Resource::Integration(api, id), &Method::PATCH) => integration::update(&call, api, id),
        (Resource::Integration(api, id), &Method::DELETE) => integration::delete(&call, api, id),
        (Resource::Authorizers(api), &Method::GET) => authorizer::list(&call, api),
        (Resource::Authorizers(api), &Method::POST) => authorizer::create(&call, api),
        (Resource::Authorizer(api, id), &Method::GET) => authorizer::authorizer(&call, api, id),
        (Resource::Authorizer(api, id), &Method::PATCH) => authorizer::update(&call, api, id),
        (Resource::Authorizer(api, id), &Method::DELETE) => authorizer::delete(&call, api, id),
        (Resource::Deployments(api), &Method::GET) => deployment::list(&call, api),
        (Resource::Deployments(api), &Method::POST) => deployment::create(&call, api),
        (Resource::Deployment(api, id), &Method::GET) => deployment::deployment(&call, api, id),
        (Resource::Deployment(api, id), &Method::PATCH) => deployment::update(&call, api, id),
        (Resource::Deployment(api, id), &Method::DELETE) => deployment::delete(&call, api, id),
        (Resource::Stages(api), &Method::GET) => stage::list(&call, api),
        (Resource::Stages(api), &Method::POST) => stage::create(&call, api),
        (Resource::Stage(api, name), &Method::GET) => stage::stage(&call, api, name),
        (Resource::Stage(api, name), &Method::PATCH) => stage::update(&call, api, name),
        (Resource::Stage(api, name), &Method::DELETE) => stage::delete(&call, api, name),
        (Resource::RouteSettings(api, stage, key), &Method::DELETE) => {
            stage::delete_route_settings(&call, api, stage, key)
        }
        (Resource::AuthorizersCache(api, stage), &Method::DELETE) => {
            stage::reset_authorizers(&call, api, stage)
        }
        (Resource::Tags(arn), &Method::GET) => tags::list(&call, arn),
        (Resource::Tags(arn), &Method::POST) => tags::tag(&call, arn),
        (Resource::Tags(arn), &Method::DELETE) => tags::untag(&call, arn),
        (Resource::Absent, _) => {
            let message = format!("Hearth does not have this part of API Gateway: {}", head.uri.path());
            Err(ApiError::new(ErrorCode::NotImplemented, message))
        }
        // A method that the resource does not take.
        _ => return None,
    };
    Some(answer)
}
