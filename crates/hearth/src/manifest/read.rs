//! A manifest as a whole.

use std::{fs, ops::Range, path::Path, sync::Arc};

use hearth_model::{identity::FunctionName, limits};
use toml::de::DeTable;

use super::{
    BucketDeclaration, Diagnostics, FaultDeclaration, FunctionDeclaration, HttpDeclaration, ManifestError,
    QueueDeclaration, Settings, bucket,
    events::{self, Sources},
    fault,
    fields::Fields,
    function::Surroundings,
    http,
    problem::{Place, Problem, Source},
    queue, suggestion,
};

/// What a manifest is called unless told otherwise.
pub const FILE_NAME: &str = "hearth.toml";

/// A manifest that was read and found to be right; its code may still be missing.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    source: Arc<Source>,
    /// What holds for all functions.
    pub settings: Settings,
    /// The queues in the order of their names, with those that only take dead letters.
    pub queues: Vec<QueueDeclaration>,
    /// The buckets in the order of their names.
    pub buckets: Vec<BucketDeclaration>,
    /// What holds for all routes of its HTTP API.
    pub http: HttpDeclaration,
    /// The functions in the order of their names.
    pub functions: Vec<FunctionDeclaration>,
    /// What is to go wrong.
    pub faults: Vec<FaultDeclaration>,
}

impl Manifest {
    /// Reads a manifest. Blocks.
    ///
    /// # Errors
    /// If the file cannot be read or anything in it is wrong; all that is wrong is told at once.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ManifestError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(path, text)
    }

    /// Reads a manifest's text. `path` is how errors call it, and its folder is what paths are relative to.
    ///
    /// # Errors
    /// If anything in it is wrong.
    pub fn parse(path: &Path, text: String) -> Result<Self, ManifestError> {
        let source = Arc::new(Source { path: path.to_owned(), text });
        let invalid = |problems| ManifestError::Invalid(Diagnostics::new(&source, problems));
        let document =
            DeTable::parse(&source.text).map_err(|error| invalid(vec![syntax(&source.text, &error)]))?;
        let mut reader = Reader { folder: path.parent().unwrap_or(Path::new("")), problems: Vec::new() };
        let manifest = reader.document(document.get_ref());
        if reader.problems.is_empty() {
            Ok(Self { source: Arc::clone(&source), ..manifest })
        } else {
            Err(invalid(reader.problems))
        }
    }

    /// The function of a name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        self.functions.iter().find(|function| function.configuration.name.as_str() == name)
    }

    /// The queue that a name means: a FIFO queue also without the `.fifo` at its end.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<&QueueDeclaration> {
        queue::find(&self.queues, name)
    }

    /// What a user who looked for `name` may have meant, as a sentence.
    #[must_use]
    pub fn suggest_function(&self, name: &str) -> String {
        let names = self.functions.iter().map(|function| function.configuration.name.as_str());
        suggestion::help(name, names)
    }

    /// The same manifest without all functions but one, without queues, buckets and faults, and without what that one sends to others.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        let alone = |function: &FunctionDeclaration| FunctionDeclaration {
            dead_letter: None,
            asynchronous: None,
            queue_events: Vec::new(),
            bucket_events: Vec::new(),
            schedule_events: Vec::new(),
            http_events: Vec::new(),
            socket_events: Vec::new(),
            ..function.clone()
        };
        let functions = self.function(name).map(alone).into_iter().collect();
        let http = HttpDeclaration::default();
        let (queues, buckets, faults) = (Vec::new(), Vec::new(), Vec::new());
        Self { queues, buckets, http, functions, faults, ..self.clone() }
    }

    /// Where the manifest was read; empty if there is none.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// What stands in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The error of what the manifest names and cannot be used, at the places where it does.
    #[must_use]
    pub fn errors_at(&self, unusable: impl IntoIterator<Item = (Place, String)>) -> ManifestError {
        let problem = |(place, reason): (Place, String)| Problem::new(reason, place.0);
        let problems = unusable.into_iter().map(problem).collect();
        ManifestError::Invalid(Diagnostics::new(&self.source, problems))
    }
}

