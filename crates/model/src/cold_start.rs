//! How long a cold start takes where Hearth is quicker than the service it stands for.
//!
//! A sandbox starts in milliseconds; a Java function on Lambda does not. A [`ColdStartModel`] adds what is missing, so
//! that a user sees on a laptop what a cold start will cost. By default it adds nothing: what shows then is what the
//! sandbox really takes.
//!
//! The parts:
//! - **Runtime**: a log-normal distribution through a profile's median and 99th percentile, as published for functions
//!   with at least one full vCPU (1,769 MB). With less memory it takes longer, see [`Profile`].
//! - **Package**: 150 ms for each 50 MB of code, in proportion.
//! - **VPC**: one second for attaching to a network.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    function::MemorySize,
    limits,
    random::{GOLDEN_GAMMA, mix},
};

mod normal;

/// The memory at which, and above which, the figures of the profiles hold: one full vCPU.
pub const REFERENCE_MEMORY_MIB: u32 = limits::FULL_VCPU_MIB;

/// What downloading and unpacking [`PACKAGE_UNIT_BYTES`] of code takes.
const PACKAGE_UNIT: Duration = Duration::from_millis(150);
const PACKAGE_UNIT_BYTES: u64 = 50 * 1024 * 1024;

/// What attaching an environment to a VPC takes.
const VPC: Duration = Duration::from_secs(1);

/// The part of a runtime's start that is in proportion to the function's share of a CPU. It is small: most of a start is
/// loading, and Lambda lends CPU to functions of little memory while they initialise.
const CPU_BOUND: f64 = 0.125;

/// Published cold-start times of a runtime: median and 99th percentile, of functions with a full vCPU.
///
/// With less memory a function has a smaller share of a vCPU, `memory / 1,769 MB`. An eighth of the time grows by the
/// inverse of that share: a start takes 1.3 times as long at 512 MB, and 2.6 times at 128 MB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// Python 3.12: 180 ms, 400 ms.
    #[serde(rename = "python3.12")]
    Python312,
    /// Node.js 20: 170 ms, 350 ms.
    #[serde(rename = "nodejs20")]
    NodeJs20,
    /// Go: 80 ms, 180 ms.
    #[serde(rename = "go")]
    Go,
    /// Rust: 12 ms, 30 ms.
    #[serde(rename = "rust")]
    Rust,
    /// Java 21: 3 s, 6 s.
    #[serde(rename = "java21")]
    Java21,
    /// Java 21 restored from a snapshot: 200 ms, 500 ms.
    #[serde(rename = "java21-snapstart")]
    Java21SnapStart,
    /// .NET 8, compiled ahead of time: 250 ms, 500 ms.
    #[serde(rename = "dotnet8-aot")]
    DotNet8Aot,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 7] = [
        Self::Python312,
        Self::NodeJs20,
        Self::Go,
        Self::Rust,
        Self::Java21,
        Self::Java21SnapStart,
        Self::DotNet8Aot,
    ];

    /// The name, as in a manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python312 => "python3.12",
            Self::NodeJs20 => "nodejs20",
            Self::Go => "go",
            Self::Rust => "rust",
            Self::Java21 => "java21",
            Self::Java21SnapStart => "java21-snapstart",
            Self::DotNet8Aot => "dotnet8-aot",
        }
    }

    /// The profile of a name, as in a manifest; `None` for anything else.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }

    /// The median.
    #[must_use]
    pub const fn p50(self) -> Duration {
        self.percentiles().0
    }

    /// The 99th percentile.
    #[must_use]
    pub const fn p99(self) -> Duration {
        self.percentiles().1
    }

    const fn percentiles(self) -> (Duration, Duration) {
        let (p50, p99) = match self {
            Self::Python312 => (180, 400),
            Self::NodeJs20 => (170, 350),
            Self::Go => (80, 180),
            Self::Rust => (12, 30),
            Self::Java21 => (3_000, 6_000),
            Self::Java21SnapStart => (200, 500),
            Self::DotNet8Aot => (250, 500),
        };
        (Duration::from_millis(p50), Duration::from_millis(p99))
    }

    /// The time that belongs to a standard normal deviate: `exp(mu + sigma * z)` of the log-normal distribution through
    /// both percentiles.
    fn duration(self, z: f64) -> Duration {
        let sigma = (self.p99().as_secs_f64() / self.p50().as_secs_f64()).ln() / normal::Z_99;
        self.p50().mul_f64((sigma * z).exp())
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a function's cold starts take in addition to what the sandbox really takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColdStartModel {
    /// Whose cold starts these are; `None` adds nothing at all.
    pub profile: Option<Profile>,
    /// The size of the deployment package with its layers, unzipped.
    pub package_bytes: u64,
    /// Whether the function is attached to a VPC.
    pub vpc: bool,
    /// The same seed gives the same times.
    pub seed: u64,
}

/// The modelled parts of one cold start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelledColdStart {
    /// Starting the runtime.
    pub runtime: Duration,
    /// Downloading and unpacking the code.
    pub package: Duration,
    /// Attaching to the VPC.
    pub vpc: Duration,
}

impl ColdStartModel {
    /// The time of the `draw`-th cold start, for instance that of the environment of this number. A pure function.
    #[must_use]
    pub fn sample(&self, memory: MemorySize, draw: u64) -> ModelledColdStart {
        let Some(profile) = self.profile else { return ModelledColdStart::default() };
        let random = mix(mix(self.seed).wrapping_add(draw.wrapping_mul(GOLDEN_GAMMA)));
        let z = normal::quantile(uniform(random));
        ModelledColdStart {
            runtime: to_micros(profile.duration(z).mul_f64(slowdown(memory))),
            package: package_time(self.package_bytes),
            vpc: if self.vpc { VPC } else { Duration::ZERO },
        }
    }
}

