//! Tags of groups of schedules.

use serde::Deserialize;

use super::{done, invalid};
use crate::{
    events::{Tag, TagList, to_map},
    percent,
    rpc::{Answer, Call},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TagRequest {
    tags: Vec<Tag>,
}

pub(super) fn list(call: &Call<'_>, arn: &str) -> Answer {
    call.answer(&TagList::of(call.gateway.schedules().tags(&call.partition, arn)?))
}

pub(super) fn tag(call: &Call<'_>, arn: &str) -> Answer {
    let TagRequest { tags } = call.document()?;
    call.gateway.schedules().tag(&call.partition, arn, to_map(tags))?;
    done()
}

pub(super) fn untag(call: &Call<'_>, arn: &str) -> Answer {
    let keys = percent::parameters(call.query(), "TagKeys");
    let keys = keys.ok_or_else(|| invalid("`TagKeys` is not percent-encoded UTF-8".to_owned()))?;
    call.gateway.schedules().untag(&call.partition, arn, &keys)?;
    done()
}
