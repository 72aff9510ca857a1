//! A small bar chart on a logarithmic scale: what takes a hundred times as long must fit on one line with the rest.

use std::time::Duration;

/// Columns of the longest bar.
const WIDTH: usize = 44;
/// Where bars begin: one millisecond.
const ORIGIN: f64 = 1.0;

/// A bar from the origin to `p50`, and a lighter one from there to `p99`, on a scale that ends at `longest`.
pub(super) fn bar(p50: Duration, p99: Duration, longest: Duration) -> String {
    let (solid, light) = (column(p50, longest), column(p99, longest));
    "█".repeat(solid) + &"░".repeat(light.saturating_sub(solid))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a number of columns is small and not negative"
)]
fn column(value: Duration, longest: Duration) -> usize {
    let scale = |duration: Duration| (duration.as_secs_f64() * 1_000.0).max(ORIGIN).ln();
    let share = scale(value) / scale(longest).max(f64::MIN_POSITIVE);
    (share * WIDTH as f64).round().clamp(1.0, WIDTH as f64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(p50: u64, p99: u64, longest: u64, solid: usize, light: usize) {
        let bar = bar(Duration::from_millis(p50), Duration::from_millis(p99), Duration::from_millis(longest));
        assert_eq!(bar.chars().filter(|&c| c == '█').count(), solid, "{bar}");
        assert_eq!(bar.chars().filter(|&c| c == '░').count(), light, "{bar}");
    }

    #[test]
    fn bars_grow_with_the_logarithm() {
        check(100, 10_000, 10_000, WIDTH / 2, WIDTH / 2);
        check(10_000, 10_000, 10_000, WIDTH, 0);
        check(0, 1, 10_000, 1, 0);
    }
}
