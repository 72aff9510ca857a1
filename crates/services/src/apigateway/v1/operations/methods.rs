//! The operations on methods, and on the answers that they may give.

use std::collections::BTreeMap;

use hearth_model::{identity::Partition, validation::Violation};

use super::resources::no_resource;
use crate::apigateway::v1::{
    PatchOperation, Refusal, RestApis,
    document::{Method, MethodResponse, NewMethod, NewMethodResponse},
    patch::{ALL, Kind, Rules, SET, Words, apply, rule},
    service::Api,
};

const RULES: Rules = Rules {
    input: "updateMethodInput",
    words: Words::Short,
    paths: &[
        rule("/authorizationType", SET, Kind::Text),
        rule("/authorizerId", SET, Kind::Text),
        rule("/apiKeyRequired", SET, Kind::Flag),
        rule("/operationName", SET, Kind::Text),
        rule("/requestValidatorId", SET, Kind::Text),
        rule("/requestParameters/*", ALL, Kind::Flag),
        rule("/requestModels/*", ALL, Kind::Text),
    ],
};

const RESPONSE_RULES: Rules = Rules {
    input: "updateMethodResponseInput",
    words: Words::Short,
    paths: &[rule("/responseParameters/*", ALL, Kind::Flag), rule("/responseModels/*", ALL, Kind::Text)],
};

const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

/// Where a method is: its API, resource and name.
#[derive(Clone, Copy, Debug)]
pub struct MethodPlace<'a> {
    /// The API.
    pub api: &'a str,
    /// The resource's identifier.
    pub resource: &'a str,
    /// `GET` and the like, or `ANY`.
    pub method: &'a str,
}

impl RestApis {
    /// `PutMethod`.
    ///
    /// # Errors
    /// If there is no such resource, it has the method, or what is asked for is not allowed.
    pub fn put_method(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        new: NewMethod,
    ) -> Result<Method, Refusal> {
        let kind = new.authorization_type.ok_or_else(|| Violation::missing("authorizationType"))?;
        if !METHODS.contains(&place.method) {
            let message = format!("Invalid HttpMethod specified. Valid options are {}", METHODS.join(","));
            return Err(Refusal::bad(message));
        }
        let method = Method {
            http_method: place.method.to_owned(),
            authorization_type: kind,
            authorizer_id: new.authorizer_id,
            api_key_required: new.api_key_required,
            request_validator_id: new.request_validator_id,
            operation_name: new.operation_name,
            request_parameters: new.request_parameters,
            request_models: new.request_models,
            method_responses: BTreeMap::new(),
            method_integration: None,
        };
        self.change(partition, |region| {
            let api = region.apis.get_mut(place.api).ok_or_else(no_resource)?;
            api.resource(place.resource)?;
            let method = api.checked(method)?;
            let methods = &mut api.resource_mut(place.resource)?.resource_methods;
            if methods.contains_key(place.method) {
                return Err(Refusal::conflict("Method already exists for this resource"));
            }
            methods.insert(place.method.to_owned(), method.clone());
            Ok(method)
        })
    }

    /// `GetMethod`.
    ///
    /// # Errors
    /// If there is no such method.
    pub fn method(&self, partition: &Partition, place: MethodPlace<'_>) -> Result<Method, Refusal> {
        self.look_at_method(partition, place, |method| Ok(method.clone()))
    }

    /// `UpdateMethod`.
    ///
    /// # Errors
    /// If there is no such method, or it cannot be changed so.
    pub fn update_method(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        operations: &[PatchOperation],
    ) -> Result<Method, Refusal> {
        self.change(partition, |region| {
            let api = region.apis.get_mut(place.api).ok_or_else(no_resource)?;
            let changed = apply(api.method(place)?, operations, &RULES)?;
            let changed = api.checked(changed)?;
            *api.method_mut(place)? = changed.clone();
            Ok(changed)
        })
    }

    /// `DeleteMethod`.
    ///
    /// # Errors
    /// If there is no such method.
    pub fn delete_method(&self, partition: &Partition, place: MethodPlace<'_>) -> Result<(), Refusal> {
        self.change(partition, |region| {
            let api = region.apis.get_mut(place.api).ok_or_else(no_resource)?;
            api.method(place)?;
            api.resource_mut(place.resource)?.resource_methods.remove(place.method);
            Ok(())
        })
    }

