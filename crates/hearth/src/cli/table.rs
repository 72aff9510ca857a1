//! Tables for people.

use std::fmt::Write;

use crate::terminal::BOLD;

/// Rows below their headings, in columns.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = headings.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let mut text = format!("{BOLD}{}{BOLD:#}\n", line(&headings.map(str::to_owned), &widths));
    for row in rows {
        writeln!(text, "{}", line(row, &widths)).expect("a string takes everything");
    }
    text
}

/// As short as it is useful: `12ms`, `3.4s`, `5m06s`, `2h03m`, `12d05h`.
pub(super) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match seconds {
        0 => format!("{milliseconds}ms"),
        1..60 => format!("{seconds}.{}s", milliseconds % 1_000 / 100),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (milliseconds, expect) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_950, "1.9s"),
            (59_999, "59.9s"),
            (306_000, "5m06s"),
            (7_380_000, "2h03m"),
            (100_800_000, "1d04h"),
        ] {
            assert_eq!(duration(milliseconds), expect);
        }
    }
}
