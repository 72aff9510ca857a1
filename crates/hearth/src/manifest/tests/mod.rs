//! What manifests say, and what errors look like.

mod buckets;
mod faults;
mod functions;
mod http;
mod queues;
mod schedules;
mod websocket;

use std::path::Path;

use super::{Manifest, ManifestError};

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(Path::new("project/hearth.toml"), text.to_owned())
}

/// Checks the whole text of the error, as a user without colours sees it.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = parse(text).expect_err("refused").to_string();
    let expected = expected.trim_matches('\n');
    assert_eq!(error, expected, "\n--- found ---\n{error}\n--- expected ---\n{expected}\n");
}

/// The errors of a manifest that is refused, without the places.
#[track_caller]
fn messages(text: &str) -> Vec<String> {
    let error = parse(text).expect_err("refused").to_string();
    let message = |line: &str| Some(line.strip_prefix("error: ")?.to_owned());
    error.lines().filter_map(message).collect()
}

#[test]
fn what_the_documentation_shows_is_right() {
    let pages = [
        include_str!("../../../../../README.md"),
        include_str!("../../../../../docs/manifest.md"),
        include_str!("../../../../../docs/schedules.md"),
        include_str!("../../../../../docs/faults.md"),
    ];
    for page in pages {
        let examples: Vec<&str> = page.split("```toml\n").skip(1).collect();
        assert!(!examples.is_empty());
        for example in examples {
            let (example, _) = example.split_once("```").expect("it ends");
            parse(example).unwrap_or_else(|error| panic!("{example}\n{error}"));
        }
    }
}
