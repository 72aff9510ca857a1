//! Components made for HTTP servers (`wasi:http/incoming-handler`), which take requests as they are. An event of payload format
//! 2.0 becomes a request, and the response to it an answer of that format. One instance serves many invocations.

use bytes::Bytes;
use hearth_engine::{
    log::Source,
    port::{BoxFuture, Environment, InvocationContext},
};
use hearth_model::{
    http_event::{HttpAnswer, HttpEvent},
    outcome::{Failure, FunctionError},
};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    Error, WasiHttpView,
    p2::{
        bindings::{Proxy, ProxyPre, http::types::Scheme},
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

    async fn respond(&mut self, request: Box<Request<Bytes>>) -> Result<Response<Bytes>, Failure> {
        match self.exchange(request).await {
            Ok(response) => response,
            Err(error) => Err(self.shell.failure(&error)),
        }
    }

    /// Runs the guest. Its response is read when it has returned, since the instance is free only then.
    async fn exchange(
        &mut self,
        request: Box<Request<Bytes>>,
    ) -> wasmtime::Result<Result<Response<Bytes>, Failure>> {
        let (machine, store) = self.shell.guest();
        let _running = machine.run();
        let proxy = self.proxy.as_ref().expect("the engine calls init before it invokes");
        let (sender, mut receiver) = oneshot::channel();
        let request =
            store.data_mut().http().new_incoming_request(Scheme::Http, (*request).map(Full::new))?;
        let outparam = store.data_mut().http().new_response_outparam(sender)?;
        proxy.wasi_http_incoming_handler().call_handle(store, request, outparam).await?;
        Ok(match receiver.try_recv() {
            Ok(Ok(response)) => read(response).await,
            Ok(Err(code)) => Err(broken(format!("the handler answered with an error: {code}"))),
            Err(_) => Err(broken("the handler returned without a response".to_owned())),
        })
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
            let response = self.respond(request(&event)?).await?;
            Ok(Bytes::from(HttpAnswer::from(response).render()))
        })
    }

    fn answer<'a>(
        &'a mut self,
        request: Box<Request<Bytes>>,
        _: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Failure>> {
        Box::pin(self.respond(request))
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
fn request(event: &[u8]) -> Result<Box<Request<Bytes>>, Failure> {
    let event = HttpEvent::parse(event).map_err(|error| invalid_event(&error))?;
    let uri = http::Uri::builder()
        .scheme(http::uri::Scheme::HTTP)
        .authority(event.authority.as_str())
        .path_and_query(event.path_and_query())
        .build();
    let mut request =
        Request::builder().method(event.method.as_str()).uri(uri.map_err(|error| invalid_event(&error))?);
    for (name, value) in &event.headers {
        request = request.header(name, value);
    }
    request.body(event.body.into()).map(Box::new).map_err(|error| invalid_event(&error))
}

fn invalid_event(error: &dyn std::error::Error) -> Failure {
    Failure::Function(FunctionError {
        error_type: "Runtime.InvalidHttpEvent".to_owned(),
        error_message: error.to_string(),
        stack_trace: Vec::new(),
    })
}

/// The response of a guest that has returned: what it wrote is there, in one piece.
async fn read(response: Response<HyperOutgoingBody>) -> Result<Response<Bytes>, Failure> {
    let (head, mut body) = response.into_parts();
    let body = match body.frame().await {
        None => Bytes::new(),
        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        Some(Err(Error::HttpResponseBodySize(Some(bytes)))) => {
            return Err(Failure::ResponseTooLarge { bytes: usize::try_from(bytes).unwrap_or(usize::MAX) });
        }
        Some(Err(error)) => return Err(broken(format!("the response's body broke off: {error}"))),
    };
    Ok(Response::from_parts(head, body))
}

fn broken(reason: String) -> Failure {
    Failure::InvalidResponse { reason }
}
