//! What a form may have in it, by the policy that whoever made it signed.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_model::time::Timestamp;
use http::StatusCode;
use serde_json::Value;

use super::Fields;
use crate::s3::{call::SizeRange, failure::Failure};

/// A policy.
#[derive(Debug)]
pub(super) struct Policy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
    size: Option<SizeRange>,
}

#[derive(Debug)]
enum Condition {
    Equals { name: String, value: String },
    StartsWith { name: String, value: String },
}

/// Fields that a policy need not mention.
const FREE: [&str; 6] = ["policy", "signature", "x-amz-signature", "awsaccesskeyid", "file", "submit"];

impl Policy {
    /// Reads the field `policy`.
    pub(super) fn read(encoded: &str) -> Result<Self, Failure> {
        let joined: String = encoded.split_ascii_whitespace().collect();
        let decoded =
            BASE64_STANDARD.decode(joined).map_err(|_| invalid("Invalid Policy: Invalid Base64."))?;
        let document: Value =
            serde_json::from_slice(&decoded).map_err(|_| invalid("Invalid Policy: Invalid JSON."))?;
        let expiration = document["expiration"].as_str();
        let expiration = expiration.ok_or_else(|| invalid("Invalid Policy: Policy missing expiration."))?;
        let expiration: jiff::Timestamp = expiration.parse().map_err(|_| {
            let message = format!("Invalid Policy: Invalid 'expiration' value: '{expiration}'");
            Failure::new("InvalidPolicyDocument", StatusCode::BAD_REQUEST, message)
        })?;
        let conditions = document["conditions"].as_array();
        let conditions = conditions.ok_or_else(|| invalid("Invalid Policy: Policy missing conditions."))?;
        let expiration = Timestamp::from_unix_millis(expiration.as_millisecond());
        let mut policy = Self { expiration, conditions: Vec::new(), size: None };
        for condition in conditions {
            policy.add(condition).ok_or_else(|| {
                let message = format!("Invalid Policy: Invalid Condition: {condition}");
                Failure::new("InvalidPolicyDocument", StatusCode::BAD_REQUEST, message)
            })?;
        }
        Ok(policy)
    }

    /// Checks the fields of a form that is posted to `bucket` now. What its file may have is returned.
    pub(super) fn check(
        &self,
        bucket: &str,
        fields: &Fields,
        now: Timestamp,
    ) -> Result<Option<SizeRange>, Failure> {
        if now > self.expiration {
            return Err(denied("Invalid according to Policy: Policy expired.".to_owned()));
        }
        let value = |name: &str| if name == "bucket" { Some(bucket) } else { fields.find(name) };
        for condition in &self.conditions {
            let (holds, text) = match condition {
                Condition::Equals { name, value: wanted } => {
                    (value(name) == Some(wanted), format!("[\"eq\", \"${name}\", \"{wanted}\"]"))
                }
                Condition::StartsWith { name, value: wanted } => {
                    let holds = value(name).is_some_and(|given| given.starts_with(wanted.as_str()));
                    (holds, format!("[\"starts-with\", \"${name}\", \"{wanted}\"]"))
                }
            };
            if !holds {
                return Err(denied(format!("Invalid according to Policy: Policy Condition failed: {text}")));
            }
        }
        let mentioned = |name: &str| {
            self.conditions.iter().any(|condition| match condition {
                Condition::Equals { name: known, .. } | Condition::StartsWith { name: known, .. } => {
                    known == name
                }
            })
        };
        let extra = fields.iter().find(|(name, _)| {
            !FREE.contains(name) && *name != "bucket" && !name.starts_with("x-ignore-") && !mentioned(name)
        });
        match extra {
            Some((name, _)) => {
                Err(denied(format!("Invalid according to Policy: Extra input fields: {name}")))
            }
            None => Ok(self.size),
        }
    }

    fn add(&mut self, condition: &Value) -> Option<()> {
        let field = |name: &Value| Some(name.as_str()?.strip_prefix('$')?.to_ascii_lowercase());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match condition {
            Value::Object(pairs) => {
                for (name, value) in pairs {
                    let (name, value) = (name.to_ascii_lowercase(), text(value)?);
                    self.conditions.push(Condition::Equals { name, value });
                }
            }
            Value::Array(parts) => match parts.as_slice() {
                [kind, least, most] if kind == "content-length-range" => {
                    self.size = Some(SizeRange { least: number(least)?, most: number(most)? });
                }
                [kind, name, value] if kind == "eq" => {
                    self.conditions.push(Condition::Equals { name: field(name)?, value: text(value)? });
                }
                [kind, name, value] if kind == "starts-with" => {
                    self.conditions.push(Condition::StartsWith { name: field(name)?, value: text(value)? });
                }
                _ => return None,
            },
            _ => return None,
        }
        Some(())
    }
}

/// Some write numbers as texts.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn invalid(message: &'static str) -> Failure {
    Failure::new("InvalidPolicyDocument", StatusCode::BAD_REQUEST, message)
}

fn denied(message: String) -> Failure {
    Failure::new("AccessDenied", StatusCode::FORBIDDEN, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_709_572_958_000);

    fn read(policy: &str) -> Result<Policy, Failure> {
        Policy::read(&BASE64_STANDARD.encode(policy))
    }

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_policy_says_what_a_form_may_have() {
        let policy = read(
            r#"{"expiration": "2024-03-04T17:22:38Z", "conditions": [{"bucket": "uploads"}, ["starts-with", "$key", "user/"],
                ["eq", "$Content-Type", "text/plain"], ["content-length-range", 1, "10"]]}"#,
        );
        let policy = policy.expect("a policy");
        let good = [("key", "user/a"), ("content-type", "text/plain"), ("policy", "x"), ("x-ignore-me", "x")];
        let size = policy.check("uploads", &fields(&good), NOW).expect("it may");
        assert_eq!(size, Some(SizeRange { least: 1, most: 10 }));
        let check = |bucket: &str, changed: (&str, &str), now: Timestamp, expected: &str| {
            let mut pairs: Vec<_> = good.into_iter().filter(|(name, _)| *name != changed.0).collect();
            pairs.push(changed);
            let failure = policy.check(bucket, &fields(&pairs), now).expect_err(expected);
            assert_eq!(&*failure.message, format!("Invalid according to Policy: {expected}"));
        };
        let later = Timestamp::from_unix_nanos(NOW.as_unix_nanos() + 1);
        check("uploads", ("key", "user/a"), later, "Policy expired.");
        check("other", ("key", "user/a"), NOW, r#"Policy Condition failed: ["eq", "$bucket", "uploads"]"#);
        check("uploads", ("key", "a"), NOW, r#"Policy Condition failed: ["starts-with", "$key", "user/"]"#);
        check("uploads", ("acl", "private"), NOW, "Extra input fields: acl");
    }

    #[test]
    fn other_documents_are_refused() {
        for policy in [
            "",
            "[]",
            r#"{"conditions": []}"#,
            r#"{"expiration": "tomorrow", "conditions": []}"#,
            r#"{"expiration": "2024-03-04T17:22:38Z"}"#,
            r#"{"expiration": "2024-03-04T17:22:38Z", "conditions": [["ne", "$key", "a"]]}"#,
            r#"{"expiration": "2024-03-04T17:22:38Z", "conditions": [["eq", "key", "a"]]}"#,
            r#"{"expiration": "2024-03-04T17:22:38Z", "conditions": [3]}"#,
        ] {
            assert_eq!(read(policy).expect_err(policy).code, "InvalidPolicyDocument");
        }
        assert!(Policy::read("%%%").is_err());
    }
}
