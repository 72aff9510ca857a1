//! Signatures of webhooks: the HMAC-SHA256 of the raw body, as GitHub has them.
//!
//! Source: "Validating webhook deliveries" in GitHub's documentation.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that a signature is in.
pub(crate) const HEADER: &str = "x-hub-signature-256";

/// Whether `sha256=…` is the signature of a body. Takes as long for a wrong signature as for the right one, wherever it
/// differs.
pub(crate) fn is_of(signature: &str, body: &[u8], secret: &[u8]) -> bool {
    let Some(expected) = signature.strip_prefix("sha256=").and_then(bytes) else { return false };
    let mut code = Hmac::<Sha256>::new_from_slice(secret).expect("a key may have any length");
    code.update(body);
    code.verify_slice(&expected).is_ok()
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hexadecimal.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let pairs = digits?;
    let (pairs, []) = pairs.as_chunks() else { return None };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation.
    const SECRET: &[u8] = b"It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn the_right_signature_is_one() {
        assert!(is_of(SIGNATURE, BODY, SECRET));
        assert!(is_of(&SIGNATURE.to_ascii_uppercase().replace("SHA256", "sha256"), BODY, SECRET));
    }

    #[test]
    fn everything_else_is_none() {
        assert!(!is_of(SIGNATURE, b"Hello, World", SECRET));
        assert!(!is_of(SIGNATURE, BODY, b"it's a secret"));
        assert!(!is_of(&SIGNATURE.replace('7', "8"), BODY, SECRET));
        let cut = SIGNATURE.len() - 2;
        for signature in
            ["", "sha256=", "sha1=757107", &SIGNATURE[7..], &SIGNATURE[..cut], "sha256=7", "sha256=zz"]
        {
            assert!(!is_of(signature, BODY, SECRET), "{signature}");
        }
    }
}
