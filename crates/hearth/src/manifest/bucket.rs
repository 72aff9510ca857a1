//! `[buckets.NAME]` tables.

use hearth_services::s3::BucketName;
use toml::de::DeTable;

use super::{
    fields::{Fields, Located},
    problem::{Place, Problem},
    suggestion,
};

/// A bucket as a manifest declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketDeclaration {
    /// Its name.
    pub name: BucketName,
    /// What it is like.
    pub settings: BucketSettings,
    /// Where it is declared.
    pub place: Place,
}

/// What a bucket is like; by default as on AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketSettings {
    /// `versioning`: whether objects that are overwritten or deleted are kept as older versions.
    pub versioning: bool,
}

/// Reads `[buckets]`; the buckets are in the order of their names.
pub(super) fn read_all(table: &DeTable<'_>, problems: &mut Vec<Problem>) -> Vec<BucketDeclaration> {
    let mut buckets = Vec::with_capacity(table.len());
    for (key, value) in table {
        let name = key.get_ref();
        let Some(table) = value.get_ref().as_table() else {
            let problem = Problem::new(format!("bucket `{name}` must be a table"), value.span());
            problems.push(problem.help(format!("write `[buckets.{name}]`")));
            continue;
        };
        let mut fields = Fields::new(format!("bucket `{name}`"), table);
        let settings = BucketSettings { versioning: fields.boolean("versioning").unwrap_or(false) };
        problems.extend(fields.finish());
        match BucketName::parse(name) {
            Ok(name) => buckets.push(BucketDeclaration { name, settings, place: Place(key.span()) }),
            Err(_) => {
                let problem = Problem::new(format!("`{name}` is not a bucket name"), key.span());
                problems.push(problem.help("use 3 to 63 lowercase letters, digits, `-` and `.`"));
            }
        }
    }
    buckets.sort_by(|left, right| left.name.cmp(&right.name));
    buckets
}

/// What to say to somebody who named a bucket that there is not.
pub(super) fn no_bucket(buckets: &[BucketDeclaration], (given, span): Located<&str>) -> Problem {
    let problem = Problem::new(format!("there is no bucket `{given}`"), span);
    let names = buckets.iter().map(|bucket| bucket.name.as_str());
    problem.help(match suggestion::closest(given, names) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("declare it: `[buckets.{given}]`"),
    })
}
