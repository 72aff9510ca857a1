//! Takes signed webhooks: verifies the signature, puts the payload into a queue, and answers 202 before anybody works on it.

mod delivery;
mod signature;

use std::{env, sync::OnceLock};

use delivery::{Delivery, HttpEvent};
use hearth_lambda::{Context, Error, handler, sqs};
use serde::Serialize;
use serde_json::json;

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// What the function is configured with.
struct Settings {
    secret: String,
    queue_url: String,
}

/// An answer of payload format 2.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    body: String,
}

fn init() -> Result<(), Error> {
    let settings = Settings { secret: variable("WEBHOOK_SECRET")?, queue_url: variable("QUEUE_URL")? };
    SETTINGS.get_or_init(|| settings);
    Ok(())
}

fn variable(name: &str) -> Result<String, Error> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
        Error::new("ConfigurationError", format!("the environment variable `{name}` is not set"))
    })
}

fn handle(event: HttpEvent, _: &Context) -> Result<Answer, Error> {
    let settings = SETTINGS.get().expect("init sets it before the first event");
    match Delivery::verified(event, settings.secret.as_bytes()) {
        Ok(delivery) => {
            let id = sqs::send_message(&settings.queue_url, &delivery.payload, &delivery.attributes())?;
            println!("accepted {delivery} as message {id}");
            Ok(Answer { status_code: 202, body: json!({ "messageId": id }).to_string() })
        }
        Err(refusal) => {
            println!("refused: {refusal}");
            let body = json!({ "message": refusal.to_string() }).to_string();
            Ok(Answer { status_code: refusal.status_code(), body })
        }
    }
}

handler!(handle, init = init);
