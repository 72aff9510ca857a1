//! Manifests that are wrong, and code that cannot be used.

use crate::support::Project;

/// Checks what `up` and `invoke` say of a project.
#[track_caller]
fn refused(project: &Project, expected: &str) {
    for arguments in [&["up", "--port", "0"][..], &["invoke", "a"]] {
        let stderr = project.run(arguments).exits(2).stderr;
        assert_eq!(stderr.trim_end(), expected.trim_matches('\n'), "{arguments:?}");
    }
}

#[test]
fn a_typo_is_shown_with_its_line() {
    refused(
        &Project::new("[functions.a]\ncode = \"functions/echo/echo.wasm\"\ntimeout = 3\n"),
        "
error: unknown key `timeout` in function `a`
 --> hearth.toml:3:1
  |
3 | timeout = 3
  | ^^^^^^^
  |
  = help: did you mean `timeout_s`?
",
    );
}

#[test]
fn code_that_is_missing_or_no_webassembly_is_shown_where_it_is_named() {
    refused(
        &Project::new("[functions.a]\ncode = \"app.wasm\"\n"),
        "
error: function `a`: cannot read `app.wasm`: No such file or directory (os error 2)
 --> hearth.toml:2:8
  |
2 | code = \"app.wasm\"
  |        ^^^^^^^^^^
",
    );

    let native = Project::new("[functions.a]\ncode = \"app\"\n");
    native.write("app/bootstrap", b"\x7fELF and more");
    refused(
        &native,
        "
error: function `a`: `bootstrap` is a native Linux program (ELF), not WebAssembly: build it for `wasm32-wasip2` or `wasm32-wasip1`
 --> hearth.toml:2:8
  |
2 | code = \"app\"
  |        ^^^^^
",
    );

    let empty = Project::new("[functions.a]\ncode = \"app\"\n");
    empty.write("app/README.md", "nothing here");
    let stderr = empty.run(&["invoke", "a"]).exits(2).stderr;
    assert!(stderr.contains("function `a`: the package has no WebAssembly: expected"), "{stderr}");
}

#[test]
fn damaged_webassembly_is_an_error_and_no_panic() {
    let whole = std::fs::read(crate::support::samples().join("hello/hello.wasm")).expect("a sample");
    for end in [0, 3, 8, 100, whole.len() / 2, whole.len() - 1] {
        let project = Project::new("[functions.a]\ncode = \"app.wasm\"\n");
        project.write("app.wasm", &whole[..end]);
        let stderr = project.run(&["invoke", "a"]).exits(2).stderr;
        assert!(stderr.starts_with("error: function `a`: `app.wasm` "), "{end}: {stderr}");
        assert!(stderr.contains(" --> hearth.toml:2:8"), "{end}: {stderr}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let project = Project::new("[functions.a]\ncode = \"a.wasm\"\n\n[functions.b]\ncode = \"b.wasm\"\n");
    let stderr = project.run(&["up", "--port", "0"]).exits(2).stderr;
    assert!(stderr.contains("hearth.toml:2:8") && stderr.contains("hearth.toml:5:8"), "{stderr}");
}

#[test]
fn a_missing_manifest_is_named() {
    let project = Project::empty();
    let stderr = project.run(&["invoke", "a"]).exits(2).stderr;
    assert!(stderr.contains("there is no `hearth.toml` here: name one with `--manifest`"), "{stderr}");
    let stderr = project.run(&["up", "shop.toml"]).exits(2).stderr;
    assert!(stderr.starts_with("error: cannot read the manifest `shop.toml`: No such file"), "{stderr}");
}
