//! One rule: what goes wrong, where, and when.

use std::{fmt, num::NonZeroU64, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::wildcard;

/// A rule as people write it, in the control API and in the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenFault {
    /// What goes wrong.
    pub fault: Option<FaultKind>,
    /// The name of the function, in which `*` and `?` are wildcards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// That of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// That of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// What of Hearth's own state is to be written to a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<String>,
    /// The first call that it concerns, counted from 1, which is also the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// How many calls it concerns from then on; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Of a hundred of these calls, how many; 100 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u64>,
    /// What decides which they are; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// For `delay`, in milliseconds: how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// For `fail` and `fail-init`: the error's type; `InjectedFault` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// For `fail` and `fail-init`: what it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// What can go wrong, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The invocation is turned away, as if there were no concurrency left.
    Throttle,
    /// The invocation takes longer, within the function's timeout.
    Delay,
    /// The handler is not run, and the invocation ends with an error of its own.
    Fail,
    /// The environment is lost before the handler runs.
    KillBeforeHandler,
    /// The environment is lost when the handler has done its work.
    KillAfterHandler,
    /// The environment's initialisation breaks off.
    KillDuringInit,
    /// The environment's initialisation ends with an error.
    FailInit,
    /// The handler has done its work, and whoever waits for it hears of a fault of the platform.
    DropResponse,
    /// A standard queue has a message twice.
    DuplicateMessage,
    /// A message of a standard queue overtakes those that wait there.
    ReorderMessage,
    /// Whoever is told of a change of a bucket is told twice.
    DuplicateEvent,
    /// There is no room on the disk for an object.
    NoSpace,
    /// There is no room on the disk on which Hearth keeps what survives.
    DiskFull,
}

/// What goes wrong, with what has to be known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the kind of the same name")]
pub enum Fault {
    Throttle,
    Delay(Duration),
    Fail { error_type: String, error_message: String },
    KillBeforeHandler,
    KillAfterHandler,
    KillDuringInit,
    FailInit { error_type: String, error_message: String },
    DropResponse,
    DuplicateMessage,
    ReorderMessage,
    DuplicateEvent,
    NoSpace,
    DiskFull,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// The name of the function, queue, bucket or disk, in which `*` and `?` are wildcards; which of these follows from the fault.
    pub name: String,
    /// When.
    pub occurrence: Occurrence,
}

/// Which of the calls that a rule concerns go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The first one, counted from 1.
    pub from: NonZeroU64,
    /// How many from then on; none means all.
    pub count: Option<NonZeroU64>,
    /// Of a hundred of these.
    pub percent: u8,
    /// What decides which.
    pub seed: u64,
}

/// What faults happen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultTarget {
    /// A function.
    Function,
    /// A queue.
    Queue,
    /// A bucket.
    Bucket,
    /// A disk.
    Disk,
}

/// What Hearth writes to a disk so that it survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disk {
    /// What has happened, entry by entry.
    Journal,
    /// The code of functions and layers.
    Code,
    /// The contents of objects.
    Objects,
}

impl Disk {
    const ALL: [Self; 3] = [Self::Journal, Self::Code, Self::Objects];

    /// The name by which rules know it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Code => "code",
            Self::Objects => "objects",
        }
    }
}

/// Why a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidFault {
    /// It does not say what goes wrong.
    #[error("`fault` is missing: say what goes wrong, such as `fail`")]
    Nothing,
    /// It does not say where.
    #[error("`{target}` is missing: `{fault}` happens to a {target}; `*` means all of them")]
    Nowhere {
        /// What goes wrong.
        fault: FaultKind,
        /// What that happens to.
        target: FaultTarget,
    },
    /// It says something that has nothing to do with the fault.
    #[error("`{field}` does not go with `{fault}`: leave it out")]
    Unfit {
        /// What it says.
        field: &'static str,
        /// What goes wrong.
        fault: FaultKind,
    },
    /// It names no disk that there is.
    #[error("`disk` must be `journal`, `code` or `objects`, or `*` for all of them, not `{given}`")]
    NoSuchDisk {
        /// What it names.
        given: String,
    },
    /// It says for how long only if it says something.
    #[error("`delay_ms` is missing: say how long the delay is")]
    NoDelay,
    /// Numbers are out of range.
    #[error("`{field}` must be {range}, not {given}")]
    OutOfRange {
        /// Which.
        field: &'static str,
        /// What it can be.
        range: &'static str,
        /// What it is.
        given: u64,
    },
}

