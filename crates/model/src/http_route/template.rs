//! Paths with variables.

use std::{collections::BTreeSet, fmt};

use crate::percent;

/// A path that may have variables: `/images/{id}`, `/files/{path+}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTemplate {
    text: String,
    segments: Vec<Segment>,
}

/// A part of a template, between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A text that stands for itself.
    Fixed(String),
    /// `{name}`: any one segment that is not empty.
    Variable(String),
    /// `{name+}`: all that is left of a path, at least one character. The last segment.
    Greedy(String),
}

impl RouteTemplate {
    /// Most bytes of a template. AWS documents none; it keeps the search for a route short.
    const MOST_BYTES: usize = 2_048;

    /// Reads a template; `None` if it does not begin with `/`, has something that can't be in a path, a variable that is only
    /// a part of a segment, two of one name, or something behind a greedy one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix('/').filter(|_| text.len() <= Self::MOST_BYTES)?;
        let segments: Vec<Segment> = path.split('/').map(Segment::parse).collect::<Option<_>>()?;
        let (_, before) = segments.split_last()?;
        let greedy_within = before.iter().any(|segment| matches!(segment, Segment::Greedy(_)));
        let mut names = BTreeSet::new();
        let distinct = segments.iter().filter_map(Segment::name).all(|name| names.insert(name));
        (!greedy_within && distinct).then(|| Self { text: text.to_owned(), segments })
    }

    /// The template as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether both are for the same paths.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same = |(one, other): (&Segment, &Segment)| match (one, other) {
            (Segment::Fixed(one), Segment::Fixed(other)) => percent::decode(one) == percent::decode(other),
            (Segment::Variable(_), Segment::Variable(_)) | (Segment::Greedy(_), Segment::Greedy(_)) => true,
            (Segment::Fixed(_) | Segment::Variable(_) | Segment::Greedy(_), _) => false,
        };
        self.segments.len() == other.segments.len() && self.segments.iter().zip(&other.segments).all(same)
    }

    /// Its parts, at least one: `/` has one that is empty.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl fmt::Display for RouteTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Segment {
    /// The name of a variable.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Fixed(_) => None,
            Self::Variable(name) | Self::Greedy(name) => Some(name),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let Some(variable) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
            let fits = |byte: u8| byte.is_ascii_graphic() && !b"{}?#\"<>\\^`|".contains(&byte);
            return text.bytes().all(fits).then(|| Self::Fixed(text.to_owned()));
        };
        let name = variable.strip_suffix('+').unwrap_or(variable);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:$".contains(&byte);
        if name.is_empty() || !name.bytes().all(fits) {
            return None;
        }
        let name = name.to_owned();
        Some(if variable.ends_with('+') { Self::Greedy(name) } else { Self::Variable(name) })
    }
}