struct Reader<'a> {
    folder: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// A manifest without its source.
    fn document(&mut self, document: &DeTable<'_>) -> Manifest {
        let mut fields = Fields::new("the manifest", document);
        let mut manifest = Manifest { settings: Settings::read(&mut fields), ..Manifest::default() };
        if let Some(value) = fields.value("queues") {
            match value.get_ref().as_table() {
                Some(table) => manifest.queues = queue::read_all(table, &mut self.problems),
                None => fields.wrong_type("queues", value, "tables `[queues.NAME]`"),
            }
        }
        if let Some(value) = fields.value("buckets") {
            match value.get_ref().as_table() {
                Some(table) => manifest.buckets = bucket::read_all(table, &mut self.problems),
                None => fields.wrong_type("buckets", value, "tables `[buckets.NAME]`"),
            }
        }
        if let Some(value) = fields.value("http") {
            match value.get_ref().as_table() {
                Some(table) => manifest.http = http::read(table, self.folder, &mut self.problems),
                None => fields.wrong_type("http", value, "a table `[http]`"),
            }
        }
        if let Some(value) = fields.value("functions") {
            match value.get_ref().as_table() {
                Some(table) => manifest.functions = self.functions(table, &manifest),
                None => fields.wrong_type("functions", value, "tables `[functions.NAME]`"),
            }
        }
        if let Some(value) = fields.value("faults") {
            match value.get_ref().as_array() {
                Some(array) => manifest.faults = fault::read_all(array, &mut self.problems),
                None => fields.wrong_type("faults", value, "tables `[[faults]]`"),
            }
        }
        self.problems.extend(fields.finish());
        self.check_reservations(&manifest);
        let bucket_events = manifest.functions.iter().flat_map(|function| &function.bucket_events);
        self.problems.extend(events::check_overlaps(bucket_events));
        let http_events = manifest.functions.iter().flat_map(|function| &function.http_events);
        self.problems.extend(events::check_routes(http_events));
        let socket_events = manifest.functions.iter().flat_map(|function| &function.socket_events);
        self.problems.extend(events::check_socket_routes(socket_events));
        self.problems.extend(manifest.http.strangers(&manifest.functions));
        manifest
    }

    /// Reads `[functions]` of a manifest, of which the rest has been read.
    fn functions(&mut self, table: &DeTable<'_>, manifest: &Manifest) -> Vec<FunctionDeclaration> {
        let sources = Sources { queues: &manifest.queues, buckets: &manifest.buckets, http: &manifest.http };
        let surroundings = Surroundings { folder: self.folder, sources, seed: manifest.settings.seed };
        let mut functions = Vec::with_capacity(table.len());
        for (key, value) in table {
            let name = match FunctionName::parse(key.get_ref()) {
                Ok(name) => name,
                Err(error) => {
                    self.problems.push(Problem::new(error.to_string(), key.span()));
                    continue;
                }
            };
            let Some(table) = value.get_ref().as_table() else {
                let problem = Problem::new(format!("function `{name}` must be a table"), value.span());
                self.problems
                    .push(problem.help(format!("write `[functions.{name}]` and `code = …` below it")));
                continue;
            };
            let problems = &mut self.problems;
            functions.extend(FunctionDeclaration::read(name, key.span(), table, &surroundings, problems));
        }
        functions
    }

    /// All reservations together must leave the account what AWS keeps for functions without.
    fn check_reservations(&mut self, manifest: &Manifest) {
        let Manifest { settings, functions, .. } = manifest;
        let mut available =
            settings.account_concurrency.saturating_sub(limits::MINIMUM_UNRESERVED_CONCURRENCY);
        for function in functions {
            let reserved = function.configuration.reserved_concurrency.unwrap_or(0);
            match (available.checked_sub(reserved), &function.reserved_span) {
                (Some(rest), _) => available = rest,
                (None, Some(span)) => self.problems.push(
                    Problem::new(
                        format!("only {available} of concurrency can still be reserved"),
                        span.clone(),
                    )
                    .help(format!(
                        "reserve less, or raise `account_concurrency`: of its {}, {} stay for functions that \
                             have reserved none",
                        settings.account_concurrency,
                        limits::MINIMUM_UNRESERVED_CONCURRENCY
                    )),
                ),
                (None, None) => {}
            }
        }
    }
}

/// What the TOML parser says, and for two functions of one name what that means.
fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    if error.message() == "duplicate key" {
        if let Some(problem) = duplicate_function(text, span.clone()) {
            return problem;
        }
        let key = text.get(span.clone()).unwrap_or_default();
        return Problem::new(format!("`{key}` is there twice"), span).help("remove one of the two");
    }
    Problem::new(error.message(), span)
}

fn duplicate_function(text: &str, span: Range<usize>) -> Option<Problem> {
    let line_start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let header = text[line_start..].lines().next()?.trim();
    let name = header.strip_prefix("[functions.")?.split(']').next()?;
    let problem = Problem::new(format!("two functions are named `{name}`"), span)
        .help("give one of them another name, or make one of both");
    let first = text[..line_start].find(&format!("[functions.{name}]"));
    let at = |first: usize| {
        let start = first + "[functions.".len();
        start..start + name.len()
    };
    Some(match first {
        Some(first) => problem.related(at(first), "the first one"),
        None => problem,
    })
}
