//! Numbers, written digit by digit: quicker than formatting, where every invocation pays for it.

/// Writes as many hexadecimal digits of a number.
///
/// # Panics
/// If more than 32 are asked for.
pub fn push_hex(text: &mut String, bits: u128, digits: usize) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut all = [0; 32];
    for (pair, byte) in all.chunks_exact_mut(2).zip(bits.to_be_bytes()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 0xf)];
    }
    let all = str::from_utf8(&all).expect("digits are ASCII");
    text.push_str(&all[all.len() - digits..]);
}

/// Writes a number.
pub fn push_decimal(text: &mut String, number: u16) {
    if number >= 10 {
        push_decimal(text, number / 10);
    }
    text.push(char::from(b"0123456789"[usize::from(number % 10)]));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_written_as_a_formatter_does(bits: u128, digits in 0..=32_usize, number: u16) {
            let mut text = String::new();
            push_hex(&mut text, bits, digits);
            push_decimal(&mut text, number);
            let all = format!("{bits:032x}{number}");
            prop_assert_eq!(text, &all[32 - digits..]);
        }
    }
}
