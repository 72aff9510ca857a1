//! The shared machinery below all environments: wasmtime's engine and its pool of slots, the linker with everything a
//! guest may import, the ticker, and the count of live environments.

use std::sync::Arc;

use hearth_model::outcome::{Failure, PlatformFault};
use parking_lot::Mutex;
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

/// Stack of a guest and of the host functions it calls. wasmtime gives the guest half of it. An interpreter in a guest nests
/// deeply before it says itself that recursion is too deep; only what is touched takes memory.
const STACK_BYTES: usize = 4 << 20;
const GUEST_STACK_BYTES: usize = 2 << 20;

/// What of a linear memory, table or stack is cleared by hand instead of being given back to the kernel.
const KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// A component made of a preview 1 module has four core instances, a managed runtime some fifty. They are only counted; a table
/// takes address space.
const CORE_INSTANCES_PER_ENVIRONMENT: u32 = 64;
const TABLES_PER_ENVIRONMENT: u32 = 3;

/// Functions that a managed runtime can point to; others have far fewer.
const TABLE_ELEMENTS: usize = 40_000;

/// What wasmtime itself needs for the state of one instance, and of one component with all of its instances.
const INSTANCE_BYTES: usize = 4 << 20;

/// Memory that a component brings is mapped, shared until it is written to, if it is no larger than this. That of a managed runtime
/// holds a whole interpreter.
const MEMORY_IMAGE_BYTES: u64 = 512 << 20;

/// Memory mappings that a live environment costs: three of its linear memory, two of its stack.
const MAPPINGS_PER_ENVIRONMENT: u32 = 5;
/// One on a managed runtime has tables and instances beside, large enough that each is a mapping: 21 were measured.
const MAPPINGS_PER_MANAGED_ENVIRONMENT: u32 = 24;
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
    pub(crate) fn admit(&self, size: Size) -> Result<Admission, Failure> {
        Capacity::admit(&self.capacity, size)
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
        .table_elements(TABLE_ELEMENTS)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_component_instance_size(INSTANCE_BYTES)
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
        .memory_guaranteed_dense_image_size(MEMORY_IMAGE_BYTES)
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
    live: Mutex<Live>,
    slots: u32,
    mappings: Option<u32>,
}

/// What all live environments take together.
#[derive(Clone, Copy, Debug, Default)]
struct Live {
    environments: u32,
    mappings: u32,
}

/// A component of its own, or a managed runtime: what an environment takes depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Own,
    Managed,
}

impl Size {
    const fn mappings(self) -> u32 {
        match self {
            Self::Own => MAPPINGS_PER_ENVIRONMENT,
            Self::Managed => MAPPINGS_PER_MANAGED_ENVIRONMENT,
        }
    }
}

impl Capacity {
    fn new(slots: u32) -> Self {
        Self { live: Mutex::default(), slots, mappings: mapping_limit() }
    }

    fn admit(this: &Arc<Self>, size: Size) -> Result<Admission, Failure> {
        let mut live = this.live.lock();
        let more = Live { environments: live.environments + 1, mappings: live.mappings + size.mappings() };
        let is_mapped =
            this.mappings.is_none_or(|limit| more.mappings <= limit.saturating_sub(MAPPINGS_FOR_THE_REST));
        if more.environments <= this.slots && is_mapped {
            *live = more;
            return Ok(Admission { capacity: Arc::clone(this), size });
        }
        Err(Failure::Platform(PlatformFault::Capacity { reason: this.full(*live, size) }))
    }

    /// Why there is no room for one more of this size.
    fn full(&self, live: Live, size: Size) -> String {
        let Live { environments, .. } = live;
        if environments >= self.slots {
            return format!(
                "{environments} environments live, the most that were asked for: raise max_environments"
            );
        }
        let needed = self.slots.saturating_mul(size.mappings()).saturating_add(MAPPINGS_FOR_THE_REST);
        format!(
            "{environments} environments live, which takes the memory mappings that the kernel allows a process: \
             raise vm.max_map_count to {needed} for {} environments",
            self.slots
        )
    }
}

/// One environment's place; given back when dropped.
pub(crate) struct Admission {
    capacity: Arc<Capacity>,
    size: Size,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut live = self.capacity.live.lock();
        live.environments -= 1;
        live.mappings -= self.size.mappings();
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
        Arc::new(Capacity { live: Mutex::default(), slots, mappings })
    }

    fn refusal(capacity: &Arc<Capacity>, size: Size) -> String {
        match Capacity::admit(capacity, size).err() {
            Some(Failure::Platform(PlatformFault::Capacity { reason })) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_place_comes_back_when_its_environment_goes() {
        let capacity = capacity(1, None);
        let place = Capacity::admit(&capacity, Size::Own).expect("the first fits");
        assert!(refusal(&capacity, Size::Own).contains("raise max_environments"));
        drop(place);
        assert!(Capacity::admit(&capacity, Size::Managed).is_ok());
    }

    #[test]
    fn the_kernels_limit_is_named_where_it_is_the_lower_one() {
        let few = capacity(10_000, Some(MAPPINGS_FOR_THE_REST + 2 * MAPPINGS_PER_ENVIRONMENT));
        let first = Capacity::admit(&few, Size::Own).expect("there is room");
        assert!(refusal(&few, Size::Managed).contains("raise vm.max_map_count to 242000"));
        let _second = Capacity::admit(&few, Size::Own).expect("there is room");
        assert!(refusal(&few, Size::Own).contains("raise vm.max_map_count to 52000"));
        drop(first);
        assert!(Capacity::admit(&few, Size::Own).is_ok());
    }
}
