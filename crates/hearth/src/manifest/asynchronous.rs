//! What the table of a function says about events that nobody waits for: `dead_letter_queue` and `asynchronous`.

use super::{
    fields::{Fields, Located},
    problem::Place,
};

/// What becomes of a function's events, and who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsynchronousDeclaration {
    /// How often an event is tried again after an error of the function.
    pub maximum_retry_attempts: Option<u32>,
    /// How long an event is kept, in seconds.
    pub maximum_event_age_s: Option<u32>,
    /// What gets a record of each success.
    pub on_success: Option<Target>,
    /// What gets a record of each failure.
    pub on_failure: Option<Target>,
    /// Where it is written.
    pub place: Place,
}

/// A queue or a function, by its name or its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name or the ARN.
    pub name: String,
    /// Where it is written.
    pub place: Place,
}

impl AsynchronousDeclaration {
    pub(super) fn read(outer: &mut Fields<'_>) -> Option<Self> {
        let value = outer.value("asynchronous")?;
        let Some(table) = value.get_ref().as_table() else {
            outer.wrong_type("asynchronous", value, "a table");
            return None;
        };
        let mut fields = Fields::new("`asynchronous`", table);
        let read = Self {
            maximum_retry_attempts: fields.integer("maximum_retry_attempts", 0..=2).map(|(number, _)| number),
            maximum_event_age_s: fields.integer("maximum_event_age_s", 60..=21_600).map(|(number, _)| number),
            on_success: fields.string("on_success").map(Target::of),
            on_failure: fields.string("on_failure").map(Target::of),
            place: Place(value.span()),
        };
        for problem in fields.finish() {
            outer.note(problem);
        }
        Some(read)
    }
}

impl Target {
    pub(super) fn of((name, span): Located<&str>) -> Self {
        Self { name: name.to_owned(), place: Place(span) }
    }
}
