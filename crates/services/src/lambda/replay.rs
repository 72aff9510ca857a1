//! Invocations that are run again.

use std::sync::Arc;

use hearth_engine::{Function, InvokeReply, ReplayError, random::random_bits};
use hearth_model::{identity::RequestId, recursion::FunctionHash, time::Timestamp};

use super::{Functions, trace::Trace};

/// What came of an invocation that was run again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Its function.
    pub function: Arc<Function>,
    /// When it came in the first time.
    pub received: Timestamp,
    /// What came of it this time.
    pub reply: InvokeReply,
}

impl Functions {
    /// Runs an invocation again: with its event, and with the code and configuration that its version had then, in an
    /// environment of its own. It begins a trace, but the timeline knows what it repeats.
    ///
    /// # Errors
    /// If the invocation is not recorded any more, or is turned away this time.
    pub async fn replay(&self, id: RequestId) -> Result<Replay, ReplayError> {
        let engine = self.engine();
        let (function, recording) = engine.recording(id)?;
        let (received, again) = (recording.received(), RequestId::from_random(random_bits()));
        let hash = FunctionHash::of_arn(function.arn());
        let trace = Trace::enter(None, hash, again, || engine.clock().wall());
        let reply = engine.run_again(&function, recording, id, again, trace.header).await?;
        Ok(Replay { function, received, reply })
    }
}
