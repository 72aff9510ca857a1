//! Numbers, written digit by digit: quicker than formatting, where every invocation pays for it.

/// Writes as many hexadecimal digits of a number.
///
/// # Panics
/// If more than 32 are asked for.
pub fn push_hex(text: &mut String, bits: u128, digits: usize) {
    let mut all = [0; 32];
    for (eight, bytes) in all.chunks_exact_mut(8).zip(bits.to_be_bytes().chunks_exact(4)) {
        let part = bytes.try_into().expect("chunks are as long as was asked for");
        eight.copy_from_slice(&eight_digits(u32::from_be_bytes(part)));
    }
    let all = str::from_utf8(&all).expect("digits are ASCII");
    text.push_str(&all[all.len() - digits..]);
}

/// The hexadecimal digits of a number, all at once: each half of a byte is moved to a byte of its own, and made a digit or, above
/// nine, a letter there.
const fn eight_digits(bits: u32) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let bits = bits as u64;
    let bits = (bits << 16 | bits) & 0x0000_ffff_0000_ffff;
    let bits = (bits << 8 | bits) & 0x00ff_00ff_00ff_00ff;
    let bits = (bits << 4 | bits) & 0x0f0f_0f0f_0f0f_0f0f;
    let are_letters = (bits + 6 * EACH) >> 4 & EACH;
    let to_letter = (b'a' - b'9' - 1) as u64;
    (bits + b'0' as u64 * EACH + are_letters * to_letter).to_be_bytes()
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
