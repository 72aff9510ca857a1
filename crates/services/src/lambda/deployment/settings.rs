//! How a function is configured: what its owner asks for, checked.
//!
//! Source: `CreateFunction` and `UpdateFunctionConfiguration` in the Lambda API reference and its published model; recorded
//! refusals.

use std::collections::BTreeMap;

use hearth_model::{
    function::{
        EnvironmentVariables, EphemeralStorage, FunctionConfiguration, InvalidConfiguration, MemorySize,
        Runtime, Timeout,
    },
    identity::FunctionName,
    limits,
    validation::{ValidationError, Violation},
};

use super::{dead_letter, logging::LoggingChange};
use crate::lambda::Refusal;

/// How a function is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What the engine needs to know. Concurrency is reserved for a function and not for a version: none is set here.
    pub configuration: FunctionConfiguration,
    /// What it is for.
    pub description: String,
    /// The role that it would have on AWS. Guests reach nothing but Hearth, where everybody may do everything.
    pub role: String,
    /// What its owner built it for. WebAssembly runs on all alike.
    pub architecture: Architecture,
    /// Whether its owner has ever named environment variables, and be it none: AWS's answers tell the difference.
    pub names_environment: bool,
}

/// An instruction set, as the API names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// `x86_64`.
    #[default]
    X86_64,
    /// `arm64`.
    Arm64,
}

/// What is to be set; all that is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsChange {
    /// The runtime's name.
    pub runtime: Option<String>,
    /// What the runtime calls.
    pub handler: Option<String>,
    /// The role's ARN.
    pub role: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Seconds.
    pub timeout: Option<i64>,
    /// MiB.
    pub memory: Option<i64>,
    /// MiB.
    pub ephemeral_storage: Option<i64>,
    /// All variables.
    pub environment: Option<BTreeMap<String, String>>,
    /// ARNs of versions of layers.
    pub layers: Option<Vec<String>>,
    /// The ARN of the queue for events that could not be handled; an empty one means none.
    pub dead_letter: Option<String>,
    /// How its log is written, and where to.
    pub logging: Option<LoggingChange>,
}

