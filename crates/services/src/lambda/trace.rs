//! X-Ray trace headers: which requests led to an invocation.
//!
//! Nothing is traced; the header travels because Lambda finds recursive loops with it.
//!
//! Source: X-Ray developer guide, "Tracing header"; [`recursion`](hearth_model::recursion).

use hearth_engine::random::random_bits;
use hearth_model::{
    digits::push_hex,
    identity::RequestId,
    recursion::{Entered, FunctionHash, Lineage},
    time::Timestamp,
    work_id::WorkId,
};

/// With the lineage behind it.
const LONGEST: usize = 128;

/// Where an invocation stands among the requests that led to it.
pub(super) struct Trace {
    /// The header that the handler gets, and that its own requests carry on.
    pub(super) header: String,
    /// What the header says that led to the invocation.
    pub(super) cause: Option<WorkId>,
    lineage: Lineage,
}

impl Trace {
    /// Goes on with the trace of whoever invokes a function, or begins one. Whatever follows from the invocation has this as
    /// its cause.
    pub(super) fn enter(
        header: Option<&str>,
        function: FunctionHash,
        invocation: RequestId,
        now: impl FnOnce() -> Timestamp,
    ) -> Self {
        if let Some(header) = header {
            let Entered { header, lineage, cause } = Entered::through(header, function, invocation.work());
            return Self { header, cause, lineage };
        }
        let (mut header, lineage) = (begin(now()), Lineage::enter(None, function));
        header.push_str(";Parent=");
        push_hex(&mut header, invocation.work().bits().into(), 16);
        header.push_str(";Sampled=0");
        lineage.append_to(&mut header);
        Self { header, cause: None, lineage }
    }

    /// Whether the function is invoked in a loop.
    pub(super) fn is_recursive(&self) -> bool {
        self.lineage.is_recursive()
    }
}

/// A new trace, with nothing in it yet: what fronts give their functions. Source: the events of the API Gateway developer guide.
pub(super) fn begin(now: Timestamp) -> String {
    let mut header = String::with_capacity(LONGEST);
    header.push_str("Root=1-");
    push_hex(&mut header, now.as_unix_seconds().unsigned_abs().into(), 8);
    header.push('-');
    push_hex(&mut header, random_bits(), 24);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(header: Option<&str>, id: u128, now: Timestamp) -> Trace {
        let function = FunctionHash::of_arn("arn:aws:lambda:us-east-1:000000000000:function:hello");
        Trace::enter(header, function, RequestId::from_random(id), || now)
    }

    #[test]
    fn a_trace_begins_with_the_time_and_goes_on_as_it_is() {
        let now = Timestamp::from_unix_millis(1_700_498_767_042);
        let first = enter(None, 1, now).header;
        let lengths: Vec<_> = first.split(';').map(str::len).collect();
        assert_eq!(lengths, ["Root=1-655b8d4f-".len() + 24, 23, 9, "Lineage=1:00000000:0".len()], "{first}");
        assert!(first.starts_with("Root=1-655b8d4f-"), "{first}");
        assert_ne!(enter(None, 1, now).header, first);
        let second = enter(Some(&first), 2, now).header;
        let parent = |id| RequestId::from_random(id).work().to_string();
        assert!(first.contains(&format!(";Parent={};", parent(1))), "{first}");
        let (before, after) = (first.split_once("Lineage=1:"), second.split_once("Lineage=2:"));
        let (before, after) = (before.expect("once"), after.expect("twice"));
        assert_eq!(before.0.replace(&parent(1), &parent(2)), after.0);
        assert_eq!(before.1.replace(":0", ":1"), after.1);
    }

    #[test]
    fn a_loop_is_found() {
        let mut header = None;
        let invocations = (0..100).position(|_| {
            let trace = enter(header.as_deref(), 1, Timestamp::UNIX_EPOCH);
            let recursive = trace.is_recursive();
            header = Some(trace.header);
            recursive
        });
        assert_eq!(invocations, Some(16));
    }
}
