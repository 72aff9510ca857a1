//! Errors that show where they are.

use std::{fmt, io, ops::Range, path::PathBuf, sync::Arc};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use thiserror::Error;

/// Why a manifest cannot be used.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file is not there, or not readable, or not text.
    #[error("cannot read the manifest `{}`", path.display())]
    Unreadable {
        /// The manifest.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What it says is wrong.
    #[error("{0}")]
    Invalid(Diagnostics),
}

/// What is wrong with a manifest: at least one problem. [`Display`](fmt::Display) is plain text.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    source: Arc<Source>,
    problems: Vec<Problem>,
}

/// A manifest's text and what errors call it.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// A place in a manifest: a range of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub(super) Range<usize>);

/// One thing that is wrong, and where. A span counts bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    message: String,
    span: Range<usize>,
    related: Option<(Range<usize>, &'static str)>,
    help: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span, related: None, help: None }
    }

    /// Says how to mend it.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Shows another place that has to do with it.
    pub(super) fn related(self, span: Range<usize>, label: &'static str) -> Self {
        Self { related: Some((span, label)), ..self }
    }
}

impl Diagnostics {
    /// Problems in the order of their places.
    pub(super) fn new(source: &Arc<Source>, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Self { source: Arc::clone(source), problems }
    }

    /// The text for a terminal with colours.
    #[must_use]
    pub fn styled(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let path = self.source.path.to_string_lossy();
        let render = |problem: &Problem| {
            let primary = AnnotationKind::Primary.span(problem.span.clone());
            let mut snippet = Snippet::source(&*self.source.text).path(&*path).annotation(primary);
            if let Some((span, label)) = &problem.related {
                snippet = snippet.annotation(AnnotationKind::Context.span(span.clone()).label(*label));
            }
            let mut group: Group<'_> = Level::ERROR.primary_title(&*problem.message).element(snippet);
            if let Some(help) = &problem.help {
                group = group.element(Level::HELP.message(&**help));
            }
            renderer.render(&[group])
        };
        self.problems.iter().map(render).collect::<Vec<_>>().join("\n\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}
