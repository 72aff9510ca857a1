//! What the front ends of EventBridge's APIs check of a request before anybody looks at it.

use std::{borrow::Cow, collections::BTreeMap, ops::RangeInclusive};

use hearth_model::validation::{ValidationError, Violation};

/// Everything in a request that does not satisfy the API's model.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<Violation>);

impl Checks {
    /// A text of a length.
    pub(crate) fn length(
        &mut self,
        member: impl Into<Cow<'static, str>>,
        value: &str,
        range: RangeInclusive<usize>,
    ) {
        let length = value.chars().count();
        if length < *range.start() {
            self.0.push(Violation::length_at_least(member, value, *range.start()));
        } else if length > *range.end() {
            self.0.push(Violation::length_at_most(member, value, *range.end()));
        }
    }

    /// A name: letters, digits, `.`, `-` and `_`, from 1 to 64 of them. `pattern` is how the API's model says that.
    pub(crate) fn name(&mut self, member: impl Into<Cow<'static, str>>, value: &str, pattern: &'static str) {
        let member = member.into();
        self.length(member.clone(), value, 1..=64);
        if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
            self.0.push(Violation::pattern(member, value, pattern));
        }
    }

    /// A number of a range, if there is one.
    pub(crate) fn number(
        &mut self,
        member: impl Into<Cow<'static, str>>,
        value: Option<i64>,
        range: RangeInclusive<i64>,
    ) {
        let Some(value) = value else { return };
        if value < *range.start() {
            self.0.push(Violation::value_at_least(member, value, *range.start()));
        } else if value > *range.end() {
            self.0.push(Violation::value_at_most(member, value, *range.end()));
        }
    }

    /// Tags.
    pub(crate) fn tags(&mut self, tags: &BTreeMap<String, String>, value: RangeInclusive<usize>) {
        for (position, (key, given)) in (1..).zip(tags) {
            self.length(format!("tags.{position}.member.key"), key, 1..=128);
            self.length(format!("tags.{position}.member.value"), given, value.clone());
        }
    }

    /// Notes what is wrong.
    pub(crate) fn note(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Fails if anything is wrong.
    pub(crate) fn finish(self) -> Result<(), ValidationError> {
        ValidationError::check(self.0)
    }
}
