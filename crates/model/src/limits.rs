//! Lambda's quotas, in one place.
//!
//! Source: the AWS Lambda developer guide, "Lambda quotas", and the API reference's `FunctionConfiguration`.

use std::{ops::RangeInclusive, time::Duration};

/// Memory of a function, in MB as AWS writes it (MiB in fact).
pub const MEMORY_MIB: RangeInclusive<u32> = 128..=10_240;
/// Memory of a function that names none.
pub const DEFAULT_MEMORY_MIB: u32 = 128;
/// `/tmp` of an environment.
pub const EPHEMERAL_STORAGE_MIB: RangeInclusive<u32> = 512..=10_240;
/// `/tmp` of a function that names no size.
pub const DEFAULT_EPHEMERAL_STORAGE_MIB: u32 = 512;
/// Timeout of a function, in seconds.
pub const TIMEOUT_S: RangeInclusive<u32> = 1..=900;
/// Timeout of a function that names none.
pub const DEFAULT_TIMEOUT_S: u32 = 3;
/// How long init may take before it is broken off and run again inside the first invocation.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long init may take in provisioned concurrency if the function's timeout is not longer ("Understanding the Lambda execution
/// environment lifecycle", "Init phase").
pub const PROVISIONED_INIT_TIMEOUT: Duration = Duration::from_secs(130);
/// All environment variables of a function together, names and values.
pub const ENVIRONMENT_BYTES: usize = 4 * 1024;
/// Layers of a function.
pub const LAYERS: usize = 5;
/// Payload of a synchronous request: "6 MB".
pub const SYNCHRONOUS_REQUEST_BYTES: usize = 6 * 1024 * 1024;
/// Payload of an answer: 6 MB and 100 bytes, the number in AWS's own error message.
pub const RESPONSE_BYTES: usize = 6_291_556;
/// What `X-Amz-Log-Result` carries: the last 4 KiB.
pub const LOG_TAIL_BYTES: usize = 4 * 1024;
/// Open files in an environment.
pub const OPEN_FILES: usize = 1_024;
/// A deployment package that is uploaded directly.
pub const PACKAGE_ZIPPED_BYTES: u64 = 50 * 1024 * 1024;
/// A deployment package with its layers, unzipped.
pub const PACKAGE_UNZIPPED_BYTES: u64 = 250 * 1024 * 1024;
/// Concurrent executions of an account in a region.
pub const ACCOUNT_CONCURRENCY: u32 = 1_000;
/// The part of an account's concurrency that cannot be reserved.
pub const MINIMUM_UNRESERVED_CONCURRENCY: u32 = 100;
/// New environments of one function within [`SCALING_INTERVAL`], refilled continuously.
pub const SCALING_BURST: u32 = 1_000;
/// The interval of [`SCALING_BURST`].
pub const SCALING_INTERVAL: Duration = Duration::from_secs(10);
/// Memory at which a function has one full vCPU.
pub const FULL_VCPU_MIB: u32 = 1_769;
/// How long an idle environment is kept. AWS documents none; five to fifteen minutes are observed.
pub const DEFAULT_IDLE_LIFETIME: Duration = Duration::from_mins(10);
