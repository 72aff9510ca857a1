//! How many of something there are at once.

/// How many there are, and how many there were at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// How many there are, or were at the end.
    pub now: u32,
    /// How many there were at most.
    pub most: u32,
}

impl Level {
    pub(crate) fn rise(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }

    pub(crate) fn fall(&mut self) {
        debug_assert!(self.now > 0, "what falls has risen");
        self.now = self.now.saturating_sub(1);
    }

    /// As a new time begins.
    pub(super) const fn continued(self) -> Self {
        Self { now: self.now, most: self.now }
    }

    /// Takes in a later time.
    pub(super) fn merge(&mut self, later: Self) {
        *self = Self { now: later.now, most: self.most.max(later.most) };
    }
}
