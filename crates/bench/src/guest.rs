//! The guests of the benchmarks, small enough that what is left is the host's time.

/// What the reply is: an answer of HTTP with a body of 128 bytes of JSON.
const REPLY: &str =
    r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"data\":\"BODY\"}"}"#;

/// A component of the `hearth:lambda` contract that answers with its event.
///
/// Copies of different numbers are different files with the same behaviour.
pub(crate) fn component(number: u16) -> Vec<u8> {
    // The number makes files differ, so that each is compiled for itself.
    handler(&format!("{number:04x}"), "(local.get $event)", "(local.get $length)")
}

/// A component of the same contract that answers requests of HTTP, always in the same way.
pub(crate) fn reply() -> Vec<u8> {
    let reply = REPLY.replace("BODY", &"x".repeat(117));
    let escaped: String = reply.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    handler(&escaped, "(i32.const 256)", &format!("(i32.const {})", reply.len()))
}

fn handler(mark: &str, start: &str, length: &str) -> Vec<u8> {
    let text = include_str!("guest/echo.wat").replace("\"MARK\"", &format!("\"{mark}\""));
    assemble(&text.replace(" START)", &format!(" {start})")).replace(" LENGTH)", &format!(" {length})")))
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
