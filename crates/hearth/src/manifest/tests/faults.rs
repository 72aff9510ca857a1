//! `[[faults]]`.

use hearth_model::faults::{GivenFault, Rule};

use super::{messages, parse};

#[test]
fn rules_are_read_in_order() {
    let manifest = parse(
        r#"
[[faults]]
function = "orders"
fault = "kill-after-handler"
percent = 10
seed = 7

[[faults]]
queue = "*"
fault = "duplicate-message"
from = 3
count = 1
"#,
    );
    let manifest = manifest.expect("it is right");
    let given: Vec<_> = manifest.faults.iter().map(|fault| GivenFault::from(&fault.rule)).collect();
    let names: Vec<_> = given.iter().map(|given| given.fault.map(|kind| kind.as_str())).collect();
    assert_eq!(names, [Some("kill-after-handler"), Some("duplicate-message")]);
    assert_eq!(
        (given[0].percent, given[0].seed, given[1].from, given[1].count),
        (Some(10), Some(7), Some(3), Some(1))
    );
    let mut rules = manifest.faults.iter().map(|fault| &fault.rule);
    assert!(rules.all(|rule| Rule::try_from(GivenFault::from(rule)).as_ref() == Ok(rule)));
}

#[test]
fn errors_name_the_key_or_the_table() {
    let error = |body: &str| messages(&format!("[[faults]]\n{body}")).join("\n");
    assert!(error("fault = \"explode\"").contains("unknown variant `explode`, expected one of `throttle`"));
    assert!(error("fault = \"fail\"").contains("`function` is missing: `fail` happens to a function"));
    assert!(
        error("fault = \"fail\"\nfunction = \"a\"\npercent = 0")
            .contains("`percent` must be between 1 and 100")
    );
    assert!(error("fault = \"fail\"\nfunctoin = \"a\"").contains("unknown key `functoin` in a fault"));
    assert!(messages("faults = 1")[0].contains("`faults` must be tables `[[faults]]`"));
}
