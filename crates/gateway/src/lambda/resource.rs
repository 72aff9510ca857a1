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
    /// Who may invoke a function.
    Policy(&'a str),
    /// One statement of that: the function, the statement's name.
    Statement(&'a str, &'a str),
    /// A function's reserved concurrency, where it is set.
    Reservation(&'a str),
    /// A function's reserved concurrency, where it is read.
    Reserved(&'a str),
    /// The provisioned concurrency of a function's versions and aliases.
    Provisioned(&'a str),
    /// What applies to the asynchronous invocations of a function, by one of its versions or aliases.
    Asynchronous(&'a str),
    /// The same, of all versions and aliases of a function.
    AsynchronousList(&'a str),
    /// All event source mappings of an account and region.
    EventSourceMappings,
    /// An event source mapping, by its identifier.
    EventSourceMapping(&'a str),
    /// What an account may have, and has.
    AccountSettings,
    /// The tags of what has this ARN.
    Tags(&'a str),
    /// All layers of an account and region.
    Layers,
    /// A layer's versions.
    LayerVersions(&'a str),
    /// A layer's version: the layer, the number.
    LayerVersion(&'a str, &'a str),
    /// Where a function's events are left, as before `Invoke` could do that.
    InvokeAsync(&'a str),
    /// Who else may have a layer's version: the layer, the number.
    LayerPolicy(&'a str, &'a str),
    /// One statement of that: the layer, the number, the statement's name.
    LayerStatement(&'a str, &'a str, &'a str),
    /// A function's URL, or an alias's.
    Url(&'a str),
    /// A function's URL and those of its aliases.
    Urls(&'a str),
    /// How a function's runtime is updated.
    RuntimeManagement(&'a str),
    /// Who must have signed a function's code.
    CodeSigning(&'a str),
    /// What happens to recursive loops.
    Recursion(&'a str),
    /// All configurations of code signing.
    CodeSigningConfigs,
    /// A configuration of code signing, by its ARN.
    CodeSigningConfig(&'a str),
    /// The functions that have a configuration of code signing.
    CodeSigningConfigFunctions(&'a str),
    /// What AWS has and Hearth has not.
    Absent,
}

impl<'a> Resource<'a> {
    /// What a path names, if it is one of the Lambda API's.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let (date, rest) = path.strip_prefix('/')?.split_once('/')?;
        let segments: Vec<&str> = rest.split('/').collect();
        let resource = match (date, &*segments) {
            ("2025-11-30", ["capacity-providers", ..]) | ("2025-12-01" | "2026-07-09", _) => Self::Absent,
            // SDKs encode the ARN; others may not, and function names have no slash.
            ("2017-03-31", ["tags", arn]) => Self::Tags(arn),
            (_, [collection] | [collection, ""]) => Self::of_collection(date, collection)?,
            (_, ["functions", function, member @ ..]) if !function.is_empty() => {
                Self::of_function(date, function, member)?
            }
            ("2018-10-31", ["layers", layer, "versions", member @ ..]) => Self::of_layer(layer, member)?,
            ("2015-03-31", ["event-source-mappings", id]) => Self::EventSourceMapping(id),
            ("2020-04-22", ["code-signing-configs", arn]) => Self::CodeSigningConfig(arn),
            ("2020-04-22", ["code-signing-configs", arn, "functions"]) => {
                Self::CodeSigningConfigFunctions(arn)
            }
            _ => return None,
        };
        Some(resource)
    }

    fn of_collection(date: &str, collection: &str) -> Option<Self> {
        let resource = match (date, collection) {
            ("2015-03-31", "functions") => Self::Functions,
            ("2015-03-31", "event-source-mappings") => Self::EventSourceMappings,
            ("2016-08-19", "account-settings") => Self::AccountSettings,
            ("2018-10-31", "layers") => Self::Layers,
            ("2020-04-22", "code-signing-configs") => Self::CodeSigningConfigs,
            _ => return None,
        };
        Some(resource)
    }

    fn of_layer(layer: &'a str, member: &[&'a str]) -> Option<Self> {
        let resource = match member {
            [] => Self::LayerVersions(layer),
            [number] => Self::LayerVersion(layer, number),
            [number, "policy"] => Self::LayerPolicy(layer, number),
            [number, "policy", statement] => Self::LayerStatement(layer, number, statement),
            _ => return None,
        };
        Some(resource)
    }

    fn of_function(date: &str, function: &'a str, member: &[&'a str]) -> Option<Self> {
        let resource = match (date, member) {
            ("2015-03-31", []) => Self::Function(function),
            ("2015-03-31", ["configuration"]) => Self::Configuration(function),
            ("2015-03-31", ["code"]) => Self::Code(function),
            ("2015-03-31", ["versions"]) => Self::Versions(function),
            ("2015-03-31", ["aliases"]) => Self::Aliases(function),
            ("2015-03-31", ["aliases", name]) if !name.is_empty() => Self::Alias(function, name),
            ("2015-03-31", ["policy"]) => Self::Policy(function),
            ("2015-03-31", ["policy", statement]) => Self::Statement(function, statement),
            ("2017-10-31", ["concurrency"]) => Self::Reservation(function),
            ("2019-09-30", ["concurrency"]) => Self::Reserved(function),
            ("2019-09-30", ["provisioned-concurrency"]) => Self::Provisioned(function),
            ("2019-09-25", ["event-invoke-config"]) => Self::Asynchronous(function),
            ("2019-09-25", ["event-invoke-config", "list"]) => Self::AsynchronousList(function),
            ("2020-06-30", ["code-signing-config"]) => Self::CodeSigning(function),
            ("2021-07-20", ["runtime-management-config"]) => Self::RuntimeManagement(function),
            ("2024-08-31", ["recursion-config"]) => Self::Recursion(function),
            ("2014-11-13", ["invoke-async"] | ["invoke-async", ""]) => Self::InvokeAsync(function),
            ("2021-10-31", ["url"]) => Self::Url(function),
            ("2021-10-31", ["urls"]) => Self::Urls(function),
            ("2025-11-30", ["function-scaling-config"]) => Self::Absent,
            _ => return None,
        };
        Some(resource)
    }

    /// The methods that it takes, as the `Allow` header lists them.
    pub(crate) const fn methods(self) -> &'static str {
        match self {
            Self::Absent => "",
            Self::Statement(..) | Self::LayerStatement(..) => "DELETE",
            Self::Functions
            | Self::EventSourceMappings
            | Self::Policy(_)
            | Self::LayerPolicy(..)
            | Self::LayerVersions(_)
            | Self::Versions(_)
            | Self::Aliases(_) => "GET, POST",
            Self::Function(_) | Self::LayerVersion(..) => "GET, DELETE",
            Self::Configuration(_) | Self::RuntimeManagement(_) | Self::Recursion(_) => "GET, PUT",
            Self::InvokeAsync(_) => "POST",
            Self::Code(_) => "PUT",
            Self::EventSourceMapping(_)
            | Self::Alias(..)
            | Self::Provisioned(_)
            | Self::CodeSigning(_)
            | Self::CodeSigningConfig(_) => "GET, PUT, DELETE",
            Self::Reservation(_) => "PUT, DELETE",
            Self::Asynchronous(_) | Self::Url(_) => "GET, POST, PUT, DELETE",
            Self::Layers
            | Self::AsynchronousList(_)
            | Self::Reserved(_)
            | Self::Urls(_)
            | Self::AccountSettings
            | Self::CodeSigningConfigs
            | Self::CodeSigningConfigFunctions(_) => "GET",
            Self::Tags(_) => "GET, POST, DELETE",
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
        check("/2015-03-31/event-source-mappings/", Some(Resource::EventSourceMappings));
        check("/2015-03-31/event-source-mappings/1", Some(Resource::EventSourceMapping("1")));
        check("/2015-03-31/event-source-mappings/1/2", None);
        check("/2017-10-31/functions/a/concurrency", Some(Resource::Reservation("a")));
        check("/2019-09-30/functions/a/concurrency", Some(Resource::Reserved("a")));
        check("/2019-09-30/functions/a/provisioned-concurrency", Some(Resource::Provisioned("a")));
        check("/2019-09-25/functions/a/event-invoke-config", Some(Resource::Asynchronous("a")));
        check("/2019-09-25/functions/a/event-invoke-config/list", Some(Resource::AsynchronousList("a")));
        check("/2016-08-19/account-settings/", Some(Resource::AccountSettings));
        check("/2018-10-31/layers", Some(Resource::Layers));
        check("/2018-10-31/layers/a/versions", Some(Resource::LayerVersions("a")));
        check("/2018-10-31/layers/a/versions/1", Some(Resource::LayerVersion("a", "1")));
        check("/2018-10-31/layers/a/versions/1/policy", Some(Resource::LayerPolicy("a", "1")));
        let statement = Resource::LayerStatement("a", "1", "all");
        check("/2018-10-31/layers/a/versions/1/policy/all", Some(statement));
        check("/2017-03-31/tags/arn%3Aaws", Some(Resource::Tags("arn%3Aaws")));
        check("/2020-06-30/functions/a/code-signing-config", Some(Resource::CodeSigning("a")));
        check("/2021-07-20/functions/a/runtime-management-config", Some(Resource::RuntimeManagement("a")));
        check("/2024-08-31/functions/a/recursion-config", Some(Resource::Recursion("a")));
        check("/2015-03-31/functions/a/policy/statement", Some(Resource::Statement("a", "statement")));
        check("/2015-03-31/functions/a/policy", Some(Resource::Policy("a")));
        check("/2021-10-31/functions/a/url", Some(Resource::Url("a")));
        for path in [
            "",
            "/2015-03-31/functions//code",
            "/2015-03-31/functions/a/concurrency",
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
