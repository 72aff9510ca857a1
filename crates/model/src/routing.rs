//! Which version an alias sends an invocation to.
//!
//! Source: Lambda developer guide, "Implement Lambda canary deployments using a weighted alias"; `AliasRoutingConfiguration` in
//! the API's model; recorded refusals.

use std::{collections::BTreeMap, fmt};

use thiserror::Error;

use crate::{
    identity::Version,
    reference::Qualifier,
    validation::{ValidationError, Violation},
};

/// Where an alias points to: a version, and perhaps a second one that gets a part of the invocations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Routing {
    primary: Version,
    additional: Option<AdditionalVersion>,
}

/// The version that gets a part of an alias's invocations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdditionalVersion {
    /// A published version.
    pub version: Version,
    /// Which part of the invocations it gets, from 0 to 1.
    pub weight: f64,
}

/// Why an alias cannot be routed like this. The messages are those of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidRouting {
    /// A key is no version, or a weight is out of range; AWS's `ValidationException`.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// More than one additional version; AWS's `InvalidParameterValueException`, as are the others.
    #[error("Number of items in AdditionalVersionWeights cannot be greater than 1")]
    TooManyVersions,
    /// The additional version is the one that the alias points to anyway.
    #[error(
        "Invalid function version {version}. Function version {version} is already included in routing configuration."
    )]
    SameVersion {
        /// The version.
        version: Version,
    },
    /// `$LATEST` changes, so that it cannot be compared with another version.
    #[error("$LATEST is not supported for an alias pointing to more than 1 version")]
    Latest,
    /// A number that no version can have: AWS looks for it and finds nothing.
    #[error("there is no version {version}")]
    NoVersion {
        /// The number as it was given.
        version: String,
    },
}

impl Routing {
    /// All invocations go to one version.
    #[must_use]
    pub const fn to(version: Version) -> Self {
        Self { primary: version, additional: None }
    }

    /// Reads `AdditionalVersionWeights`; an empty map adds none. That the versions exist is for the caller to check.
    ///
    /// # Errors
    /// If there is more than one weight, or it is not one for another published version, from 0 to 1.
    pub fn weighted(primary: Version, weights: &BTreeMap<String, f64>) -> Result<Self, InvalidRouting> {
        check(weights)?;
        if weights.len() > 1 {
            return Err(InvalidRouting::TooManyVersions);
        }
        let Some((number, &weight)) = weights.first_key_value() else { return Ok(Self::to(primary)) };
        let version = Qualifier::parse_version(number)?.version();
        let version = version.ok_or_else(|| InvalidRouting::NoVersion { version: number.clone() })?;
        if version == primary {
            return Err(InvalidRouting::SameVersion { version });
        }
        if primary == Version::Latest {
            return Err(InvalidRouting::Latest);
        }
        Ok(Self { primary, additional: Some(AdditionalVersion { version, weight }) })
    }

    /// The version that gets what the additional one does not get.
    #[must_use]
    pub const fn primary(&self) -> Version {
        self.primary
    }

    /// The version that gets a part of the invocations, if there is one.
    #[must_use]
    pub const fn additional(&self) -> Option<AdditionalVersion> {
        self.additional
    }

    /// Whether invocations may go to a version.
    #[must_use]
    pub fn leads_to(&self, version: Version) -> bool {
        self.primary == version || self.additional.is_some_and(|additional| additional.version == version)
    }

    /// Whether there is a version to which invocations through both may go.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.leads_to(other.primary) || other.additional.is_some_and(|other| self.leads_to(other.version))
    }

    /// Divides a number of environments as the invocations are divided: to the nearest whole one, and what is left to the
    /// version that the alias mainly points to.
    pub fn split(&self, count: u32) -> impl Iterator<Item = (Version, u32)> + use<> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a weight is from 0 to 1, so that a share is from 0 to the count"
        )]
        let share = |weight: f64| (f64::from(count) * weight).round() as u32;
        let additional = self.additional.map(|additional| (additional.version, share(additional.weight)));
        let rest = count - additional.map_or(0, |(_, share)| share);
        [(self.primary, rest)].into_iter().chain(additional).filter(|(_, share)| *share > 0)
    }

    /// The version for one invocation; `draw` is 64 random bits, drawn for each anew.
    #[must_use]
    pub fn choose(&self, draw: u64) -> Version {
        match self.additional {
            Some(AdditionalVersion { version, weight }) if unit(draw) < weight => version,
            Some(_) | None => self.primary,
        }
    }
}

/// A number from 0 to 1, without 1, in steps of 2^-53: as many as a double can tell apart there.
fn unit(bits: u64) -> f64 {
    const STEPS: u64 = 1 << 53;
    (bits >> 11) as f64 / STEPS as f64
}

