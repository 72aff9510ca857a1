//! The operations on gateway responses.

use hearth_model::{identity::Partition, validation::one_of};

use super::methods::check_status;
use crate::apigateway::v1::{
    PatchOperation, Refusal, RestApis,
    document::{GatewayResponse, GatewayResponseType, NewGatewayResponse, Texts},
    patch::{ALL, Kind, Rules, SET, Words, apply, rule},
    service::Api,
    snapshot::check_gateway_response,
};

const RULES: Rules = Rules {
    input: "updateGatewayResponseInput",
    words: Words::Short,
    paths: &[
        rule("/statusCode", SET, Kind::Text),
        rule("/responseParameters/*", ALL, Kind::Text),
        rule("/responseTemplates/*", ALL, Kind::Text),
    ],
};

impl RestApis {
    /// `PutGatewayResponse`.
    ///
    /// # Errors
    /// If there is no such API or type, or Hearth cannot make such an answer.
    pub fn put_gateway_response(
        &self,
        partition: &Partition,
        api: &str,
        name: &str,
        new: NewGatewayResponse,
    ) -> Result<GatewayResponse, Refusal> {
        let response_type = response_type(name)?;
        let default = GatewayResponse::default_of(response_type);
        let templates = Some(new.response_templates).filter(|templates| !templates.is_empty());
        let response = GatewayResponse {
            response_type,
            status_code: new.status_code.or(default.status_code),
            response_parameters: new.response_parameters,
            response_templates: templates.unwrap_or(default.response_templates),
            default_response: false,
        };
        check(&response)?;
        self.change_api(partition, api, |api| {
            api.responses.insert(response_type, response.clone());
            Ok(response)
        })
    }

    /// `GetGatewayResponses`: all of them, those that nobody has set too.
    ///
    /// # Errors
    /// If there is no such API.
    pub fn gateway_responses(
        &self,
        partition: &Partition,
        api: &str,
    ) -> Result<Vec<GatewayResponse>, Refusal> {
        self.look_at_api(partition, api, |api| {
            Ok(GatewayResponseType::ALL.map(|kind| api.gateway_response(kind)).into())
        })
    }

    /// `GetGatewayResponse`.
    ///
    /// # Errors
    /// If there is no such API or type.
    pub fn gateway_response(
        &self,
        partition: &Partition,
        api: &str,
        name: &str,
    ) -> Result<GatewayResponse, Refusal> {
        let kind = response_type(name)?;
        self.look_at_api(partition, api, |api| Ok(api.gateway_response(kind)))
    }

    /// `UpdateGatewayResponse`.
    ///
    /// # Errors
    /// If there is no such API or type, or it cannot be changed so.
    pub fn update_gateway_response(
        &self,
        partition: &Partition,
        api: &str,
        name: &str,
        operations: &[PatchOperation],
    ) -> Result<GatewayResponse, Refusal> {
        let kind = response_type(name)?;
        self.change_api(partition, api, |api| {
            let changed = apply(&api.gateway_response(kind), operations, &RULES)?;
            let changed = GatewayResponse { default_response: false, ..changed };
            check(&changed)?;
            api.responses.insert(kind, changed.clone());
            Ok(changed)
        })
    }

    /// `DeleteGatewayResponse`: the default counts again.
    ///
    /// # Errors
    /// If there is no such API or type, or nobody has set it.
    pub fn delete_gateway_response(
        &self,
        partition: &Partition,
        api: &str,
        name: &str,
    ) -> Result<(), Refusal> {
        let kind = response_type(name)?;
        self.change_api(partition, api, |api| {
            let none = || Refusal::not_found("Gateway response type not defined on api");
            api.responses.remove(&kind).map(drop).ok_or_else(none)
        })
    }
}

impl Api {
    /// The response of a type as callers get it: what is set for it, or for all of its class, or else the default.
    pub(in crate::apigateway::v1) fn gateway_response(&self, kind: GatewayResponseType) -> GatewayResponse {
        if let Some(own) = self.responses.get(&kind) {
            return own.clone();
        }
        let default = GatewayResponse::default_of(kind);
        match kind.fallback().and_then(|class| self.responses.get(&class)) {
            Some(class) => GatewayResponse {
                status_code: class.status_code.clone().or(default.status_code),
                response_parameters: class.response_parameters.clone(),
                response_templates: class.response_templates.clone(),
                ..default
            },
            None => default,
        }
    }
}

impl GatewayResponse {
    fn default_of(response_type: GatewayResponseType) -> Self {
        let template = r#"{"message":$context.error.messageString}"#;
        Self {
            response_type,
            status_code: response_type.status().map(|status| status.to_string()),
            response_parameters: Texts::new(),
            response_templates: Texts::from([("application/json".to_owned(), template.to_owned())]),
            default_response: true,
        }
    }
}

fn response_type(name: &str) -> Result<GatewayResponseType, Refusal> {
    Ok(one_of("responseType", name, &GatewayResponseType::ALL, GatewayResponseType::as_str)?)
}

fn check(response: &GatewayResponse) -> Result<(), Refusal> {
    if let Some(status) = &response.status_code {
        check_status(status)?;
    }
    check_gateway_response(response)
}
