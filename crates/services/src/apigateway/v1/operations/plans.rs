//! The operations on usage plans and their keys.

use hearth_model::{identity::Partition, usage::Quota};

use super::keys::no_key;
use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::{ApiKey, ApiStage, NewUsagePlan, UsagePlan, UsagePlanKey},
        patch::{self, Kind, Operation, Rules, SET, Words, apply, rule},
        service::{Plan, Region},
    },
};

const RULES: Rules = Rules {
    input: "updateUsagePlanInput",
    words: Words::Short,
    paths: &[
        rule("/name", SET, Kind::Text),
        rule("/description", SET, Kind::Text),
        rule("/productCode", SET, Kind::Text),
        rule("/throttle", REMOVE, Kind::Text),
        rule("/throttle/rateLimit", PUT, Kind::Number),
        rule("/throttle/burstLimit", PUT, Kind::Number),
        rule("/quota", REMOVE, Kind::Text),
        rule("/quota/limit", PUT, Kind::Number),
        rule("/quota/offset", PUT, Kind::Number),
        rule("/quota/period", PUT, Kind::Text),
    ],
};
const PUT: &[Operation] = &[Operation::Add, Operation::Replace];
const REMOVE: &[Operation] = &[Operation::Remove];

impl RestApis {
    /// `CreateUsagePlan`.
    ///
    /// # Errors
    /// If there is no such stage, or a limit is none.
    pub fn create_plan(&self, partition: &Partition, new: NewUsagePlan) -> Result<UsagePlan, Refusal> {
        if new.name.is_empty() {
            return Err(Refusal::bad("Usage Plan name cannot be blank"));
        }
        let document = UsagePlan {
            id: random_id(6),
            name: new.name,
            description: new.description,
            api_stages: new.api_stages,
            throttle: new.throttle,
            quota: new.quota,
            product_code: None,
            tags: new.tags,
        };
        self.change(partition, |region| {
            region.check_plan(&document)?;
            let plan = Plan { document: document.clone(), keys: Vec::new() };
            region.plans.insert(document.id.clone(), plan);
            Ok(document)
        })
    }

    /// `GetUsagePlans`, in the order of their identifiers; those of a key, if one is given.
    ///
    /// # Errors
    /// If the page is none.
    pub fn plans(
        &self,
        partition: &Partition,
        key: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<UsagePlan>, Refusal> {
        self.look(partition, |region| {
            let plans = region.plans.values();
            let plans = plans.filter(|plan| key.is_none_or(|key| plan.keys.iter().any(|known| known == key)));
            Ok(page.of(plans, |plan| plan.document.id.clone())?.map(|plan| plan.document.clone()))
        })
    }

    /// `GetUsagePlan`.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn plan(&self, partition: &Partition, id: &str) -> Result<UsagePlan, Refusal> {
        self.look(partition, |region| Ok(region.plan(id)?.document.clone()))
    }

