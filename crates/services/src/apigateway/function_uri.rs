//! How APIs name the functions that they invoke.

use hearth_model::reference::{FunctionReference, NameShape};

/// The function of an integration or an authorizer.
///
/// Either the function's ARN, or that within the URI of Lambda's `Invoke`:
/// `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/<ARN>/invocations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionUri(FunctionReference);

impl FunctionUri {
    /// Reads a URI; `None` if it does not lead to a function.
    #[must_use]
    pub fn parse(uri: &str) -> Option<Self> {
        let arn = match uri.split_once(":lambda:path/2015-03-31/functions/") {
            Some((before, path)) if before.starts_with("arn:aws:apigateway:") => {
                path.strip_suffix("/invocations")?
            }
            Some(_) | None => uri,
        };
        let reference = FunctionReference::parse(NameShape::Namespaced, arn, None).ok()?;
        // Names alone are no ARNs.
        arn.starts_with("arn:").then_some(Self(reference))
    }

    /// The function.
    #[must_use]
    pub fn reference(&self) -> &FunctionReference {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_lead_to_functions() {
        const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:orders";
        let within = |arn: &str| {
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations")
        };
        let check = |uri: &str, expected: Option<(&str, Option<&str>)>| {
            let read = FunctionUri::parse(uri);
            let read = read.as_ref().map(|uri| {
                let reference = uri.reference();
                (reference.name.as_str(), reference.qualifier.as_ref().map(ToString::to_string))
            });
            let expected = expected.map(|(name, qualifier)| (name, qualifier.map(str::to_owned)));
            assert_eq!(read, expected, "{uri}");
        };
        check(ARN, Some(("orders", None)));
        check(&format!("{ARN}:live"), Some(("orders", Some("live"))));
        check(&within(ARN), Some(("orders", None)));
        check(&within(&format!("{ARN}:7")), Some(("orders", Some("7"))));
        check("orders", None);
        check(&within("orders"), None);
        check("https://example.com", None);
        check(&format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}"), None);
        check("arn:aws:apigateway:us-east-1:dynamodb:action/GetItem", None);
    }
}
