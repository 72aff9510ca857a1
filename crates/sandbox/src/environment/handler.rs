//! The main contract: a component of the `hearth:lambda` world. One instance serves many invocations.

use bytes::Bytes;
use hearth_engine::{
    log::Source,
    port::{BoxFuture, Environment, InvocationContext},
};
use hearth_model::outcome::{Failure, FunctionError};

use super::Shell;
use crate::{
    bindings::{Function, FunctionPre, handler},
    host::{Input, State},
};

pub(crate) struct HandlerEnvironment {
    shell: Shell,
    entry: FunctionPre<State>,
    function: Option<Function>,
}

impl HandlerEnvironment {
    pub(crate) fn new(shell: Shell, entry: FunctionPre<State>) -> Self {
        Self { shell, entry, function: None }
    }

    async fn start(&mut self) -> wasmtime::Result<Result<(), handler::FunctionError>> {
        let handler = self.shell.handler().to_owned();
        let (machine, store) = self.shell.guest();
        let _running = machine.run();
        let function = self.entry.instantiate_async(&mut *store).await?;
        let outcome = function.hearth_lambda_handler().call_init(&mut *store, &handler).await?;
        self.function = Some(function);
        Ok(outcome)
    }

    async fn call(
        &mut self,
        event: &[u8],
        context: &handler::Context,
    ) -> wasmtime::Result<Result<Vec<u8>, handler::FunctionError>> {
        let (machine, store) = self.shell.guest();
        let _running = machine.run();
        let function = self.function.as_ref().expect("the engine calls init before it invokes");
        function.hearth_lambda_handler().call_handle(store, event, context).await
    }
}

impl Environment for HandlerEnvironment {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async {
            let stdout = self.shell.log(Source::Stdout);
            self.shell.move_in(Input::default(), stdout);
            match self.start().await {
                Ok(outcome) => outcome.map_err(reported),
                Err(error) => Err(self.shell.failure(&error)),
            }
        })
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        Box::pin(async move {
            match self.call(&event, &guest_context(context)).await {
                Ok(outcome) => outcome.map(Bytes::from).map_err(reported),
                Err(error) => Err(self.shell.failure(&error)),
            }
        })
    }

    fn reset(&mut self) {
        self.function = None;
        self.shell.move_out();
    }

    fn peak_memory_bytes(&self) -> u64 {
        self.shell.peak_memory_bytes()
    }
}

fn guest_context(context: &InvocationContext) -> handler::Context {
    handler::Context {
        request_id: context.request_id.to_string(),
        invoked_function_arn: context.invoked_function_arn.to_string(),
        deadline_ms: u64::try_from(context.deadline.as_unix_millis()).unwrap_or(0),
        trace_header: context.trace_header.clone(),
        client_context: context.client_context.clone(),
        identity: context.identity.clone(),
    }
}

fn reported(error: handler::FunctionError) -> Failure {
    let handler::FunctionError { error_type, error_message, stack_trace } = error;
    Failure::Function(FunctionError { error_type, error_message, stack_trace })
}
