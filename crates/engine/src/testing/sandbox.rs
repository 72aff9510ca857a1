//! A sandbox whose guests do what the event says.
//!
//! An event is a list of commands, separated by `;`, bare or as a JSON text, and the answer is that of the last one. A JSON
//! object or array has no commands, and the answer is `null`, unless a [script](FakeSandbox::script) says more. Of an HTTP
//! request, the body is the event, and the answer that of the response.
//!
//! | command | does |
//! | --- | --- |
//! | `echo TEXT` | answers |
//! | `count` | answers how often it was called in this environment since the last reset |
//! | `files` | answers how often it was called in this environment, as a file in `/tmp` would know |
//! | `print TEXT`, `eprint TEXT` | writes a line to stdout or stderr |
//! | `write TEXT` | writes to stdout, without newline |
//! | `sleep SECONDS` | sleeps by the clock |
//! | `yield` | lets others run |
//! | `hang` | never returns |
//! | `spin` | never returns, and never waits |
//! | `fail TYPE`, `fail TYPE MESSAGE` | reports an error |
//! | `exit CODE`, `crash`, `oom`, `invalid`, `fault`, `panic` | ends as it says |
//! | `large BYTES` | answers as many bytes |
//! | `context` | answers the invocation's context |

use std::{
    collections::VecDeque,
    future::{pending, ready},
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hearth_model::{
    identity::RequestId,
    outcome::{Failure, FunctionError, PlatformFault},
};
use http::{Request, Response};
use parking_lot::Mutex;

use crate::{
    activity::yield_now,
    clock::Clock,
    log::{EnvironmentLog, Source},
    port::{
        BoxFuture, Code, Contract, Environment, InvocationContext, LoadError, Program, ProvisionSettings,
        Sandbox,
    },
};

/// The sandbox, and what its environments will do.
#[derive(Clone, Default)]
pub struct FakeSandbox(Arc<Shared>);

/// An invocation that a guest got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled {
    /// Its id.
    pub request_id: RequestId,
    /// By which ARN the function was called.
    pub invoked_function_arn: Arc<str>,
    /// The event.
    pub event: Bytes,
    /// The X-Ray trace header.
    pub trace_header: Option<String>,
}

#[derive(Default)]
struct Shared {
    /// Commands of the next inits; none is a good one.
    inits: Mutex<VecDeque<&'static str>>,
    broken_code: Mutex<bool>,
    /// Whether code takes HTTP requests.
    takes_requests: AtomicBool,
    /// Environments that fit, if there is a limit.
    capacity: Mutex<Option<usize>>,
    live: AtomicUsize,
    loads: AtomicUsize,
    provisioned: Mutex<Vec<ProvisionSettings>>,
    handled: Mutex<Vec<Handled>>,
    script: Mutex<Option<Script>>,
}

type Script = Arc<dyn Fn(&str) -> String + Send + Sync>;

impl FakeSandbox {
    /// Lets the next inits run these commands, in order.
    pub fn next_inits<const N: usize>(&self, inits: [&'static str; N]) {
        self.0.inits.lock().extend(inits);
    }

    /// Lets loading fail from now on, or no longer.
    pub fn break_code(&self, broken: bool) {
        *self.0.broken_code.lock() = broken;
    }

    /// Lets code take HTTP requests from now on.
    pub fn take_requests(&self) {
        self.0.takes_requests.store(true, Ordering::SeqCst);
    }

    /// Limits how many environments there can be.
    pub fn limit(&self, environments: usize) {
        *self.0.capacity.lock() = Some(environments);
    }

    /// Says which commands there are in events that are JSON objects or arrays.
    pub fn script(&self, script: impl Fn(&str) -> String + Send + Sync + 'static) {
        *self.0.script.lock() = Some(Arc::new(script));
    }

    /// Environments that exist.
    #[must_use]
    pub fn live(&self) -> usize {
        self.0.live.load(Ordering::SeqCst)
    }

    /// How often code was loaded.
    #[must_use]
    pub fn loads(&self) -> usize {
        self.0.loads.load(Ordering::SeqCst)
    }

    /// The invocations that guests got since the last call, in order.
    #[must_use]
    pub fn take_handled(&self) -> Vec<Handled> {
        mem::take(&mut self.0.handled.lock())
    }

    /// With what the last environment was made.
    ///
    /// # Panics
    /// If none was.
    #[must_use]
    pub fn last_settings(&self) -> ProvisionSettings {
        self.0.provisioned.lock().last().cloned().expect("an environment was made")
    }
}

impl Sandbox for FakeSandbox {
    fn load(&self, _code: Code) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>> {
        self.0.loads.fetch_add(1, Ordering::SeqCst);
        let loaded = if *self.0.broken_code.lock() {
            Err(LoadError::Internal { file: "bootstrap".to_owned(), reason: "it is broken".to_owned() })
        } else {
            Ok(Arc::new(self.clone()) as Arc<dyn Program>)
        };
        Box::pin(ready(loaded))
    }
}

impl Program for FakeSandbox {
    fn contract(&self) -> Contract {
        if self.0.takes_requests.load(Ordering::SeqCst) { Contract::Http } else { Contract::Handler }
    }

