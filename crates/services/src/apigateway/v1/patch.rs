//! Changes of documents by `PATCH`, as the update operations of the API take them.
//!
//! API Gateway's resources are documents, and its update operations name paths into them (RFC 6902, RFC 6901) with values that are
//! texts. Which paths can be changed, and how, is a table for each kind of document.
//!
//! Source: "Patch operations" in the API reference; recorded answers.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::Refusal;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PatchOperation {
    /// What is done: `add`, `remove`, `replace`, …
    pub op: String,
    /// Where: a JSON pointer.
    pub path: String,
    /// The value, whatever its kind, as a text.
    #[serde(default)]
    pub value: Option<String>,
    /// Where from, for `move` and `copy`, which Hearth has not.
    #[serde(default)]
    pub from: Option<String>,
}

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Remove,
    Replace,
}

/// What may be changed in a kind of document.
pub(super) struct Rules {
    /// The operation's input, as refusals name it.
    pub(super) input: &'static str,
    pub(super) words: Words,
    pub(super) paths: &'static [Rule],
}

/// How AWS words the refusal of a path, which is not the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Names the path.
    Short,
    /// Names the operation, and the paths that there are.
    Long,
}

/// A path that may be changed; a segment `*` stands for any.
pub(super) struct Rule {
    pub(super) path: &'static str,
    pub(super) operations: &'static [Operation],
    pub(super) kind: Kind,
}

/// What the value at a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Flag,
    Number,
    /// An item of a list of texts, which the last segment of the path names.
    Item,
}

pub(super) const SET: &[Operation] = &[Operation::Replace];
pub(super) const ALL: &[Operation] = &[Operation::Add, Operation::Remove, Operation::Replace];

/// A rule for a path.
pub(super) const fn rule(path: &'static str, operations: &'static [Operation], kind: Kind) -> Rule {
    Rule { path, operations, kind }
}

/// A document with changes.
pub(super) fn apply<T: Serialize + DeserializeOwned>(
    document: &T,
    operations: &[PatchOperation],
    rules: &Rules,
) -> Result<T, Refusal> {
    let read = read(operations, rules.input)?;
    let mut changed = serde_json::to_value(document).expect("documents have texts as keys");
    for (operation, given) in read {
        let rule = rules.find(operation, &given.path)?;
        change(&mut changed, operation, given, rule.kind)?;
    }
    serde_json::from_value(changed).map_err(|error| Refusal::bad(error.to_string()))
}

/// Reads what shall be done.
pub(super) fn read<'a>(
    operations: &'a [PatchOperation],
    input: &str,
) -> Result<Vec<(Operation, &'a PatchOperation)>, Refusal> {
    let (mut read, mut violations) = (Vec::new(), Vec::new());
    for (number, given) in (1..).zip(operations) {
        let op = &*given.op;
        match op {
            "add" => read.push((Operation::Add, given)),
            "remove" => read.push((Operation::Remove, given)),
            "replace" => read.push((Operation::Replace, given)),
            "move" | "copy" | "test" => {
                let message = format!("Hearth does not support the patch operation `{op}`: use add, remove and replace");
                return Err(Refusal::bad(message));
            }
            _ => violations.push(format!(
                "Value '{op}' at '{input}.patchOperations.{number}.member.op' failed to satisfy constraint: Member must satisfy \
                 enum value set: [add, remove, move, test, replace, copy]"
            )),
        }
    }
    if violations.is_empty() {
        return Ok(read);
    }
    let plural = if violations.len() == 1 { "" } else { "s" };
    let message =
        format!("{} validation error{plural} detected: {}", violations.len(), violations.join("; "));
    Err(Refusal::Validation(message.into()))
}

/// The segments of a pointer.
pub(super) fn segments(path: &str) -> Vec<String> {
    let decode = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
    path.strip_prefix('/').unwrap_or(path).split('/').map(decode).collect()
}

impl Rules {
    fn find(&self, operation: Operation, path: &str) -> Result<&Rule, Refusal> {
        let known = self.paths.iter().find(|rule| rule.is_for(path));
        match (known, self.words) {
            (Some(rule), _) if rule.operations.contains(&operation) => Ok(rule),
            (Some(rule), Words::Short) => {
                let names: Vec<_> = rule.operations.iter().map(|operation| operation.name()).collect();
                let names = names.join(", ");
                Err(Refusal::bad(format!("Invalid patch operation specified. Must be one of: [{names}]")))
            }
            (None, Words::Short) => Err(Refusal::bad(format!("Invalid patch path {path}"))),
            (_, Words::Long) => {
                let operation_paths = self.paths.iter().filter(|rule| rule.operations.contains(&operation));
                let mut paths: Vec<_> = operation_paths.map(|rule| rule.path).collect();
                paths.sort_unstable();
                let advice = if paths.is_empty() {
                    "Please choose supported operations".to_owned()
                } else {
                    format!("Must be one of: [{}]", paths.join(", "))
                };
                let op = operation.name();
                Err(Refusal::bad(format!("Invalid patch path  '{path}' specified for op '{op}'. {advice}")))
            }
        }
    }
}

impl Rule {
    fn is_for(&self, path: &str) -> bool {
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some("*"), Some(given)) if !given.is_empty() => {}
                (Some(wanted), Some(given)) if wanted == given => {}
                _ => return false,
            }
        }
    }
}