impl FaultKind {
    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Delay => "delay",
            Self::Fail => "fail",
            Self::KillBeforeHandler => "kill-before-handler",
            Self::KillAfterHandler => "kill-after-handler",
            Self::KillDuringInit => "kill-during-init",
            Self::FailInit => "fail-init",
            Self::DropResponse => "drop-response",
            Self::DuplicateMessage => "duplicate-message",
            Self::ReorderMessage => "reorder-message",
            Self::DuplicateEvent => "duplicate-event",
            Self::NoSpace => "no-space",
            Self::DiskFull => "disk-full",
        }
    }

    /// What it happens to.
    #[must_use]
    pub const fn target(self) -> FaultTarget {
        match self {
            Self::Throttle
            | Self::Delay
            | Self::Fail
            | Self::KillBeforeHandler
            | Self::KillAfterHandler
            | Self::KillDuringInit
            | Self::FailInit
            | Self::DropResponse => FaultTarget::Function,
            Self::DuplicateMessage | Self::ReorderMessage => FaultTarget::Queue,
            Self::DuplicateEvent | Self::NoSpace => FaultTarget::Bucket,
            Self::DiskFull => FaultTarget::Disk,
        }
    }
}

impl Fault {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        match self {
            Self::Throttle => FaultKind::Throttle,
            Self::Delay(_) => FaultKind::Delay,
            Self::Fail { .. } => FaultKind::Fail,
            Self::KillBeforeHandler => FaultKind::KillBeforeHandler,
            Self::KillAfterHandler => FaultKind::KillAfterHandler,
            Self::KillDuringInit => FaultKind::KillDuringInit,
            Self::FailInit { .. } => FaultKind::FailInit,
            Self::DropResponse => FaultKind::DropResponse,
            Self::DuplicateMessage => FaultKind::DuplicateMessage,
            Self::ReorderMessage => FaultKind::ReorderMessage,
            Self::DuplicateEvent => FaultKind::DuplicateEvent,
            Self::NoSpace => FaultKind::NoSpace,
            Self::DiskFull => FaultKind::DiskFull,
        }
    }
}

impl TryFrom<GivenFault> for Rule {
    type Error = InvalidFault;

