//! `[http]`: what holds for all routes of the manifest's HTTP API.

use std::path::{Path, PathBuf};

use hearth_model::identity::FunctionName;
use hearth_services::apigateway::v2::{CorsConfiguration, RouteSettings};
use toml::de::DeTable;

use super::{
    FunctionDeclaration,
    fields::Fields,
    problem::{Place, Problem},
    suggestion,
};

/// What holds for all routes of the manifest's HTTP API; by default nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpDeclaration {
    /// `cors`: which pages of other origins may use it.
    pub cors: Option<CorsConfiguration>,
    /// `throttle`: how many requests each route may have.
    pub throttle: RouteSettings,
    /// `[http.authorizers.NAME]`, in the order of their names.
    pub authorizers: Vec<AuthorizerDeclaration>,
}

/// Who says which callers are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizerDeclaration {
    /// Its name.
    pub name: String,
    /// How it decides.
    pub kind: AuthorizerSettings,
    /// Where it is declared.
    pub place: Place,
}

/// How an authorizer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizerSettings {
    /// By tokens.
    Token {
        /// `issuer`: who issues them.
        issuer: String,
        /// `audience`: whom they are for, one of these.
        audience: Vec<String>,
        /// `keys`: a file with the issuer's keys, a JSON web key set.
        keys: Option<PathBuf>,
    },
    /// By a function.
    Function {
        /// `function`: its name in the manifest.
        function: FunctionName,
        /// `identity`: what tells callers from each other.
        identity: Vec<String>,
        /// `cache_s`: for how long its answers count.
        cache_s: Option<u16>,
        /// `simple`: whether it only says yes or no, rather than returning a policy.
        simple: bool,
    },
}

impl HttpDeclaration {
    /// Whether an authorizer asks a function.
    #[must_use]
    pub fn asks(&self, name: &FunctionName) -> bool {
        self.authorizers.iter().any(|authorizer| authorizer.asks(name))
    }

    /// The problems of authorizers that ask functions which are not there.
    pub(super) fn strangers(&self, functions: &[FunctionDeclaration]) -> Vec<Problem> {
        let names = || functions.iter().map(|function| function.configuration.name.as_str());
        let mut problems = Vec::new();
        for authorizer in &self.authorizers {
            if let Some(name) = authorizer.function()
                && !names().any(|known| known == name.as_str())
            {
                let message = format!("there is no function `{name}`");
                let problem = Problem::new(message, authorizer.place.0.clone());
                problems.push(problem.help(match suggestion::closest(name.as_str(), names()) {
                    Some(closest) => format!("did you mean `{closest}`?"),
                    None => format!("add `[functions.{name}]`"),
                }));
            }
        }
        problems
    }
}

impl AuthorizerDeclaration {
    /// Whether it asks this function.
    #[must_use]
    pub fn asks(&self, name: &FunctionName) -> bool {
        self.function() == Some(name)
    }

    /// The function that it asks.
    fn function(&self) -> Option<&FunctionName> {
        match &self.kind {
            AuthorizerSettings::Token { .. } => None,
            AuthorizerSettings::Function { function, .. } => Some(function),
        }
    }

    /// Whether it looks at tokens.
    #[must_use]
    pub fn is_by_token(&self) -> bool {
        match self.kind {
            AuthorizerSettings::Token { .. } => true,
            AuthorizerSettings::Function { .. } => false,
        }
    }
}

/// Reads `[http]` of a manifest in `folder`.
pub(super) fn read(table: &DeTable<'_>, folder: &Path, problems: &mut Vec<Problem>) -> HttpDeclaration {
    let mut fields = Fields::new("`[http]`", table);
    let mut http = HttpDeclaration::default();
    if let Some(value) = fields.value("cors") {
        match value.get_ref().as_table() {
            Some(table) => http.cors = cors(&mut fields, table, &Place(value.span())),
            None => fields.wrong_type("cors", value, "a table"),
        }
    }
    if let Some(value) = fields.value("throttle") {
        match value.get_ref().as_table() {
            Some(table) => http.throttle = throttle(&mut fields, table),
            None => fields.wrong_type("throttle", value, "a table"),
        }
    }
    if let Some(value) = fields.value("authorizers") {
        match value.get_ref().as_table() {
            Some(table) => http.authorizers = authorizers(&mut fields, table, folder),
            None => fields.wrong_type("authorizers", value, "tables `[http.authorizers.NAME]`"),
        }
    }
    problems.extend(fields.finish());
    http
}

