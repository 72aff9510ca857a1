//! WASI commands: a fresh instance per invocation, the event on stdin, the answer on stdout, logs on stderr.
//!
//! Nothing of the guest is left between invocations but `/tmp`, so that an idle environment has no memory at all.

use bytes::Bytes;
use hearth_engine::port::{BoxFuture, Environment, InvocationContext};
use hearth_model::{limits, outcome::Failure};
use wasmtime_wasi::p2::bindings::CommandPre;

use super::Shell;
use crate::host::{Capture, Input, Output, State};

/// What a command answers that writes nothing.
const NO_ANSWER: &[u8] = b"null";

pub(crate) struct CommandEnvironment {
    shell: Shell,
    entry: CommandPre<State>,
}

impl CommandEnvironment {
    pub(crate) fn new(shell: Shell, entry: CommandPre<State>) -> Self {
        Self { shell, entry }
    }

    async fn run(&mut self) -> wasmtime::Result<Result<(), ()>> {
        let (machine, store) = self.shell.guest();
        let _running = machine.run();
        let command = self.entry.instantiate_async(&mut *store).await?;
        command.wasi_cli_run().call_run(store).await
    }
}

impl Environment for CommandEnvironment {
    /// A command has nothing that runs once.
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        Box::pin(async move {
            let stdout = Capture::new(limits::RESPONSE_BYTES);
            self.shell.set_trace_header(context.trace_header.as_deref());
            self.shell.move_in(Input::new(event), Output::Capture(stdout.clone()));
            let ended = match self.run().await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(())) => Err(Failure::Exit { code: 1 }),
                Err(error) => match self.shell.failure(&error) {
                    Failure::Exit { code: 0 } => Ok(()),
                    failure => Err(failure),
                },
            };
            self.shell.move_out();
            ended?;
            stdout.take().map(answer).map_err(|bytes| Failure::ResponseTooLarge { bytes })
        })
    }

    fn reset(&mut self) {
        self.shell.move_out();
    }

    fn peak_memory_bytes(&self) -> u64 {
        self.shell.peak_memory_bytes()
    }
}

/// The answer in what a command wrote: all of it but the line end that programs add.
fn answer(mut written: Bytes) -> Bytes {
    let end = written.trim_ascii_end().len();
    written.truncate(end);
    if written.is_empty() { Bytes::from_static(NO_ANSWER) } else { written }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_no_line_end() {
        assert_eq!(answer(Bytes::from_static(b"{\"words\": 3}\n")), "{\"words\": 3}");
        assert_eq!(answer(Bytes::from_static(b"\n")), "null");
        assert_eq!(answer(Bytes::new()), "null");
    }
}
