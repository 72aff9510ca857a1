//! Checks the orders of an SQS batch and reports the bad ones as batch item failures.

mod order;

use std::convert::Infallible;

use hearth_lambda::{Context, handler};
use serde::{Deserialize, Serialize};

use self::order::{Order, OrderError};

/// What an event source mapping gives: a batch of messages. Of each, what this function looks at.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    body: String,
}

/// What a function answers that reports its failures one by one.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

fn handle(batch: Batch, _context: &Context) -> Result<Report, Infallible> {
    let mut report = Report::default();
    for Message { message_id, body } in batch.records {
        match check(&body) {
            Ok(order) => println!("accepted {order}"),
            Err(error) => {
                println!("rejected {message_id}: {error}");
                report.batch_item_failures.push(Failure { item_identifier: message_id });
            }
        }
    }
    Ok(report)
}

fn check(body: &str) -> Result<Order, OrderError> {
    let order: Order = serde_json::from_str(body)?;
    order.check()?;
    Ok(order)
}

handler!(handle);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bad_ones_are_reported() {
        let good = r#"{"id":"A-1","items":[{"sku":"tea","quantity":2,"unit_price_cents":450}]}"#;
        let message = |id: &str, body: &str| Message { message_id: id.to_owned(), body: body.to_owned() };
        let batch = Batch { records: vec![message("1", good), message("2", "tea"), message("3", good)] };
        let report = handle(batch, &Context::default()).unwrap();
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            r#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#
        );
    }

    #[test]
    fn a_batch_of_good_orders_reports_nothing() {
        let report = handle(Batch { records: Vec::new() }, &Context::default()).unwrap();
        assert_eq!(serde_json::to_string(&report).unwrap(), r#"{"batchItemFailures":[]}"#);
    }
}
