//! `hearth replay`.

use crate::support::Project;

const PROJECT: &str = "[functions.hello]\ncode = \"functions/hello/hello.wasm\"\n";

#[test]
fn an_invocation_is_run_again() {
    let project = Project::new(PROJECT);
    let up = project.up(&["-q"]);
    let invoke = |event: &str| {
        let ran = project
            .run(&["invoke", "hello", "--endpoint", &up.url, "-q", "--json", "-e", event])
            .exits(0)
            .json();
        (ran["request_id"].as_str().expect("an id").to_owned(), ran["result"].clone())
    };
    let replay =
        |arguments: &[&str]| project.run(&[&["replay"], arguments, &["--endpoint", &up.url]].concat());
    let (id, answer) = invoke(r#"{"name":"Ada"}"#);
    invoke(r#"{"name":"Bob"}"#);
    let again = replay(&[&id]).exits(0);
    assert_eq!(again.json()["message"], answer["message"]);
    assert!(
        again.stderr.contains("hello greets Ada") && again.stderr.contains("REPORT RequestId: "),
        "{again:?}"
    );
    assert!(again.stderr.contains("hello version $LATEST ran again as "), "{again:?}");
    let json = replay(&[&id, "--json"]).exits(0).json();
    assert_eq!((&json["payload"]["message"], &json["outcome"]), (&answer["message"], &"success".into()));
    assert_eq!(json["replay_of"], id.as_str());

    let chain = project.run(&["timeline", &id, "--endpoint", &up.url]).exits(0).stdout;
    assert_eq!(chain.matches("hello invoked once more with 14 bytes").count(), 2, "{chain}");

    let error = replay(&["x"]).exits(2).stderr;
    assert!(error.contains("`x` is not the id of a request"), "{error}");
    let error = replay(&["00000000-0000-4000-8000-000000000000"]).exits(2).stderr;
    assert!(error.contains("is not recorded, or no longer"), "{error}");
}
