//! What the parts of a report have in common.

/// A figure beside what is wanted of it.
pub(crate) struct Target {
    /// What was measured.
    pub(crate) what: &'static str,
    /// What came of it.
    pub(crate) measured: String,
    /// What it shall be.
    pub(crate) wanted: &'static str,
}

impl Target {
    pub(crate) fn new(what: &'static str, measured: String, wanted: &'static str) -> Self {
        Self { what, measured, wanted }
    }
}

/// The upper median; not a number if there are none.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
