//! Documents of different runs, made comparable.

use std::collections::HashMap;

/// Replaces each identifier that was drawn by chance by the number of its first appearance.
pub(crate) fn numbered(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut numbers = HashMap::new();
    lines.map(|line| renamed(&line, &mut numbers)).collect()
}

fn renamed(line: &str, numbers: &mut HashMap<String, usize>) -> String {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let mut text = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        let (word, after) = rest.split_at(length.max(rest.chars().next().map_or(1, char::len_utf8)));
        if is_drawn(word, text.ends_with('"')) {
            let next = numbers.len();
            text += &format!("#{}", numbers.entry(word.to_owned()).or_insert(next));
        } else {
            text += word;
        }
        rest = after;
    }
    text
}

/// Whether it looks like what nobody would call something.
fn is_drawn(word: &str, quoted: bool) -> bool {
    let hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    hexadecimal && word.len() >= 16 && (quoted || digits < word.len())
}
