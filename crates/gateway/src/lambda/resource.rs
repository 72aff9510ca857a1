//! What the paths of the Lambda API name.

/// What a path names; names and ARNs are still percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    /// All functions of an account and region.
    Functions,
    /// A function.
    Function(&'a str),
    /// A function's configuration.
    Configuration(&'a str),
    /// A function's code.
    Code(&'a str),
    /// A function's versions.
    Versions(&'a str),
    /// A function's aliases.
    Aliases(&'a str),
    /// An alias: the function, its name.
    Alias(&'a str, &'a str),
}

impl<'a> Resource<'a> {
    /// What a path names, if it is one of the Lambda API's.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let (date, rest) = path.strip_prefix('/')?.split_once('/')?;
        let mut segments = rest.split('/');
        let mut next = || segments.next();
        let parts = (date, next(), next(), next(), next(), next());
        let resource = match parts {
            ("2015-03-31", Some("functions"), None | Some(""), None, None, None) => Self::Functions,
            ("2015-03-31", Some("functions"), Some(function), kind, name, None) => match (kind, name) {
                (None, None) => Self::Function(function),
                (Some("configuration"), None) => Self::Configuration(function),
                (Some("code"), None) => Self::Code(function),
                (Some("versions"), None) => Self::Versions(function),
                (Some("aliases"), None) => Self::Aliases(function),
                (Some("aliases"), Some(name)) if !name.is_empty() => Self::Alias(function, name),
                _ => return None,
            },
            _ => return None,
        };
        Some(resource)
    }

    /// The methods that it takes, as the `Allow` header lists them.
    pub(crate) const fn methods(self) -> &'static str {
        match self {
            Self::Functions | Self::Versions(_) | Self::Aliases(_) => "GET, POST",
            Self::Function(_) => "GET, DELETE",
            Self::Configuration(_) => "GET, PUT",
            Self::Code(_) => "PUT",
            Self::Alias(..) => "GET, PUT, DELETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_resources() {
        let check =
            |path: &str, expect: Option<Resource<'_>>| assert_eq!(Resource::of(path), expect, "{path}");
        check("/2015-03-31/functions", Some(Resource::Functions));
        check("/2015-03-31/functions/", Some(Resource::Functions));
        check("/2015-03-31/functions/a", Some(Resource::Function("a")));
        check("/2015-03-31/functions/a/configuration", Some(Resource::Configuration("a")));
        check("/2015-03-31/functions/a%3A1/code", Some(Resource::Code("a%3A1")));
        check("/2015-03-31/functions/a/versions", Some(Resource::Versions("a")));
        check("/2015-03-31/functions/a/aliases", Some(Resource::Aliases("a")));
        check("/2015-03-31/functions/a/aliases/live", Some(Resource::Alias("a", "live")));
        for path in [
            "",
            "/",
            "/functions",
            "/2014-11-13/functions",
            "/2015-03-31/functions/a/aliases/",
            "/2015-03-31/functions/a/aliases/live/more",
            "/2015-03-31/functions/a/code/more",
            "/2015-03-31/functions/a/nothing",
        ] {
            check(path, None);
        }
    }
}