fn cors(outer: &mut Fields<'_>, table: &DeTable<'_>, place: &Place) -> Option<CorsConfiguration> {
    let mut fields = Fields::new("`cors`", table);
    let mut list = |key| fields.strings(key).into_iter().map(|(text, _)| text.to_owned()).collect::<Vec<_>>();
    let cors = CorsConfiguration {
        allow_origins: list("allow_origins"),
        allow_methods: list("allow_methods"),
        allow_headers: list("allow_headers"),
        expose_headers: list("expose_headers"),
        allow_credentials: fields.boolean("allow_credentials"),
        max_age_s: fields.integer("max_age_s", -1..=86_400_i64).map(|(seconds, _)| seconds),
    };
    if let Err(refusal) = cors.check() {
        fields.note(Problem::new(refusal.to_string(), place.0.clone()));
    }
    for problem in fields.finish() {
        outer.note(problem);
    }
    Some(cors)
}

fn throttle(outer: &mut Fields<'_>, table: &DeTable<'_>) -> RouteSettings {
    let mut fields = Fields::new("`throttle`", table);
    let settings = RouteSettings {
        burst: fields.integer("burst", 0..=u32::MAX).map(|(burst, _)| burst),
        rate: fields.integer("rate", 0..=u32::MAX).map(|(rate, _)| f64::from(rate)),
    };
    for problem in fields.finish() {
        outer.note(problem);
    }
    settings
}

fn authorizers(outer: &mut Fields<'_>, table: &DeTable<'_>, folder: &Path) -> Vec<AuthorizerDeclaration> {
    let mut authorizers = Vec::with_capacity(table.len());
    for (key, value) in table {
        let name = key.get_ref().to_string();
        match value.get_ref().as_table() {
            Some(table) => authorizers.extend(authorizer(outer, name, Place(key.span()), table, folder)),
            None => {
                let problem = Problem::new(format!("authorizer `{name}` must be a table"), value.span());
                outer.note(problem.help(format!("write `[http.authorizers.{name}]`")));
            }
        }
    }
    authorizers.sort_by(|left, right| left.name.cmp(&right.name));
    authorizers
}

fn authorizer(
    outer: &mut Fields<'_>,
    name: String,
    place: Place,
    table: &DeTable<'_>,
    folder: &Path,
) -> Option<AuthorizerDeclaration> {
    let mut fields = Fields::new(format!("authorizer `{name}`"), table);
    let (issuer, function) = (fields.string("issuer"), fields.string("function"));
    let mut list = |key| fields.strings(key).into_iter().map(|(text, _)| text.to_owned()).collect::<Vec<_>>();
    let kind = match (issuer, function) {
        (Some((issuer, _)), None) => Some(AuthorizerSettings::Token {
            issuer: issuer.to_owned(),
            audience: list("audience"),
            keys: fields.string("keys").map(|(path, _)| folder.join(path)),
        }),
        (None, Some((function, span))) => {
            let identity = list("identity");
            let cache_s = fields.integer("cache_s", 0..=3_600_u16).map(|(seconds, _)| seconds);
            let simple = fields.boolean("simple").unwrap_or(true);
            match FunctionName::parse(function) {
                Ok(function) => Some(AuthorizerSettings::Function { function, identity, cache_s, simple }),
                Err(error) => {
                    fields.note(Problem::new(error.to_string(), span));
                    None
                }
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            let problem =
                Problem::new("an authorizer has an `issuer` of tokens or a `function`", place.0.clone());
            fields.note(problem.help("write one of the two"));
            None
        }
    };
    for problem in fields.finish() {
        outer.note(problem);
    }
    Some(AuthorizerDeclaration { name, kind: kind?, place })
}
