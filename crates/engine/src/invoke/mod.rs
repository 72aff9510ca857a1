//! One invocation, from the request to the reply.

mod ahead;
mod attempt;
pub(crate) mod call;
mod error_lines;
mod faulty;
mod init_log;
mod invocation;
mod lease;
mod message;
mod race;
mod request;
mod running;
mod start;

pub(crate) use self::ahead::Ahead;
pub use self::{
    call::Event,
    request::{InitReport, InvokeError, InvokeReply, InvokeRequest, Phases, Report, Via},
    running::Running,
};
