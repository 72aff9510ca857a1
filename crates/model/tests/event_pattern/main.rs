//! Event patterns: what they match, what they refuse, and what always holds.

mod matching;
mod properties;
mod refusals;
