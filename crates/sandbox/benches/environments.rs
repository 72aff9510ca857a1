//! What an environment costs beside bare wasmtime: fresh, warm, and loading its code.
//!
//! The bare side has the same engine configuration as the sandbox, WASI, and one component; nothing is limited, logged
//! or measured. Run with `cargo bench -p hearth-sandbox`.

#![expect(clippy::unwrap_used, reason = "a benchmark")]

#[path = "../tests/guests/support.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod support;

use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use hearth_engine::{clock::Clock, port::Sandbox};
use hearth_sandbox::{SandboxOptions, WasmSandbox};
use support::{Function, command, context, handle, package};
use tokio::runtime::Runtime;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    component::{Component, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, p2::bindings::CommandPre};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "function",
        exports: { default: async },
        require_store_data_send: true,
    });
}

const ECHO: &str = "(call $ok (local.get $event) (local.get $length))";
const EVENT: &[u8] =
    br#"{"name": "an event of about a hundred bytes, as benchmarks of handlers like to have it, no more"}"#;

struct Host {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// wasmtime without Hearth.
struct Bare {
    engine: Engine,
    linker: Linker<Host>,
}

impl Bare {
    fn new() -> Self {
        let mut pool = PoolingAllocationConfig::new();
        pool.linear_memory_keep_resident(64 << 10).table_keep_resident(64 << 10);
        let mut config = Config::new();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool)).epoch_interruption(true);
        let engine = Engine::new(&config).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        Self { engine, linker }
    }

    fn store(&self) -> Store<Host> {
        let host = Host { wasi: WasiCtx::builder().env("A", "B").build(), table: ResourceTable::new() };
        let mut store = Store::new(&self.engine, host);
        store.epoch_deadline_async_yield_and_update(1 << 40);
        store
    }
}

/// Handlers: the bare instance is called as the sandbox calls it, with the same context.
fn handlers(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let wasm = handle(ECHO);

    let bare = Bare::new();
    let component = wit_component::ComponentEncoder::default().module(&wasm).unwrap().encode().unwrap();
    let component = Component::new(&bare.engine, component).unwrap();
    let entry = bindings::FunctionPre::new(bare.linker.instantiate_pre(&component).unwrap()).unwrap();
    let bare_context = || {
        let context = context();
        bindings::exports::hearth::lambda::handler::Context {
            request_id: context.request_id.to_string(),
            invoked_function_arn: context.invoked_function_arn.to_string(),
            deadline_ms: 3_000,
            trace_header: None,
            client_context: None,
            identity: None,
        }
    };
    let function = runtime.block_on(Function::load(&wasm));

    let mut group = criterion.benchmark_group("fresh handler");
    group.bench_function("bare wasmtime", |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let mut store = bare.store();
            let function = entry.instantiate_async(&mut store).await.unwrap();
            let context = bare_context();
            function.hearth_lambda_handler().call_handle(&mut store, EVENT, &context).await.unwrap().unwrap()
        });
    });
    group.bench_function("hearth", |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let mut environment = function.provision();
            environment.init().await.unwrap();
            environment.invoke(Bytes::from_static(EVENT), &context()).await.unwrap()
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("warm handler");
    group.bench_function("bare wasmtime", |bencher| {
        let mut store = bare.store();
        let guest = runtime.block_on(entry.instantiate_async(&mut store)).unwrap();
        bencher.iter(|| {
            let context = bare_context();
            runtime.block_on(async {
                guest.hearth_lambda_handler().call_handle(&mut store, EVENT, &context).await.unwrap().unwrap()
            })
        });
    });
    group.bench_function("hearth", |bencher| {
        let mut environment = function.provision();
        runtime.block_on(environment.init()).unwrap();
        let context = context();
        bencher.iter(|| runtime.block_on(environment.invoke(Bytes::from_static(EVENT), &context)).unwrap());
    });
    group.finish();
}

/// Commands: a fresh instance per invocation on both sides.
fn commands(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let wasm = command("", "");
    let bare = Bare::new();
    let component = wit_component::ComponentEncoder::default()
        .module(&wasm)
        .unwrap()
        .adapter(
            wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
            wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        )
        .unwrap()
        .encode()
        .unwrap();
    let component = Component::new(&bare.engine, component).unwrap();
    let entry = CommandPre::new(bare.linker.instantiate_pre(&component).unwrap()).unwrap();
    let function = runtime.block_on(Function::load(&wasm));

    let mut group = criterion.benchmark_group("command");
    group.bench_function("bare wasmtime", |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let mut store = bare.store();
            let command = entry.instantiate_async(&mut store).await.unwrap();
            command.wasi_cli_run().call_run(&mut store).await.unwrap().unwrap();
        });
    });
    group.bench_function("hearth, fresh environment", |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let mut environment = function.provision();
            environment.init().await.unwrap();
            environment.invoke(Bytes::from_static(EVENT), &context()).await.unwrap()
        });
    });
    group.bench_function("hearth, warm environment", |bencher| {
        let mut environment = function.provision();
        let context = context();
        bencher.iter(|| runtime.block_on(environment.invoke(Bytes::from_static(EVENT), &context)).unwrap());
    });
    group.finish();
}

/// Loading an artifact from the cache: a check and a memory map.
fn loading(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = SandboxOptions {
        cache_folder: Some(folder.path().to_owned()),
        max_environments: 16,
        ..SandboxOptions::default()
    };
    let sandbox = WasmSandbox::new(options).unwrap();
    let code = package(&[("f.wasm", &handle(ECHO))]);
    runtime.block_on(Function::try_load(&sandbox, &[("f.wasm", &handle(ECHO))], Clock::real())).unwrap();
    criterion.bench_function("load a cached artifact", |bencher| {
        bencher.iter(|| runtime.block_on(sandbox.load(Arc::clone(&code).into())).unwrap().contract());
    });
}

criterion_group!(benches, handlers, commands, loading);
criterion_main!(benches);
