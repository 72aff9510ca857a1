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
    trace_header::{self, Field, LINEAGE, PARENT},
    work_id::WorkId,
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

/// What comes of a trace header where the request that it came with invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The header that goes on.
    pub header: String,
    /// Where the invocation stands.
    pub lineage: Lineage,
    /// The work that the request was a part of.
    pub cause: Option<WorkId>,
}

impl Entered {
    /// Goes on behind `header` with an invocation of `function`, which is the parent of whatever follows from it. A trace that is
    /// left to Lambda to sample is not sampled: nothing is traced.
    ///
    /// Every invocation with a header pays for this, so that the header is read once.
    #[must_use]
    pub fn through(header: &str, function: FunctionHash, invocation: WorkId) -> Self {
        let mut written = String::with_capacity(header.len() + LONGEST);
        let (mut lineage, mut parent, mut is_decided) = (None, None, false);
        for field in trace_header::fields(header) {
            match Field::of(field) {
                Field::Lineage(value) => {
                    lineage.get_or_insert(value);
                }
                Field::Parent(value) if parent.is_none() => {
                    parent = Some(value);
                    push_parent(&mut written, invocation);
                }
                Field::Sampled => {
                    is_decided = true;
                    push_field(&mut written, field);
                }
                Field::Parent(_) | Field::Other => push_field(&mut written, field),
            }
        }
        if parent.is_none() {
            push_parent(&mut written, invocation);
        }
        if !is_decided {
            push_field(&mut written, UNSAMPLED);
        }
        let lineage = Lineage::enter(lineage.and_then(Lineage::parse), function);
        lineage.append_to(&mut written);
        Self { header: written, lineage, cause: parent.and_then(WorkId::parse) }
    }
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
        trace_header::lineage(header).and_then(Self::parse)
    }

    /// Reads the value of the field.
    fn parse(value: &str) -> Option<Self> {
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

    /// Puts this lineage behind the fields of a trace header that has none.
    pub fn append_to(self, header: &mut String) {
        push_field(header, LINEAGE);
        header.push('=');
        push_decimal(header, self.hops);
        header.push(':');
        push_hex(header, self.function.into(), 8);
        header.push(':');
        push_decimal(header, self.loops.into());
    }
}

/// Puts a field behind those that are there, or begins it; an empty one is none.
fn push_field(header: &mut String, field: &str) {
    if !header.is_empty() && !field.is_empty() {
        header.push(';');
    }
    header.push_str(field);
}

fn push_parent(header: &mut String, parent: WorkId) {
    push_field(header, PARENT);
    header.push('=');
    push_hex(header, parent.bits().into(), 16);
}

const UNSAMPLED: &str = "Sampled=0";

/// `;Parent=0123456789abcdef;Sampled=0;Lineage=32767:00000000:255`.
const LONGEST: usize = 61;

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> WorkId {
        WorkId::parse("0123456789abcdef").expect("sixteen digits")
    }

    /// Sends an event round functions named by letters, through their headers: how many invocations until one is refused.
    fn invocations(functions: impl IntoIterator<Item = char>) -> Option<usize> {
        let mut header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned();
        functions.into_iter().position(|function| {
            let function = FunctionHash::of_arn(&format!("arn:{function}"));
            let entered = Entered::through(&header, function, work());
            header = entered.header;
            entered.lineage.is_recursive()
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
        let check = |header: &str, expected: &str, cause: Option<u64>| {
            let entered = Entered::through(header, FunctionHash(0xa1b2_c3d4), work());
            assert_eq!(entered.header, expected, "{header}");
            assert_eq!(entered.cause, cause.and_then(WorkId::from_bits), "{header}");
            assert_eq!(Lineage::of_header(expected), Some(entered.lineage), "{header}");
        };
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let parent = "Parent=0123456789abcdef";
        let (first, sixteenth) = ("Lineage=1:a1b2c3d4:0", "Lineage=16:a1b2c3d4:15");
        let before = Some(0x5399_5c3f_42cd_8ad8);
        check(
            &format!("{root};Parent=53995c3f42cd8ad8;Sampled=1"),
            &format!("{root};{parent};Sampled=1;{first}"),
            before,
        );
        check(
            &format!("{root};Lineage=15:a1b2c3d4:14;Sampled=1;parent=53995c3f42cd8ad8"),
            &format!("{root};Sampled=1;{parent};{sixteenth}"),
            before,
        );
        check(&format!("{root};Sampled=1"), &format!("{root};Sampled=1;{parent};{first}"), None);
        check(";;Sampled=1;", &format!("Sampled=1;{parent};{first}"), None);
        let undecided = format!("{parent};Sampled=0");
        check("Parent=x;Parent=1", &format!("{parent};Parent=1;Sampled=0;{first}"), None);
        check(
            "lineage=1:00000000:9;Lineage=2:00000000:9",
            &format!("{undecided};Lineage=2:00000000:9"),
            None,
        );
        check(root, &format!("{root};{undecided};{first}"), None);
        check("", &format!("{undecided};{first}"), None);
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
