//! URIs of what integrations and authorizers call.

use crate::apigateway::v1::Refusal;

/// Where a function is, which may have variables of the stage in it: `${stageVariables.name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::apigateway::v1) struct UriTemplate(String);

impl UriTemplate {
    /// Reads the URI of a proxy integration or an authorizer, in AWS's own words where it is none.
    pub(super) fn parse(uri: &str) -> Result<Self, Refusal> {
        const ONLY: &str = "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.";
        let parts: Vec<&str> = uri.splitn(6, ':').collect();
        let ["arn", _, front, _, service, rest] = *parts else {
            return Err(Refusal::bad("Invalid ARN specified in the request"));
        };
        if front != "apigateway" || !(rest.starts_with("path/") || rest.starts_with("action/")) {
            return Err(Refusal::bad("AWS ARN for integration must contain path or action"));
        }
        let function =
            rest.trim_start_matches("path/").trim_start_matches('/').strip_prefix("2015-03-31/functions/");
        let function = function.and_then(|rest| rest.strip_suffix("/invocations"));
        match function.filter(|function| service == "lambda" && function.starts_with("arn:")) {
            // Some tools write two slashes behind `path`.
            Some(function) => Ok(Self(function.to_owned())),
            None => Err(Refusal::bad(ONLY)),
        }
    }

    /// The function's ARN on a stage with these variables.
    pub(in crate::apigateway::v1) fn function(
        &self,
        variables: &crate::apigateway::v1::document::Texts,
    ) -> String {
        let (mut arn, mut rest) = (String::new(), self.0.as_str());
        while let Some((before, behind)) = rest.split_once("${stageVariables.") {
            arn.push_str(before);
            let Some((name, behind)) = behind.split_once('}') else { break };
            arn.push_str(variables.get(name).map(String::as_str).unwrap_or_default());
            rest = behind;
        }
        arn + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_lead_to_functions() {
        let uri = |function: &str, slashes: &str| {
            format!(
                "arn:aws:apigateway:us-east-1:lambda:path{slashes}2015-03-31/functions/{function}/invocations"
            )
        };
        let variables = [("name".to_owned(), "orders".to_owned())].into();
        let function = |uri: &str| UriTemplate::parse(uri).expect("a URI").function(&variables);
        let orders = "arn:aws:lambda:us-east-1:111111111111:function:orders";
        assert_eq!(function(&uri(orders, "/")), orders);
        assert_eq!(function(&uri(orders, "//")), orders);
        let variable = "arn:aws:lambda:us-east-1:111111111111:function:${stageVariables.name}";
        assert_eq!(function(&uri(variable, "/")), orders);
        let absent = "arn:aws:lambda:us-east-1:111111111111:function:a-${stageVariables.other}";
        assert_eq!(function(&uri(absent, "/")), "arn:aws:lambda:us-east-1:111111111111:function:a-");
    }

    /// As recorded, `test_put_integration_aws_proxy_uri`.
    #[test]
    fn others_are_refused_as_recorded() {
        let check = |uri: &str, expected: &str| {
            assert_eq!(UriTemplate::parse(uri), Err(Refusal::bad(expected.to_owned())), "{uri}");
        };
        let function = "arn:aws:lambda:us-east-1:111111111111:function:orders";
        check(function, "AWS ARN for integration must contain path or action");
        check("orders", "Invalid ARN specified in the request");
        let wrong =
            format!("arn:aws:apigateway:us-east-1:lambda:test/2015-03-31/functions/{function}/invocations");
        check(&wrong, "AWS ARN for integration must contain path or action");
        let only = "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.";
        check(
            &format!("arn:aws:apigateway:us-east-1:s3:path/2015-03-31/functions/{function}/invocations"),
            only,
        );
        check("arn:aws:apigateway:us-east-1:firehose:path/random", only);
        check("arn:aws:apigateway:us-east-1:lambda:path/random/value/arn", only);
    }
}