    fn try_from(given: GivenFault) -> Result<Self, InvalidFault> {
        let kind = given.fault.ok_or(InvalidFault::Nothing)?;
        let target = kind.target();
        let mut named = None;
        for (field, name, fits) in [
            ("function", given.function, target == FaultTarget::Function),
            ("queue", given.queue, target == FaultTarget::Queue),
            ("bucket", given.bucket, target == FaultTarget::Bucket),
            ("disk", given.disk, target == FaultTarget::Disk),
        ] {
            match (name, fits) {
                (Some(_), false) => return Err(InvalidFault::Unfit { field, fault: kind }),
                (Some(name), true) => named = Some(name),
                (None, _) => {}
            }
        }
        let name = named.ok_or(InvalidFault::Nowhere { fault: kind, target })?;
        let is_disk = |disk: Disk| wildcard::matches(&name, disk.as_str());
        if target == FaultTarget::Disk && !Disk::ALL.into_iter().any(is_disk) {
            return Err(InvalidFault::NoSuchDisk { given: name });
        }
        let failing = matches!(kind, FaultKind::Fail | FaultKind::FailInit);
        for (field, is_given, fits) in [
            ("delay_ms", given.delay_ms.is_some(), kind == FaultKind::Delay),
            ("error_type", given.error_type.is_some(), failing),
            ("error_message", given.error_message.is_some(), failing),
        ] {
            if is_given && !fits {
                return Err(InvalidFault::Unfit { field, fault: kind });
            }
        }
        let error_type = given.error_type.unwrap_or_else(|| "InjectedFault".to_owned());
        let error_message = given.error_message.unwrap_or_else(|| "a rule for faults says so".to_owned());
        let fault = match kind {
            FaultKind::Throttle => Fault::Throttle,
            FaultKind::Delay => {
                Fault::Delay(Duration::from_millis(given.delay_ms.ok_or(InvalidFault::NoDelay)?))
            }
            FaultKind::Fail => Fault::Fail { error_type, error_message },
            FaultKind::KillBeforeHandler => Fault::KillBeforeHandler,
            FaultKind::KillAfterHandler => Fault::KillAfterHandler,
            FaultKind::KillDuringInit => Fault::KillDuringInit,
            FaultKind::FailInit => Fault::FailInit { error_type, error_message },
            FaultKind::DropResponse => Fault::DropResponse,
            FaultKind::DuplicateMessage => Fault::DuplicateMessage,
            FaultKind::ReorderMessage => Fault::ReorderMessage,
            FaultKind::DuplicateEvent => Fault::DuplicateEvent,
            FaultKind::NoSpace => Fault::NoSpace,
            FaultKind::DiskFull => Fault::DiskFull,
        };
        let positive = |field, given| {
            NonZeroU64::new(given).ok_or(InvalidFault::OutOfRange { field, range: "at least 1", given })
        };
        let given_percent = given.percent.unwrap_or(100);
        let percent = u8::try_from(given_percent).ok().filter(|percent| (1..=100).contains(percent));
        let percent = percent.ok_or(InvalidFault::OutOfRange {
            field: "percent",
            range: "between 1 and 100",
            given: given_percent,
        })?;
        let occurrence = Occurrence {
            from: positive("from", given.from.unwrap_or(1))?,
            count: given.count.map(|count| positive("count", count)).transpose()?,
            percent,
            seed: given.seed.unwrap_or(0),
        };
        Ok(Self { fault, name, occurrence })
    }
}

impl From<&Rule> for GivenFault {
    /// The rule as somebody may write it who says everything but what is a default.
    fn from(rule: &Rule) -> Self {
        let kind = rule.fault.kind();
        let name = |target| (kind.target() == target).then(|| rule.name.clone());
        let (error_type, error_message) = match &rule.fault {
            Fault::Fail { error_type, error_message } | Fault::FailInit { error_type, error_message } => {
                (Some(error_type.clone()), Some(error_message.clone()))
            }
            Fault::Throttle
            | Fault::Delay(_)
            | Fault::KillBeforeHandler
            | Fault::KillAfterHandler
            | Fault::KillDuringInit
            | Fault::DropResponse
            | Fault::DuplicateMessage
            | Fault::ReorderMessage
            | Fault::DuplicateEvent
            | Fault::NoSpace
            | Fault::DiskFull => (None, None),
        };
        let delay = if let Fault::Delay(delay) = &rule.fault { Some(*delay) } else { None };
        let Occurrence { from, count, percent, seed } = rule.occurrence;
        Self {
            fault: Some(kind),
            function: name(FaultTarget::Function),
            queue: name(FaultTarget::Queue),
            bucket: name(FaultTarget::Bucket),
            disk: name(FaultTarget::Disk),
            from: (from.get() > 1).then_some(from.get()),
            count: count.map(NonZeroU64::get),
            percent: (percent < 100).then_some(percent.into()),
            seed: (seed > 0).then_some(seed),
            delay_ms: delay.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
            error_type,
            error_message,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for FaultTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Function => "function",
            Self::Queue => "queue",
            Self::Bucket => "bucket",
            Self::Disk => "disk",
        })
    }
}
