//! What fires by itself: what rules with schedules and the schedules of EventBridge Scheduler have in common.

use hearth_model::time::Timestamp;

/// Something that fires by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// Its name; that of a schedule which is not in the default group with its group, `GROUP/NAME`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it fires, as its owner wrote it.
    pub expression: String,
    /// Whose clocks that means.
    pub zone: String,
    /// Whether it fires at all.
    pub enabled: bool,
    /// To whom: ARNs.
    pub targets: Vec<String>,
    /// The next times, by what its expression says; none if it is not enabled.
    pub next: Vec<Timestamp>,
}

/// What became of a firing, at one of the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The target: an ARN.
    pub target: String,
    /// Why the target did not get it; none if it did.
    pub error: Option<String>,
}
