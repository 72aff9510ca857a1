//! What the engine adds to a warm invocation: an environment that answers at once, called directly and through it.

use std::{future::ready, hint::black_box, sync::Arc};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use hearth_engine::{
    Engine, EngineOptions, InvokeRequest,
    clock::Clock,
    port::{
        BoxFuture, Code, Contract, Environment, InvocationContext, LoadError, Program, ProvisionSettings,
        Sandbox,
    },
    testing::empty_package,
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{FunctionName, Partition, RequestId},
    outcome::Failure,
    time::Timestamp,
};
use tokio::runtime;

struct Instantly;

impl Sandbox for Instantly {
    fn load(&self, _code: Code) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>> {
        Box::pin(ready(Ok(Arc::new(Self) as Arc<dyn Program>)))
    }
}

impl Program for Instantly {
    fn contract(&self) -> Contract {
        Contract::Handler
    }

    fn provision(&self, _settings: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        Ok(Box::new(Self))
    }
}

impl Environment for Instantly {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(ready(Ok(())))
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        _context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        Box::pin(ready(Ok(event)))
    }

    fn reset(&mut self) {}

    fn peak_memory_bytes(&self) -> u64 {
        1 << 20
    }
}

fn warm(criterion: &mut Criterion) {
    let runtime = runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut group = criterion.benchmark_group("warm");

    group.bench_function("environment", |bencher| {
        bencher.to_async(&runtime).iter_custom(|iterations| async move {
            let mut environment: Box<dyn Environment> = Box::new(Instantly);
            let context = InvocationContext {
                request_id: RequestId::from_random(1),
                invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:bench".into(),
                deadline: Timestamp::UNIX_EPOCH,
                trace_header: None,
                client_context: None,
                identity: None,
            };
            let clock = Clock::real();
            let began = clock.now();
            for _ in 0..iterations {
                let answer = environment.invoke(Bytes::from_static(b"{}"), &context).await;
                let _ = black_box(answer);
            }
            clock.now() - began
        });
    });

    group.bench_function("engine", |bencher| {
        let (engine, function) = runtime.block_on(async {
            let engine = Engine::new(EngineOptions::default(), Arc::new(Instantly), Clock::real());
            let configuration = FunctionConfiguration::new(FunctionName::parse("bench").expect("a name"));
            let deployed =
                engine.deploy(Partition::default(), configuration, empty_package(), Vec::new()).await;
            (engine, deployed.expect("it deploys"))
        });
        bencher.to_async(&runtime).iter(|| {
            let request = InvokeRequest { event: Bytes::from_static(b"{}"), ..InvokeRequest::default() };
            engine.invoke(&function, request)
        });
    });

    group.finish();
}

criterion_group!(benches, warm);
criterion_main!(benches);
