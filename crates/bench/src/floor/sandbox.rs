//! wasmtime as it comes: a pooling allocator, one store per instance, no limits.

use std::sync::Arc;

use bytes::Bytes;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, InstancePre, Linker, Memory, Module, PoolingAllocationConfig,
    Result, Store, TypedFunc,
    component::{self, Component, ComponentType, Lift, Lower, ResourceTable},
    format_err,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::guest;

/// Instances that may be alive at once.
const INSTANCES: u32 = 1_000;
/// What stays resident in a pooled memory when its instance ends.
const KEPT_RESIDENT_BYTES: usize = 64 * 1024;
/// Where the core module expects its input.
const CORE_INPUT: usize = 0x1000;

/// One live instance that answers events.
pub(crate) trait Instance: Send + Sized + 'static {
    /// What instances are made of.
    type Program: Send + Sync + 'static;

    fn compile() -> Result<Self::Program>;
    fn instantiate(program: &Self::Program) -> impl Future<Output = Result<Self>> + Send;
    fn echo(&mut self, event: Bytes) -> impl Future<Output = Result<Bytes>> + Send;
}

/// The component, called through `hearth:lambda/handler`.
pub(crate) struct ComponentInstance {
    store: Store<Wasi>,
    handle: component::TypedFunc<HandleParameters, HandleResult>,
    context: Arc<Context>,
}

type HandleParameters = (Vec<u8>, Arc<Context>);
type HandleResult = (std::result::Result<Vec<u8>, FunctionError>,);

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct Context {
    #[component(name = "request-id")]
    request_id: String,
    #[component(name = "invoked-function-arn")]
    invoked_function_arn: String,
    #[component(name = "deadline-ms")]
    deadline_ms: u64,
    #[component(name = "trace-header")]
    trace_header: Option<String>,
    #[component(name = "client-context")]
    client_context: Option<String>,
    identity: Option<String>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct FunctionError {
    #[component(name = "error-type")]
    error_type: String,
    #[component(name = "error-message")]
    error_message: String,
    #[component(name = "stack-trace")]
    stack_trace: Vec<String>,
}

pub(crate) struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Wasi {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.context, table: &mut self.table }
    }
}

impl Instance for ComponentInstance {
    type Program = (component::InstancePre<Wasi>, Arc<Context>);

    fn compile() -> Result<Self::Program> {
        let engine = engine()?;
        let mut linker = component::Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let component = Component::new(&engine, guest::component(0))?;
        let context = Context {
            request_id: "8f507cfc-3d3b-4b1c-9a0a-0f5f0d1f3c55".to_owned(),
            invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:echo".to_owned(),
            deadline_ms: 1_800_000_000_000,
            trace_header: None,
            client_context: None,
            identity: None,
        };
        Ok((linker.instantiate_pre(&component)?, Arc::new(context)))
    }

    async fn instantiate((program, context): &Self::Program) -> Result<Self> {
        let wasi = Wasi { context: WasiCtx::builder().build(), table: ResourceTable::new() };
        let mut store = Store::new(program.engine(), wasi);
        let instance = program.instantiate_async(&mut store).await?;
        let handler = instance
            .get_export_index(&mut store, None, "hearth:lambda/handler@0.1.0")
            .and_then(|handler| instance.get_export_index(&mut store, Some(&handler), "handle"))
            .ok_or_else(|| format_err!("the guest has no handler"))?;
        let handle = instance.get_typed_func(&mut store, handler)?;
        Ok(Self { store, handle, context: Arc::clone(context) })
    }

    async fn echo(&mut self, event: Bytes) -> Result<Bytes> {
        let parameters = (event.to_vec(), Arc::clone(&self.context));
        let (answer,) = self.handle.call_async(&mut self.store, parameters).await?;
        let answer = answer.map_err(|error| {
            format_err!("{}: {} {:?}", error.error_type, error.error_message, error.stack_trace)
        })?;
        Ok(Bytes::from(answer))
    }
}

/// The core module, called with a pointer and a length.
pub(crate) struct CoreInstance {
    store: Store<()>,
    echo: TypedFunc<i32, i32>,
    memory: Memory,
}

impl Instance for CoreInstance {
    type Program = InstancePre<()>;

    fn compile() -> Result<Self::Program> {
        let engine = engine()?;
        Linker::new(&engine).instantiate_pre(&Module::new(&engine, guest::core_module())?)
    }

    async fn instantiate(program: &Self::Program) -> Result<Self> {
        let mut store = Store::new(program.module().engine(), ());
        let instance = program.instantiate_async(&mut store).await?;
        let echo = instance.get_typed_func(&mut store, "echo")?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| format_err!("the guest has no memory"))?;
        Ok(Self { store, echo, memory })
    }

    async fn echo(&mut self, event: Bytes) -> Result<Bytes> {
        self.memory.write(&mut self.store, CORE_INPUT, &event)?;
        let length = i32::try_from(event.len())?;
        let start = usize::try_from(self.echo.call_async(&mut self.store, length).await?)?;
        let answer = self.memory.data(&self.store).get(start..start + event.len());
        answer
            .map(Bytes::copy_from_slice)
            .ok_or_else(|| format_err!("the answer lies outside of the guest's memory"))
    }
}

fn engine() -> Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(INSTANCES)
        .total_component_instances(INSTANCES)
        .total_memories(INSTANCES)
        .total_tables(INSTANCES)
        .total_stacks(INSTANCES)
        .max_memory_size(16 << 20)
        .max_unused_warm_slots(INSTANCES)
        .linear_memory_keep_resident(KEPT_RESIDENT_BYTES)
        .table_keep_resident(KEPT_RESIDENT_BYTES);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check<I: Instance>() {
        let program = I::compile().expect("it compiles");
        let mut instance = I::instantiate(&program).await.expect("it starts");
        for event in [&b"{}"[..], b"{\"n\": 1}"] {
            let answer = instance.echo(Bytes::from_static(event)).await.expect("it answers");
            assert_eq!(answer, event);
        }
    }

    #[tokio::test]
    async fn the_guests_answer_with_their_event() {
        check::<ComponentInstance>().await;
        check::<CoreInstance>().await;
    }
}
