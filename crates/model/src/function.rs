//! A function's configuration, parsed: every value is within Lambda's limits once it is here.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, sync::Arc, time::Duration};

use thiserror::Error;

use crate::{
    cold_start::ColdStartModel, destination::Destination, identity::FunctionName, limits,
    logging::LoggingConfiguration,
};

/// Why a value is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidConfiguration {
    /// A number outside its range.
    #[error("{what} must be from {} to {} {unit}, not {given}", range.start(), range.end())]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// What was given.
        given: u32,
        /// What is allowed.
        range: RangeInclusive<u32>,
        /// The unit of all three.
        unit: &'static str,
    },
    /// More environment variables than fit.
    #[error("environment variables take {given} bytes, at most {} are allowed", limits::ENVIRONMENT_BYTES)]
    EnvironmentTooLarge {
        /// Names and values together.
        given: usize,
    },
    /// A name that no environment variable can have.
    #[error(
        "`{name}` cannot be an environment variable's name: it starts with a letter and has letters, digits and `_`"
    )]
    EnvironmentName {
        /// The name.
        name: String,
    },
    /// A variable that Lambda sets itself.
    #[error("environment variable `{name}` is reserved: Lambda sets it")]
    ReservedEnvironmentName {
        /// The name.
        name: String,
    },
    /// A runtime that AWS has, or had, and Hearth has not.
    #[error(
        "Hearth does not have the runtime `{name}`: use `python{}`, or build the handler as WebAssembly and use `{}`",
        PythonVersion::AVAILABLE,
        Runtime::ProvidedAl2023
    )]
    RuntimeNotThere {
        /// The runtime.
        name: String,
    },
    /// A runtime nobody offers.
    #[error(
        "there is no runtime `{name}`: use `python{}` or `{}`",
        PythonVersion::AVAILABLE,
        Runtime::ProvidedAl2023
    )]
    UnknownRuntime {
        /// What was given.
        name: String,
    },
}

macro_rules! bounded {
    ($(#[$docs:meta])* $name:ident, $what:literal, $unit:literal, $range:expr, $default:expr) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The number, in the unit that the type's documentation names.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl TryFrom<u32> for $name {
            type Error = InvalidConfiguration;

            fn try_from(given: u32) -> Result<Self, InvalidConfiguration> {
                let range = $range;
                if range.contains(&given) {
                    Ok(Self(given))
                } else {
                    Err(InvalidConfiguration::OutOfRange { what: $what, given, range, unit: $unit })
                }
            }
        }
    };
}

bounded! {
    /// Memory, in MiB: 128 to 10,240, by default 128.
    MemorySize, "memory", "MiB", limits::MEMORY_MIB, limits::DEFAULT_MEMORY_MIB
}
bounded! {
    /// `/tmp`, in MiB: 512 to 10,240, by default 512.
    EphemeralStorage, "ephemeral storage", "MiB", limits::EPHEMERAL_STORAGE_MIB, limits::DEFAULT_EPHEMERAL_STORAGE_MIB
}
bounded! {
    /// How long one invocation may take, in seconds: 1 to 900, by default 3.
    Timeout, "timeout", "seconds", limits::TIMEOUT_S, limits::DEFAULT_TIMEOUT_S
}

impl MemorySize {
    /// The limit in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }
}

impl EphemeralStorage {
    /// The limit in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }
}

impl Timeout {
    /// The timeout as a duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

/// What runs a function's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// A WebAssembly component or module brings its own runtime, as a `bootstrap` does on Lambda.
    #[default]
    ProvidedAl2023,
    /// The managed runtime for Python: the code is `.py` files.
    Python(PythonVersion),
}

/// A version of Python that a function may name: 3.9 to 3.14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PythonVersion(u8);

impl PythonVersion {
    /// The version that runs all of them: CPython 3.14.
    pub const AVAILABLE: Self = Self(14);

    const NAMES: [(&str, Self); 6] = [
        ("python3.9", Self(9)),
        ("python3.10", Self(10)),
        ("python3.11", Self(11)),
        ("python3.12", Self(12)),
        ("python3.13", Self(13)),
        ("python3.14", Self(14)),
    ];
}

/// As in `3.14`.
impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.0)
    }
}

/// The runtimes of AWS's that Hearth does not have. Source: `Runtime` in the Lambda API's published model.
const NOT_THERE: &str = "\
    dotnet10 dotnet6 dotnet8 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 go1.x \
    java8 java8.al2 java8.al2023 java11 java11.al2023 java17 java17.al2023 java21 java25 \
    nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x nodejs18.x \
    nodejs20.x nodejs22.x nodejs24.x nodejs26.x provided provided.al2 \
    python2.7 python3.6 python3.7 python3.8 python3.15 \
    ruby2.5 ruby2.7 ruby3.2 ruby3.3 ruby3.4 ruby4.0";

