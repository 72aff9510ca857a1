//! Reads a pattern from left to right.

use regex_lite::Regex;

use super::InvalidFilterPattern;

/// What of a pattern has not been read yet.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'p> {
    rest: &'p str,
}

/// A text as it stands in a pattern.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    /// In quotes.
    Quoted(String),
    /// Without.
    Bare(String),
    /// A regular expression.
    Expression(Regex),
}

impl<'p> Cursor<'p> {
    pub(super) fn new(rest: &'p str) -> Self {
        Self { rest }
    }

    /// Goes over spaces, and tells whether there is anything behind them.
    pub(super) fn has_more(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        !self.rest.is_empty()
    }

    /// Goes over spaces and then this, if it is there.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// As [`take`](Self::take), of a word in any case that ends there.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let mut ahead = self.clone();
        let word = ahead.take_while(|character| character.is_ascii_alphanumeric());
        if word.eq_ignore_ascii_case(wanted) {
            *self = ahead;
            return true;
        }
        false
    }

    /// Goes over spaces and then as many characters as fit, which may be none.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'p str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|character| !fits(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A text in quotes, a regular expression between percent signs, or characters that fit.
    pub(super) fn literal(&mut self, fits: impl Fn(char) -> bool) -> Result<Literal, InvalidFilterPattern> {
        if self.take("\"") {
            return self.quoted().map(Literal::Quoted);
        }
        if self.take("%") {
            return self.expression().map(Literal::Expression);
        }
        match self.take_while(fits) {
            "" => Err(self.expected("a value")),
            bare => Ok(Literal::Bare(bare.to_owned())),
        }
    }

    pub(super) fn expected(&self, expected: &'static str) -> InvalidFilterPattern {
        InvalidFilterPattern::Expected { expected, rest: self.rest.trim().to_owned() }
    }

    /// What follows an opening quote; `\"` is a quote within.
    fn quoted(&mut self) -> Result<String, InvalidFilterPattern> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err(self.expected("a closing quote"))
    }

    /// What follows an opening percent sign.
    fn expression(&mut self) -> Result<Regex, InvalidFilterPattern> {
        let (expression, rest) = self.rest.split_once('%').ok_or_else(|| self.expected("a closing '%'"))?;
        let invalid = |error: regex_lite::Error| InvalidFilterPattern::Expression {
            expression: expression.to_owned(),
            reason: error.to_string(),
        };
        let parsed = Regex::new(expression).map_err(invalid)?;
        self.rest = rest;
        Ok(parsed)
    }
}
