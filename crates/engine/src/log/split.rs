//! Cuts what a guest writes into lines.

/// The most that one line holds: an event of CloudWatch Logs ("CloudWatch Logs quotas", event size).
pub(super) const LINE_BYTES: usize = 256 * 1024;

/// What an environment keeps allocated for its next unfinished line.
const KEPT_BYTES: usize = 1024;

/// Cuts a stream of bytes at its newlines. A line that is too long becomes several; what is not UTF-8 becomes U+FFFD.
#[derive(Debug, Default)]
pub(super) struct LineSplitter {
    /// The line that has no end yet; at most [`LINE_BYTES`].
    partial: Vec<u8>,
}

impl LineSplitter {
    /// Takes bytes and gives away the lines that are complete.
    pub(super) fn push(&mut self, bytes: &[u8], mut emit: impl FnMut(&str)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = rest.split_at(end);
            if self.partial.is_empty() && line.len() <= LINE_BYTES {
                emit_lossy(line, &mut emit);
            } else {
                self.append(line, &mut emit);
                self.end(&mut emit);
            }
            rest = &after[1..];
        }
        self.append(rest, &mut emit);
    }

    /// Gives away the line that has no end, if there is one.
    pub(super) fn finish(&mut self, mut emit: impl FnMut(&str)) {
        if !self.partial.is_empty() {
            self.end(&mut emit);
        }
    }

    fn append(&mut self, mut part: &[u8], emit: &mut impl FnMut(&str)) {
        while self.partial.len() + part.len() > LINE_BYTES {
            // One byte more than fits: it tells whether a character ends here.
            let (head, rest) = part.split_at(LINE_BYTES + 1 - self.partial.len());
            self.partial.extend_from_slice(head);
            let end = character_boundary(&self.partial);
            emit_lossy(&self.partial[..end], emit);
            self.partial.drain(..end);
            part = rest;
        }
        self.partial.extend_from_slice(part);
    }

    fn end(&mut self, emit: &mut impl FnMut(&str)) {
        emit_lossy(&self.partial, emit);
        self.partial.clear();
        self.partial.shrink_to(KEPT_BYTES);
    }
}

/// The last place, at most [`LINE_BYTES`], that is not inside a character.
fn character_boundary(bytes: &[u8]) -> usize {
    const CONTINUATION_BYTES: usize = 3;
    let is_continuation = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
    (LINE_BYTES - CONTINUATION_BYTES..=LINE_BYTES)
        .rev()
        .find(|&end| !is_continuation(bytes[end]))
        .unwrap_or(LINE_BYTES)
}

fn emit_lossy(bytes: &[u8], emit: &mut impl FnMut(&str)) {
    let text = String::from_utf8_lossy(bytes);
    // A replacement character takes three bytes, so that damaged text may have grown beyond the limit.
    let mut rest = &*text;
    while rest.len() > LINE_BYTES {
        let (line, after) = rest.split_at(rest.floor_char_boundary(LINE_BYTES));
        emit(line);
        rest = after;
    }
    emit(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(writes: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::default();
        let mut lines = Vec::new();
        for bytes in writes {
            splitter.push(bytes, |line| lines.push(line.to_owned()));
        }
        splitter.finish(|line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn newlines_end_lines() {
        let check = |writes: &[&[u8]], expect: &[&str]| assert_eq!(lines(writes), expect, "{writes:?}");
        check(&[], &[]);
        check(&[b""], &[]);
        check(&[b"one\ntwo\n"], &["one", "two"]);
        check(&[b"one\n\ntwo"], &["one", "", "two"]);
        check(&[b"o", b"ne", b"\n", b"tw", b"o\nthree"], &["one", "two", "three"]);
        check(&["ä".as_bytes(), &"ö".as_bytes()[..1], &"ö".as_bytes()[1..]], &["äö"]);
        check(&[b"\xff\xfe text \xc3\n"], &["\u{fffd}\u{fffd} text \u{fffd}"]);
    }

    #[test]
    fn a_line_that_is_too_long_becomes_several() {
        let long = "x".repeat(2 * LINE_BYTES + 5);
        let lengths =
            |text: &str| lines(&[text.as_bytes(), b"\n"]).iter().map(String::len).collect::<Vec<_>>();
        assert_eq!(lengths(&long), [LINE_BYTES, LINE_BYTES, 5]);
        assert_eq!(lengths(&long[..LINE_BYTES]), [LINE_BYTES]);
        let characters = "€".repeat(LINE_BYTES / 3 + 1);
        assert_eq!(lines(&[characters.as_bytes()]).concat(), characters, "no character is cut in two");
    }

    #[test]
    fn damaged_text_does_not_outgrow_the_limit() {
        let lines = lines(&[&vec![0xff; LINE_BYTES]]);
        assert!(lines.iter().all(|line| line.len() <= LINE_BYTES));
        assert_eq!(lines.concat(), "\u{fffd}".repeat(LINE_BYTES));
    }

    #[test]
    fn a_long_line_does_not_stay_allocated() {
        let mut splitter = LineSplitter::default();
        splitter.push(&[b'x'; 100_000], |_| {});
        splitter.push(b"\n", |_| {});
        assert!(splitter.partial.capacity() <= KEPT_BYTES);
    }

    proptest! {
        #[test]
        fn how_output_is_cut_into_writes_does_not_matter(
            output in prop::collection::vec(prop_oneof![Just(b'\n'), Just(0xc3), Just(0xa4), any::<u8>()], 0..200),
            cuts in prop::collection::vec(1_usize..20, 0..40),
        ) {
            let mut writes = Vec::new();
            let mut rest = output.as_slice();
            for cut in cuts {
                let (write, after) = rest.split_at(cut.min(rest.len()));
                writes.push(write);
                rest = after;
            }
            writes.push(rest);
            prop_assert_eq!(lines(&writes), lines(&[&output]));
        }
    }
}
