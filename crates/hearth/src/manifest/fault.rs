//! `[[faults]]` tables.

use hearth_model::faults::{FaultKind, GivenFault, Rule};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as UnknownFault},
};
use toml::{
    Spanned,
    de::{DeArray, DeTable},
};

use super::{
    fields::Fields,
    problem::{Place, Problem},
};

/// A rule for faults, as a manifest declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultDeclaration {
    /// The rule.
    pub rule: Rule,
    /// Where it stands.
    pub place: Place,
}

/// Reads `faults`; the rules are in the order in which they stand there.
pub(super) fn read_all(array: &DeArray<'_>, problems: &mut Vec<Problem>) -> Vec<FaultDeclaration> {
    let mut rules = Vec::with_capacity(array.len());
    for item in array {
        match item.get_ref().as_table() {
            Some(table) => rules.extend(read(item, table, problems)),
            None => {
                let problem = Problem::new("a fault must be a table", item.span());
                problems.push(problem.help("write `[[faults]]` and `fault = …` below it"));
            }
        }
    }
    rules
}

fn read<T>(item: &Spanned<T>, table: &DeTable<'_>, problems: &mut Vec<Problem>) -> Option<FaultDeclaration> {
    let mut fields = Fields::new("a fault", table);
    let fault = fields.string("fault").and_then(|(text, span)| {
        let kind = FaultKind::deserialize(text.into_deserializer());
        kind.map_err(|error: UnknownFault| fields.note(Problem::new(error.to_string(), span))).ok()
    });
    let given = GivenFault {
        fault,
        function: text(&mut fields, "function"),
        queue: text(&mut fields, "queue"),
        bucket: text(&mut fields, "bucket"),
        disk: text(&mut fields, "disk"),
        from: number(&mut fields, "from"),
        count: number(&mut fields, "count"),
        percent: number(&mut fields, "percent"),
        seed: number(&mut fields, "seed"),
        delay_ms: number(&mut fields, "delay_ms"),
        error_type: text(&mut fields, "error_type"),
        error_message: text(&mut fields, "error_message"),
    };
    let found = fields.finish();
    // One that was not understood is not missing.
    let is_whole = found.is_empty();
    problems.extend(found);
    match Rule::try_from(given) {
        Ok(rule) => Some(FaultDeclaration { rule, place: Place(item.span()) }),
        Err(error) => {
            if is_whole {
                problems.push(Problem::new(error.to_string(), item.span()));
            }
            None
        }
    }
}

fn text(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    fields.string(key).map(|(text, _)| text.to_owned())
}

fn number(fields: &mut Fields<'_>, key: &'static str) -> Option<u64> {
    fields.integer(key, 0..=u64::MAX).map(|(number, _)| number)
}