impl Architecture {
    /// Reads the `Architectures` parameter; none given means the default.
    ///
    /// # Errors
    /// If it is not exactly one that exists.
    pub fn parse(given: &[String]) -> Result<Self, Refusal> {
        match given {
            [one] if one == "x86_64" => Ok(Self::X86_64),
            [one] if one == "arm64" => Ok(Self::Arm64),
            others => {
                const ONE: &str = "Member must have length less than or equal to 1";
                const KNOWN: &str = "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, \
                                     arm64], Member must not be null]";
                let constraint = if others.len() > 1 { ONE } else { KNOWN };
                let value = format!("[{}]", others.join(", "));
                Err(Violation::new("architectures", value, constraint).into())
            }
        }
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

impl Settings {
    /// What a function has whose owner named nothing but this.
    #[must_use]
    pub fn of(configuration: FunctionConfiguration) -> Self {
        let configuration = FunctionConfiguration { reserved_concurrency: None, ..configuration };
        let names_environment = configuration.environment.iter().next().is_some();
        Self {
            names_environment,
            configuration,
            description: String::new(),
            role: "arn:aws:iam::000000000000:role/hearth".to_owned(),
            architecture: Architecture::default(),
        }
    }

    /// The settings of a new function.
    ///
    /// # Errors
    /// If something is missing or not allowed.
    pub fn create(
        name: FunctionName,
        architecture: Architecture,
        mut given: SettingsChange,
    ) -> Result<Self, Refusal> {
        // Without a role it has none that fits.
        given.role.get_or_insert_default();
        let settings = Self { architecture, ..Self::of(FunctionConfiguration::new(name)) };
        given.check_form()?;
        if given.runtime.is_none() || given.handler.is_none() {
            return Err(Refusal::invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            ));
        }
        settings.changed(given)
    }

    /// These settings with a change.
    ///
    /// # Errors
    /// If something is not allowed.
    pub fn changed(&self, given: SettingsChange) -> Result<Self, Refusal> {
        given.check_form()?;
        let mut settings = self.clone();
        let configuration = &mut settings.configuration;
        if let Some(name) = given.runtime {
            configuration.runtime = Runtime::parse(&name)?;
        }
        if let Some(variables) = given.environment {
            configuration.environment = environment(variables)?;
            settings.names_environment = true;
        }
        if let Some(logging) = given.logging {
            configuration.logging = logging.apply(&configuration.logging)?;
        }
        if let Some(arn) = given.dead_letter {
            configuration.dead_letter = dead_letter::read(&arn)?;
        }
        set(&mut configuration.memory, given.memory, MemorySize::try_from)?;
        set(&mut configuration.timeout, given.timeout, Timeout::try_from)?;
        set(&mut configuration.ephemeral_storage, given.ephemeral_storage, EphemeralStorage::try_from)?;
        configuration.handler = given.handler.unwrap_or_else(|| configuration.handler.clone());
        settings.role = given.role.unwrap_or(settings.role);
        settings.description = given.description.unwrap_or(settings.description);
        Ok(settings)
    }
}

impl SettingsChange {
    /// Checks what AWS's front end checks: all of it, before anything else.
    fn check_form(&self) -> Result<(), ValidationError> {
        let handler = self.handler.iter().flat_map(|text| {
            let long = (text.chars().count() > 128).then(|| Violation::length_at_most("handler", text, 128));
            let spaced = (text.is_empty() || text.contains(char::is_whitespace))
                .then(|| Violation::pattern("handler", text, r"[^\s]+"));
            long.into_iter().chain(spaced)
        });
        let role = self.role.iter().filter(|role| !is_role(role)).map(|role| {
            Violation::pattern("role", role, r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")
        });
        let description = self.description.iter().filter(|text| text.chars().count() > 256);
        let description = description.map(|text| Violation::length_at_most("description", text, 256));
        let names = self.environment.iter().flat_map(BTreeMap::keys).any(|name| !is_variable_name(name));
        // The values may be secret, and so AWS does not repeat them.
        let names = names.then(|| {
            let constraint = "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
                              [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]";
            Violation::new("environment.variables", "***", constraint)
        });
        let dead_letter = self.dead_letter.iter().filter_map(|arn| dead_letter::violation(arn));
        let numbers = [
            ("memorySize", self.memory, limits::MEMORY_MIB),
            ("timeout", self.timeout, limits::TIMEOUT_S),
            ("ephemeralStorage.size", self.ephemeral_storage, limits::EPHEMERAL_STORAGE_MIB),
        ];
        let numbers = numbers.into_iter().filter_map(|(member, given, range)| {
            let (least, most) = (i64::from(*range.start()), i64::from(*range.end()));
            let given = given?;
            if given < least {
                return Some(Violation::value_at_least(member, given, least));
            }
            (given > most).then(|| Violation::value_at_most(member, given, most))
        });
        let logging = self.logging.iter().flat_map(LoggingChange::violations);
        let texts = handler.chain(role).chain(description).chain(names).chain(dead_letter).chain(logging);
        ValidationError::check(texts.chain(numbers))
    }
}

fn set<T>(
    value: &mut T,
    given: Option<i64>,
    parse: impl FnOnce(u32) -> Result<T, InvalidConfiguration>,
) -> Result<(), Refusal> {
    if let Some(given) = given {
        let number = u32::try_from(given).unwrap_or(u32::MAX);
        *value = parse(number)?;
    }
    Ok(())
}

/// AWS measures the variables as a JSON document.
fn environment(variables: BTreeMap<String, String>) -> Result<EnvironmentVariables, Refusal> {
    let document = serde_json::to_string(&variables).expect("a map of texts is a document");
    if document.len() > limits::ENVIRONMENT_BYTES {
        let message = format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {document}"
        );
        return Err(Refusal::invalid(message));
    }
    Ok(EnvironmentVariables::new(variables)?)
}

impl From<InvalidConfiguration> for Refusal {
    fn from(error: InvalidConfiguration) -> Self {
        Self::invalid(match error {
            InvalidConfiguration::UnknownRuntime { name } => format!(
                "Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a \
                 valid ARN",
                Runtime::names().collect::<Vec<_>>().join(", ")
            ),
            InvalidConfiguration::ReservedEnvironmentName { name } => format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided contains reserved keys that are currently not supported for modification. Reserved keys used \
                 in this request: {name}"
            ),
            InvalidConfiguration::OutOfRange { .. }
            | InvalidConfiguration::EnvironmentTooLarge { .. }
            | InvalidConfiguration::EnvironmentName { .. }
            | InvalidConfiguration::RuntimeNotThere { .. } => error.to_string(),
        })
    }
}

/// `arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`.
fn is_role(text: &str) -> bool {
    let Some((partition, rest)) = text.strip_prefix("arn:").and_then(|rest| rest.split_once(":iam::")) else {
        return false;
    };
    let partition_fits = partition.is_empty()
        || partition
            .strip_prefix("aws")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-'));
    let Some((account, name)) = rest.split_once(":role") else { return false };
    let account_fits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name_fits = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte));
    partition_fits && account_fits && name_fits
}

