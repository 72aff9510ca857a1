//! What a route is for.

use std::fmt;

use thiserror::Error;

use super::RouteTemplate;

/// The requests that a route is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKey {
    /// Those that no other route is for: `$default`.
    Default,
    /// Those with this method, or any, to such a path.
    Path(RouteMethod, RouteTemplate),
}

/// Which methods a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteMethod {
    /// All for which there is no route of this path: `ANY`.
    Any,
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `PATCH`
    Patch,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

/// A text that is no route key. The message is AWS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "The provided route key is not formatted properly for HTTP protocol. Format should be \"<HTTP METHOD> /<RESOURCE \
     PATH>\" or \"$default\""
)]
pub struct InvalidRouteKey;

impl RouteKey {
    const DEFAULT: &str = "$default";

    /// Reads a key.
    ///
    /// # Errors
    /// If it is neither `$default` nor a method and a path with one space between them.
    pub fn parse(text: &str) -> Result<Self, InvalidRouteKey> {
        if text == Self::DEFAULT {
            return Ok(Self::Default);
        }
        let (method, path) = text.split_once(' ').ok_or(InvalidRouteKey)?;
        let method = RouteMethod::parse(method).ok_or(InvalidRouteKey)?;
        Ok(Self::Path(method, RouteTemplate::parse(path).ok_or(InvalidRouteKey)?))
    }

    /// Whether both are for the same requests: the names of variables make no difference to that.
    #[must_use]
    pub fn is_for_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Default, Self::Default) => true,
            (Self::Path(method, template), Self::Path(other_method, other)) => {
                method == other_method && template.is_like(other)
            }
            (Self::Default, Self::Path(..)) | (Self::Path(..), Self::Default) => false,
        }
    }
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str(Self::DEFAULT),
            Self::Path(method, template) => write!(f, "{} {template}", method.as_str()),
        }
    }
}

impl RouteMethod {
    /// All of them, `ANY` first.
    pub const ALL: [Self; 8] =
        [Self::Any, Self::Delete, Self::Get, Self::Head, Self::Options, Self::Patch, Self::Post, Self::Put];

    /// Reads the name of a method, or `ANY`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_read_and_written() {
        for key in [
            "$default",
            "GET /",
            "ANY /{proxy+}",
            "POST /images/{id}/thumbnails",
            "PUT /a.b~c/{some-Name_1.x}/",
            "OPTIONS //",
        ] {
            assert_eq!(RouteKey::parse(key).expect(key).to_string(), key);
        }
    }

    #[test]
    fn names_of_variables_make_no_difference() {
        let check = |one: &str, other: &str, expected: bool| {
            let parse = |key| RouteKey::parse(key).expect(key);
            assert_eq!(parse(one).is_for_the_same_as(&parse(other)), expected, "{one} {other}");
        };
        check("GET /a/{x}", "GET /a/{y}", true);
        check("GET /a%20b/{x+}", "GET /%61%20b/{y+}", true);
        check("$default", "$default", true);
        check("GET /a/{x}", "GET /a/{x+}", false);
        check("GET /a/{x}", "ANY /a/{x}", false);
        check("GET /a/{x}", "GET /a/{x}/", false);
        check("GET /{x}", "$default", false);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in [
            "",
            "$Default",
            "GET",
            "GET images",
            "GET  /",
            "get /",
            "TRACE /",
            "/images",
            "GET /a b",
            "GET /{id",
            "GET /id}",
            "GET /a{id}",
            "GET /{}",
            "GET /{a b}",
            "GET /{+}",
            "GET /{proxy+}/more",
            "GET /{id}/{id}",
            "GET /{id}/{id+}",
            "GET /a?b",
        ] {
            assert_eq!(RouteKey::parse(key), Err(InvalidRouteKey), "{key}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(GET |ANY )?[/{}+a $é]{0,12}") {
            if let Ok(key) = RouteKey::parse(&text) {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
