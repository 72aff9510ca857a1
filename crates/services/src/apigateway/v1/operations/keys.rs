//! The operations on API keys.

use hearth_model::identity::Partition;

use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::{ApiKey, NewApiKey},
        names::draw_key,
        patch::{Kind, Rules, SET, Words, apply, rule},
    },
};

const RULES: Rules = Rules {
    input: "updateApiKeyInput",
    words: Words::Short,
    paths: &[
        rule("/name", SET, Kind::Text),
        rule("/description", SET, Kind::Text),
        rule("/customerId", SET, Kind::Text),
        rule("/enabled", SET, Kind::Flag),
    ],
};

/// Which keys a caller wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysRequest {
    /// What their names begin with.
    pub name: Option<String>,
    /// Whose they are, elsewhere.
    pub customer: Option<String>,
    /// Whether their values are shown.
    pub include_values: bool,
    /// Which part of the list.
    pub page: PageRequest,
}

impl RestApis {
    /// `CreateApiKey`.
    ///
    /// # Errors
    /// If there is a key of that value, or it is too short or too long.
    pub fn create_key(&self, partition: &Partition, new: NewApiKey) -> Result<ApiKey, Refusal> {
        if new.value.as_ref().is_some_and(|value| !(20..=128).contains(&value.len())) {
            return Err(Refusal::bad("API Key value should be at least 20 characters and at most 128"));
        }
        let now = self.seconds();
        let key = ApiKey {
            id: random_id(10),
            value: Some(new.value.unwrap_or_else(draw_key)),
            name: new.name,
            customer_id: new.customer_id,
            description: new.description,
            enabled: new.enabled,
            created_date: now,
            last_updated_date: now,
            stage_keys: Vec::new(),
            tags: new.tags,
        };
        self.change(partition, |region| {
            if region.keys.values().any(|known| known.value == key.value) {
                return Err(Refusal::conflict("API Key already exists"));
            }
            region.keys.insert(key.id.clone(), key.clone());
            Ok(key)
        })
    }

    /// `GetApiKeys`, in the order of their identifiers.
    ///
    /// # Errors
    /// If the page is none.
    pub fn keys(&self, partition: &Partition, request: &KeysRequest) -> Result<Page<ApiKey>, Refusal> {
        self.look(partition, |region| {
            let wanted = region.keys.values().filter(|key| {
                let name = key.name.as_deref().unwrap_or_default();
                request.name.as_deref().is_none_or(|prefix| name.starts_with(prefix))
                    && (request.customer.is_none() || key.customer_id == request.customer)
            });
            let page = request.page.of(wanted, |key| key.id.clone())?;
            Ok(page.map(|key| shown(key, request.include_values)))
        })
    }

    /// `GetApiKey`.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn key(&self, partition: &Partition, id: &str, include_value: bool) -> Result<ApiKey, Refusal> {
        self.look(partition, |region| Ok(shown(region.keys.get(id).ok_or_else(no_key)?, include_value)))
    }

    /// `UpdateApiKey`.
    ///
    /// # Errors
    /// If there is no such key, or it cannot be changed so.
    pub fn update_key(
        &self,
        partition: &Partition,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<ApiKey, Refusal> {
        let now = self.seconds();
        self.change(partition, |region| {
            let key = region.keys.get_mut(id).ok_or_else(no_key)?;
            *key = ApiKey { last_updated_date: now, ..apply(key, operations, &RULES)? };
            Ok(shown(key, false))
        })
    }

    /// `DeleteApiKey`; it counts in no usage plan any more.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn delete_key(&self, partition: &Partition, id: &str) -> Result<(), Refusal> {
        self.change(partition, |region| {
            region.keys.remove(id).ok_or_else(no_key)?;
            for plan in region.plans.values_mut() {
                plan.keys.retain(|key| key != id);
            }
            Ok(())
        })?;
        self.forget_usage(id);
        Ok(())
    }
}

fn shown(key: &ApiKey, with_value: bool) -> ApiKey {
    ApiKey { value: key.value.clone().filter(|_| with_value), ..key.clone() }
}

pub(super) fn no_key() -> Refusal {
    Refusal::not_found("Invalid API Key identifier specified")
}