impl Operation {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

fn change(
    document: &mut Value,
    operation: Operation,
    given: &PatchOperation,
    kind: Kind,
) -> Result<(), Refusal> {
    let segments = segments(&given.path);
    let (last, parents) = segments.split_last().expect("a path has a segment");
    if kind == Kind::Item {
        let list = place(document, parents);
        let items = list.take();
        let mut items = if let Value::Array(items) = items { items } else { Vec::new() };
        items.retain(|item| item != last);
        match operation {
            Operation::Add => items.push(last.as_str().into()),
            Operation::Replace => items.push(given.text()?.into()),
            Operation::Remove => {}
        }
        *list = Value::Array(items);
        return Ok(());
    }
    let parent = place(document, parents);
    if !parent.is_object() {
        *parent = Value::Object(Map::new());
    }
    let members = parent.as_object_mut().expect("it is an object");
    match operation {
        Operation::Remove => {
            members.remove(last);
        }
        Operation::Add | Operation::Replace => {
            members.insert(last.clone(), kind.value(given)?);
        }
    }
    Ok(())
}

/// What stands at a place, which may be nothing yet.
fn place<'a>(document: &'a mut Value, path: &[String]) -> &'a mut Value {
    path.iter().fold(document, |place, segment| {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place.as_object_mut().expect("it is an object").entry(segment.as_str()).or_insert(Value::Null)
    })
}

impl Kind {
    fn value(self, given: &PatchOperation) -> Result<Value, Refusal> {
        let text = given.value.as_deref();
        match self {
            Self::Text | Self::Item => Ok(given.text()?.into()),
            // Whatever is not true is false.
            Self::Flag => Ok(text.is_some_and(|text| text.eq_ignore_ascii_case("true")).into()),
            Self::Number => {
                let number = text.and_then(|text| serde_json::from_str::<serde_json::Number>(text).ok());
                let text = text.unwrap_or_default();
                let refusal = || {
                    Refusal::bad(format!("Invalid value '{text}' for {}: it must be a number", given.path))
                };
                number.map(Value::Number).ok_or_else(refusal)
            }
        }
    }
}

impl PatchOperation {
    pub(super) fn text(&self) -> Result<&str, Refusal> {
        self.value
            .as_deref()
            .ok_or_else(|| Refusal::bad(format!("Invalid null or empty value in {}", self.path)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Document {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        enabled: bool,
        size: Option<u32>,
        types: Vec<String>,
        variables: BTreeMap<String, String>,
    }

    const PATHS: &[Rule] = &[
        rule("/name", SET, Kind::Text),
        rule("/description", ALL, Kind::Text),
        rule("/enabled", SET, Kind::Flag),
        rule("/size", SET, Kind::Number),
        rule("/types/*", ALL, Kind::Item),
        rule("/variables/*", ALL, Kind::Text),
    ];

    fn patch(document: &Document, operations: &[(&str, &str, Option<&str>)]) -> Result<Document, String> {
        patch_with(document, operations, Words::Short)
    }

    fn patch_with(
        document: &Document,
        operations: &[(&str, &str, Option<&str>)],
        words: Words,
    ) -> Result<Document, String> {
        let operation = |&(op, path, value): &(&str, &str, Option<&str>)| PatchOperation {
            op: op.to_owned(),
            path: path.to_owned(),
            value: value.map(str::to_owned),
            from: None,
        };
        let operations: Vec<_> = operations.iter().map(operation).collect();
        let rules = Rules { input: "updateInput", words, paths: PATHS };
        apply(document, &operations, &rules).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn documents_are_changed_at_paths() {
        let operations = [
            ("replace", "/name", Some("new")),
            ("add", "/description", Some("about")),
            ("replace", "/enabled", Some("true")),
            ("replace", "/size", Some("10")),
            ("add", "/types/image~1png", None),
            ("add", "/types/image~1jpeg", None),
            ("add", "/variables/a~1b~0", Some("1")),
            ("add", "/variables/gone", Some("2")),
        ];
        let changed = patch(&Document::default(), &operations).expect("it can be changed");
        assert_eq!((changed.name.as_str(), changed.description.as_deref()), ("new", Some("about")));
        assert_eq!((changed.enabled, changed.size), (true, Some(10)));
        assert_eq!(changed.types, ["image/png", "image/jpeg"]);
        let operations = [
            ("remove", "/description", None),
            ("replace", "/types/image~1png", Some("image/gif")),
            ("remove", "/variables/gone", None),
            ("replace", "/enabled", None),
        ];
        let changed = patch(&changed, &operations).expect("it can be changed");
        assert_eq!((changed.description, changed.enabled), (None, false));
        assert_eq!(changed.types, ["image/jpeg", "image/gif"]);
        assert_eq!(changed.variables, BTreeMap::from([("a/b~".to_owned(), "1".to_owned())]));
    }

    #[test]
    fn refusals_are_the_recorded_ones() {
        let check = |operation: (&str, &str, Option<&str>), words, expected: &str| {
            let refusal = patch_with(&Document::default(), &[operation], words).expect_err("refused");
            assert_eq!(refusal, expected);
        };
        check(("add", "/types", None), Words::Short, "Invalid patch path /types");
        check(
            ("add", "/name", None),
            Words::Short,
            "Invalid patch operation specified. Must be one of: [replace]",
        );
        check(
            ("replace", "/invalid", None),
            Words::Long,
            "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/description, /enabled, /name, \
             /size, /types/*, /variables/*]",
        );
        check(
            ("wrong", "/name", None),
            Words::Short,
            "1 validation error detected: Value 'wrong' at 'updateInput.patchOperations.1.member.op' failed to satisfy \
             constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
        );
        check(
            ("replace", "/size", Some("x")),
            Words::Short,
            "Invalid value 'x' for /size: it must be a number",
        );
        check(("replace", "/name", None), Words::Short, "Invalid null or empty value in /name");
        check(
            ("copy", "/name", None),
            Words::Short,
            "Hearth does not support the patch operation `copy`: use add, remove and replace",
        );
    }
}
