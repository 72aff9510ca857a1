//! Reads a table key by key, and notes all that is wrong with it.

use std::ops::{Range, RangeInclusive};

use hearth_model::function::InvalidConfiguration;
use toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue},
};

use super::{problem::Problem, suggestion};

/// A table whose keys are asked for one by one; those that nobody asked for are unknown.
pub(super) struct Fields<'d> {
    /// What the table is, for errors: ``function `thumbnail` ``.
    owner: String,
    table: &'d DeTable<'d>,
    asked: Vec<&'static str>,
    problems: Vec<Problem>,
}

/// A value and its place.
pub(super) type Located<T> = (T, Range<usize>);

impl<'d> Fields<'d> {
    pub(super) fn new(owner: impl Into<String>, table: &'d DeTable<'d>) -> Self {
        Self { owner: owner.into(), table, asked: Vec::new(), problems: Vec::new() }
    }

    /// What the table is, for errors.
    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value of a key.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<Located<&'d str>> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(key, value, "a string");
        }
        Some((text?, value.span()))
    }

    /// A list of strings; empty if the key is not there.
    pub(super) fn strings(&mut self, key: &'static str) -> Vec<Located<&'d str>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of strings");
            return Vec::new();
        };
        let mut strings = Vec::with_capacity(array.len());
        for item in array {
            match item.get_ref().as_str() {
                Some(text) => strings.push((text, item.span())),
                None => self.wrong_type(key, item, "a list of strings"),
            }
        }
        strings
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(key, value, "`true` or `false`");
        }
        boolean
    }

    /// A whole number of a range.
    pub(super) fn integer<T>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Option<Located<T>>
    where
        T: TryFrom<i128> + Into<i128> + Copy,
    {
        let (number, span) = self.any_integer(key)?;
        let (start, end) = ((*range.start()).into(), (*range.end()).into());
        if !(start..=end).contains(&number) {
            let message = format!("`{key}` must be from {start} to {end}, not {number}");
            self.note(Problem::new(message, span));
            return None;
        }
        T::try_from(number).ok().map(|number| (number, span))
    }

    /// A number that the model checks.
    pub(super) fn bounded<T>(&mut self, key: &'static str) -> Option<T>
    where
        T: TryFrom<u32, Error = InvalidConfiguration>,
    {
        let (number, span) = self.any_integer(key)?;
        // Beyond the range of the type means beyond the range of the value: the nearest one tells that as well.
        let clamped = u32::try_from(number.clamp(0, u32::MAX.into())).expect("clamped into its range");
        match T::try_from(clamped) {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(Problem::new(error.to_string(), span));
                None
            }
        }
    }

    fn any_integer(&mut self, key: &'static str) -> Option<Located<i128>> {
        let value = self.value(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, "a whole number");
            return None;
        };
        let number = parse(integer);
        if number.is_none() {
            self.note(Problem::new(format!("`{key}` is too large"), value.span()));
        }
        Some((number?, value.span()))
    }

    /// Notes that a value is not of the type that its key wants.
    pub(super) fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let problem = Problem::new(format!("`{key}` must be {wanted}, not {found}"), value.span());
        self.note(match value.get_ref() {
            DeValue::String(text) if wanted == "a whole number" && text.parse::<u64>().is_ok() => {
                problem.help(format!("remove the quotes: `{key} = {text}`"))
            }
            DeValue::Integer(number) if wanted == "a string" => {
                problem.help(format!("add quotes: `{key} = \"{}\"`", number.as_str()))
            }
            DeValue::Boolean(boolean) if wanted == "a string" => {
                problem.help(format!("add quotes: `{key} = \"{boolean}\"`"))
            }
            _ => problem,
        });
    }

    /// Ends the reading: notes the keys that nobody asked for.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        for (name, _) in self.table {
            let key: &str = name.get_ref();
            if !self.asked.contains(&key) {
                let help = suggestion::help(key, self.asked.iter().copied());
                let message = format!("unknown key `{key}` in {}", self.owner);
                self.problems.push(Problem::new(message, name.span()).help(help));
            }
        }
        self.problems
    }
}

fn parse(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}
