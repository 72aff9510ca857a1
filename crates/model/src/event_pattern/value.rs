//! What a single value may be.

use serde_json::{Map, Number, Value};

use super::{
    InvalidPattern,
    error::refuse,
    network::Network,
    number::{self, Millionths, NumericRange},
    wildcard::Wildcard,
};

/// What a value may be. Values are what an event has at its leaves: everything but objects and arrays.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ValueTest {
    Null,
    Boolean(bool),
    Number(Number),
    Text(Box<str>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    /// These three are kept in lower case.
    TextIgnoringCase(Box<str>),
    PrefixIgnoringCase(Box<str>),
    SuffixIgnoringCase(Box<str>),
    Wildcard(Wildcard),
    Numeric(NumericRange),
    Network(Network),
    Anything,
    /// None of these.
    AnythingBut(Vec<Self>),
}

/// One entry of the array that stands for a value.
pub(super) enum Entry {
    /// The value may be this.
    Test(ValueTest),
    /// There may be no value.
    Absent,
}

impl ValueTest {
    pub(super) fn matches(&self, value: &Value) -> bool {
        let text = value.as_str();
        let lower_case =
            |property: &dyn Fn(&str) -> bool| text.is_some_and(|text| property(&text.to_lowercase()));
        match self {
            Self::Null => value.is_null(),
            Self::Boolean(expected) => value.as_bool() == Some(*expected),
            Self::Number(expected) => value.as_number().is_some_and(|actual| number::equal(expected, actual)),
            Self::Numeric(range) => value.as_number().is_some_and(|number| range.contains(number)),
            Self::Text(expected) => text == Some(expected),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(&**prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(&**suffix)),
            Self::TextIgnoringCase(expected) => lower_case(&|text| *text == **expected),
            Self::PrefixIgnoringCase(prefix) => lower_case(&|text| text.starts_with(&**prefix)),
            Self::SuffixIgnoringCase(suffix) => lower_case(&|text| text.ends_with(&**suffix)),
            Self::Wildcard(wildcard) => text.is_some_and(|text| wildcard.matches(text)),
            Self::Network(network) => text.is_some_and(|text| network.contains(text)),
            Self::Anything => true,
            Self::AnythingBut(tests) => !tests.iter().any(|test| test.matches(value)),
        }
    }
}

impl Entry {
    pub(super) fn parse(value: &Value) -> Result<Self, InvalidPattern> {
        Ok(Self::Test(match value {
            Value::Null => ValueTest::Null,
            Value::Bool(value) => ValueTest::Boolean(*value),
            Value::Number(number) => ValueTest::Number(number.clone()),
            Value::String(text) => ValueTest::Text(text.as_str().into()),
            Value::Object(expression) => return Self::parse_expression(expression),
            Value::Array(_) => return refuse("Match value must be String, number, true, false, or null"),
        }))
    }

    fn parse_expression(expression: &Map<String, Value>) -> Result<Self, InvalidPattern> {
        let (operator, operand) = only(expression, "Match expression name not found")?;
        let test = match operator {
            "exists" => match operand {
                Value::Bool(true) => ValueTest::Anything,
                Value::Bool(false) => return Ok(Self::Absent),
                _ => return refuse("exists match pattern must be either true or false."),
            },
            "exactly" => ValueTest::Text(text(operand, "exact match pattern must be a string")?.into()),
            "prefix" => match ignoring_case(operand, "Prefix", "prefix")? {
                Some(prefix) => ValueTest::PrefixIgnoringCase(prefix),
                None => ValueTest::Prefix(text(operand, "prefix match pattern must be a string")?.into()),
            },
            "suffix" => match ignoring_case(operand, "Suffix", "suffix")? {
                Some(suffix) => ValueTest::SuffixIgnoringCase(suffix),
                None => ValueTest::Suffix(text(operand, "suffix match pattern must be a string")?.into()),
            },
            "equals-ignore-case" => ValueTest::TextIgnoringCase(lower_case(operand)?),
            "wildcard" => ValueTest::Wildcard(Wildcard::parse(text(
                operand,
                "wildcard match pattern must be a string",
            )?)?),
            "numeric" => match operand {
                Value::Array(terms) => ValueTest::Numeric(NumericRange::parse(terms)?),
                _ => return refuse("Value of numeric must be an array."),
            },
            // The words are AWS's.
            "cidr" => {
                ValueTest::Network(Network::parse(text(operand, "prefix match pattern must be a string")?)?)
            }
            "anything-but" => ValueTest::AnythingBut(parse_excluded(operand)?),
            other => return refuse(format!("Unrecognized match type {other}")),
        };
        Ok(Self::Test(test))
    }
}

