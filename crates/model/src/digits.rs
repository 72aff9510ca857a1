//! Numbers, written digit by digit: quicker than formatting, where every invocation pays for it.

/// Writes as many hexadecimal digits of a number.
pub fn push_hex(text: &mut String, bits: u128, digits: usize) {
    let digit = |place| char::from(b"0123456789abcdef"[(bits >> (4 * place) & 0xf) as usize]);
    text.extend((0..digits).rev().map(digit));
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
        fn numbers_are_written_as_a_formatter_does(bits: u128, number: u16) {
            let mut text = String::new();
            push_hex(&mut text, bits, 32);
            push_decimal(&mut text, number);
            prop_assert_eq!(text, format!("{bits:032x}{number}"));
        }
    }
}
