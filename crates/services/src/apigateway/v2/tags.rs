//! Tags of APIs and stages.

use std::collections::BTreeMap;

use super::Refusal;

/// Most tags of one resource.
const MOST: usize = 50;

/// Adds tags in place of those with the same keys.
pub(super) fn add(
    tags: &mut BTreeMap<String, String>,
    added: BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let mut all = tags.clone();
    all.extend(added);
    check(&all)?;
    *tags = all;
    Ok(())
}

/// Checks all tags of something together.
pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(Refusal::bad_request(format!("A resource has at most {MOST} tags")));
    }
    for (key, value) in tags {
        let length = key.chars().count();
        if !(1..=128).contains(&length) || key.starts_with("aws:") {
            return Err(Refusal::bad_request(format!("Invalid tag key: `{key}`")));
        }
        if value.chars().count() > 256 {
            return Err(Refusal::bad_request(format!("Invalid tag value of `{key}`: it is too long")));
        }
    }
    Ok(())
}
