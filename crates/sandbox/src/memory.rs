//! The limit of a guest's linear memory, and the measure of what it used.

use hearth_model::function::MemorySize;
use wasmtime::ResourceLimiter;

/// Table elements that one guest may have; wasmtime's pool holds no more per table anyway.
const MAX_TABLE_ELEMENTS: usize = 1 << 20;

/// Counts the linear memories of one store together against the function's memory.
pub(crate) struct MemoryLimiter {
    limit: MemorySize,
    bytes: u64,
    exceeded: bool,
}

/// Ends the guest that wanted more memory than it has.
#[derive(Debug, thiserror::Error)]
#[error("out of memory: the function has {limit_mib} MiB")]
pub(crate) struct OutOfMemory {
    limit_mib: u32,
}

impl MemoryLimiter {
    pub(crate) const fn new(limit: MemorySize) -> Self {
        Self { limit, bytes: 0, exceeded: false }
    }

    /// Linear memory that the guest has; memories never shrink, so it is also the most it ever had.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the guest was stopped for wanting more.
    pub(crate) const fn exceeded(&self) -> bool {
        self.exceeded
    }
}

impl ResourceLimiter for MemoryLimiter {
    /// An error instead of a refusal: Linux kills a process that exceeds its memory, as Lambda does; it does not make
    /// its `malloc` fail.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let bytes = self.bytes + (desired - current) as u64;
        if bytes > self.limit.bytes() {
            self.exceeded = true;
            return Err(OutOfMemory { limit_mib: self.limit.get() }.into());
        }
        self.bytes = bytes;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_counted_together() {
        let mut limiter = MemoryLimiter::new(MemorySize::default());
        let half = 64 << 20;
        assert!(limiter.memory_growing(0, half, None).expect("half fits"));
        assert!(limiter.memory_growing(0, half, None).expect("the other half fits"));
        assert!(limiter.memory_growing(half, half + 1, None).is_err());
        assert!(limiter.exceeded());
        assert_eq!(limiter.bytes(), 128 << 20);
    }
}
