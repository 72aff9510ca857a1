//! What scripts of other origins may do with a bucket.
//!
//! Source: "Using cross-origin resource sharing (CORS)" in the S3 user guide.

use super::Refusal;

/// The rules of a bucket; the first one that fits decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors(Vec<CorsRule>);

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// What tells it from the others.
    pub id: Option<String>,
    /// From where: origins with at most one `*` each.
    pub origins: Vec<String>,
    /// With which methods.
    pub methods: Vec<String>,
    /// With which headers: names with at most one `*` each.
    pub headers: Vec<String>,
    /// Which headers of answers scripts get to see.
    pub exposed_headers: Vec<String>,
    /// For how long a browser may remember that.
    pub max_age_s: Option<i32>,
}

/// What a browser asks before it sends a request, or while it does.
#[derive(Clone, Copy, Debug)]
pub struct CorsQuestion<'a> {
    /// From where.
    pub origin: &'a str,
    /// With which method.
    pub method: &'a str,
    /// With which headers, names separated by commas.
    pub headers: &'a str,
}

impl Cors {
    /// Checks rules.
    ///
    /// # Errors
    /// If there is none, or one has an origin, method or header that it cannot have.
    pub fn new(rules: Vec<CorsRule>) -> Result<Self, Refusal> {
        const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];
        if rules.is_empty() || rules.len() > 100 {
            return Err(Refusal::MalformedXml);
        }
        for rule in &rules {
            if rule.origins.is_empty() || rule.methods.is_empty() {
                return Err(Refusal::MalformedXml);
            }
            if let Some(method) = rule.methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
                return Err(Refusal::InvalidRequest(
                    format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}")
                        .into(),
                ));
            }
            let too_many = |text: &&String| text.matches('*').count() > 1;
            if let Some(origin) = rule.origins.iter().find(too_many) {
                return Err(Refusal::InvalidRequest(
                    format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.").into(),
                ));
            }
            if let Some(header) = rule.headers.iter().find(too_many) {
                return Err(Refusal::InvalidRequest(
                    format!("AllowedHeader \"{header}\" can not have more than one wildcard.").into(),
                ));
            }
        }
        Ok(Self(rules))
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[CorsRule] {
        &self.0
    }

    /// The rule by which something is allowed.
    #[must_use]
    pub fn rule_for(&self, question: CorsQuestion<'_>) -> Option<&CorsRule> {
        self.0.iter().find(|rule| rule.allows(question))
    }
}

impl CorsRule {
    fn allows(&self, question: CorsQuestion<'_>) -> bool {
        let mut headers = question.headers.split(',').map(str::trim).filter(|name| !name.is_empty());
        self.methods.iter().any(|method| method == question.method)
            && self.origins.iter().any(|pattern| fits(pattern, question.origin))
            && headers.all(|name| {
                let name = name.to_ascii_lowercase();
                self.headers.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), &name))
            })
    }

    /// Whether all origins are allowed.
    #[must_use]
    pub fn is_for_any_origin(&self) -> bool {
        self.origins.iter().any(|origin| origin == "*")
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, behind)) => {
            text.len() >= before.len() + behind.len() && text.starts_with(before) && text.ends_with(behind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(origin: &str, method: &str, header: &str) -> CorsRule {
        let one = |text: &str| Vec::from_iter((!text.is_empty()).then(|| text.to_owned()));
        CorsRule { origins: one(origin), methods: one(method), headers: one(header), ..CorsRule::default() }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = vec![
            rule("https://*.example.org", "PUT", "x-amz-*"),
            rule("https://example.org", "PUT", "*"),
            rule("*", "GET", ""),
        ];
        let cors = Cors::new(rules).expect("rules");
        let check = |origin, method, headers, expected: Option<usize>| {
            let found = cors.rule_for(CorsQuestion { origin, method, headers });
            let position = found.and_then(|found| cors.rules().iter().position(|rule| rule == found));
            assert_eq!(position, expected, "{origin} {method} {headers}");
        };
        check("https://a.example.org", "PUT", "X-Amz-Meta-A, x-amz-date", Some(0));
        check("https://a.example.org", "PUT", "content-type", None);
        check("https://example.org", "PUT", "content-type", Some(1));
        check("https://evil.org", "PUT", "", None);
        check("https://evil.org", "GET", "", Some(2));
        check("https://evil.org", "GET", "range", None);
        check("https://example.org", "DELETE", "", None);
    }

    #[test]
    fn rules_are_checked() {
        for wrong in [
            vec![],
            vec![rule("", "GET", "")],
            vec![rule("*", "", "")],
            vec![rule("*", "PATCH", "")],
            vec![rule("https://*.*", "GET", "")],
            vec![rule("*", "GET", "x-*-*")],
        ] {
            assert!(Cors::new(wrong.clone()).is_err(), "{wrong:?}");
        }
    }
}
