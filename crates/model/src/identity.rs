//! Names and numbers that tell things apart: accounts, regions, functions, requests, environments.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::work_id::WorkId;

/// The identifier of one request, the same on every attempt of an asynchronous invocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A version 4 identifier out of 128 random bits; the caller brings the randomness.
    #[must_use]
    pub const fn from_random(bits: u128) -> Self {
        Self(uuid::Builder::from_random_bytes(bits.to_ne_bytes()).into_uuid())
    }

    /// Reads the hyphenated form; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written; other bytes are taken as random ones.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// What names the request as a cause.
    #[must_use]
    pub const fn work(self) -> WorkId {
        WorkId::of_uuid(self.0)
    }

    /// Calls `with` with the hyphenated lower-case form, without allocating.
    pub fn encode<R>(self, with: impl FnOnce(&str) -> R) -> R {
        let mut buffer = Uuid::encode_buffer();
        with(self.0.hyphenated().encode_lower(&mut buffer))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.encode(|text| f.write_str(text))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An environment's number, unique within one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentId(pub u64);

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "env-{}", self.0)
    }
}

/// A 12-digit AWS account number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    /// The account of a request whose access key is not an account number: `000000000000`.
    pub const DEFAULT: Self = Self(0);

    /// Reads twelve digits; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok().map(Self)).flatten()
    }

    /// The ARN by which IAM names the account as a whole: `arn:aws:iam::123456789012:root`.
    #[must_use]
    pub fn root_arn(self) -> String {
        format!("arn:aws:iam::{self}:root")
    }

    /// The twelve digits, in ASCII.
    #[must_use]
    pub fn digits(self) -> [u8; 12] {
        let mut digits = [b'0'; 12];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).expect("it is a digit");
            rest /= 10;
        }
        digits
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.digits()).expect("digits are ASCII"))
    }
}

/// An AWS region's name, such as `us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Box<str>);

impl Region {
    /// The region of a request that names none.
    pub const DEFAULT: &str = "us-east-1";

    /// Reads a region's name: 1 to 32 lower-case letters, digits and hyphens; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Region {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where state lives: everything is kept apart by account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

impl Default for Partition {
    fn default() -> Self {
        Self { account: AccountId::DEFAULT, region: Region::default() }
    }
}

/// A function's name without qualifier: 1 to 64 letters, digits, hyphens and underscores.
///
/// Source: the `FunctionName` pattern of the Lambda API reference (`CreateFunction`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionName(Box<str>);

/// Why a text is no function name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{name}` is not a function name: use 1 to 64 letters, digits, `-` and `_`")]
pub struct InvalidFunctionName {
    /// What was given.
    pub name: String,
}

impl FunctionName {
    /// Reads a name.
    ///
    /// # Errors
    /// If it is empty, longer than 64 characters or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, InvalidFunctionName> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits { Ok(Self(text.into())) } else { Err(InvalidFunctionName { name: text.to_owned() }) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The function's ARN without qualifier.
    #[must_use]
    pub fn arn(&self, partition: &Partition) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", partition.region, partition.account, self.0)
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A function's version: `$LATEST` or a published number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// The version that code and configuration updates change.
    #[default]
    Latest,
    /// A published, immutable version; counted from 1.
    Published(u64),
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("$LATEST"),
            Self::Published(number) => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_twelve_digits() {
        let account = AccountId::parse("000000001234").expect("twelve digits");
        assert_eq!(account.to_string(), "000000001234");
        for text in ["", "1234", "00000000123x", "0000000012345", "+00000000123"] {
            assert_eq!(AccountId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn function_names_follow_the_api_pattern() {
        for text in ["a", "order-intake_2", &"x".repeat(64)] {
            assert_eq!(FunctionName::parse(text).expect(text).as_str(), text);
        }
        for text in ["", "a b", "a:1", "ä", &"x".repeat(65)] {
            assert!(FunctionName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_id_is_a_version_4_uuid_and_reads_back() {
        let id = RequestId::from_random(u128::MAX);
        assert_eq!(id.to_string().as_bytes()[14], b'4');
        assert_eq!(RequestId::parse(&id.to_string()), Some(id));
        assert_eq!(RequestId::parse("nonsense"), None);
    }

    #[test]
    fn an_arn_names_account_region_and_function() {
        let name = FunctionName::parse("hello").expect("a name");
        assert_eq!(name.arn(&Partition::default()), "arn:aws:lambda:us-east-1:000000000000:function:hello");
    }
}
