//! The servers, each with one thread per core and one task per connection.

use std::{cell::RefCell, convert::Infallible, future::Future, io, net::Ipv4Addr, sync::Arc};

use bytes::Bytes;
use clap::ValueEnum;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::{net::TcpListener, task::JoinSet};

use super::sandbox::{ComponentInstance, CoreInstance, Instance};

/// What answers the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Floor {
    /// hyper and a constant.
    Constant,
    /// hyper, and a component that stays as it is between requests.
    WarmComponent,
    /// hyper, and a core module that stays as it is between requests.
    WarmCore,
    /// hyper, and a new instance of the component for every request.
    FreshComponent,
    /// hyper that parses SQS messages and pushes them to a vector.
    Vector,
    /// hyper that keeps one object in memory.
    Object,
}

/// Serves on a free port of the loopback address until the process is ended. `ready` learns the port.
pub(crate) async fn serve(floor: Floor, ready: impl FnOnce(u16) -> io::Result<()>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    match floor {
        Floor::Constant => {
            ready(port)?;
            accept(listener, |_| async { Ok(Bytes::from_static(b"{\"hello\":\"world\"}")) }).await
        }
        Floor::WarmComponent => warm::<ComponentInstance>(listener, || ready(port)).await,
        Floor::WarmCore => warm::<CoreInstance>(listener, || ready(port)).await,
        Floor::Vector => {
            ready(port)?;
            let messages = Arc::<Mutex<Vec<String>>>::default();
            accept(listener, move |request| {
                let messages = Arc::clone(&messages);
                async move {
                    let message: Message = serde_json::from_slice(&event(request).await?)?;
                    push(&messages, message);
                    Ok(Bytes::from_static(SENT))
                }
            })
            .await
        }
        Floor::Object => {
            ready(port)?;
            let object = Arc::<Mutex<Bytes>>::default();
            accept(listener, move |request| {
                let object = Arc::clone(&object);
                async move {
                    if request.method() == Method::GET {
                        return Ok(object.lock().clone());
                    }
                    let content = event(request).await?;
                    *object.lock() = content;
                    Ok(Bytes::new())
                }
            })
            .await
        }
        Floor::FreshComponent => {
            let program = Arc::new(ComponentInstance::compile().map_err(io::Error::other)?);
            ready(port)?;
            accept(listener, move |request| {
                let program = Arc::clone(&program);
                async move {
                    let event = event(request).await?;
                    ComponentInstance::instantiate(&program).await?.echo(event).await
                }
            })
            .await
        }
    }
}

/// What `SendMessage` answers.
const SENT: &[u8] = br#"{"MD5OfMessageBody":"78e731027d8fd50ed642340b7c9a63b3","MessageId":"059f36b4-87a3-44ab-83d2-661975830a7d"}"#;

/// What `SendMessage` is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    queue_url: String,
    message_body: String,
}

fn push(messages: &Mutex<Vec<String>>, message: Message) {
    /// So that memory does not run out; a vector's own growth is part of the measurement.
    const MOST: usize = 1 << 20;
    debug_assert!(!message.queue_url.is_empty());
    let mut messages = messages.lock();
    if messages.len() == MOST {
        *messages = Vec::new();
    }
    messages.push(message.message_body);
}

/// Each worker thread keeps one instance of its own: no lock, no queue.
async fn warm<I>(listener: TcpListener, ready: impl FnOnce() -> io::Result<()>) -> io::Result<()>
where
    I: Instance + ThreadLocal,
{
    let program = Arc::new(I::compile().map_err(io::Error::other)?);
    ready()?;
    accept(listener, move |request| {
        let program = Arc::clone(&program);
        async move {
            let event = event(request).await?;
            let mut instance = match I::take() {
                Some(instance) => instance,
                None => I::instantiate(&program).await?,
            };
            let answer = instance.echo(event).await?;
            instance.put();
            Ok(answer)
        }
    })
    .await
}

/// A place of the thread for one instance. A generic function cannot have one of its own per type.
trait ThreadLocal: Sized {
    fn take() -> Option<Self>;
    fn put(self);
}

macro_rules! thread_local_instance {
    ($instance:ty, $place:ident) => {
        thread_local!(static $place: RefCell<Option<$instance>> = const { RefCell::new(None) });

        impl ThreadLocal for $instance {
            fn take() -> Option<Self> {
                $place.take()
            }

            fn put(self) {
                $place.set(Some(self));
            }
        }
    };
}

thread_local_instance!(ComponentInstance, COMPONENT);
thread_local_instance!(CoreInstance, CORE);

async fn event(request: Request<Incoming>) -> wasmtime::Result<Bytes> {
    Ok(request.into_body().collect().await?.to_bytes())
}

async fn accept<A, F>(listener: TcpListener, answer: A) -> io::Result<()>
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = wasmtime::Result<Bytes>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answer = answer.clone();
        let service = service_fn(move |request| {
            let answer = answer(request);
            async move { Ok::<_, Infallible>(respond(answer.await)) }
        });
        connections.spawn(async move {
            // A connection that breaks is the load generator's to report.
            let _broken = http1::Builder::new()
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn respond(answer: wasmtime::Result<Bytes>) -> Response<Full<Bytes>> {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::from(format!("{error:?}"))),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}
