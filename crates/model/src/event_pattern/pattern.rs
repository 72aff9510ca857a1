//! The pattern as a whole, and how it walks through an event.

use serde_json::{Map, Value};

use super::{
    InvalidPattern,
    error::refuse,
    value::{Entry, ValueTest},
};

/// Which events are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPattern {
    fields: Fields,
}

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it is not JSON or no pattern.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => {
                let fields = Parser::default().fields(&object, false)?;
                Ok(Self { fields })
            }
            Ok(_) => refuse("Filter is not an object"),
            Err(error) => refuse(error.to_string()),
        }
    }

    /// Whether an event is meant.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.fields.match_within(Some(event), event)
    }

    /// Whether the pattern looks into a field of the event itself: into an object that is there.
    #[must_use]
    pub fn looks_into(&self, field: &str) -> bool {
        self.fields.mentions(field, &|condition| matches!(condition, FieldCondition::Object(_)))
    }

    /// Whether the pattern compares a field of the event itself with values.
    #[must_use]
    pub fn compares(&self, field: &str) -> bool {
        self.fields.mentions(field, &|condition| matches!(condition, FieldCondition::Value(_)))
    }
}

/// What must hold of an object, all of it.
#[derive(Clone, Debug, PartialEq)]
struct Fields(Vec<Condition>);

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Field(Box<str>, FieldCondition),
    /// One of these must hold of the object.
    Or(Vec<Fields>),
}

#[derive(Clone, Debug, PartialEq)]
enum FieldCondition {
    Object(Fields),
    Value(Alternatives),
}

/// What a value may be, one of these.
#[derive(Clone, Debug, PartialEq)]
struct Alternatives {
    tests: Vec<ValueTest>,
    /// The way to the value from the event's root, if there may be none: whether one is there is a question about the whole
    /// event.
    absent: Option<Vec<Box<str>>>,
}

impl Fields {
    /// Whether what stands at this place of the event matches.
    fn match_within(&self, value: Option<&Value>, event: &Value) -> bool {
        match value {
            Some(Value::Array(elements)) => {
                elements.iter().any(|element| self.match_within(Some(element), event))
                    || self.match_within(None, event)
            }
            _ => self.0.iter().all(|condition| condition.matches(value, event)),
        }
    }

    fn mentions(&self, field: &str, kind: &impl Fn(&FieldCondition) -> bool) -> bool {
        self.0.iter().any(|condition| match condition {
            Condition::Field(name, condition) => **name == *field && kind(condition),
            Condition::Or(branches) => branches.iter().any(|branch| branch.mentions(field, kind)),
        })
    }
}

impl Condition {
    fn matches(&self, object: Option<&Value>, event: &Value) -> bool {
        match self {
            Self::Field(name, condition) => {
                let value = object.and_then(|object| object.get(&**name));
                match condition {
                    FieldCondition::Object(fields) => fields.match_within(value, event),
                    FieldCondition::Value(alternatives) => alternatives.matches(value, event),
                }
            }
            Self::Or(branches) => branches.iter().any(|branch| branch.match_within(object, event)),
        }
    }
}

impl Alternatives {
    fn matches(&self, value: Option<&Value>, event: &Value) -> bool {
        value.is_some_and(|value| any_leaf(value, &|leaf| self.tests.iter().any(|test| test.matches(leaf))))
            || self.absent.as_ref().is_some_and(|path| !has_leaf_at(event, path))
    }
}

/// Whether the event has a value at the end of a path, in whichever elements of arrays.
fn has_leaf_at(value: &Value, path: &[Box<str>]) -> bool {
    match (value, path) {
        (_, []) => any_leaf(value, &|_| true),
        (Value::Array(elements), _) => elements.iter().any(|element| has_leaf_at(element, path)),
        (_, [name, rest @ ..]) => value.get(&**name).is_some_and(|value| has_leaf_at(value, rest)),
    }
}

/// Whether this value is one that tests are about and that has the property, or an array with such a one.
fn any_leaf(value: &Value, property: &impl Fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| any_leaf(element, property)),
        Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => property(value),
    }
}

/// Where in the pattern the parser is.
#[derive(Default)]
struct Parser {
    path: Vec<Box<str>>,
}

impl Parser {
    fn fields(&mut self, object: &Map<String, Value>, within_or: bool) -> Result<Fields, InvalidPattern> {
        if object.is_empty() {
            return refuse("Empty objects are not allowed");
        }
        let conditions = object.iter().map(|(name, value)| self.condition(name, value, within_or));
        conditions.collect::<Result<_, _>>().map(Fields)
    }

    fn condition(&mut self, name: &str, value: &Value, within_or: bool) -> Result<Condition, InvalidPattern> {
        if name == "$or" {
            return self.branches(value).map(Condition::Or);
        }
        if within_or && RESERVED_WITHIN_OR.contains(&name) {
            return refuse(format!("{name} is Ruler reserved fieldName which cannot be used inside $or."));
        }
        self.path.push(name.into());
        let condition = match value {
            Value::Object(object) => FieldCondition::Object(self.fields(object, within_or)?),
            Value::Array(entries) => FieldCondition::Value(self.alternatives(entries)?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return refuse(format!("\"{name}\" must be an object or an array"));
            }
        };
        let name = self.path.pop().expect("it was pushed above");
        Ok(Condition::Field(name, condition))
    }

    fn branches(&mut self, value: &Value) -> Result<Vec<Fields>, InvalidPattern> {
        let Value::Array(branches) = value else {
            return refuse("It must be an Array followed with $or.");
        };
        let parse = |branch: &Value| match branch {
            Value::Object(object) => self.fields(object, true),
            _ => refuse("Only JSON object is allowed in array of $or relationship."),
        };
        let branches = branches.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if branches.len() < 2 {
            return refuse("There must have at least 2 Objects in $or relationship.");
        }
        Ok(branches)
    }

    fn alternatives(&self, entries: &[Value]) -> Result<Alternatives, InvalidPattern> {
        if entries.is_empty() {
            return refuse("Empty arrays are not allowed");
        }
        let mut alternatives = Alternatives { tests: Vec::with_capacity(entries.len()), absent: None };
        for entry in entries {
            match Entry::parse(entry)? {
                Entry::Test(test) => alternatives.tests.push(test),
                Entry::Absent => alternatives.absent = Some(self.path.clone()),
            }
        }
        Ok(alternatives)
    }
}

/// Names that no field within `$or` can have, because whoever writes them there means an operator.
const RESERVED_WITHIN_OR: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];
