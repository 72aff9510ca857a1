//! Versions and delete markers.

use hearth_services::s3::{Deleted, ListQuery, Position, Refusal, VersionId, Versioning};

use super::support::{BUCKET, S3World, caller};

impl S3World {
    /// Key, version, and whether it is a delete marker, newest first; the current one has a `*`.
    fn versions(&self) -> Vec<String> {
        let mut query = ListQuery { most: 2, ..ListQuery::default() };
        let mut found = Vec::new();
        loop {
            let page = self.buckets().list_versions(BUCKET, &query).expect("a list");
            found.extend(page.entries.iter().map(|listed| {
                let kind = if listed.version.object().is_some() { "" } else { " deleted" };
                let latest = if listed.is_latest { "*" } else { "" };
                let null = if listed.version.id == VersionId::Null { " null" } else { "" };
                format!("{}{latest}{null}{kind}", listed.key)
            }));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return found,
            }
        }
    }
}

#[tokio::test]
async fn versions_stay_until_they_are_deleted() {
    let world = S3World::with_bucket();
    world.put("a", "null").await;
    world.version(Versioning::Enabled);
    let first = world.put("a", "first").await.version.expect("a version");
    let second = world.put("a", "second").await.version.expect("a version");
    world.put("b", "b").await;
    assert_eq!(world.versions(), ["a*", "a", "a null", "b*"]);
    assert_eq!(world.read("a", None).await.as_deref(), Ok("second"));
    assert_eq!(world.read("a", Some(&first)).await.as_deref(), Ok("first"));
    assert_eq!(world.read("a", Some(&VersionId::Null)).await.as_deref(), Ok("null"));

    let marker = world.delete("a", None);
    assert!(marker.delete_marker);
    assert_eq!(world.versions(), ["a* deleted", "a", "a", "a null", "b*"]);
    assert_eq!(world.keys(), ["b"]);
    let gone = world.read("a", None).await.expect_err("it is deleted");
    assert_eq!(gone, Refusal::NoSuchKey { key: "a".to_owned(), delete_marker: marker.version.clone() });
    let asked = world.read("a", marker.version.as_ref()).await;
    assert!(matches!(asked, Err(Refusal::IsDeleteMarker { .. })));

    let removed = world.delete("a", marker.version.as_ref());
    assert_eq!(removed, Deleted { version: marker.version, delete_marker: true });
    assert_eq!(world.read("a", None).await.as_deref(), Ok("second"));
    world.delete("a", Some(&second));
    assert_eq!(world.read("a", None).await.as_deref(), Ok("first"));
    let unknown = VersionId::parse("unknown").expect("a name");
    assert!(!world.delete("a", Some(&unknown)).delete_marker);
    assert!(matches!(world.read("a", Some(&unknown)).await, Err(Refusal::NoSuchVersion { .. })));
}

#[tokio::test]
async fn suspended_versioning_replaces_what_has_no_name() {
    let world = S3World::with_bucket();
    world.version(Versioning::Enabled);
    world.put("a", "named").await;
    world.version(Versioning::Suspended);
    assert_eq!(world.put("a", "one").await.version, None);
    world.put("a", "two").await;
    assert_eq!(world.versions(), ["a* null", "a"]);
    let marker = world.delete("a", None);
    assert_eq!(marker, Deleted { version: Some(VersionId::Null), delete_marker: true });
    assert_eq!(world.versions(), ["a* null deleted", "a"]);
    world.put("a", "three").await;
    assert_eq!(world.versions(), ["a* null", "a"]);
    let refused = world.buckets().delete_bucket(&caller(), BUCKET).expect_err("versions are in it");
    assert!(refused.to_string().ends_with("You must delete all versions in the bucket."));
}

#[tokio::test]
async fn a_list_goes_on_behind_a_version() {
    let world = S3World::with_bucket();
    world.version(Versioning::Enabled);
    let versions = [world.put("a", "1").await, world.put("a", "2").await, world.put("a", "3").await];
    let after = |entry: Option<String>| {
        let after = Some(Position { key: "a".to_owned(), entry });
        let query = ListQuery { after, most: 10, ..ListQuery::default() };
        world.buckets().list_versions(BUCKET, &query).expect("a list").entries.len()
    };
    let name = |stored: usize| versions[stored].version.as_ref().map(ToString::to_string);
    assert_eq!((after(name(2)), after(name(1)), after(name(0)), after(None)), (2, 1, 0, 0));
}
