//! The guests of the benchmarks, small enough that what is left is the host's time.

/// Where a copy's number goes, so that copies differ in content and are compiled each for itself.
const MARK: &str = "MARK";

/// A component of the `hearth:lambda` contract that answers with its event.
///
/// Copies of different numbers are different files with the same behaviour.
pub(crate) fn component(number: u16) -> Vec<u8> {
    assemble(&include_str!("guest/echo.wat").replace(MARK, &format!("{number:04x}")))
}

/// A core module whose `echo` copies its input.
pub(crate) fn core_module() -> Vec<u8> {
    assemble(include_str!("guest/echo_core.wat"))
}

fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the guests are part of this program and assemble")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_differ() {
        assert_ne!(component(1), component(2));
        assert_eq!(component(1).len(), component(2).len());
    }
}
