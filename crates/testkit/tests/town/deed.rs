//! What people do in the town, or time.

use std::time::Duration;

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use aws_sdk_s3::primitives::ByteStream;
use hyper::Method;
use proptest::{collection::vec, prelude::*};

use crate::{citizen::Citizen, town::Town};

#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// An order of a customer, which may be none.
    Order {
        customer: u8,
        good: bool,
    },
    /// A payment over HTTP, which may be forged.
    Pay {
        signed: bool,
    },
    /// An event that nobody waits for.
    Accept(&'static str),
    /// An event that somebody waits for.
    Invoke(&'static str),
    /// A picture, or something that is none.
    Upload {
        picture: bool,
    },
    /// A look into a queue of which nothing is deleted.
    Receive(&'static str),
    /// A client of the WebSocket API comes, or says something.
    Chat,
    /// All of them leave.
    Leave,
    /// More goes wrong.
    Fault,
    Advance {
        seconds: u64,
    },
}

const EVENTS: [&str; 7] = [
    r#"{"action":"count"}"#,
    r#"{"action":"sleep","ms":700}"#,
    r#"{"action":"sleep","ms":5000}"#,
    r#"{"action":"error","error_type":"Sour","message":"no"}"#,
    r#"{"action":"exit","code":3}"#,
    r#"{"action":"trap"}"#,
    r#"{"action":"nonsense"}"#,
];

/// Events that end by themselves, so that a client can wait for the answer while time stands.
const PROMPT: [&str; 3] =
    [r#"{"action":"count"}"#, r#"{"action":"exit","code":3}"#, r#"{"action":"answer","bytes":2000}"#];

const ORDER: &str = r#"{"id":"A-1","items":[{"sku":"tea","quantity":1,"unit_price_cents":450}]}"#;
const PAYMENT: &str = r#"{"order":"A-1","paid_cents":905}"#;
/// Of the payment, with the secret of the manifest.
const SIGNATURE: &str = "sha256=59bdc7bd2f8610c7ab6759898d67a8cbc2bfe5d01db90d072318686ff93ea388";

pub(crate) fn deeds(number: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0..3_u8, any::<bool>()).prop_map(|(customer, good)| Deed::Order { customer, good }),
        3 => any::<bool>().prop_map(|signed| Deed::Pay { signed }),
        4 => prop::sample::select(&EVENTS[..]).prop_map(Deed::Accept),
        2 => prop::sample::select(&PROMPT[..]).prop_map(Deed::Invoke),
        2 => any::<bool>().prop_map(|picture| Deed::Upload { picture }),
        1 => prop::sample::select(&["rejected", "lost", "lost.fifo"][..]).prop_map(Deed::Receive),
        2 => Just(Deed::Chat),
        1 => Just(Deed::Leave),
        1 => Just(Deed::Fault),
        4 => (0..600_u64).prop_map(|seconds| Deed::Advance { seconds }),
    ];
    vec(deed, number)
}

impl Deed {
    pub(crate) async fn be_done(&self, number: usize, town: &Town, citizens: &mut Vec<Citizen>) {
        let queue_url = |name: &str| town.hearth.queue_url(name);
        match self {
            Self::Order { customer, good } => {
                let order = town.sqs.send_message().queue_url(queue_url("orders.fifo"));
                let order = order.message_group_id(customer.to_string());
                let order = order.message_deduplication_id(number.to_string());
                let order = order.message_body(if *good { ORDER } else { "tea, please" });
                order.send().await.expect("the queue takes it");
            }
            Self::Pay { signed } => {
                let signature = if *signed { SIGNATURE } else { "sha256=00" };
                let headers = [("x-hub-signature-256", signature)];
                let (status, _) = town.call(Method::POST, "/_hearth/http/payments", &headers, PAYMENT).await;
                assert_eq!(status, if *signed { 202 } else { 401 });
            }
            Self::Accept(event) => {
                let invoke = town.lambda.invoke().function_name("worker").payload(Blob::new(*event));
                let invoke = invoke.invocation_type(InvocationType::Event);
                assert_eq!(invoke.send().await.expect("it is accepted").status_code, 202);
            }
            Self::Invoke(event) => {
                let invoke = town.lambda.invoke().function_name("worker").payload(Blob::new(*event));
                // It may be throttled.
                drop(invoke.send().await);
            }
            Self::Upload { picture } => {
                let content: &[u8] =
                    if *picture { include_bytes!("../../../../fixtures/astronaut.png") } else { b"none" };
                let put = town.s3.put_object().bucket("photos").key(format!("uploads/{number}.png"));
                put.body(ByteStream::from_static(content)).send().await.expect("it is put");
            }
            Self::Receive(queue) => {
                let receive = town.sqs.receive_message().queue_url(queue_url(queue));
                receive.visibility_timeout(90).send().await.expect("an answer");
            }
            Self::Chat => match citizens.last_mut() {
                Some(citizen) if number.is_multiple_of(2) => {
                    if !citizen.ask().await {
                        citizens.pop();
                    }
                }
                Some(_) | None => citizens.push(Citizen::of(town).await),
            },
            Self::Leave => {
                for citizen in citizens.drain(..) {
                    citizen.leave().await;
                }
            }
            Self::Fault => {
                let rule = r#"{"function":"worker","fault":"throttle","count":2}"#;
                let (status, body) = town.call(Method::POST, "/_hearth/faults", &[], rule).await;
                assert_eq!(status, 200, "{body}");
            }
            Self::Advance { seconds } => {
                town.hearth.advance(Duration::from_secs(*seconds)).await;
            }
        }
    }
}

/// Does everything, one after the other.
pub(crate) async fn all_done(deeds: &[Deed], town: &Town) -> Vec<Citizen> {
    let mut citizens = Vec::new();
    for (number, deed) in deeds.iter().enumerate() {
        deed.be_done(number, town, &mut citizens).await;
    }
    citizens
}
