//! `hearth new`.

use std::fs;

use crate::support::Project;

#[test]
fn a_new_project_runs_at_once() {
    for (template, message) in [("rust", "Hello, Ada!"), ("c", "Hello from C!")] {
        let project = Project::empty();
        let said = project.run(&["new", "deep/my-greeter", "--template", template]).exits(0).stdout;
        assert!(said.contains("hearth invoke my-greeter -e events/hello.json"), "{said}");
        let event = project.path("deep/my-greeter/events/hello.json");
        let event = event.to_str().expect("text");
        let ran = project.run(&["invoke", "my-greeter", "-m", "deep/my-greeter", "-e", event]).exits(0);
        assert_eq!(ran.json()["message"], message);
        assert!(ran.stderr.contains("my-greeter"), "{}", ran.stderr);
        let ignored = fs::read_to_string(project.path("deep/my-greeter/.gitignore")).expect("a file");
        assert!(ignored.lines().any(|line| line == "/.hearth"), "{ignored}");
    }
}

#[test]
fn nothing_is_overwritten_and_names_are_checked() {
    let project = Project::empty();
    project.write("taken/file", "mine");
    let refused = |arguments: &[&str], expected: &str| {
        let stderr = project.run(arguments).exits(2).stderr;
        assert!(stderr.contains(expected), "{stderr}");
    };
    refused(&["new", "taken"], "the folder `taken` is there already, and not empty");
    refused(&["new", "two words"], "`two words` is not a function name");
    refused(&["new", ".."], "is not a function name");
    refused(&["new", "1st"], "a Rust crate's name begins with a letter");
    refused(&["new", "taken/file/below"], "cannot write `taken/file/below`");
    refused(&["new", "a", "-t", "cobol"], "[possible values: rust, c]");
}
