//! Tags of what has an ARN: APIs, stages, keys and usage plans.

use hearth_model::identity::Partition;

use crate::{
    apigateway::v1::{
        Refusal, RestApis,
        document::Texts,
        names::document_arn,
        service::{Api, Region},
    },
    tags::{add_tags, remove_tags},
};

/// Most tags of anything.
const MOST: usize = 50;

impl RestApis {
    /// `GetTags`.
    ///
    /// # Errors
    /// If nothing has that ARN.
    pub fn tags(&self, partition: &Partition, arn: &str) -> Result<Texts, Refusal> {
        self.change(partition, |region| Ok(tagged(region, partition, arn)?.clone()))
    }

    /// `TagResource`: adds tags, in place of those with the same keys.
    ///
    /// # Errors
    /// If nothing has that ARN, or it would have too many tags.
    pub fn tag(&self, partition: &Partition, arn: &str, tags: Texts) -> Result<(), Refusal> {
        self.change(partition, |region| {
            add_tags(tagged(region, partition, arn)?, tags, |all| {
                if all.len() > MOST {
                    let message = format!("A resource can have at most {MOST} tags");
                    return Err(Refusal::bad(message));
                }
                Ok(())
            })
        })
    }

    /// `UntagResource`.
    ///
    /// # Errors
    /// If nothing has that ARN.
    pub fn untag(&self, partition: &Partition, arn: &str, keys: &[String]) -> Result<(), Refusal> {
        self.change(partition, |region| {
            remove_tags(tagged(region, partition, arn)?, keys);
            Ok(())
        })
    }
}

fn tagged<'a>(region: &'a mut Region, partition: &Partition, arn: &str) -> Result<&'a mut Texts, Refusal> {
    let path = arn.strip_prefix(&document_arn(partition, ""));
    let segments: Vec<&str> = path.unwrap_or_default().split('/').collect();
    let of_api = |api: &'a mut Api| &mut api.document.tags;
    let tags = match *segments {
        ["restapis", api] => region.apis.get_mut(api).map(of_api),
        ["restapis", api, "stages", stage] => {
            let stage = region.apis.get_mut(api).and_then(|api| api.stages.get_mut(stage));
            stage.map(|stage| &mut stage.document.tags)
        }
        ["apikeys", key] => region.keys.get_mut(key).map(|key| &mut key.tags),
        ["usageplans", plan] => region.plans.get_mut(plan).map(|plan| &mut plan.document.tags),
        _ => None,
    };
    tags.ok_or_else(|| Refusal::not_found(format!("Invalid resource ARN specified: {arn}")))
}