    /// `UpdateUsagePlan`.
    ///
    /// # Errors
    /// If there is no such plan or stage, or it cannot be changed so.
    pub fn update_plan(
        &self,
        partition: &Partition,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<UsagePlan, Refusal> {
        self.change(partition, |region| {
            let (stages, others): (Vec<_>, Vec<_>) =
                operations.iter().cloned().partition(|operation| operation.path.starts_with("/apiStages"));
            let mut changed = apply(&region.plan(id)?.document, &others, &RULES)?;
            for (operation, given) in patch::read(&stages, RULES.input)? {
                set_stage(&mut changed.api_stages, operation, given)?;
            }
            region.check_plan(&changed)?;
            region.plan_mut(id)?.document = changed.clone();
            Ok(changed)
        })
    }

    /// `DeleteUsagePlan`.
    ///
    /// # Errors
    /// If there is no such plan, or it has stages.
    pub fn delete_plan(&self, partition: &Partition, id: &str) -> Result<(), Refusal> {
        self.change(partition, |region| {
            if !region.plan(id)?.document.api_stages.is_empty() {
                return Err(Refusal::bad(format!(
                    "Cannot delete Usage Plan {id} until all its stages are removed from it"
                )));
            }
            region.plans.remove(id);
            Ok(())
        })?;
        self.forget_usage(id);
        Ok(())
    }

    /// `CreateUsagePlanKey`: a key counts in a plan from now on.
    ///
    /// # Errors
    /// If there is no such plan or key, or it counts there, or for one of its stages in another plan.
    pub fn add_key_to_plan(
        &self,
        partition: &Partition,
        plan: &str,
        key: &str,
        kind: &str,
    ) -> Result<UsagePlanKey, Refusal> {
        if kind != "API_KEY" {
            return Err(Refusal::bad("Invalid key type specified. Valid options are API_KEY"));
        }
        self.change(partition, |region| {
            let stages = &region.plan(plan)?.document.api_stages;
            let document = region.keys.get(key).ok_or_else(no_key)?.clone();
            let is_same =
                |one: &ApiStage, other: &ApiStage| one.api_id == other.api_id && one.stage == other.stage;
            for other in region.plans.values().filter(|other| other.keys.iter().any(|known| known == key)) {
                let own = other.document.id == plan;
                let shared = |stage: &ApiStage| stages.iter().any(|wanted| is_same(wanted, stage));
                if own || other.document.api_stages.iter().any(shared) {
                    return Err(Refusal::conflict(format!(
                        "Usage Plan {} already has the API key for one of these stages",
                        other.document.id
                    )));
                }
            }
            region.plan_mut(plan)?.keys.push(key.to_owned());
            Ok(plan_key(&document))
        })
    }

    /// `GetUsagePlanKeys`, in the order of the keys' identifiers; those whose names begin so, if that is given.
    ///
    /// # Errors
    /// If there is no such plan, or the page is none.
    pub fn plan_keys(
        &self,
        partition: &Partition,
        plan: &str,
        name: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<UsagePlanKey>, Refusal> {
        self.look(partition, |region| {
            let ids = &region.plan(plan)?.keys;
            let keys = region.keys.values().filter(|key| ids.contains(&key.id)).filter(|key| {
                let own = key.name.as_deref().unwrap_or_default();
                name.is_none_or(|prefix| own.starts_with(prefix))
            });
            Ok(page.of(keys, |key| key.id.clone())?.map(plan_key))
        })
    }

    /// `GetUsagePlanKey`.
    ///
    /// # Errors
    /// If there is no such plan, or it does not have the key.
    pub fn plan_key(&self, partition: &Partition, plan: &str, key: &str) -> Result<UsagePlanKey, Refusal> {
        self.look(partition, |region| {
            let is_known = region.plan(plan)?.keys.iter().any(|known| known == key);
            let document = region.keys.get(key).filter(|_| is_known);
            document.map(plan_key).ok_or_else(no_key)
        })
    }

    /// `DeleteUsagePlanKey`: a key does not count in a plan any more.
    ///
    /// # Errors
    /// If there is no such plan, or it does not have the key.
    pub fn remove_key_from_plan(&self, partition: &Partition, plan: &str, key: &str) -> Result<(), Refusal> {
        self.change(partition, |region| {
            let keys = &mut region.plan_mut(plan)?.keys;
            let position = keys.iter().position(|known| known == key).ok_or_else(no_key)?;
            keys.remove(position);
            Ok(())
        })
    }
}

impl Region {
    pub(in crate::apigateway::v1) fn plan(&self, id: &str) -> Result<&Plan, Refusal> {
        self.plans.get(id).ok_or_else(no_plan)
    }

    fn plan_mut(&mut self, id: &str) -> Result<&mut Plan, Refusal> {
        self.plans.get_mut(id).ok_or_else(no_plan)
    }

    fn check_plan(&self, plan: &UsagePlan) -> Result<(), Refusal> {
        for stage in &plan.api_stages {
            let known = self.apis.get(&stage.api_id).is_some_and(|api| api.stages.contains_key(&stage.stage));
            if !known {
                return Err(Refusal::not_found(format!(
                    "Invalid API Stage {{api: {}, stage: {}}} specified for usageplan {}",
                    stage.api_id, stage.stage, plan.id
                )));
            }
        }
        let throttles =
            plan.api_stages.iter().flat_map(|stage| stage.throttle.values()).chain(&plan.throttle);
        if throttles
            .into_iter()
            .any(|throttle| !(throttle.rate_limit.is_finite() && throttle.rate_limit >= 0.0))
        {
            return Err(Refusal::bad("Usage Plan throttle rate limit must be a number that is not negative"));
        }
        let Some(quota) = plan.quota else { return Ok(()) };
        let most = Quota::most_offset(quota.period);
        if quota.offset > most {
            let message = format!("Usage Plan quota offset must be from 0 to {most} for this period");
            return Err(Refusal::bad(message));
        }
        if quota.limit == 0 {
            return Err(Refusal::bad("Usage Plan quota limit must be a positive number"));
        }
        Ok(())
    }
}

/// Changes the stages of a plan: `/apiStages` with `{api}:{stage}` as value, or a throttle of one of their methods, below
/// `/apiStages/{api}:{stage}/throttle`.
fn set_stage(
    stages: &mut Vec<ApiStage>,
    operation: Operation,
    given: &PatchOperation,
) -> Result<(), Refusal> {
    let invalid = || Refusal::bad(format!("Invalid patch path {}", given.path));
    let segments = patch::segments(&given.path);
    let name = match &*segments {
        [_] => given.text()?,
        [_, name, ..] => name.as_str(),
        [] => return Err(invalid()),
    };
    let (api, stage) = name.split_once(':').ok_or_else(|| {
        Refusal::bad(format!(
            "Invalid API stage '{name}': it must be the API's identifier, a colon and the stage"
        ))
    })?;
    let position = stages.iter().position(|known| known.api_id == api && known.stage == stage);
    match (&segments[1..], operation, position) {
        ([], Operation::Add, None) => {
            let (api_id, stage) = (api.to_owned(), stage.to_owned());
            stages.push(ApiStage { api_id, stage, throttle: std::collections::BTreeMap::new() });
        }
        ([], Operation::Remove, Some(position)) => drop(stages.remove(position)),
        ([_, throttle, path, method], Operation::Remove, Some(position)) if throttle == "throttle" => {
            stages[position].throttle.remove(&format!("{path}/{method}"));
        }
        ([_, throttle, path, method, limit], Operation::Add | Operation::Replace, Some(position))
            if throttle == "throttle" =>
        {
            let text = given.text()?;
            let wrong =
                || Refusal::bad(format!("Invalid value '{text}' for {}: it must be a number", given.path));
            let own = stages[position].throttle.entry(format!("{path}/{method}")).or_default();
            match &**limit {
                "rateLimit" => own.rate_limit = text.parse().map_err(|_| wrong())?,
                "burstLimit" => own.burst_limit = text.parse().map_err(|_| wrong())?,
                _ => return Err(invalid()),
            }
        }
        ([], Operation::Add, Some(_)) => {
            return Err(Refusal::conflict(format!("The usage plan already has the stage {name}")));
        }
        (_, _, None) => {
            return Err(Refusal::not_found(format!("The usage plan does not have the stage {name}")));
        }
        (_, _, Some(_)) => return Err(invalid()),
    }
    Ok(())
}

fn plan_key(key: &ApiKey) -> UsagePlanKey {
    UsagePlanKey { id: key.id.clone(), kind: "API_KEY", value: key.value.clone(), name: key.name.clone() }
}

fn no_plan() -> Refusal {
    Refusal::not_found("Invalid Usage Plan ID specified")
}
