//! Patterns of JSON objects.

use serde_json::Value;

use super::{InvalidFilterPattern, comparison::Comparison, cursor::Cursor};

/// How deep parentheses may lie in each other.
const DEEPEST: usize = 32;

/// What must be true of an object.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Condition(Selector, Condition),
}

/// Where in an object a value is: `$.users[0].name`.
#[derive(Clone, Debug)]
pub(super) struct Selector(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Element(usize),
    AnyElement,
}

/// What must hold of a value.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Is(Value),
    NotExists,
    Compares(Comparison),
}

impl Expression {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        let expression = Self::any(cursor, DEEPEST)?;
        if cursor.has_more() { Err(cursor.expected("'&&', '||' or the end")) } else { Ok(expression) }
    }

    pub(super) fn matches(&self, document: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|expression| expression.matches(document)),
            Self::Any(any) => any.iter().any(|expression| expression.matches(document)),
            Self::Condition(selector, condition) => {
                let mut values = Vec::new();
                select(document, &selector.0, &mut values);
                condition.holds(&values)
            }
        }
    }

    fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, InvalidFilterPattern> {
        let mut any = vec![Self::all(cursor, depth)?];
        while cursor.take("||") {
            any.push(Self::all(cursor, depth)?);
        }
        Ok(Self::Any(any))
    }

    fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, InvalidFilterPattern> {
        let mut all = vec![Self::one(cursor, depth)?];
        while cursor.take("&&") {
            all.push(Self::one(cursor, depth)?);
        }
        Ok(Self::All(all))
    }

    fn one(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, InvalidFilterPattern> {
        if !cursor.take("(") {
            return Ok(Self::Condition(Selector::parse(cursor)?, Condition::parse(cursor)?));
        }
        let depth = depth.checked_sub(1).ok_or(InvalidFilterPattern::TooDeep { most: DEEPEST })?;
        let expression = Self::any(cursor, depth)?;
        if cursor.take(")") { Ok(expression) } else { Err(cursor.expected("')'")) }
    }
}

impl Selector {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        if !cursor.take("$") {
            return Err(cursor.expected("a selector such as '$.level'"));
        }
        let mut steps = Vec::new();
        loop {
            if cursor.take("[") {
                steps.push(Step::element(cursor)?);
            } else if cursor.take(".") {
                let name =
                    cursor.take_while(|character| character.is_alphanumeric() || "_-".contains(character));
                if name.is_empty() {
                    return Err(cursor.expected("the name of a member"));
                }
                steps.push(Step::Member(name.to_owned()));
            } else {
                break;
            }
        }
        if steps.is_empty() { Err(cursor.expected("'.' and a name")) } else { Ok(Self(steps)) }
    }
}

impl Step {
    /// What follows an opening bracket.
    fn element(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        let before = cursor.clone();
        let step = if cursor.take("*") {
            Some(Self::AnyElement)
        } else {
            cursor.take_while(|character| character.is_ascii_digit()).parse().ok().map(Self::Element)
        };
        step.filter(|_| cursor.take("]")).ok_or_else(|| before.expected("the number of an element and ']'"))
    }
}

/// All values that steps lead to: one or none, but for `[*]`.
fn select<'d>(value: &'d Value, steps: &[Step], found: &mut Vec<&'d Value>) {
    let Some((step, steps)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match (step, value) {
        (Step::AnyElement, Value::Array(elements)) => {
            for element in elements {
                select(element, steps, found);
            }
        }
        (Step::Member(name), Value::Object(members)) => {
            if let Some(member) = members.get(name) {
                select(member, steps, found);
            }
        }
        (Step::Element(number), Value::Array(elements)) => {
            if let Some(element) = elements.get(*number) {
                select(element, steps, found);
            }
        }
        (Step::Member(_) | Step::Element(_) | Step::AnyElement, _) => {}
    }
}

impl Condition {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, InvalidFilterPattern> {
        if cursor.take_word("NOT") {
            return if cursor.take_word("EXISTS") {
                Ok(Self::NotExists)
            } else {
                Err(cursor.expected("'EXISTS'"))
            };
        }
        if !cursor.take_word("IS") {
            return Comparison::parse(cursor, is_value).map(Self::Compares);
        }
        for (word, value) in
            [("NULL", Value::Null), ("TRUE", Value::Bool(true)), ("FALSE", Value::Bool(false))]
        {
            if cursor.take_word(word) {
                return Ok(Self::Is(value));
            }
        }
        Err(cursor.expected("'NULL', 'TRUE' or 'FALSE'"))
    }

    fn holds(&self, values: &[&Value]) -> bool {
        match self {
            Self::NotExists => values.is_empty(),
            Self::Is(wanted) => values.contains(&wanted),
            Self::Compares(comparison) => values.iter().any(|value| match value {
                Value::String(text) => comparison.matches(text, None),
                Value::Number(number) => comparison.matches(&number.to_string(), number.as_f64()),
                Value::Bool(boolean) => comparison.matches(if *boolean { "true" } else { "false" }, None),
                // "The log format doesn't match the filter", whatever the operator is.
                Value::Null | Value::Array(_) | Value::Object(_) => false,
            }),
        }
    }
}

fn is_value(character: char) -> bool {
    !character.is_whitespace() && !"()&|\"".contains(character)
}
