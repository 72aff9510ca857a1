//! Which pages of other origins may use an API.

use serde::{Deserialize, Serialize};

use super::Refusal;

/// Cross-origin resource sharing, as an API is configured. API Gateway answers preflights itself, and what it says takes the
/// place of what functions say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsConfiguration {
    /// Whether requests may carry cookies and the like.
    pub allow_credentials: Option<bool>,
    /// The headers that requests may have.
    pub allow_headers: Vec<String>,
    /// The methods that requests may have.
    pub allow_methods: Vec<String>,
    /// The origins of pages that may send requests; with `*` also patterns such as `https://*` and `http://*`.
    pub allow_origins: Vec<String>,
    /// The headers of answers that pages may read.
    pub expose_headers: Vec<String>,
    /// For how many seconds a browser may remember this, from -1 to 86,400.
    pub max_age_s: Option<i64>,
}

impl CorsConfiguration {
    /// Checks that it can be.
    ///
    /// # Errors
    /// If there is a method, an origin or an age that cannot be, or every origin may send cookies.
    pub fn check(&self) -> Result<(), Refusal> {
        const METHODS: [&str; 8] = ["*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
        if let Some(method) = self.allow_methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
            return Err(Refusal::bad_request(format!("Invalid method in CORS configuration: {method}")));
        }
        if self.allow_credentials == Some(true) && self.allow_origins.iter().any(|origin| origin == "*") {
            return Err(Refusal::bad_request(
                "Allow-Credentials cannot be used with a wildcard origin. Provide explicit origins instead.",
            ));
        }
        let is_origin = |origin: &String| origin == "*" || origin.contains("://");
        if let Some(origin) = self.allow_origins.iter().find(|origin| !is_origin(origin)) {
            return Err(Refusal::bad_request(format!(
                "Invalid format for origin {origin}. Origin must be a wildcard or start with a scheme, such as https://"
            )));
        }
        match self.max_age_s {
            Some(age) if !(-1..=86_400).contains(&age) => {
                Err(Refusal::bad_request(format!("MaxAge must be from -1 to 86400, not {age}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a page of this origin may use the API.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.allow_origins.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(scheme) if scheme.is_empty() || scheme.ends_with("://") => origin.starts_with(scheme),
            Some(_) | None => allowed.eq_ignore_ascii_case(origin),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str], methods: &[&str]) -> CorsConfiguration {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        CorsConfiguration {
            allow_origins: owned(origins),
            allow_methods: owned(methods),
            ..CorsConfiguration::default()
        }
    }

    #[test]
    fn configurations_are_checked() {
        assert_eq!(cors(&["*", "http://localhost:3000"], &["GET", "*"]).check(), Ok(()));
        let refused = [
            cors(&["localhost"], &[]),
            cors(&[], &["TRACE"]),
            CorsConfiguration { allow_credentials: Some(true), ..cors(&["*"], &[]) },
            CorsConfiguration { max_age_s: Some(86_401), ..cors(&[], &[]) },
        ];
        for refused in refused {
            assert!(matches!(refused.check(), Err(Refusal::BadRequest(_))), "{refused:?}");
        }
    }

    #[test]
    fn origins_are_compared() {
        let check = |allowed: &[&str], origin: &str, expected: bool| {
            assert_eq!(cors(allowed, &[]).allows(origin), expected, "{allowed:?} {origin}");
        };
        check(&["*"], "http://a", true);
        check(&["https://*"], "https://a", true);
        check(&["https://*"], "http://a", false);
        check(&["http://b", "http://A"], "http://a", true);
        check(&["http://a"], "http://a:80", false);
        check(&[], "http://a", false);
    }
}
