//! Why there is no Hearth.

use thiserror::Error;

/// Why a [`Hearth`](crate::Hearth) cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The manifest, its code, or the machine.
    #[error(transparent)]
    World(#[from] hearth::StartError),
    /// The clock cannot stand there.
    #[error("`{text}` is no time: write it like `2026-01-01T00:00:00Z`")]
    Time {
        /// What was given.
        text: String,
    },
}
