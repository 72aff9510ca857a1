//! Beginning everything anew.

use hearth_engine::{
    clock::Clock,
    journal::{NotKept, NotLoaded},
    port::BoxFuture,
};
use http::Response;
use thiserror::Error;

use super::time::ClockReading;
use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    rest_json,
};

/// Begins everything anew: whoever made the services that a gateway leads to.
pub trait Reset: Send + Sync + 'static {
    /// Ends what there is, as the end of the process would, and begins as at the start. Returns the clock by which everything
    /// goes from then on.
    ///
    /// If the future is dropped, it happens all the same.
    fn reset(&self) -> BoxFuture<'static, Result<Clock, NotReset>>;
}

/// Why not everything is as at the start.
#[derive(Debug, Error)]
pub enum NotReset {
    /// Something that was there at the start cannot be made again. Everything else is as it should be.
    #[error("everything was reset, but {reason}")]
    Incomplete {
        /// What, and why.
        reason: String,
    },
    /// The state of before could not be removed from the disk.
    #[error("everything was reset in memory, but not on the disk: {0}")]
    NotKept(#[from] NotKept),
    /// Nothing can begin. Everything has ended.
    #[error("everything has ended, and cannot begin again: {0}")]
    NotBegun(#[from] NotLoaded),
}

pub(super) async fn reset(gateway: &Gateway) -> Result<Response<AnswerBody>, ApiError> {
    let Some(reset) = gateway.reset() else {
        let message = "this Hearth was put together without anything to go back to";
        return Err(ApiError::new(ErrorCode::NotImplemented, message));
    };
    match reset.reset().await {
        Ok(clock) => Ok(rest_json::document(&ClockReading::of(&clock))),
        Err(failure) => Err(ApiError::new(ErrorCode::Service, failure.to_string())),
    }
}