    fn provision(&self, settings: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        if self.0.capacity.lock().is_some_and(|capacity| self.live() >= capacity) {
            return Err(Failure::Platform(PlatformFault::Capacity { reason: "the fake is full".to_owned() }));
        }
        self.0.live.fetch_add(1, Ordering::SeqCst);
        self.0.provisioned.lock().push(settings.clone());
        Ok(Box::new(FakeEnvironment {
            sandbox: self.clone(),
            clock: settings.clock,
            log: settings.log,
            count: 0,
            files: 0,
        }))
    }
}

struct FakeEnvironment {
    sandbox: FakeSandbox,
    clock: Clock,
    log: Arc<EnvironmentLog>,
    count: u32,
    files: u32,
}

impl Environment for FakeEnvironment {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        let commands = self.sandbox.0.inits.lock().pop_front().unwrap_or_default();
        Box::pin(async move { self.run(commands, None).await.map(|_| ()) })
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        self.sandbox.0.handled.lock().push(Handled {
            request_id: context.request_id,
            invoked_function_arn: Arc::clone(&context.invoked_function_arn),
            event: event.clone(),
            trace_header: context.trace_header.clone(),
        });
        Box::pin(async move {
            let text = std::str::from_utf8(&event).expect("an event is text");
            let commands = if text.starts_with(['{', '[']) {
                let script = self.sandbox.0.script.lock().clone();
                script.map(|script| script(text)).unwrap_or_default()
            } else {
                text.trim_matches('"').to_owned()
            };
            self.run(&commands, Some(context)).await
        })
    }

    fn answer<'a>(
        &'a mut self,
        request: Box<Request<Bytes>>,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Failure>> {
        Box::pin(async move { self.invoke(request.into_body(), context).await.map(Response::new) })
    }

    fn reset(&mut self) {
        self.count = 0;
    }

    fn peak_memory_bytes(&self) -> u64 {
        36 * 1024 * 1024 - 1
    }
}

impl FakeEnvironment {
    async fn run(&mut self, commands: &str, context: Option<&InvocationContext>) -> Result<Bytes, Failure> {
        let mut answer = Bytes::from_static(b"null");
        for command in commands.split(';').filter(|command| !command.is_empty()) {
            let (name, argument) = command.split_once(' ').unwrap_or((command, ""));
            answer = self.execute(name, argument, context).await?;
        }
        Ok(answer)
    }

    async fn execute(
        &mut self,
        name: &str,
        argument: &str,
        context: Option<&InvocationContext>,
    ) -> Result<Bytes, Failure> {
        let number = || argument.parse::<f64>().expect("a number");
        match name {
            "echo" => return Ok(argument.to_owned().into()),
            "count" => {
                self.count += 1;
                return Ok(self.count.to_string().into());
            }
            "files" => {
                self.files += 1;
                return Ok(self.files.to_string().into());
            }
            "print" => self.log.write(Source::Stdout, format!("{argument}\n").as_bytes()),
            "eprint" => self.log.write(Source::Stderr, format!("{argument}\n").as_bytes()),
            "write" => self.log.write(Source::Stdout, argument.as_bytes()),
            "sleep" => self.clock.sleep(Duration::from_secs_f64(number())).await,
            "yield" => yield_now().await,
            "hang" => pending().await,
            "spin" => loop {
                // Mostly it computes.
                (0..1_000).for_each(|_| std::hint::spin_loop());
                yield_now().await;
            },
            "fail" => {
                let (error_type, error_message) = argument.split_once(' ').unwrap_or((argument, "it failed"));
                let (error_type, error_message) = (error_type.to_owned(), error_message.to_owned());
                let stack_trace = vec!["  in the handler".to_owned()];
                return Err(Failure::Function(FunctionError { error_type, error_message, stack_trace }));
            }
            "exit" => return Err(Failure::Exit { code: argument.parse().expect("a code") }),
            "crash" => return Err(Failure::Crash { reason: "unreachable".to_owned() }),
            "oom" => return Err(Failure::OutOfMemory { limit_mib: 128 }),
            "invalid" => return Err(Failure::InvalidResponse { reason: "no answer".to_owned() }),
            "fault" => {
                let reason = "the fake is broken".to_owned();
                return Err(Failure::Platform(PlatformFault::Internal { reason }));
            }
            "panic" => panic!("the event says so"),
            "large" => return Ok(vec![b' '; argument.parse().expect("a size")].into()),
            "context" => return Ok(format!("{:?}", context.expect("a handler has a context")).into()),
            unknown => panic!("no such command: {unknown}"),
        }
        Ok(Bytes::from_static(b"null"))
    }
}

impl Drop for FakeEnvironment {
    fn drop(&mut self) {
        self.sandbox.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}
