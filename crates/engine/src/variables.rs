//! The environment variables that Lambda sets for a function.
//!
//! Source: Lambda developer guide, "Defined runtime environment variables". Left out is what tells of things that a
//! sandbox does not have: the runtime API's address, search paths for programs and shared libraries.

use std::collections::BTreeMap;

use hearth_model::{
    function::{FunctionConfiguration, Runtime},
    identity::{Partition, Version},
    logging::LogFormat,
};

use crate::port::NetworkPolicy;

/// All variables of a function's environments but `AWS_LAMBDA_LOG_STREAM_NAME`, which differs between them; in the order
/// of their names.
pub(crate) fn environment_variables(
    partition: &Partition,
    configuration: &FunctionConfiguration,
    version: Version,
    network: &NetworkPolicy,
) -> Vec<(String, String)> {
    let mut variables = defaults(partition, network);
    if let LogFormat::Json(levels) = configuration.logging.format {
        variables.extend([
            named("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            named("AWS_LAMBDA_LOG_LEVEL", levels.application.as_str()),
        ]);
    }
    variables
        .extend(configuration.environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables.extend(reserved(configuration, version));
    if let Runtime::Python(_) = configuration.runtime {
        variables.extend([named("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", configuration.runtime))]);
    }
    variables.into_iter().collect()
}

/// The variables of provisioned environments, out of those of the others.
pub(crate) fn provisioned_variables(mut variables: Vec<(String, String)>) -> Vec<(String, String)> {
    if let Some((_, value)) = variables.iter_mut().find(|(name, _)| name == INITIALIZATION_TYPE) {
        "provisioned-concurrency".clone_into(value);
    }
    variables
}

const INITIALIZATION_TYPE: &str = "AWS_LAMBDA_INITIALIZATION_TYPE";

/// What a user may replace.
fn defaults(partition: &Partition, network: &NetworkPolicy) -> BTreeMap<String, String> {
    let region = partition.region.to_string();
    let mut variables = BTreeMap::from([
        // The account comes from a request's access key (docs/ARCHITECTURE.md, invariant 7): with this one, what a
        // handler calls stays in its function's own account.
        named("AWS_ACCESS_KEY_ID", partition.account.to_string()),
        named("AWS_SECRET_ACCESS_KEY", "hearth"),
        named("AWS_SESSION_TOKEN", "hearth"),
        named("AWS_REGION", region.clone()),
        named("AWS_DEFAULT_REGION", region),
        named("LANG", "en_US.UTF-8"),
        named("TZ", ":UTC"),
    ]);
    if let Some(endpoint) = network.endpoint {
        variables.extend([named("AWS_ENDPOINT_URL", format!("http://{endpoint}"))]);
    }
    variables
}

/// What a user cannot set.
fn reserved(configuration: &FunctionConfiguration, version: Version) -> [(String, String); 8] {
    let name = configuration.name.as_str();
    [
        named("_HANDLER", configuration.handler.as_str()),
        named("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", configuration.memory.get().to_string()),
        named("AWS_LAMBDA_FUNCTION_NAME", name),
        named("AWS_LAMBDA_FUNCTION_VERSION", version.to_string()),
        named(INITIALIZATION_TYPE, "on-demand"),
        named("AWS_LAMBDA_LOG_GROUP_NAME", configuration.logging.group_of(&configuration.name).as_str()),
        named("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        named("LAMBDA_TASK_ROOT", "/var/task"),
    ]
}

fn named(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

#[cfg(test)]
mod tests {
    use hearth_model::{
        function::EnvironmentVariables,
        identity::{AccountId, FunctionName, Region},
        logging::{ApplicationLogLevel, LogLevels, LoggingConfiguration},
    };

    use super::*;

    #[test]
    fn the_environment_is_that_of_lambda_with_the_users_variables() {
        let mut configuration = FunctionConfiguration::new(FunctionName::parse("orders").expect("a name"));
        let users = [named("TABLE", "orders"), named("TZ", "Europe/Berlin")];
        configuration.environment = EnvironmentVariables::new(BTreeMap::from(users)).expect("allowed");
        let partition = Partition {
            account: AccountId::parse("000000001234").expect("an account"),
            region: Region::parse("eu-central-1").expect("a region"),
        };
        let network =
            NetworkPolicy { endpoint: Some(([127, 0, 0, 1], 4566).into()), ..NetworkPolicy::default() };
        let variables = environment_variables(&partition, &configuration, Version::Latest, &network);
        let lines: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expect = [
            "AWS_ACCESS_KEY_ID=000000001234",
            "AWS_DEFAULT_REGION=eu-central-1",
            "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
            "AWS_LAMBDA_FUNCTION_NAME=orders",
            "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/orders",
            "AWS_REGION=eu-central-1",
            "AWS_SECRET_ACCESS_KEY=hearth",
            "AWS_SESSION_TOKEN=hearth",
            "LAMBDA_RUNTIME_DIR=/var/runtime",
            "LAMBDA_TASK_ROOT=/var/task",
            "LANG=en_US.UTF-8",
            "TABLE=orders",
            "TZ=Europe/Berlin",
            "_HANDLER=bootstrap",
        ];
        assert_eq!(lines, expect);
        configuration.logging = LoggingConfiguration {
            format: LogFormat::Json(LogLevels {
                application: ApplicationLogLevel::Debug,
                ..LogLevels::default()
            }),
            group: Some("shop".parse().expect("a name")),
        };
        let json = environment_variables(&partition, &configuration, Version::Latest, &network);
        let differs: Vec<_> = json.iter().filter(|variable| !variables.contains(variable)).collect();
        let expect = [
            named("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            named("AWS_LAMBDA_LOG_GROUP_NAME", "shop"),
            named("AWS_LAMBDA_LOG_LEVEL", "DEBUG"),
        ];
        assert_eq!(differs, expect.iter().collect::<Vec<_>>());
        let provisioned = provisioned_variables(variables.clone());
        let differs: Vec<_> = provisioned.iter().filter(|variable| !variables.contains(variable)).collect();
        assert_eq!(differs, [&named("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")]);
    }
}
