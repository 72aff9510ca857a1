//! The operations on models and request validators.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::{Model, NewModel, NewRequestValidator, RequestValidator},
        patch::{Kind, Rules, SET, Words, apply, rule},
    },
};

const RULES: Rules = Rules {
    input: "updateModelInput",
    words: Words::Long,
    paths: &[rule("/description", SET, Kind::Text), rule("/schema", SET, Kind::Text)],
};

const VALIDATOR_RULES: Rules = Rules {
    input: "updateRequestValidatorInput",
    words: Words::Short,
    paths: &[
        rule("/name", SET, Kind::Text),
        rule("/validateRequestBody", SET, Kind::Flag),
        rule("/validateRequestParameters", SET, Kind::Flag),
    ],
};

/// The models that every API has.
pub(super) fn defaults() -> BTreeMap<String, Model> {
    let model = |name: &str, description: &str, schema: &str| Model {
        id: random_id(6),
        name: name.to_owned(),
        description: Some(description.to_owned()),
        schema: Some(schema.to_owned()),
        content_type: "application/json".to_owned(),
    };
    let models = [
        model(
            "Empty",
            "This is a default empty schema model",
            "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \
             \"object\"\n}",
        ),
        model(
            "Error",
            "This is a default error schema model",
            "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \
             \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}",
        ),
    ];
    models.into_iter().map(|model| (model.name.clone(), model)).collect()
}

impl RestApis {
    /// `CreateModel`. Nothing is validated by it.
    ///
    /// # Errors
    /// If there is no such API, it has a model of this name, or there is no schema.
    pub fn create_model(&self, partition: &Partition, api: &str, new: NewModel) -> Result<Model, Refusal> {
        self.change_api(partition, api, |api| {
            if new.name.is_empty() {
                return Err(Refusal::bad("Model name must be non-empty"));
            }
            if api.models.contains_key(&new.name) {
                return Err(Refusal::conflict("Model name already exists for this REST API"));
            }
            let NewModel { name, description, schema, content_type } = new;
            let model = checked(Model { id: random_id(6), name, description, schema, content_type })?;
            api.models.insert(model.name.clone(), model.clone());
            Ok(model)
        })
    }

    /// `GetModels`, in the order of their names.
    ///
    /// # Errors
    /// If there is no such API, or the page is none.
    pub fn models(
        &self,
        partition: &Partition,
        api: &str,
        page: &PageRequest,
    ) -> Result<Page<Model>, Refusal> {
        self.look_at_api(partition, api, |api| {
            Ok(page.of(api.models.values(), |model| model.name.clone())?.map(Model::clone))
        })
    }

    /// `GetModel`.
    ///
    /// # Errors
    /// If there is no such model.
    pub fn model(&self, partition: &Partition, api: &str, name: &str) -> Result<Model, Refusal> {
        self.look_at_api(partition, api, |api| api.models.get(name).cloned().ok_or_else(|| no_model(name)))
    }

    /// `UpdateModel`.
    ///
    /// # Errors
    /// If there is no such model, or it cannot be changed so.
    pub fn update_model(
        &self,
        partition: &Partition,
        api: &str,
        name: &str,
        operations: &[PatchOperation],
    ) -> Result<Model, Refusal> {
        self.change_api(partition, api, |api| {
            let model = api.models.get_mut(name).ok_or_else(|| no_model(name))?;
            *model = checked(apply(model, operations, &RULES)?)?;
            Ok(model.clone())
        })
    }

    /// `DeleteModel`.
    ///
    /// # Errors
    /// If there is no such model, or a method has it.
    pub fn delete_model(&self, partition: &Partition, api: &str, name: &str) -> Result<(), Refusal> {
        self.change_api(partition, api, |api| {
            for resource in api.resources.values() {
                let mut methods = resource.resource_methods.values();
                let user = methods.find(|method| method.request_models.values().any(|model| model == name));
                if let Some(method) = user {
                    return Err(Refusal::conflict(format!(
                        "Cannot delete model '{name}', is referenced in method request: {}/{}",
                        resource.path, method.http_method
                    )));
                }
            }
            api.models.remove(name).map(drop).ok_or_else(|| no_model(name))
        })
    }

    /// `CreateRequestValidator`.
    ///
    /// # Errors
    /// If there is no such API, or bodies shall be validated, which Hearth does not do.
    pub fn create_validator(
        &self,
        partition: &Partition,
        api: &str,
        new: NewRequestValidator,
    ) -> Result<RequestValidator, Refusal> {
        let validator = RequestValidator {
            id: random_id(6),
            name: new.name,
            validate_request_body: new.validate_request_body,
            validate_request_parameters: new.validate_request_parameters,
        };
        check_validator(&validator)?;
        self.change_api(partition, api, |api| {
            api.validators.insert(validator.id.clone(), validator.clone());
            Ok(validator)
        })
    }

    /// `GetRequestValidators`, in the order of their identifiers.
    ///
    /// # Errors
    /// If there is no such API, or the page is none.
    pub fn validators(
        &self,
        partition: &Partition,
        api: &str,
        page: &PageRequest,
    ) -> Result<Page<RequestValidator>, Refusal> {
        self.look_at_api(partition, api, |api| {
            let page = page.of(api.validators.values(), |validator| validator.id.clone())?;
            Ok(page.map(RequestValidator::clone))
        })
    }

    /// `GetRequestValidator`.
    ///
    /// # Errors
    /// If there is no such validator.
    pub fn validator(&self, partition: &Partition, api: &str, id: &str) -> Result<RequestValidator, Refusal> {
        self.look(partition, |region| {
            let validator = region.apis.get(api).and_then(|api| api.validators.get(id));
            validator.cloned().ok_or_else(no_validator)
        })
    }

    /// `UpdateRequestValidator`.
    ///
    /// # Errors
    /// If there is no such validator, or it cannot be changed so.
    pub fn update_validator(
        &self,
        partition: &Partition,
        api: &str,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<RequestValidator, Refusal> {
        self.change_api(partition, api, |api| {
            let validator = api.validators.get_mut(id).ok_or_else(no_validator)?;
            let changed = apply(validator, operations, &VALIDATOR_RULES)?;
            check_validator(&changed)?;
            *validator = changed.clone();
            Ok(changed)
        })
    }

    /// `DeleteRequestValidator`.
    ///
    /// # Errors
    /// If there is no such validator.
    pub fn delete_validator(&self, partition: &Partition, api: &str, id: &str) -> Result<(), Refusal> {
        self.change_api(partition, api, |api| api.validators.remove(id).map(drop).ok_or_else(no_validator))
    }
}

fn checked(model: Model) -> Result<Model, Refusal> {
    if model.schema.as_deref().is_none_or(str::is_empty) {
        return Err(Refusal::bad("Model schema must have at least 1 property or array items defined"));
    }
    Ok(model)
}

fn check_validator(validator: &RequestValidator) -> Result<(), Refusal> {
    if validator.validate_request_body {
        let message = "Hearth does not support `validateRequestBody`: bodies are not compared with models";
        return Err(Refusal::bad(message));
    }
    Ok(())
}

fn no_model(name: &str) -> Refusal {
    Refusal::not_found(format!("Invalid model name specified: {name}"))
}

fn no_validator() -> Refusal {
    Refusal::not_found("Invalid Request Validator identifier specified")
}
