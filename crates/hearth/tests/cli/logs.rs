//! `hearth logs`.

use std::io::{BufRead, BufReader};

use crate::support::Project;

const PROJECT: &str = r#"
[functions.hello]
code = "functions/hello/hello.wasm"

[functions.json]
code = "functions/hello/hello.wasm"
logging = { format = "json", system_level = "debug", group = "shop" }
"#;

/// Lines of a command's stdout, of which it may write more.
fn next_line(lines: &mut impl Iterator<Item = std::io::Result<String>>, wanted: &str) -> String {
    loop {
        let line = lines.next().expect("it goes on").expect("text");
        if line.contains(wanted) {
            return line;
        }
    }
}

#[test]
fn what_a_function_wrote_is_shown() {
    let project = Project::new(PROJECT);
    let up = project.up(&["-q"]);
    let logs = |arguments: &[&str]| project.run(&[&["logs", "--endpoint", &up.url], arguments].concat());
    assert_eq!(logs(&["hello"]).exits(0).stdout, "");
    project.run(&["invoke", "hello", "--endpoint", &up.url, "-q", "-e", r#"{"name":"Ada"}"#]).exits(0);
    let shown = logs(&["hello"]).exits(0).stdout;
    assert!(
        shown.contains(" hello START RequestId: ") && shown.contains(" hello hello greets Ada\n"),
        "{shown}"
    );
    let filtered = logs(&["hello", "--since", "1h", "--filter", "greets -Bob"]).exits(0).stdout;
    assert!(filtered.lines().count() == 1 && filtered.contains("hello greets Ada"), "{filtered}");
    let json = logs(&["hello", "--filter", "greets", "--json"]).exits(0).json();
    assert_eq!((&json["function"], &json["message"]), (&"hello".into(), &"hello greets Ada".into()));
    assert_eq!(logs(&["hello", "--since", "2100-01-01T00:00:00Z"]).exits(0).stdout, "");

    project.run(&["invoke", "json", "--endpoint", &up.url, "-q"]).exits(0);
    let shown = logs(&["json", "--filter", "{ $.type = \"platform.*\" }"]).exits(0).stdout;
    assert!(shown.contains("\"type\":\"platform.initStart\"") && shown.lines().count() == 6, "{shown}");
}

#[test]
fn a_log_is_followed_until_hearth_ends() {
    let project = Project::new(PROJECT);
    let mut up = project.up(&["-q"]);
    let invoke = |name: &str| {
        let event = format!(r#"{{"name":"{name}"}}"#);
        project.run(&["invoke", "hello", "--endpoint", &up.url, "-q", "-e", &event]).exits(0);
    };
    invoke("Ada");
    let mut follower =
        project.hearth(&["logs", "hello", "-f", "--endpoint", &up.url]).spawn().expect("it runs");
    let mut lines = BufReader::new(follower.stdout.take().expect("piped")).lines();
    next_line(&mut lines, "greets Ada");
    next_line(&mut lines, "REPORT RequestId: ");
    invoke("Bob");
    next_line(&mut lines, "greets Bob");

    let mut closed =
        project.hearth(&["logs", "hello", "-f", "--endpoint", &up.url]).spawn().expect("it runs");
    next_line(&mut BufReader::new(closed.stdout.take().expect("piped")).lines(), "greets Ada");
    invoke("Cleo");
    assert_eq!(closed.wait().expect("it ends").code(), Some(0), "nobody reads on");

    #[cfg(unix)]
    {
        up.signal("TERM");
        assert_eq!(up.wait(), Some(0));
        assert_eq!(follower.wait().expect("it ends").code(), Some(0));
    }
    // Where there are no signals, nothing but an end by force.
    #[cfg(not(unix))]
    follower.kill().and_then(|()| follower.wait()).expect("it ends");
}

#[test]
fn errors_say_what_to_do() {
    let project = Project::new(PROJECT);
    let nothing = project.run(&["logs", "hello", "--endpoint", "http://127.0.0.1:1"]).exits(3).stderr;
    assert!(nothing.contains("nothing answers at http://127.0.0.1:1: start `hearth up` first"), "{nothing}");
    let up = project.up(&["-q"]);
    let refused = |arguments: &[&str]| {
        project.run(&[&["logs", "--endpoint", &up.url], arguments].concat()).exits(2).stderr
    };
    let nobody = refused(&["nobody", "-f"]);
    assert!(
        nobody.contains("Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody"),
        "{nobody}"
    );
    let since = refused(&["hello", "--since", "yesterday"]);
    assert!(since.contains("`since` must be a time such as"), "{since}");
    let filter = refused(&["hello", "--filter", "{ $.level ="]);
    assert!(filter.contains("If a filter pattern starts with '{' it must end with '}'"), "{filter}");
}