impl ModelledColdStart {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.runtime + self.package + self.vpc
    }
}

/// How many times longer a start takes with this memory than with a full vCPU.
fn slowdown(memory: MemorySize) -> f64 {
    let cpu_share = (f64::from(memory.get()) / f64::from(REFERENCE_MEMORY_MIB)).min(1.0);
    1.0 - CPU_BOUND + CPU_BOUND / cpu_share
}

fn package_time(bytes: u64) -> Duration {
    let nanos = u128::from(bytes) * PACKAGE_UNIT.as_nanos() / u128::from(PACKAGE_UNIT_BYTES);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The middle of one of 2^53 equal parts of the interval from 0 to 1: neither end can come.
fn uniform(random: u64) -> f64 {
    const PARTS: f64 = (1_u64 << 53) as f64;
    ((random >> 11) as f64 + 0.5) / PARTS
}

/// Whole microseconds: the last digits of `exp` and `ln` differ between platforms.
fn to_micros(duration: Duration) -> Duration {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn memory(mib: u32) -> MemorySize {
        MemorySize::try_from(mib).expect("a size within the limits")
    }

    fn model(profile: Profile, seed: u64) -> ColdStartModel {
        ColdStartModel { profile: Some(profile), seed, ..ColdStartModel::default() }
    }

    #[test]
    fn without_a_profile_nothing_is_added() {
        let model = ColdStartModel { package_bytes: 1 << 30, vpc: true, ..ColdStartModel::default() };
        assert_eq!(model.sample(memory(128), 1).total(), Duration::ZERO);
    }

    #[test]
    fn percentiles_are_those_of_the_profile() {
        for profile in Profile::ALL {
            let model = model(profile, 42);
            let mut times: Vec<_> =
                (0..100_000).map(|draw| model.sample(memory(REFERENCE_MEMORY_MIB), draw).runtime).collect();
            times.sort_unstable();
            for (measured, published) in [(times[50_000], profile.p50()), (times[99_000], profile.p99())] {
                let ratio = measured.as_secs_f64() / published.as_secs_f64();
                assert!((0.98..1.02).contains(&ratio), "{profile}: {measured:?} instead of {published:?}");
            }
        }
    }

    #[test]
    fn draws_in_sequence_are_independent() {
        let model = model(Profile::Python312, 0);
        let slow = |draw| model.sample(memory(REFERENCE_MEMORY_MIB), draw).runtime > Profile::Python312.p50();
        let repeated = (0..100_000).filter(|draw| slow(*draw) == slow(draw + 1)).count();
        assert!((49_000..51_000).contains(&repeated), "{repeated}");
    }

    #[test]
    fn package_and_vpc_add_their_parts() {
        let model = ColdStartModel { package_bytes: 25 * 1024 * 1024, vpc: true, ..model(Profile::Go, 1) };
        let sample = model.sample(memory(REFERENCE_MEMORY_MIB), 1);
        assert_eq!((sample.package, sample.vpc), (Duration::from_millis(75), Duration::from_secs(1)));
        assert_eq!(sample.total(), sample.runtime + Duration::from_millis(1_075));
    }

    #[test]
    fn less_memory_is_slower_by_the_documented_factor() {
        for (mib, factor) in [(128, 2.602), (512, 1.307), (1_769, 1.0), (10_240, 1.0)] {
            assert!((slowdown(memory(mib)) - factor).abs() < 0.001, "{mib}: {}", slowdown(memory(mib)));
        }
    }

    #[test]
    fn names_read_back() {
        for profile in Profile::ALL {
            assert_eq!(Profile::parse(profile.as_str()), Some(profile));
            assert_eq!(serde_json::to_value(profile).expect("a string"), profile.as_str());
        }
        assert_eq!(Profile::parse("python2.7"), None);
    }

    proptest! {
        #[test]
        fn a_sample_is_a_pure_function_of_seed_draw_and_memory(
            seed: u64, draw: u64, mib in limits::MEMORY_MIB, which in 0..Profile::ALL.len(),
        ) {
            let model = model(Profile::ALL[which], seed);
            let sample = model.sample(memory(mib), draw);
            prop_assert_eq!(sample, model.clone().sample(memory(mib), draw));
            prop_assert!(sample.runtime > Duration::ZERO);
            let other_seed = ColdStartModel { seed: seed.wrapping_add(1), ..model };
            prop_assert_ne!(sample, other_seed.sample(memory(mib), draw));
        }

        #[test]
        fn more_memory_and_a_smaller_package_are_never_slower(
            draw: u64, mib in limits::MEMORY_MIB, more in limits::MEMORY_MIB, bytes in 0_u64..1 << 40, fewer in 0_u64..1 << 40,
        ) {
            let (mib, more) = (mib.min(more), mib.max(more));
            let large = ColdStartModel { package_bytes: bytes.max(fewer), ..model(Profile::Java21, 1) };
            let small = ColdStartModel { package_bytes: bytes.min(fewer), ..large.clone() };
            prop_assert!(large.sample(memory(more), draw).total() <= large.sample(memory(mib), draw).total());
            prop_assert!(small.sample(memory(mib), draw).total() <= large.sample(memory(mib), draw).total());
        }
    }
}
