//! Components made for HTTP servers (`wasi:http/incoming-handler`): an event of payload format 2.0 becomes a request,
//! and the response becomes an answer of that format. One instance serves many invocations.

use bytes::Bytes;
use hearth_engine::{
    log::Source,
    port::{BoxFuture, Environment, InvocationContext},
};
use hearth_model::{
    http_event::{HttpAnswer, HttpEvent},
    limits,
    outcome::{Failure, FunctionError},
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::{
        bindings::{
            Proxy, ProxyPre,
            http::types::{ErrorCode, Scheme},
        },
        body::HyperOutgoingBody,
    },
};

use super::Shell;
use crate::host::{Input, State};

pub(crate) struct HttpEnvironment {
    shell: Shell,
    entry: ProxyPre<State>,
    proxy: Option<Proxy>,
}

type Response = http::Response<HyperOutgoingBody>;

impl HttpEnvironment {
    pub(crate) fn new(shell: Shell, entry: ProxyPre<State>) -> Self {
        Self { shell, entry, proxy: None }
    }

    async fn start(&mut self) -> wasmtime::Result<()> {
        let (machine, store) = self.shell.guest();
        let _running = machine.run();
        self.proxy = Some(self.entry.instantiate_async(store).await?);
        Ok(())
    }

    /// Runs the guest and reads its response at the same time: the body is written through a bounded channel.
    async fn exchange(
        &mut self,
        request: http::Request<Full<Bytes>>,
    ) -> wasmtime::Result<Result<HttpAnswer, Failure>> {
        let (machine, store) = self.shell.guest();
        let _running = machine.run();
        let proxy = self.proxy.as_ref().expect("the engine calls init before it invokes");
        let (sender, receiver) = oneshot::channel();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let outparam = store.data_mut().http().new_response_outparam(sender)?;

        let mut call = Box::pin(proxy.wasi_http_incoming_handler().call_handle(store, request, outparam));
        let mut answer = Box::pin(receive(receiver));
        tokio::select! {
            biased;
            ended = &mut call => ended?,
            answered = &mut answer => {
                // The guest may still do work after its response, and the instance is free only when it returns.
                call.await?;
                return Ok(answered);
            }
        }
        Ok(answer.await)
    }
}

impl Environment for HttpEnvironment {
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async {
            let stdout = self.shell.log(Source::Stdout);
            self.shell.move_in(Input::default(), stdout);
            self.start().await.map_err(|error| self.shell.failure(&error))
        })
    }

    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        _: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>> {
        Box::pin(async move {
            let request = request(&event)?;
            match self.exchange(request).await {
                Ok(answer) => answer.map(|answer| Bytes::from(answer.render())),
                Err(error) => Err(self.shell.failure(&error)),
            }
        })
    }

    fn reset(&mut self) {
        self.proxy = None;
        self.shell.move_out();
    }

    fn peak_memory_bytes(&self) -> u64 {
        self.shell.peak_memory_bytes()
    }
}

/// The request in an event. An event that is none is the caller's mistake, not a crash: the environment stays.
fn request(event: &[u8]) -> Result<http::Request<Full<Bytes>>, Failure> {
    let event = HttpEvent::parse(event).map_err(|error| invalid_event(&error))?;
    let uri = http::Uri::builder()
        .scheme(http::uri::Scheme::HTTP)
        .authority(event.authority.as_str())
        .path_and_query(event.path_and_query())
        .build();
    let mut request = http::Request::builder()
        .method(event.method.as_str())
        .uri(uri.map_err(|error| invalid_event(&error))?);
    for (name, value) in &event.headers {
        request = request.header(name, value);
    }
    request.body(Full::from(event.body)).map_err(|error| invalid_event(&error))
}

fn invalid_event(error: &dyn std::error::Error) -> Failure {
    Failure::Function(FunctionError {
        error_type: "Runtime.InvalidHttpEvent".to_owned(),
        error_message: error.to_string(),
        stack_trace: Vec::new(),
    })
}

/// Waits for the response's head and reads its body, no more than Lambda lets through.
async fn receive(head: oneshot::Receiver<Result<Response, ErrorCode>>) -> Result<HttpAnswer, Failure> {
    let broken = |reason: String| Failure::InvalidResponse { reason };
    let response = head
        .await
        .map_err(|_| broken("the handler returned without a response".to_owned()))?
        .map_err(|code| broken(format!("the handler answered with an error: {code}")))?;
    let (parts, body) = response.into_parts();
    let body = match Limited::new(body, limits::RESPONSE_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Failure::ResponseTooLarge { bytes: limits::RESPONSE_BYTES + 1 });
        }
        Err(error) => return Err(broken(format!("the response's body broke off: {error}"))),
    };
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), value.as_bytes().to_vec())
    };
    Ok(HttpAnswer {
        status: parts.status.as_u16(),
        headers: parts.headers.iter().map(header).collect(),
        body: body.to_vec(),
    })
}
