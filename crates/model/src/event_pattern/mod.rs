//! Event patterns: which events a filter lets through, or a rule is about.
//!
//! An [`EventPattern`] is read once and then asked about events. A pattern is a JSON object with the shape of the events; where
//! an event has a value, the pattern has an array of what the value may be:
//!
//! | in the array | matches |
//! | --- | --- |
//! | `"text"`, `17`, `true`, `null`, `{"exactly": "text"}` | that value; numbers by what they mean: `300` is `3.0e2` |
//! | `{"prefix": "a"}`, `{"suffix": "z"}` | texts that begin or end so |
//! | `{"prefix": {"equals-ignore-case": "a"}}`, likewise `suffix` | the same, in upper or lower case |
//! | `{"equals-ignore-case": "text"}` | that text, in upper or lower case |
//! | `{"wildcard": "a*z"}` | texts in which `*` stands for anything; `\*` is an asterisk, `\\` a backslash |
//! | `{"anything-but": …}` | every value but those named: a text, a number, an array of either, or `prefix`, `suffix`, `equals-ignore-case` or `wildcard` with one text or an array |
//! | `{"numeric": [">", 0, "<=", 5]}` | numbers in the range; `=`, `<`, `<=`, `>`, `>=` |
//! | `{"cidr": "10.0.0.0/24"}` | texts that are addresses of the network |
//! | `{"exists": true}`, `{"exists": false}` | any value at all; that there is none anywhere in the event |
//!
//! All fields of a pattern must match, and of `"$or": [{…}, {…}]` one object. An array in an event matches if one of its elements
//! does; fields of objects in an array must match within the same element.
//!
//! What a pattern that is refused is told is what EventBridge says after `Event pattern is not valid. Reason: `, without the
//! position in the text. Keys are compared as they are: that AWS takes `{"a.b": …}` for `{"a": {"b": …}}` is an accident that
//! its documentation warns of, and is not imitated.
//!
//! Sources: EventBridge user guide, "Comparison operators for use in event patterns"; the documentation of AWS's Event Ruler,
//! which is the matcher inside; recorded refusals.

mod error;
mod network;
mod number;
mod pattern;
mod value;
mod wildcard;

pub use error::InvalidPattern;
pub use pattern::EventPattern;
