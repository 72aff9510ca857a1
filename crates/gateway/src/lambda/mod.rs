//! The Lambda API on the wire, but for `Invoke`: REST-JSON.
//!
//! Source: the API's published model (2015-03-31 and its later dates); recorded answers.

mod absent;
mod aliases;
mod asynchronous;
mod call;
mod code_signing;
mod concurrency;
mod document;
mod event_sources;
mod functions;
mod invoke_async;
mod layers;
mod policy;
mod recursion;
mod resource;
mod runtime;
mod settings;
mod tags;
mod upload;
mod urls;
mod versions;

use http::{Method, request::Parts};

use self::call::Call;
pub(crate) use self::resource::Resource;
use crate::{body::RequestBody, gateway::Gateway, rest_json::Answer};

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
        (Resource::Functions, &Method::GET) => functions::list(&call),
        (Resource::Functions, &Method::POST) => functions::create(call).await,
        (Resource::Function(name), &Method::GET) => functions::function(&call, name),
        (Resource::Function(name), &Method::DELETE) => functions::delete(&call, name),
        (Resource::Configuration(name), &Method::GET) => functions::configuration(&call, name),
        (Resource::Configuration(name), &Method::PUT) => functions::update_configuration(&call, name).await,
        (Resource::Code(name), &Method::PUT) => functions::update_code(call, name).await,
        (Resource::Versions(name), &Method::GET) => versions::list(&call, name),
        (Resource::Versions(name), &Method::POST) => versions::publish(&call, name),
        (Resource::Aliases(name), &Method::GET) => aliases::list(&call, name),
        (Resource::Aliases(name), &Method::POST) => aliases::create(&call, name),
        (Resource::Alias(function, name), &Method::GET) => aliases::alias(&call, function, name),
        (Resource::Alias(function, name), &Method::PUT) => aliases::update(&call, function, name),
        (Resource::Alias(function, name), &Method::DELETE) => aliases::delete(&call, function, name),
        (Resource::Reservation(name), &Method::PUT) => concurrency::reserve(&call, name),
        (Resource::Reservation(name), &Method::DELETE) => concurrency::release(&call, name),
        (Resource::Reserved(name), &Method::GET) => concurrency::reserved(&call, name),
        (Resource::Provisioned(name), &Method::GET) => concurrency::provisioned(&call, name),
        (Resource::Provisioned(name), &Method::PUT) => concurrency::provision(&call, name),
        (Resource::Provisioned(name), &Method::DELETE) => concurrency::unprovision(&call, name),
        (Resource::Asynchronous(name), &Method::GET) => asynchronous::configuration(&call, name),
        (Resource::Asynchronous(name), &Method::PUT) => asynchronous::put(&call, name),
        (Resource::Asynchronous(name), &Method::POST) => asynchronous::update(&call, name),
        (Resource::Asynchronous(name), &Method::DELETE) => asynchronous::delete(&call, name),
        (Resource::AsynchronousList(name), &Method::GET) => asynchronous::list(&call, name),
        (Resource::EventSourceMappings, &Method::GET) => event_sources::list(&call),
        (Resource::EventSourceMappings, &Method::POST) => event_sources::create(&call),
        (Resource::EventSourceMapping(id), &Method::GET) => event_sources::mapping(&call, id),
        (Resource::EventSourceMapping(id), &Method::PUT) => event_sources::update(&call, id),
        (Resource::EventSourceMapping(id), &Method::DELETE) => event_sources::delete(&call, id),
        (Resource::AccountSettings, &Method::GET) => concurrency::account_settings(&call),
        (Resource::Tags(arn), &Method::GET) => tags::list(&call, arn),
        (Resource::Tags(arn), &Method::POST) => tags::tag(&call, arn),
        (Resource::Tags(arn), &Method::DELETE) => tags::untag(&call, arn),
        (Resource::RuntimeManagement(name), &Method::GET) => runtime::management(&call, name),
        (Resource::RuntimeManagement(name), &Method::PUT) => runtime::set(&call, name),
        (Resource::Recursion(name), &Method::GET) => recursion::recursive_loop(&call, name),
        (Resource::Recursion(name), &Method::PUT) => recursion::set(&call, name),
        (Resource::CodeSigning(name), &Method::GET) => code_signing::of_function(&call, name),
        (Resource::CodeSigning(_), &Method::PUT) => code_signing::demand(&call),
        (Resource::CodeSigning(name), &Method::DELETE) => code_signing::release(&call, name),
        (Resource::CodeSigningConfigs, &Method::GET) => code_signing::list(),
        (Resource::CodeSigningConfig(arn), &(Method::GET | Method::PUT | Method::DELETE))
        | (Resource::CodeSigningConfigFunctions(arn), &Method::GET) => code_signing::configuration(arn),
        (Resource::Layers, &Method::GET) => layers::list(&call),
        (Resource::LayerVersions(name), &Method::GET) => layers::versions(&call, name),
        (Resource::LayerVersions(name), &Method::POST) => layers::publish(&call, name).await,
        (Resource::LayerVersion(name, number), &Method::GET) => layers::version(&call, name, number),
        (Resource::LayerVersion(name, number), &Method::DELETE) => layers::delete(&call, name, number),
        (Resource::LayerPolicy(name, number), &Method::GET) => policy::of_layer(&call, name, number),
        (Resource::LayerPolicy(name, number), &Method::POST) => policy::add_to_layer(&call, name, number),
        (Resource::LayerStatement(name, number, statement), &Method::DELETE) => {
            policy::remove_from_layer(&call, name, number, statement)
        }
        (Resource::Policy(name), &Method::GET) => policy::policy(&call, name),
        (Resource::Policy(name), &Method::POST) => policy::add(&call, name),
        (Resource::Statement(name, statement), &Method::DELETE) => policy::remove(&call, name, statement),
        (Resource::Url(name), &Method::GET) => urls::url(&call, name),
        (Resource::Url(name), &Method::POST) => urls::create(&call, name),
        (Resource::Url(name), &Method::PUT) => urls::update(&call, name),
        (Resource::Url(name), &Method::DELETE) => urls::delete(&call, name),
        (Resource::Urls(name), &Method::GET) => urls::list(&call, name),
        (Resource::InvokeAsync(name), &Method::POST) => invoke_async::accept(call, name),
        (Resource::CodeSigningConfigs, &Method::POST) | (Resource::Absent, _) => {
            Err(absent::refusal(&head.method, head.uri.path()))
        }
        // A method that the resource does not take.
        _ => return None,
    };
    Some(answer)
}
