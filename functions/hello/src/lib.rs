//! Greets whoever the event names.

use std::{
    env,
    sync::atomic::{AtomicU64, Ordering},
};

use hearth_lambda::{Context, Error, handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Event {
    name: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    message: String,
    /// Which invocation of this environment it is: 1 after a cold start.
    invocation: u64,
    request_id: String,
}

/// Globals keep their values as long as the environment lives.
static INVOCATIONS: AtomicU64 = AtomicU64::new(0);

fn handle(event: Event, context: &Context) -> Result<Answer, Error> {
    let name = event.name.unwrap_or_else(|| "world".to_owned());
    if name.is_empty() {
        return Err(Error::new("ValidationError", "`name` is empty"));
    }
    let function = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    println!("{function} greets {name}");
    Ok(Answer {
        message: format!("Hello, {name}!"),
        invocation: INVOCATIONS.fetch_add(1, Ordering::Relaxed) + 1,
        request_id: context.request_id.clone(),
    })
}

handler!(handle);
