//! `s3 = { bucket = … }`: what happens in a bucket invokes a function.

use hearth_model::bucket_notification::{EventPattern, Filter};
use hearth_services::s3::BucketName;
use toml::de::DeTable;

use crate::manifest::{
    BucketDeclaration, bucket,
    fields::Fields,
    problem::{Place, Problem},
    suggestion,
};

/// What happens in a bucket and invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketEvents {
    /// The bucket.
    pub bucket: BucketName,
    /// `events`: what happens.
    pub events: Vec<EventPattern>,
    /// `prefix` and `suffix`: to which objects.
    pub filter: Filter,
    /// Where it is written.
    pub place: Place,
}

pub(super) fn read(
    outer: &mut Fields<'_>,
    table: &DeTable<'_>,
    place: Place,
    buckets: &[BucketDeclaration],
) -> Option<BucketEvents> {
    let mut fields = Fields::new("`s3`", table);
    let named = fields.string("bucket");
    if !table.contains_key("bucket") {
        let problem = Problem::new("`s3` has no `bucket`", place.0.clone());
        fields.note(problem.help("add `bucket = \"NAME\"`, the name of a `[buckets.NAME]`"));
    }
    let events = events(&mut fields, &place);
    let filter = filter(&mut fields);
    let declared = named.and_then(|(given, span)| {
        let declared = buckets.iter().find(|bucket| bucket.name.as_str() == given);
        if declared.is_none() {
            fields.note(bucket::no_bucket(buckets, (given, span)));
        }
        declared
    });
    for problem in fields.finish() {
        outer.note(problem);
    }
    Some(BucketEvents { bucket: declared?.name.clone(), events, filter: filter?, place })
}

/// An event goes to one function, as on AWS: the problems of those that would go to two.
pub(super) fn overlaps(all: &[&BucketEvents]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (position, later) in all.iter().enumerate() {
        let Some(first) = all[..position].iter().find(|earlier| earlier.overlaps(later)) else { continue };
        let message = format!("an event of bucket `{}` would go two ways", later.bucket);
        let problem = Problem::new(message, later.place.0.clone());
        let problem = problem.related(first.place.0.clone(), "the other way");
        problems.push(problem.help("let `events`, `prefix` or `suffix` tell them apart"));
    }
    problems
}

impl BucketEvents {
    /// Whether there is an event that both are about.
    fn overlaps(&self, other: &Self) -> bool {
        let shares = |mine: &EventPattern| other.events.iter().any(|theirs| mine.overlaps(*theirs));
        self.bucket == other.bucket && self.events.iter().any(shares) && self.filter.overlaps(&other.filter)
    }
}

fn events(fields: &mut Fields<'_>, place: &Place) -> Vec<EventPattern> {
    let given = fields.strings("events");
    let mut events = Vec::with_capacity(given.len());
    for (text, span) in &given {
        match EventPattern::parse(text) {
            Some(pattern) => events.push(pattern),
            None => {
                let known = EventPattern::all().map(EventPattern::as_str);
                let help = suggestion::help(text, known);
                fields.note(Problem::new(format!("S3 has no event `{text}`"), span.clone()).help(help));
            }
        }
    }
    if given.is_empty() && !fields.has("events") {
        let problem = Problem::new("`s3` has no `events`", place.0.clone());
        fields.note(problem.help("add `events = [\"s3:ObjectCreated:*\"]`"));
    }
    events
}

fn filter(fields: &mut Fields<'_>) -> Option<Filter> {
    let prefix = fields.string("prefix");
    let suffix = fields.string("suffix");
    let mut filter = Filter::default();
    for (name, given) in [("prefix", prefix), ("suffix", suffix)] {
        let Some((text, span)) = given else { continue };
        match Filter::of_rules([(name, text)]) {
            Ok(Filter { prefix, suffix }) => {
                filter.prefix = filter.prefix.or(prefix);
                filter.suffix = filter.suffix.or(suffix);
            }
            Err(_) => {
                fields.note(Problem::new(format!("`{name}` is longer than a key can be, 1,024 bytes"), span));
                return None;
            }
        }
    }
    Some(filter)
}