impl Runtime {
    /// Reads a runtime's name as the API writes it.
    ///
    /// # Errors
    /// If Hearth has no such runtime; the error tells whether AWS has.
    pub fn parse(name: &str) -> Result<Self, InvalidConfiguration> {
        if let Some((_, version)) = PythonVersion::NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(Self::Python(*version));
        }
        match name {
            "provided.al2023" => Ok(Self::ProvidedAl2023),
            other if NOT_THERE.split(' ').any(|name| name == other) => {
                Err(InvalidConfiguration::RuntimeNotThere { name: other.to_owned() })
            }
            other => Err(InvalidConfiguration::UnknownRuntime { name: other.to_owned() }),
        }
    }

    /// The names of all runtimes that Hearth has.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["provided.al2023"].into_iter().chain(PythonVersion::NAMES.iter().map(|(name, _)| *name))
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProvidedAl2023 => f.write_str("provided.al2023"),
            Self::Python(version) => write!(f, "python{version}"),
        }
    }
}

/// The variables that the user sets for a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentVariables(BTreeMap<String, String>);

/// Set by Lambda; `AWS_ACCESS_KEY_ID` and its like may be set in emulators, so that they are not among these.
const RESERVED_NAMES: [&str; 11] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

impl EnvironmentVariables {
    /// Checks names and size.
    ///
    /// # Errors
    /// If a name is impossible or reserved, or if all together exceed 4 KiB.
    pub fn new(variables: BTreeMap<String, String>) -> Result<Self, InvalidConfiguration> {
        for name in variables.keys() {
            let mut bytes = name.bytes();
            let possible = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
                && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !possible {
                return Err(InvalidConfiguration::EnvironmentName { name: name.clone() });
            }
            if RESERVED_NAMES.contains(&name.as_str()) {
                return Err(InvalidConfiguration::ReservedEnvironmentName { name: name.clone() });
            }
        }
        let given = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
        if given > limits::ENVIRONMENT_BYTES {
            return Err(InvalidConfiguration::EnvironmentTooLarge { given });
        }
        Ok(Self(variables))
    }

    /// The variables in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// All that a function is but its code.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionConfiguration {
    /// The function's name.
    pub name: FunctionName,
    /// What runs the code.
    pub runtime: Runtime,
    /// What the runtime calls; its meaning is the runtime's.
    pub handler: String,
    /// Memory of an environment.
    pub memory: MemorySize,
    /// How long one invocation may take.
    pub timeout: Timeout,
    /// `/tmp` of an environment.
    pub ephemeral_storage: EphemeralStorage,
    /// What the user adds to the environment.
    pub environment: EnvironmentVariables,
    /// Concurrency that only this function may use, and its limit; `Some(0)` turns the function off.
    pub reserved_concurrency: Option<u32>,
    /// How its log is written, and where to.
    pub logging: LoggingConfiguration,
    /// The queue for events that could not be handled.
    pub dead_letter: Option<Arc<Destination>>,
    /// The modelled part of a cold start.
    pub cold_start: ColdStartModel,
}

impl FunctionConfiguration {
    /// A function with Lambda's defaults.
    #[must_use]
    pub fn new(name: FunctionName) -> Self {
        Self {
            name,
            runtime: Runtime::default(),
            handler: "bootstrap".to_owned(),
            memory: MemorySize::default(),
            timeout: Timeout::default(),
            ephemeral_storage: EphemeralStorage::default(),
            environment: EnvironmentVariables::default(),
            reserved_concurrency: None,
            logging: LoggingConfiguration::default(),
            dead_letter: None,
            cold_start: ColdStartModel::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_name_the_range() {
        let error = MemorySize::try_from(64).expect_err("too little");
        assert_eq!(error.to_string(), "memory must be from 128 to 10240 MiB, not 64");
        assert_eq!(MemorySize::try_from(10_240).expect("the most").bytes(), 10 << 30);
        assert!(Timeout::try_from(901).is_err());
        assert!(EphemeralStorage::try_from(511).is_err());
    }

    #[test]
    fn runtimes_of_aws_are_told_from_those_that_nobody_has() {
        for name in Runtime::names() {
            assert_eq!(Runtime::parse(name).map(|runtime| runtime.to_string()), Ok(name.to_owned()));
        }
        for name in ["dotnet10", "nodejs24.x", "provided.al2", "python3.8", "python3.15", "ruby4.0"] {
            let error = Runtime::parse(name).expect_err(name);
            assert_eq!(error, InvalidConfiguration::RuntimeNotThere { name: name.to_owned() });
        }
        for name in ["", "cobol85", "python", "python3.1", "nodejs20.x nodejs22.x"] {
            let error = Runtime::parse(name).expect_err(name);
            assert_eq!(error, InvalidConfiguration::UnknownRuntime { name: name.to_owned() });
        }
    }

    #[test]
    fn environment_variables_are_checked() {
        let check = |name: &str, value: &str| {
            EnvironmentVariables::new(BTreeMap::from([(name.to_owned(), value.to_owned())]))
                .map_err(|error| error.to_string())
        };
        assert!(check("TABLE", "images").is_ok());
        assert!(check("1TABLE", "").expect_err("a digit first").contains("`1TABLE` cannot be"));
        assert!(check("_HANDLER", "x").expect_err("reserved").contains("reserved"));
        assert!(check("BIG", &"x".repeat(4096)).expect_err("too large").contains("take 4099 bytes"));
    }
}