/// What the API's front end says.
fn check(weights: &BTreeMap<String, f64>) -> Result<(), ValidationError> {
    const MEMBER: &str = "routingConfig.additionalVersionWeights";
    const KEYS: &str = "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must \
                        have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, \
                        Member must not be null]";
    const VALUES: &str = "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member \
                          must have value greater than or equal to 0.0, Member must not be null]";
    let keys_fit = weights
        .keys()
        .all(|key| (1..=1_024).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_digit()));
    let values_fit = weights.values().all(|weight| (0.0..=1.0).contains(weight));
    let keys = (!keys_fit).then(|| Violation::new(MEMBER, Weights(weights), KEYS));
    let values = (!values_fit).then(|| Violation::new(MEMBER, Weights(weights), VALUES));
    ValidationError::check(keys.into_iter().chain(values))
}

/// Weights as AWS writes them: `{1=0.5, 2=2.0}`.
struct Weights<'a>(&'a BTreeMap<String, f64>);

impl fmt::Display for Weights<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (position, (version, weight)) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{version}={weight:?}")?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    const ONE: Version = Version::Published(1);

    fn weights(entries: &[(&str, f64)]) -> BTreeMap<String, f64> {
        entries.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect()
    }

    fn second_gets(weight: f64) -> Routing {
        Routing::weighted(ONE, &weights(&[("2", weight)])).expect("a weight")
    }

    #[test]
    fn without_weights_everything_goes_to_one_version() {
        for routing in
            [Routing::to(Version::Latest), Routing::weighted(Version::Latest, &weights(&[])).expect("none")]
        {
            assert_eq!((routing.primary(), routing.additional()), (Version::Latest, None));
            assert_eq!(routing.choose(0), Version::Latest);
            assert_eq!(routing.choose(u64::MAX), Version::Latest);
        }
    }

    #[test]
    fn every_weight_gets_its_part() {
        for weight in [0.0, 0.001, 0.1, 0.25, 0.5, 0.9, 1.0] {
            let routing = second_gets(weight);
            let mut random = SplitMix64::new(42);
            let draws = 100_000;
            let second =
                (0..draws).filter(|_| routing.choose(random.draw()) == Version::Published(2)).count();
            let expected = weight * f64::from(draws);
            // Five standard deviations of the binomial distribution: one run in two million is outside.
            let tolerance = 5.0 * (expected * (1.0 - weight)).sqrt();
            assert!((second as f64 - expected).abs() <= tolerance, "weight {weight}: {second} of {draws}");
        }
    }

    #[test]
    fn none_and_all_are_exact() {
        for draw in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
            assert_eq!(second_gets(0.0).choose(draw), ONE);
            assert_eq!(second_gets(1.0).choose(draw), Version::Published(2));
        }
    }

    #[test]
    fn environments_are_divided_without_a_rest() {
        let check = |weight: f64, count: u32, expected: [u32; 2]| {
            let mut shares = [0, 0];
            for (version, share) in second_gets(weight).split(count) {
                shares[usize::from(version != ONE)] = share;
            }
            assert_eq!(shares, expected, "{weight} of {count}");
        };
        check(0.1, 10, [9, 1]);
        check(0.1, 4, [4, 0]);
        check(0.25, 10, [7, 3]);
        check(0.0, 7, [7, 0]);
        check(1.0, 7, [0, 7]);
        check(1.0, u32::MAX, [0, u32::MAX]);
        assert_eq!(Routing::to(ONE).split(3).collect::<Vec<_>>(), [(ONE, 3)]);
    }

    #[test]
    fn refusals_are_those_of_aws() {
        let check = |primary, entries: &[(&str, f64)], expected: &str| {
            let refusal = Routing::weighted(primary, &weights(entries)).expect_err(expected);
            assert_eq!(refusal.to_string(), expected);
        };
        let values = |value: &str| {
            format!(
                "1 validation error detected: Value '{value}' at 'routingConfig.additionalVersionWeights' failed to satisfy \
                 constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member \
                 must have value greater than or equal to 0.0, Member must not be null]"
            )
        };
        check(ONE, &[("2", 2.0)], &values("{2=2.0}"));
        check(ONE, &[("2", -1.0)], &values("{2=-1.0}"));
        check(ONE, &[("2", 0.5), ("3", f64::NAN)], &values("{2=0.5, 3=NaN}"));
        check(
            ONE,
            &[("$LATEST", 0.5)],
            "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to \
             satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, \
             Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, \
             Member must not be null]",
        );
        check(
            ONE,
            &[("2", 0.1), ("3", 0.1)],
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        );
        check(
            ONE,
            &[("1", 0.5)],
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        );
        check(
            Version::Latest,
            &[("1", 0.5)],
            "$LATEST is not supported for an alias pointing to more than 1 version",
        );
        check(ONE, &[("99999999999999999999", 0.5)], "there is no version 99999999999999999999");
        check(ONE, &[("02", 0.5)], "there is no version 02");
    }
}
