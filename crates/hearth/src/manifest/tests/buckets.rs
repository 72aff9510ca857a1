//! Buckets, and the functions that their events invoke.

use hearth_model::bucket_notification::EventPattern;

use super::{messages, parse, refused};

/// The manifest of a bucket whose events invoke a function so.
fn ruled(s3: &str) -> String {
    format!("[buckets.photos]\n[functions.a]\ncode = \"a\"\n[[functions.a.events]]\ns3 = {{ {s3} }}\n")
}

#[test]
fn all_keys_are_read() {
    let manifest = parse(
        r#"
[buckets.photos]
versioning = true

[buckets."my.bucket"]

[functions.a]
code = "a"

[[functions.a.events]]
s3 = { bucket = "photos", events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"], prefix = "uploads/", suffix = ".jpg" }

[[functions.a.events]]
s3 = { bucket = "my.bucket", events = ["s3:ObjectTagging:Put"] }
"#,
    )
    .expect("a manifest");
    let buckets = manifest.buckets.iter().map(|bucket| (bucket.name.as_str(), bucket.settings.versioning));
    assert_eq!(buckets.collect::<Vec<_>>(), [("my.bucket", false), ("photos", true)]);

    let [photos, other] = &*manifest.function("a").expect("declared").bucket_events else {
        panic!("two kinds of events: {manifest:?}");
    };
    assert_eq!(photos.bucket.as_str(), "photos");
    let events: Vec<&str> = photos.events.iter().copied().map(EventPattern::as_str).collect();
    assert_eq!(events, ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]);
    let filter: Vec<_> = photos.filter.rules().collect();
    assert_eq!(filter, [("Prefix", "uploads/"), ("Suffix", ".jpg")]);
    assert_eq!(other.bucket.as_str(), "my.bucket");
    assert!(other.filter.is_empty());
}

#[test]
fn one_function_alone_gets_no_events() {
    let manifest =
        parse(&ruled(r#"bucket = "photos", events = ["s3:ObjectCreated:*"]"#)).expect("a manifest");
    let alone = manifest.only("a");
    assert!(alone.buckets.is_empty());
    assert!(alone.function("a").expect("it is the one").bucket_events.is_empty());
}

#[test]
fn what_is_wrong_is_told() {
    for (s3, expected) in [
        (r#"events = ["s3:ObjectCreated:*"]"#, "`s3` has no `bucket`"),
        (r#"bucket = "photos""#, "`s3` has no `events`"),
        (
            r#"bucket = "photos", events = "s3:ObjectCreated:*""#,
            "`events` must be a list of strings, not a string",
        ),
        (r#"bucket = "photos", events = ["ObjectCreated"]"#, "S3 has no event `ObjectCreated`"),
        (r#"bucket = "photos", events = ["s3:*"]"#, "S3 has no event `s3:*`"),
        (r#"bucket = "photos", events = [], filter = 1"#, "unknown key `filter` in `s3`"),
        (r#"bucket = "photos", events = [], prefix = 1"#, "`prefix` must be a string, not a whole number"),
    ] {
        assert_eq!(messages(&ruled(s3)), [expected], "{s3}");
    }
    let long = "a".repeat(1_025);
    assert_eq!(
        messages(&ruled(&format!(r#"bucket = "photos", events = [], suffix = "{long}""#))),
        ["`suffix` is longer than a key can be, 1,024 bytes"]
    );
    let two = "[queues.orders]\n[buckets.photos]\n[functions.a]\ncode = \"a\"\n[[functions.a.events]]\n\
               sqs = { queue = \"orders\" }\ns3 = { bucket = \"photos\", events = [\"s3:ObjectCreated:*\"] }\n";
    assert_eq!(messages(two), ["an event comes from one place, and this one from two"]);
    for (text, expected) in [
        ("buckets = 1", "`buckets` must be tables `[buckets.NAME]`, not a whole number"),
        ("buckets.photos = 1", "bucket `photos` must be a table"),
        ("[buckets.photos]\nversioning = \"yes\"", "`versioning` must be `true` or `false`, not a string"),
        ("[buckets.photos]\nversion = 1", "unknown key `version` in bucket `photos`"),
        ("[buckets.Photos]", "`Photos` is not a bucket name"),
    ] {
        assert_eq!(messages(text), [expected], "{text}");
    }
}

#[test]
fn a_bucket_that_there_is_not_is_shown_with_what_was_meant() {
    refused(
        &ruled(r#"bucket = "photo", events = ["s3:ObjectCreate:*"]"#),
        "
error: there is no bucket `photo`
 --> project/hearth.toml:5:17
  |
5 | s3 = { bucket = \"photo\", events = [\"s3:ObjectCreate:*\"] }
  |                 ^^^^^^^
  |
  = help: did you mean `photos`?

error: S3 has no event `s3:ObjectCreate:*`
 --> project/hearth.toml:5:36
  |
5 | s3 = { bucket = \"photo\", events = [\"s3:ObjectCreate:*\"] }
  |                                    ^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `s3:ObjectCreated:*`?
",
    );
}

#[test]
fn an_event_goes_one_way() {
    refused(
        r#"[buckets.photos]
[functions.a]
code = "a"
[[functions.a.events]]
s3 = { bucket = "photos", events = ["s3:ObjectCreated:*"], prefix = "in/" }
[[functions.a.events]]
s3 = { bucket = "photos", events = ["s3:ObjectCreated:*"], prefix = "other/" }
[functions.b]
code = "b"
[[functions.b.events]]
s3 = { bucket = "photos", events = ["s3:ObjectCreated:Put"], suffix = ".jpg" }
"#,
        "
error: an event of bucket `photos` would go two ways
  --> project/hearth.toml:11:6
   |
 5 | s3 = { bucket = \"photos\", events = [\"s3:ObjectCreated:*\"], prefix = \"in/\" }
   |      ---------------------------------------------------------------------- the other way
...
11 | s3 = { bucket = \"photos\", events = [\"s3:ObjectCreated:Put\"], suffix = \".jpg\" }
   |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: let `events`, `prefix` or `suffix` tell them apart
",
    );
}
