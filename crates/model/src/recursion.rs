//! How functions that invoke themselves, directly or through queues and each other, are found.
//!
//! Lambda counts in the `Lineage` field of the X-Ray trace header: SDKs copy that header from an invocation to the requests
//! that its handler makes, and services copy it to the messages and invocations that follow from those.
//!
//! The form of the field, `hops:function:loops`, is the one that observed headers have and AWS's propagators for OpenTelemetry
//! check; AWS documents that there is such a field, that it counts, and that an event that has invoked a function 16 times
//! does not invoke it again (Lambda developer guide, "Use Lambda recursive loop detection to prevent infinite loops"). Which
//! function stands in the field is not documented, see [`Lineage::enter`].

use crate::{
    digits::{push_decimal, push_hex},
    trace_header,
    work_id::{PARENT, WorkId, parent_field},
};

/// How often the events of one chain may invoke the same function.
pub const MOST_INVOCATIONS: u8 = 16;

/// Where an invocation stands in the chain of those that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The invocations of the chain, this one included; at most [`MOST_HOPS`].
    hops: u16,
    /// The function whose returns are counted, by a hash of its ARN.
    function: u32,
    /// How often the chain has come back to it.
    loops: u8,
}

/// What stands for a function in lineages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionHash(u32);

impl FunctionHash {
    /// That of the function with this ARN, which has no qualifier.
    ///
    /// FNV-1a, 32 bits: the same in every process, as headers travel between them.
    #[must_use]
    pub fn of_arn(arn: &str) -> Self {
        Self(arn.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
    }
}

const MOST_HOPS: u16 = 32_767;

impl Lineage {
    /// Reads the lineage of a trace header; `None` if it has none, or one of another form.
    #[must_use]
    pub fn of_header(header: &str) -> Option<Self> {
        let value = trace_header::fields(header).find_map(lineage_field)?;
        let mut parts = value.split(':');
        let (hops, function, loops) = (parts.next()?, parts.next()?, parts.next()?);
        let complete = parts.next().is_none() && function.len() == 8;
        let hops = hops.parse().ok().filter(|hops| (1..=MOST_HOPS).contains(hops))?;
        let function = u32::from_str_radix(function, 16).ok()?;
        let loops = loops.parse().ok()?;
        complete.then_some(Self { hops, function, loops })
    }

    /// The lineage of an invocation of `function`, whose event has the lineage `previous`.
    ///
    /// The field has room for one function. As the loop may begin anywhere in the chain, the function in it is replaced by the
    /// current one after 2, 4, 8, … invocations, until the chain comes back to it once (Brent's way to find cycles).
    #[must_use]
    pub fn enter(previous: Option<Self>, function: FunctionHash) -> Self {
        let FunctionHash(current) = function;
        let Some(previous) = previous else { return Self { hops: 1, function: current, loops: 0 } };
        let hops = (previous.hops + 1).min(MOST_HOPS);
        if previous.function == current {
            Self { hops, loops: previous.loops.saturating_add(1), ..previous }
        } else if previous.loops == 0 && hops.is_power_of_two() {
            Self { hops, function: current, loops: 0 }
        } else {
            Self { hops, ..previous }
        }
    }

    /// The invocations of the chain, this one included.
    #[must_use]
    pub const fn hops(self) -> u16 {
        self.hops
    }

    /// Whether the chain has invoked one function too often: unless the function's recursion configuration allows it,
    /// this invocation is refused, as AWS's `RecursiveInvocationException`.
    #[must_use]
    pub const fn is_recursive(self) -> bool {
        self.loops >= MOST_INVOCATIONS
    }

    /// The trace header with this lineage in place of the one it may have.
    #[must_use]
    pub fn in_header(self, header: &str) -> String {
        self.rewrite(header, None)
    }

    /// As [`in_header`](Self::in_header), and with this work as the parent of whatever the header goes on with.
    #[must_use]
    pub fn in_header_of(self, work: WorkId, header: &str) -> String {
        self.rewrite(header, Some(work))
    }

    fn rewrite(self, header: &str, mut parent: Option<WorkId>) -> String {
        let mut written = String::with_capacity(header.len() + LONGEST);
        let others = |field: &&str| !field.is_empty() && lineage_field(field).is_none();
        for field in trace_header::fields(header).filter(others) {
            if !written.is_empty() {
                written.push(';');
            }
            match parent_field(field).and_then(|_| parent.take()) {
                Some(parent) => push_parent(&mut written, parent),
                None => written.push_str(field),
            }
        }
        if let Some(parent) = parent {
            if !written.is_empty() {
                written.push(';');
            }
            push_parent(&mut written, parent);
        }
        self.append_to(&mut written);
        written
    }

