//! The words in which the tests speak of the shop.

use std::{path::Path, time::Duration};

use hearth_testkit::{Hearth, Timestamp};
use http_body_util::Full;
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Of the payment below, with the secret of the manifest.
pub(crate) const SIGNATURE: &str = "sha256=59bdc7bd2f8610c7ab6759898d67a8cbc2bfe5d01db90d072318686ff93ea388";
const PAYMENT: &str = r#"{"order":"A-1","paid_cents":905}"#;

/// A shop of its own for each test. It opens at midnight.
pub(crate) struct Shop {
    pub(crate) hearth: Hearth,
    sqs: aws_sdk_sqs::Client,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop/hearth.toml");
        let hearth = Hearth::builder().manifest(manifest).frozen_at("2026-01-01T00:00:00Z").start().await;
        let hearth = hearth.expect("the shop opens");
        Self { sqs: hearth.sqs(), hearth }
    }

    /// Tells of a payment; what the shop answers.
    pub(crate) async fn pay(&self, signature: &str) -> u16 {
        let url = format!("{}/payments", self.hearth.http_url());
        let request = Request::post(&url)
            .header("host", authority(&url))
            .header("x-hub-signature-256", signature)
            .body(Full::new(Bytes::from(PAYMENT)))
            .expect("a request");
        let stream = TcpStream::connect(authority(&url)).await.expect("the shop is open");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
        tokio::select! {
            answer = sender.send_request(request) => answer.expect("an answer").status().as_u16(),
            ended = connection => panic!("the connection ended before the answer: {ended:?}"),
        }
    }

    /// Puts an order of a customer into the queue.
    pub(crate) async fn order(&self, customer: &str, id: &str) {
        let order =
            format!(r#"{{"id":"{id}","items":[{{"sku":"tea","quantity":1,"unit_price_cents":450}}]}}"#);
        let sent = self
            .sqs
            .send_message()
            .queue_url(self.hearth.queue_url("orders.fifo"))
            .message_group_id(customer)
            .message_deduplication_id(format!("{customer}-{id}"))
            .message_body(order)
            .send()
            .await;
        sent.expect("the queue takes it");
    }

    /// The orders that were accepted, in order.
    pub(crate) fn accepted(&self) -> Vec<String> {
        let lines = self.hearth.logs("orders").into_iter();
        let id = |line: String| Some(line.split_once("accepted ")?.1.split_once(':')?.0.to_owned());
        lines.filter_map(id).collect()
    }

    /// How many orders are in the dead-letter queue.
    pub(crate) async fn lost_orders(&self) -> usize {
        let queue = self.hearth.queue_url("lost-orders.fifo");
        let received = self.sqs.receive_message().queue_url(queue).max_number_of_messages(10).send().await;
        received.expect("it can be looked into").messages().len()
    }
}

/// How long a day is old.
pub(crate) fn time_of_day(at: Timestamp) -> Duration {
    let seconds = at.as_unix_seconds().rem_euclid(24 * 60 * 60);
    Duration::from_secs(seconds.unsigned_abs())
}

fn authority(url: &str) -> &str {
    let rest = url.strip_prefix("http://").expect("a URL of this machine");
    rest.split_once('/').map_or(rest, |(authority, _)| authority)
}
