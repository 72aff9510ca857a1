//! What a function says about the messages of its batch.

use serde_json::Value;

/// The positions of the messages that were not processed, in ascending order, out of the answer of a function that reports
/// them. `is_at` tells the position of an identifier in the batch; `messages` is how many there are.
///
/// Nothing failed if the answer is empty, `null`, or an object whose `batchItemFailures` is missing, `null` or an empty array.
/// Everything failed if it is something else, and if any entry is no object, has no `itemIdentifier`, or one that is no text or
/// none of the batch: whoever made such an answer may have meant anything.
///
/// Source: Lambda developer guide, "Handling errors for an SQS event source in Lambda", success and failure conditions; recorded
/// answers for a wrong key and for an empty object.
#[must_use]
pub fn failed_items(answer: &[u8], messages: usize, is_at: impl Fn(&str) -> Option<usize>) -> Vec<usize> {
    let position = |item: &Value| is_at(item.get("itemIdentifier")?.as_str()?);
    let failures = |answer: &Value| match answer {
        Value::Null => Some(Vec::new()),
        Value::Object(members) => match members.get("batchItemFailures") {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(position).collect(),
            Some(_) => None,
        },
        _ => None,
    };
    if answer.trim_ascii().is_empty() {
        return Vec::new();
    }
    let failed = serde_json::from_slice(answer).ok().and_then(|answer| failures(&answer));
    let mut failed = failed.unwrap_or_else(|| (0..messages).collect());
    failed.sort_unstable();
    failed.dedup();
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, expected: &[usize]) {
        const BATCH: [&str; 3] = ["a", "b", "c"];
        let is_at = |id: &str| BATCH.iter().position(|known| *known == id);
        assert_eq!(failed_items(answer.as_bytes(), BATCH.len(), is_at), expected, "{answer}");
    }

    #[test]
    fn answers_that_report_nothing_are_successes() {
        for answer in [
            "",
            "null",
            "{}",
            r#"{"batchItemFailures": []}"#,
            r#"{"batchItemFailures": null}"#,
            r#"{"other": 1}"#,
        ] {
            check(answer, &[]);
        }
    }

    #[test]
    fn what_is_reported_failed() {
        check(r#"{"batchItemFailures": [{"itemIdentifier": "b"}]}"#, &[1]);
        check(
            r#"{"batchItemFailures": [{"itemIdentifier": "c", "why": 1}, {"itemIdentifier": "a"}]}"#,
            &[0, 2],
        );
        check(r#"{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}"#, &[1]);
    }

    #[test]
    fn everything_fails_after_an_answer_that_makes_no_sense() {
        for answer in [
            "nonsense",
            r#""ok""#,
            "true",
            "[]",
            r#"{"batchItemFailures": "a"}"#,
            r#"{"batchItemFailures": ["a"]}"#,
            r#"{"batchItemFailures": [{"foo": "notvalid"}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": ""}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": null}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": 7}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "unknown"}]}"#,
        ] {
            check(answer, &[0, 1, 2]);
        }
    }
}
