//! X-Ray trace headers: which requests led to an invocation.
//!
//! Nothing is traced; the header travels because Lambda finds recursive loops with it.
//!
//! Source: X-Ray developer guide, "Tracing header"; [`recursion`](hearth_model::recursion).

use hearth_engine::random::random_number;
use hearth_model::{recursion::Lineage, time::Timestamp};

/// Where an invocation stands among the requests that led to it.
pub(super) struct Trace {
    /// The header that the handler gets, and that its own requests carry on.
    pub(super) header: String,
    lineage: Lineage,
}

impl Trace {
    /// Goes on with the trace of whoever invokes a function, or begins one.
    pub(super) fn enter(header: Option<&str>, function_arn: &str, now: Timestamp) -> Self {
        let lineage = Lineage::enter(header.and_then(Lineage::of_header), function_arn);
        let header = match header {
            Some(header) => lineage.in_header(header),
            None => {
                let mut header = begin(now);
                lineage.append_to(&mut header);
                header
            }
        };
        Self { header, lineage }
    }

    /// Whether the function is invoked in a loop.
    pub(super) fn is_recursive(&self) -> bool {
        self.lineage.is_recursive()
    }
}

/// A new trace, which is not sampled.
pub(super) fn begin(now: Timestamp) -> String {
    let seconds = now.as_unix_millis() / 1_000;
    let (high, low, parent) = (random_number() >> 32, random_number(), random_number());
    format!("Root=1-{seconds:08x}-{high:08x}{low:016x};Parent={parent:016x};Sampled=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:hello";

    #[test]
    fn a_trace_begins_with_the_time_and_goes_on_as_it_is() {
        let now = Timestamp::from_unix_millis(1_700_498_767_042);
        let first = Trace::enter(None, ARN, now).header;
        let lengths: Vec<_> = first.split(';').map(str::len).collect();
        assert_eq!(lengths, ["Root=1-655b8d4f-".len() + 24, 23, 9, "Lineage=1:00000000:0".len()], "{first}");
        assert!(first.starts_with("Root=1-655b8d4f-"), "{first}");
        assert_ne!(Trace::enter(None, ARN, now).header, first);
        let second = Trace::enter(Some(&first), ARN, now).header;
        let (before, after) = (first.split_once("Lineage=1:"), second.split_once("Lineage=2:"));
        let (before, after) = (before.expect("once"), after.expect("twice"));
        assert_eq!(before.0, after.0);
        assert_eq!(before.1.replace(":0", ":1"), after.1);
    }

    #[test]
    fn a_loop_is_found() {
        let mut header = None;
        let invocations = (0..100).position(|_| {
            let trace = Trace::enter(header.as_deref(), ARN, Timestamp::UNIX_EPOCH);
            let recursive = trace.is_recursive();
            header = Some(trace.header);
            recursive
        });
        assert_eq!(invocations, Some(16));
    }
}