/// Reads what stands behind `anything-but`.
fn parse_excluded(operand: &Value) -> Result<Vec<ValueTest>, InvalidPattern> {
    match operand {
        Value::Object(expression) => {
            let (operator, operand) = only(expression, "Anything-But expression name not found")?;
            let Some(operator) = ExcludedTexts::parse(operator) else {
                return refuse(format!("Unsupported anything-but pattern: {operator}"));
            };
            one_or_more(operand)?.iter().map(|value| operator.test(value)).collect()
        }
        _ => excluded_values(one_or_more(operand)?),
    }
}

/// What `anything-but` can be about beside plain values.
#[derive(Clone, Copy)]
enum ExcludedTexts {
    Prefix,
    Suffix,
    IgnoringCase,
    Wildcard,
}

impl ExcludedTexts {
    fn parse(operator: &str) -> Option<Self> {
        match operator {
            "prefix" => Some(Self::Prefix),
            "suffix" => Some(Self::Suffix),
            "equals-ignore-case" => Some(Self::IgnoringCase),
            "wildcard" => Some(Self::Wildcard),
            _ => None,
        }
    }

    fn test(self, value: &Value) -> Result<ValueTest, InvalidPattern> {
        let text = text(
            value,
            match self {
                Self::Prefix | Self::Suffix => "prefix/suffix match pattern must be a string",
                Self::IgnoringCase => {
                    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
                }
                Self::Wildcard => "wildcard match pattern must be a string",
            },
        )?;
        match self {
            Self::Prefix | Self::Suffix if text.is_empty() => refuse("Null prefix/suffix not allowed"),
            Self::Prefix => Ok(ValueTest::Prefix(text.into())),
            Self::Suffix => Ok(ValueTest::Suffix(text.into())),
            Self::IgnoringCase => Ok(ValueTest::TextIgnoringCase(text.to_lowercase().into())),
            Self::Wildcard => Ok(ValueTest::Wildcard(Wildcard::parse(text)?)),
        }
    }
}

/// Plain values: all of them texts, or all of them numbers.
fn excluded_values(values: &[Value]) -> Result<Vec<ValueTest>, InvalidPattern> {
    let test = |value: &Value| match value {
        Value::String(text) => Ok(ValueTest::Text(text.as_str().into())),
        Value::Number(number) => Millionths::parse(number).map(|_| ValueTest::Number(number.clone())),
        _ => refuse("Inside anything but list, start|null|boolean is not supported."),
    };
    let tests = values.iter().map(test).collect::<Result<Vec<_>, _>>()?;
    if values.iter().all(Value::is_string) == values.iter().all(Value::is_number) {
        return refuse(
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        );
    }
    Ok(tests)
}

fn one_or_more(operand: &Value) -> Result<&[Value], InvalidPattern> {
    match operand {
        Value::Array(values) => Ok(values),
        Value::String(_) | Value::Number(_) => Ok(std::slice::from_ref(operand)),
        Value::Null | Value::Bool(_) | Value::Object(_) => {
            refuse("Value of anything-but must be an array or single string/number value.")
        }
    }
}

/// The text of `{"equals-ignore-case": text}`; `None` if the operand is no object.
fn ignoring_case(operand: &Value, title: &str, name: &str) -> Result<Option<Box<str>>, InvalidPattern> {
    let Value::Object(expression) = operand else { return Ok(None) };
    match only(expression, &format!("{title} expression name not found"))? {
        ("equals-ignore-case", operand) => lower_case(operand).map(Some),
        (other, _) => refuse(format!("Unsupported {name} pattern: {other}")),
    }
}

fn lower_case(operand: &Value) -> Result<Box<str>, InvalidPattern> {
    Ok(text(operand, "equals-ignore-case match pattern must be a string")?.to_lowercase().into())
}

fn text<'a>(value: &'a Value, otherwise: &'static str) -> Result<&'a str, InvalidPattern> {
    match value.as_str() {
        Some(text) => Ok(text),
        None => refuse(otherwise),
    }
}

/// The one member of an expression.
fn only<'a>(
    expression: &'a Map<String, Value>,
    otherwise: &str,
) -> Result<(&'a str, &'a Value), InvalidPattern> {
    let mut members = expression.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        (None, _) => refuse(otherwise.to_owned()),
        (Some(_), Some(_)) => refuse("Only one key allowed in match expression"),
    }
}
