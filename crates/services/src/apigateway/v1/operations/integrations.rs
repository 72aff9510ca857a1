//! The operations on what serves methods.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use super::methods::{MethodPlace, check_status, no_response};
use crate::apigateway::v1::{
    PatchOperation, Refusal, RestApis,
    document::{Integration, IntegrationKind, IntegrationResponse, NewIntegration, NewIntegrationResponse},
    patch::{ALL, Kind, Rules, SET, Words, apply, rule},
    snapshot::{check_integration, check_response},
};

const RULES: Rules = Rules {
    input: "updateIntegrationInput",
    words: Words::Short,
    paths: &[
        rule("/type", SET, Kind::Text),
        rule("/httpMethod", SET, Kind::Text),
        rule("/uri", SET, Kind::Text),
        rule("/credentials", ALL, Kind::Text),
        rule("/passthroughBehavior", SET, Kind::Text),
        rule("/timeoutInMillis", SET, Kind::Number),
        rule("/cacheNamespace", SET, Kind::Text),
        rule("/requestParameters/*", ALL, Kind::Text),
        rule("/requestTemplates/*", ALL, Kind::Text),
    ],
};

const RESPONSE_RULES: Rules = Rules {
    input: "updateIntegrationResponseInput",
    words: Words::Short,
    paths: &[
        rule("/selectionPattern", SET, Kind::Text),
        rule("/responseParameters/*", ALL, Kind::Text),
        rule("/responseTemplates/*", ALL, Kind::Text),
    ],
};

impl RestApis {
    /// `PutIntegration`.
    ///
    /// # Errors
    /// If there is no such method, or Hearth does not have such an integration.
    pub fn put_integration(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        new: NewIntegration,
    ) -> Result<Integration, Refusal> {
        let kind = kind(new.kind.as_deref())?;
        if new.connection_type.as_deref().is_some_and(|kind| kind != "INTERNET") {
            return Err(Refusal::bad("Hearth does not support the connection type VPC_LINK: use INTERNET"));
        }
        let timeout = new.timeout_in_millis.unwrap_or(29_000);
        let integration = Integration {
            kind,
            http_method: new.http_method,
            uri: new.uri,
            credentials: new.credentials,
            request_parameters: new.request_parameters,
            request_templates: new.request_templates,
            passthrough_behavior: new.passthrough_behavior.unwrap_or_else(|| "WHEN_NO_MATCH".to_owned()),
            timeout_in_millis: u32::try_from(timeout).unwrap_or(u32::MAX),
            cache_namespace: new.cache_namespace.unwrap_or_else(|| place.resource.to_owned()),
            cache_key_parameters: new.cache_key_parameters,
            integration_responses: BTreeMap::new(),
        };
        self.change_method(partition, place, |method| {
            check_integration(&integration)?;
            method.method_integration = Some(integration.clone());
            Ok(integration)
        })
    }

    /// `GetIntegration`.
    ///
    /// # Errors
    /// If there is no such method, or nothing serves it.
    pub fn integration(&self, partition: &Partition, place: MethodPlace<'_>) -> Result<Integration, Refusal> {
        self.look_at_method(partition, place, |method| {
            method.method_integration.clone().ok_or_else(no_integration)
        })
    }

    /// `UpdateIntegration`.
    ///
    /// # Errors
    /// If there is no such integration, or it cannot be changed so.
    pub fn update_integration(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        operations: &[PatchOperation],
    ) -> Result<Integration, Refusal> {
        for operation in operations.iter().filter(|operation| operation.path == "/type") {
            kind(operation.value.as_deref())?;
        }
        self.change_integration(partition, place, |integration| {
            let changed = apply(integration, operations, &RULES)?;
            check_integration(&changed)?;
            *integration = changed.clone();
            Ok(changed)
        })
    }

    /// `DeleteIntegration`.
    ///
    /// # Errors
    /// If there is no such integration.
    pub fn delete_integration(&self, partition: &Partition, place: MethodPlace<'_>) -> Result<(), Refusal> {
        self.change_method(partition, place, |method| {
            method.method_integration.take().map(drop).ok_or_else(no_integration)
        })
    }

    /// `PutIntegrationResponse`, in place of another one of that status.
    ///
    /// # Errors
    /// If there is no such integration, or Hearth cannot make such an answer.
    pub fn put_integration_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
        new: NewIntegrationResponse,
    ) -> Result<IntegrationResponse, Refusal> {
        check_status(status)?;
        self.change_integration(partition, place, |integration| {
            let response = IntegrationResponse {
                status_code: status.to_owned(),
                selection_pattern: new.selection_pattern,
                response_parameters: new.response_parameters,
                response_templates: new.response_templates,
            };
            check_response(&response)?;
            integration.integration_responses.insert(status.to_owned(), response.clone());
            Ok(response)
        })
    }

    /// `GetIntegrationResponse`.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn integration_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
    ) -> Result<IntegrationResponse, Refusal> {
        check_status(status)?;
        let integration = self.integration(partition, place)?;
        integration.integration_responses.get(status).cloned().ok_or_else(no_response)
    }

    /// `UpdateIntegrationResponse`.
    ///
    /// # Errors
    /// If there is no such answer, or it cannot be changed so.
    pub fn update_integration_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
        operations: &[PatchOperation],
    ) -> Result<IntegrationResponse, Refusal> {
        check_status(status)?;
        self.change_integration(partition, place, |integration| {
            let response = integration.integration_responses.get_mut(status).ok_or_else(no_response)?;
            let changed = apply(response, operations, &RESPONSE_RULES)?;
            check_response(&changed)?;
            *response = changed.clone();
            Ok(changed)
        })
    }

    /// `DeleteIntegrationResponse`.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn delete_integration_response(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        status: &str,
    ) -> Result<(), Refusal> {
        check_status(status)?;
        self.change_integration(partition, place, |integration| {
            integration.integration_responses.remove(status).map(drop).ok_or_else(no_response)
        })
    }

    fn change_integration<R>(
        &self,
        partition: &Partition,
        place: MethodPlace<'_>,
        change: impl FnOnce(&mut Integration) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        self.change_method(partition, place, |method| {
            change(method.method_integration.as_mut().ok_or_else(no_integration)?)
        })
    }
}

fn kind(name: Option<&str>) -> Result<IntegrationKind, Refusal> {
    match name {
        Some("AWS_PROXY") => Ok(IntegrationKind::AwsProxy),
        Some("MOCK") => Ok(IntegrationKind::Mock),
        Some(name @ ("AWS" | "HTTP" | "HTTP_PROXY")) => Err(Refusal::bad(format!(
            "Hearth does not support integrations of type '{name}': use AWS_PROXY with a Lambda function, or MOCK"
        ))),
        given => Err(Refusal::Validation(
            format!(
                "1 validation error detected: Value '{}' at 'putIntegrationInput.type' failed to satisfy constraint: Member must \
                 satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
                given.unwrap_or_default()
            )
            .into(),
        )),
    }
}

fn no_integration() -> Refusal {
    Refusal::not_found("Invalid Integration identifier specified")
}
