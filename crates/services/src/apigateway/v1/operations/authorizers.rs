//! The operations on authorizers.

use hearth_model::identity::Partition;

use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::{Authorizer, AuthorizerKind, NewAuthorizer},
        patch::{ALL, Kind, Rules, SET, Words, apply, rule},
        snapshot::check_authorizer,
    },
};

const RULES: Rules = Rules {
    input: "updateAuthorizerInput",
    words: Words::Short,
    paths: &[
        rule("/name", SET, Kind::Text),
        rule("/authType", SET, Kind::Text),
        rule("/authorizerUri", SET, Kind::Text),
        rule("/authorizerCredentials", ALL, Kind::Text),
        rule("/identitySource", ALL, Kind::Text),
        rule("/identityValidationExpression", ALL, Kind::Text),
        rule("/authorizerResultTtlInSeconds", SET, Kind::Number),
    ],
};

impl RestApis {
    /// `CreateAuthorizer`.
    ///
    /// # Errors
    /// If there is no such API, or Hearth does not have such an authorizer.
    pub fn create_authorizer(
        &self,
        partition: &Partition,
        api: &str,
        new: NewAuthorizer,
    ) -> Result<Authorizer, Refusal> {
        let kind = match &*new.kind {
            "TOKEN" => AuthorizerKind::Token,
            "REQUEST" => AuthorizerKind::Request,
            other => {
                let message =
                    format!("Hearth does not support authorizers of type '{other}': use TOKEN or REQUEST");
                return Err(Refusal::bad(message));
            }
        };
        let authorizer = Authorizer {
            id: random_id(6),
            name: new.name,
            kind,
            auth_type: new.auth_type.unwrap_or_else(|| "custom".to_owned()),
            authorizer_uri: new.authorizer_uri.unwrap_or_default(),
            authorizer_credentials: new.authorizer_credentials,
            identity_source: new.identity_source,
            identity_validation_expression: new.identity_validation_expression,
            authorizer_result_ttl_in_seconds: new.authorizer_result_ttl_in_seconds.unwrap_or(300),
        };
        check_authorizer(&authorizer)?;
        self.change_api(partition, api, |api| {
            if api.authorizers.values().any(|known| known.name == authorizer.name) {
                return Err(Refusal::bad("Authorizer name must be unique"));
            }
            api.authorizers.insert(authorizer.id.clone(), authorizer.clone());
            Ok(authorizer)
        })
    }

    /// `GetAuthorizers`, in the order of their identifiers.
    ///
    /// # Errors
    /// If there is no such API, or the page is none.
    pub fn authorizers(
        &self,
        partition: &Partition,
        api: &str,
        page: &PageRequest,
    ) -> Result<Page<Authorizer>, Refusal> {
        self.look_at_api(partition, api, |api| {
            let page = page.of(api.authorizers.values(), |authorizer| authorizer.id.clone())?;
            Ok(page.map(Authorizer::clone))
        })
    }

    /// `GetAuthorizer`.
    ///
    /// # Errors
    /// If there is no such authorizer.
    pub fn authorizer(&self, partition: &Partition, api: &str, id: &str) -> Result<Authorizer, Refusal> {
        self.look_at_api(partition, api, |api| api.authorizers.get(id).cloned().ok_or_else(no_authorizer))
    }

    /// `UpdateAuthorizer`. Callers notice with the next deployment.
    ///
    /// # Errors
    /// If there is no such authorizer, or it cannot be changed so.
    pub fn update_authorizer(
        &self,
        partition: &Partition,
        api: &str,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<Authorizer, Refusal> {
        self.change_api(partition, api, |api| {
            let authorizer = api.authorizers.get_mut(id).ok_or_else(no_authorizer)?;
            let changed = apply(authorizer, operations, &RULES)?;
            check_authorizer(&changed)?;
            *authorizer = changed.clone();
            Ok(changed)
        })
    }

    /// `DeleteAuthorizer`.
    ///
    /// # Errors
    /// If there is no such authorizer, or a method has it.
    pub fn delete_authorizer(&self, partition: &Partition, api: &str, id: &str) -> Result<(), Refusal> {
        self.change_api(partition, api, |api| {
            let mut methods = api.resources.values().flat_map(|resource| resource.resource_methods.values());
            if methods.any(|method| method.authorizer_id.as_deref() == Some(id)) {
                return Err(Refusal::conflict("Authorizer is in use"));
            }
            api.authorizers.remove(id).map(drop).ok_or_else(no_authorizer)
        })
    }
}

fn no_authorizer() -> Refusal {
    Refusal::not_found("Invalid Authorizer identifier specified")
}
