//! What sending, receiving and deleting cost, whether ten messages are in the queue or a million.
//!
//! No step takes longer because more messages are there. What a million costs beyond ten is the way to memory: ten messages
//! lie in the processor's caches, and so do not a million messages in a hundred thousand groups that take turns.

use std::{
    collections::BTreeMap,
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hearth_engine::{Engine, EngineOptions, clock::Clock, testing::FakeSandbox};
use hearth_model::{
    identity::{AccountId, Partition},
    sqs::{QueueAddress, QueueOptions},
};
use hearth_services::sqs::{AttributeMap, Queues, ReceiveRequest, SendRequest};

const BODY: &str =
    r#"{"order":"4711","items":[{"sku":"a-1","count":2},{"sku":"b-7","count":1}],"total":"42.50"}"#;

/// A queue with so many messages in it, in so many groups if it is a FIFO queue.
struct Bench {
    queues: Arc<Queues>,
    queue: QueueAddress,
    groups: u64,
    sent: u64,
}

impl Bench {
    fn new(name: &str, depth: u64) -> Self {
        let engine = Engine::new(EngineOptions::default(), Arc::new(FakeSandbox::default()), Clock::real());
        let queues = Queues::new(engine, QueueOptions::default());
        let fifo = name.ends_with(".fifo").then(|| ("FifoQueue".to_owned(), "true".to_owned()));
        let attributes: AttributeMap = fifo.into_iter().collect();
        let queue = queues
            .create_queue(&Partition::default(), name, &attributes, BTreeMap::new())
            .expect("it is created");
        let mut bench = Self { queues, queue, groups: (depth / 10).max(1), sent: 0 };
        for _ in 0..depth {
            bench.send();
        }
        bench
    }

    fn send(&mut self) {
        self.sent += 1;
        let mut request = SendRequest::text(BODY);
        if self.queue.name.is_fifo() {
            request.group_id = Some((self.sent % self.groups).to_string());
            request.deduplication_id = Some(self.sent.to_string());
        }
        black_box(self.queues.send(&self.queue, AccountId::DEFAULT, request).expect("it is sent"));
    }

    fn receive_and_delete(&self) {
        let request = ReceiveRequest { maximum: Some(1), ..ReceiveRequest::default() };
        let receive = pin!(self.queues.receive(&self.queue, request));
        let Poll::Ready(received) = receive.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("there are messages")
        };
        for message in black_box(received.expect("an answer")) {
            self.queues.delete_message(&self.queue, &message.receipt_handle()).expect("it is deleted");
        }
    }
}

fn depth(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _entered = runtime.enter();
    for name in ["standard", "groups.fifo"] {
        let mut group = criterion.benchmark_group(format!("send, receive, delete: {name}"));
        for depth in [10, 1_000_000] {
            let mut bench = Bench::new(name, depth);
            group.bench_function(BenchmarkId::from_parameter(depth), |bencher| {
                bencher.iter(|| {
                    bench.send();
                    bench.receive_and_delete();
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, depth);
criterion_main!(benches);