    /// `PutMethodResponse`.
    ///
    /// # Errors
    /// If there is no such method, or it has that answer.
    pub fn put_method_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
        new: NewMethodResponse,
    ) -> Result<MethodResponse, Refusal> {
        check_status(status)?;
        self.change_method(partition, place, |method| {
            if method.method_responses.contains_key(status) {
                return Err(Refusal::conflict("Response already exists for this resource"));
            }
            let NewMethodResponse { response_parameters, response_models } = new;
            let response =
                MethodResponse { status_code: status.to_owned(), response_parameters, response_models };
            method.method_responses.insert(status.to_owned(), response.clone());
            Ok(response)
        })
    }

    /// `GetMethodResponse`.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn method_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
    ) -> Result<MethodResponse, Refusal> {
        check_status(status)?;
        self.look_at_method(partition, place, |method| {
            method.method_responses.get(status).cloned().ok_or_else(no_response)
        })
    }

    /// `UpdateMethodResponse`.
    ///
    /// # Errors
    /// If there is no such answer, or it cannot be changed so.
    pub fn update_method_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
        operations: &[PatchOperation],
    ) -> Result<MethodResponse, Refusal> {
        check_status(status)?;
        self.change_method(partition, place, |method| {
            let response = method.method_responses.get_mut(status).ok_or_else(no_response)?;
            *response = apply(response, operations, &RESPONSE_RULES)?;
            Ok(response.clone())
        })
    }

    /// `DeleteMethodResponse`.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn delete_method_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
    ) -> Result<(), Refusal> {
        check_status(status)?;
        self.change_method(partition, place, |method| {
            method.method_responses.remove(status).map(drop).ok_or_else(no_response)
        })
    }

    pub(super) fn look_at_method<R>(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        look: impl FnOnce(&Method) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        self.look(partition, |region| {
            look(region.apis.get(place.api).ok_or_else(no_resource)?.method(place)?)
        })
    }

    pub(super) fn change_method<R>(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        change: impl FnOnce(&mut Method) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        self.change(partition, |region| {
            change(region.apis.get_mut(place.api).ok_or_else(no_resource)?.method_mut(place)?)
        })
    }
}

impl Api {
    fn method(&self, place: MethodPlace<'_>) -> Result<&Method, Refusal> {
        self.resource(place.resource)?.resource_methods.get(place.method).ok_or_else(no_method)
    }

    fn method_mut(&mut self, place: MethodPlace<'_>) -> Result<&mut Method, Refusal> {
        self.resource_mut(place.resource)?.resource_methods.get_mut(place.method).ok_or_else(no_method)
    }

    /// A method that may be one.
    fn checked(&self, mut method: Method) -> Result<Method, Refusal> {
        match &*method.authorization_type {
            "NONE" => method.authorizer_id = None,
            "CUSTOM" => {
                let known = method.authorizer_id.as_ref().is_some_and(|id| self.authorizers.contains_key(id));
                if !known {
                    return Err(Refusal::bad(
                        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS \
                         requires a valid authorizer.",
                    ));
                }
            }
            kind @ ("AWS_IAM" | "COGNITO_USER_POOLS") => {
                let message =
                    format!("Hearth does not support the authorization type {kind}: use NONE or CUSTOM");
                return Err(Refusal::bad(message));
            }
            _ => {
                let message = "Invalid authorization type specified. Valid options are AWS_IAM, NONE, CUSTOM, \
                               COGNITO_USER_POOLS";
                return Err(Refusal::bad(message));
            }
        }
        method.request_validator_id.take_if(|id| id.is_empty());
        if method.request_validator_id.as_ref().is_some_and(|id| !self.validators.contains_key(id)) {
            return Err(Refusal::bad("Invalid Request Validator identifier specified"));
        }
        if let Some(model) = method.request_models.values().find(|name| !self.models.contains_key(*name)) {
            return Err(Refusal::bad(format!("Invalid model identifier specified: {model}")));
        }
        let mut names: Vec<&str> = Vec::new();
        for expression in method.request_parameters.keys() {
            let rest = expression.strip_prefix("method.request.");
            let name = rest.and_then(|rest| rest.split_once('.')).filter(|(kind, name)| {
                ["path", "querystring", "multivaluequerystring", "header", "multivalueheader"].contains(kind)
                    && !name.is_empty()
            });
            let Some((_, name)) = name else {
                return Err(Refusal::bad(format!(
                    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping \
                     expression specified: {expression}]"
                )));
            };
            if names.contains(&name) {
                return Err(Refusal::bad(
                    "Parameter names must be unique across querystring, header and path",
                ));
            }
            names.push(name);
        }
        Ok(method)
    }
}

fn no_method() -> Refusal {
    Refusal::not_found("Invalid Method identifier specified")
}

pub(super) fn no_response() -> Refusal {
    Refusal::not_found("Invalid Response status code specified")
}

pub(super) fn check_status(status: &str) -> Result<(), Refusal> {
    let fits = status.len() == 3
        && status.starts_with(|first| ('1'..='5').contains(&first))
        && status.bytes().all(|byte| byte.is_ascii_digit());
    if fits {
        Ok(())
    } else {
        Err(Violation::new(
            "statusCode",
            status,
            r"Member must satisfy regular expression pattern: [1-5]\d\d",
        )
        .into())
    }
}