/// `[a-zA-Z]([a-zA-Z0-9_])+`; Lambda's own, which begin with `_`, are refused by name.
fn is_variable_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.len() > 0
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/service-role/orders";

    fn given() -> SettingsChange {
        SettingsChange {
            runtime: Some("provided.al2023".to_owned()),
            handler: Some("bootstrap".to_owned()),
            role: Some(ROLE.to_owned()),
            ..SettingsChange::default()
        }
    }

    fn create(given: SettingsChange) -> Result<Settings, Refusal> {
        Settings::create(FunctionName::parse("orders").expect("a name"), Architecture::default(), given)
    }

    fn refusal(change: impl FnOnce(&mut SettingsChange)) -> Refusal {
        let mut given = given();
        change(&mut given);
        create(given).expect_err("refused")
    }

    #[test]
    fn what_nobody_names_has_lambdas_defaults_and_then_stays() {
        let settings = create(given()).expect("settings");
        assert_eq!((settings.configuration.memory.get(), settings.configuration.timeout.get()), (128, 3));
        assert_eq!((settings.role.as_str(), settings.description.as_str()), (ROLE, ""));
        assert!(!settings.names_environment);
        let change = SettingsChange { memory: Some(256), ..SettingsChange::default() };
        let changed = settings.changed(change).expect("settings");
        assert_eq!((changed.configuration.memory.get(), changed.role.as_str()), (256, ROLE));
        let change = SettingsChange { environment: Some(BTreeMap::new()), ..SettingsChange::default() };
        assert!(settings.changed(change).expect("settings").names_environment);
    }

    #[test]
    fn what_the_front_end_refuses_comes_in_one_answer() {
        let refusal = refusal(|given| {
            given.memory = Some(64);
            given.timeout = Some(901);
            given.role = Some("me".to_owned());
            given.handler = Some("a b".to_owned());
        });
        assert_eq!(
            refusal,
            Refusal::Validation(
                "4 validation errors detected: Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: [^\\\\s]+; Value 'me' at 'role' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: \
                 arn:(aws[a-zA-Z-]*)?:iam::\\\\d{12}:role/?[a-zA-Z_0-9+=,.@\\\\-_/]+; Value '64' at 'memorySize' failed \
                 to satisfy constraint: Member must have value greater than or equal to 128; Value '901' at 'timeout' \
                 failed to satisfy constraint: Member must have value less than or equal to 900"
                    .into()
            )
        );
    }

    #[test]
    fn a_function_has_runtime_handler_and_role() {
        let mandatory = Refusal::invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        );
        assert_eq!(refusal(|given| given.runtime = None), mandatory);
        assert_eq!(refusal(|given| given.handler = None), mandatory);
        assert!(refusal(|given| given.role = None).to_string().contains("'' at 'role'"));
        let unknown = refusal(|given| given.runtime = Some("cobol85".to_owned()));
        let expected = "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \
                        [provided.al2023, python3.9, python3.10, python3.11, python3.12, python3.13, \
                        python3.14] or be a valid ARN";
        assert_eq!(unknown, Refusal::invalid(expected));
    }

    #[test]
    fn environment_variables_are_checked_in_awss_words() {
        let with = |name: &str, value: &str| {
            let variables = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            refusal(|given| given.environment = Some(variables)).to_string()
        };
        let large = with("BIG", &"x".repeat(4_096));
        assert!(large.contains("exceeded the 4KB limit. String measured: {\"BIG\":\"xxx"), "{large}");
        let reserved = with("_HANDLER", "mine");
        assert!(reserved.ends_with("Reserved keys used in this request: _HANDLER"), "{reserved}");
        let name = with("1ST", "x");
        assert!(name.contains("at 'environment.variables' failed to satisfy constraint: Map keys"), "{name}");
    }

    #[test]
    fn roles_have_awss_pattern() {
        for role in [ROLE, "arn:aws-cn:iam::123456789012:role/a", "arn::iam::123456789012:role/a"] {
            assert!(is_role(role), "{role}");
        }
        for role in [
            "",
            "arn:aws:iam::1:role/a",
            "arn:aws:iam::123456789012:role",
            "arn:aws:iam::123456789012:user/a",
        ] {
            assert!(!is_role(role), "{role}");
        }
    }

    #[test]
    fn there_is_one_architecture() {
        let parse = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Architecture::parse(&names).map(Architecture::as_str).map_err(|refusal| refusal.to_string())
        };
        assert_eq!(parse(&["arm64"]), Ok("arm64"));
        assert!(parse(&["x86_64", "arm64"]).expect_err("two").contains("length less than or equal to 1"));
        assert!(parse(&["mips"]).expect_err("unknown").contains("enum value set: [x86_64, arm64]"));
    }
}
