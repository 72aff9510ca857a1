//! The shared machinery below all environments: wasmtime's engine and its pool of slots, the linker with everything a
//! guest may import, the ticker, and the count of live environments.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use hearth_model::outcome::{Failure, PlatformFault};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    WasmBacktraceDetails, component::Linker,
};

use crate::{
    host::{self, State},
    ticker::{Running, Ticker},
};

/// Address space of one linear memory: all that 32 bits can address, so that bounds checks are left to the MMU.
const MEMORY_SLOT_BYTES: usize = 4 << 30;

/// Stack of a guest and of the host functions it calls. wasmtime gives the guest half of it.
const STACK_BYTES: usize = 1 << 20;
const GUEST_STACK_BYTES: usize = 512 << 10;

/// What of a linear memory, table or stack is cleared by hand instead of being given back to the kernel.
const KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// A component made of a preview 1 module has four core instances; hand-written ones have fewer, composed ones more.
const CORE_INSTANCES_PER_ENVIRONMENT: u32 = 4;
const TABLES_PER_ENVIRONMENT: u32 = 3;

/// Memory mappings that a live environment costs: three of its linear memory, two of its stack.
const MAPPINGS_PER_ENVIRONMENT: u32 = 5;
/// Mappings left to everything else in the process.
const MAPPINGS_FOR_THE_REST: u32 = 2_000;

/// See the module's documentation.
pub(crate) struct Machine {
    engine: Engine,
    linker: Linker<State>,
    ticker: Ticker,
    capacity: Arc<Capacity>,
}

impl Machine {
    /// Reserves the address space for `max_environments` and starts the ticker.
    pub(crate) fn new(max_environments: u32) -> wasmtime::Result<Self> {
        let engine = Engine::new(&configuration(max_environments))?;
        let mut linker = Linker::new(&engine);
        host::add_to_linker(&mut linker)?;
        let ticker = Ticker::start(engine.clone());
        let capacity = Arc::new(Capacity::new(max_environments));
        Ok(Self { engine, linker, ticker, capacity })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn linker(&self) -> &Linker<State> {
        &self.linker
    }

    /// To be held while guest code runs: without it nothing interrupts an endless loop.
    pub(crate) fn run(&self) -> Running<'_> {
        self.ticker.run()
    }

    /// Takes one environment's place, if there is one.
    pub(crate) fn admit(&self) -> Result<Admission, Failure> {
        Capacity::admit(&self.capacity)
    }
}

fn configuration(max_environments: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(max_environments)
        .total_core_instances(max_environments.saturating_mul(CORE_INSTANCES_PER_ENVIRONMENT))
        .total_memories(max_environments)
        .total_tables(max_environments.saturating_mul(TABLES_PER_ENVIRONMENT))
        .total_stacks(max_environments)
        .max_memory_size(MEMORY_SLOT_BYTES)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_BYTES)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK_BYTES)
        .async_stack_size(STACK_BYTES)
        // The default depends on the environment of the host's process.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .concurrency_support(false);
    config
}

/// How many environments may live at once.
///
/// The pool's slots are one bound. The other is the kernel's limit of memory mappings per process: beyond it the
/// process's own allocator fails and aborts, so that it must never be reached.
struct Capacity {
    live: AtomicU32,
    slots: u32,
    mappings: Option<u32>,
}

impl Capacity {
    fn new(slots: u32) -> Self {
        Self { live: AtomicU32::new(0), slots, mappings: mapping_limit() }
    }

    fn most(&self) -> u32 {
        let by_mappings =
            self.mappings.map(|limit| limit.saturating_sub(MAPPINGS_FOR_THE_REST) / MAPPINGS_PER_ENVIRONMENT);
        by_mappings.map_or(self.slots, |most| most.min(self.slots))
    }

    fn admit(this: &Arc<Self>) -> Result<Admission, Failure> {
        let most = this.most();
        let more = |live| (live < most).then_some(live + 1);
        match this.live.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Admission(Arc::clone(this))),
            Err(_) => Err(Failure::Platform(PlatformFault::Capacity { reason: this.to_string() })),
        }
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.most();
        if most < self.slots {
            let needed =
                self.slots.saturating_mul(MAPPINGS_PER_ENVIRONMENT).saturating_add(MAPPINGS_FOR_THE_REST);
            write!(
                f,
                "{most} environments live, which takes the memory mappings that the kernel allows a process: \
                 raise vm.max_map_count to {needed} for {} environments",
                self.slots
            )
        } else {
            write!(f, "{most} environments live, the most that were asked for: raise max_environments")
        }
    }
}

/// One environment's place; given back when dropped.
pub(crate) struct Admission(Arc<Capacity>);

impl Drop for Admission {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Linux's limit of memory mappings per process; `None` where there is no such limit or it can't be read.
fn mapping_limit() -> Option<u32> {
    std::fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(slots: u32, mappings: Option<u32>) -> Arc<Capacity> {
        Arc::new(Capacity { live: AtomicU32::new(0), slots, mappings })
    }

    #[test]
    fn a_place_comes_back_when_its_environment_goes() {
        let capacity = capacity(1, None);
        let place = Capacity::admit(&capacity).expect("the first fits");
        assert!(Capacity::admit(&capacity).is_err());
        drop(place);
        assert!(Capacity::admit(&capacity).is_ok());
    }

    #[test]
    fn the_kernels_limit_is_named_where_it_is_the_lower_one() {
        let few = capacity(10_000, Some(2_010));
        assert_eq!(few.most(), 2);
        assert!(few.to_string().contains("raise vm.max_map_count to 52000"), "{few}");
        assert!(capacity(3, Some(65_530)).to_string().contains("raise max_environments"));
    }
}
