//! What the program says of itself.

use crate::support::Project;

#[test]
fn help_has_examples_and_exit_codes() {
    let project = Project::empty();
    let help = project.run(&["--help"]).exits(0).stdout;
    assert!(help.contains("Exit codes:") && help.contains("Examples:"), "{help}");
    for command in ["up", "invoke", "ps", "new"] {
        let help = project.run(&[command, "--help"]).exits(0).stdout;
        assert!(help.contains("Examples:\n  hearth "), "{help}");
        assert!(!help.contains('\u{1b}'), "no colours in a pipe");
    }
    assert!(project.run(&["--version"]).exits(0).stdout.starts_with("hearth 0."));
}

#[test]
fn wrong_command_lines_are_usage_errors() {
    let project = Project::empty();
    for arguments in
        [&["fly"][..], &[], &["up", "--prot", "1"], &["invoke"], &["ps", "--endpoint", "localhost"]]
    {
        let ran = project.run(arguments).exits(2);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(
            ran.stderr.contains("Usage:") || ran.stderr.contains("--help"),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
    let endpoint = project.run(&["ps", "--endpoint", "localhost:4566"]).exits(2).stderr;
    assert!(endpoint.contains("write it like `http://localhost:4566`"), "{endpoint}");
}
