//! Tags: keys and values that mean something only to those who own what has them. S3's are lists, and are never changed one by
//! one; they are its own.

use std::collections::BTreeMap;

/// Adds tags in place of those with the same keys, if `check` has nothing against all of them together.
pub(crate) fn add_tags<E>(
    tags: &mut BTreeMap<String, String>,
    added: BTreeMap<String, String>,
    check: impl FnOnce(&BTreeMap<String, String>) -> Result<(), E>,
) -> Result<(), E> {
    let mut all = tags.clone();
    all.extend(added);
    check(&all)?;
    *tags = all;
    Ok(())
}

/// Takes tags away; those that are not there do not matter.
pub(crate) fn remove_tags(tags: &mut BTreeMap<String, String>, keys: &[String]) {
    tags.retain(|key, _| !keys.contains(key));
}