    /// Puts this lineage behind the fields of a trace header that has none.
    pub fn append_to(self, header: &mut String) {
        if !header.is_empty() {
            header.push(';');
        }
        header.push_str(FIELD);
        header.push('=');
        push_decimal(header, self.hops);
        header.push(':');
        push_hex(header, self.function.into(), 8);
        header.push(':');
        push_decimal(header, self.loops.into());
    }
}

fn push_parent(header: &mut String, parent: WorkId) {
    header.push_str(PARENT);
    header.push('=');
    push_hex(header, parent.bits().into(), 16);
}

const FIELD: &str = "Lineage";
/// `;Parent=0123456789abcdef;Lineage=32767:00000000:255`.
const LONGEST: usize = 51;

/// The value of the field if it is the lineage.
fn lineage_field(field: &str) -> Option<&str> {
    trace_header::value(field, FIELD)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends an event round functions named by letters, through their headers: how many invocations until one is refused.
    fn invocations(functions: impl IntoIterator<Item = char>) -> Option<usize> {
        let mut header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned();
        functions.into_iter().position(|function| {
            let lineage =
                Lineage::enter(Lineage::of_header(&header), FunctionHash::of_arn(&format!("arn:{function}")));
            header = lineage.in_header(&header);
            lineage.is_recursive()
        })
    }

    fn cycle(functions: &str) -> impl Iterator<Item = char> {
        functions.chars().cycle().take(10_000)
    }

    #[test]
    fn a_function_that_invokes_itself_runs_sixteen_times() {
        assert_eq!(invocations(cycle("a")), Some(16));
    }

    #[test]
    fn longer_loops_are_found_wherever_they_begin() {
        // The function that is counted runs 16 times, those before it in the loop once more.
        assert_eq!(invocations(cycle("ab")), Some(33));
        assert_eq!(invocations(cycle("abc")), Some(51));
        assert_eq!(invocations("x".chars().chain(cycle("a"))), Some(17));
        for period in 1..=26 {
            for start in ["", "0", "01", "012", "0123456789"] {
                let functions: String = ('a'..='z').take(period).collect();
                let found = invocations(start.chars().chain(cycle(&functions))).expect("it is a loop");
                let most = 2 * (start.len() + period) + 17 * period;
                assert!(found <= most, "period {period} after {start}: {found}");
            }
        }
    }

    #[test]
    fn a_chain_without_loop_goes_on() {
        assert_eq!(invocations(('\u{100}'..).take(40_000)), None);
    }

    #[test]
    fn headers_keep_everything_else() {
        let lineage = Lineage { hops: 15, function: 0xa1b2_c3d4, loops: 14 };
        let others = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let header = format!("{others};Lineage=15:a1b2c3d4:14");
        assert_eq!(lineage.in_header(others), header);
        assert_eq!(lineage.in_header(&header), header);
        assert_eq!(lineage.in_header(""), "Lineage=15:a1b2c3d4:14");
        assert_eq!(lineage.in_header("lineage=1:00000000:0;Sampled=1"), "Sampled=1;Lineage=15:a1b2c3d4:14");
        assert_eq!(Lineage::of_header(&header), Some(lineage));
        assert_eq!(Lineage::of_header(others), None);
    }

    #[test]
    fn a_header_goes_on_with_another_parent() {
        let lineage = Lineage { hops: 1, function: 0xa1b2_c3d4, loops: 0 };
        let work = WorkId::parse("0123456789abcdef").expect("sixteen digits");
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let check = |header: &str, expect: &str| {
            assert_eq!(
                lineage.in_header_of(work, header),
                format!("{expect};Lineage=1:a1b2c3d4:0"),
                "{header}"
            );
        };
        let parent = "Parent=0123456789abcdef";
        check(&format!("{root};Parent=53995c3f42cd8ad8;Sampled=1"), &format!("{root};{parent};Sampled=1"));
        check(&format!("{root};Sampled=1"), &format!("{root};Sampled=1;{parent}"));
        check("", parent);
    }

    #[test]
    fn other_forms_are_none() {
        for value in ["", "1", "c6c5b1b9:0", "1:c6c5b1b9", "1:c6c5b1b9:0:0", "1:c6c5b1b:0", "x:c6c5b1b9:0"] {
            assert_eq!(Lineage::of_header(&format!("Lineage={value}")), None, "{value}");
        }
        for value in ["0:c6c5b1b9:0", "32768:c6c5b1b9:0", "1:c6c5b1b9:256", "1:c6c5b1bz:0"] {
            assert_eq!(Lineage::of_header(&format!("Lineage={value}")), None, "{value}");
        }
        assert!(Lineage::of_header("Lineage=32767:c6c5b1b9:255").is_some_and(Lineage::is_recursive));
    }
}
