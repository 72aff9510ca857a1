//! Builds the Python runtime, with a Python of the user's and packages from PyPI.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use super::{
    COMPONENT, LIBRARY, PYTHON, RuntimeError,
    installed::{Installed, Record, sha256},
    sources,
};

/// Of what a build wrote to stderr, so much is shown.
const SHOWN_LINES: usize = 20;

/// How to build.
pub(crate) struct Build<'a> {
    /// The program that runs the build.
    pub(crate) python: OsString,
    /// Where runtimes lie.
    pub(crate) runtimes: &'a Path,
    /// Is told of each step.
    pub(crate) step: &'a mut dyn FnMut(&str),
}

impl Build<'_> {
    /// Builds and installs. Takes about half a minute, and blocks.
    ///
    /// # Errors
    /// If there is no Python, PyPI cannot be reached, or the disk is full; what was installed before stays.
    pub(crate) fn run(self) -> Result<Installed, RuntimeError> {
        fs::create_dir_all(self.runtimes).map_err(RuntimeError::files("make", self.runtimes))?;
        // Beside the place where it will be, so that it can be moved there; removed if anything fails.
        let work = tempfile::Builder::new()
            .prefix(".building-")
            .tempdir_in(self.runtimes)
            .map_err(RuntimeError::files("write to", self.runtimes))?;
        let (source, output) = (work.path().join("source"), work.path().join("output"));
        sources::write(&source).map_err(RuntimeError::files("write to", &source))?;
        run(&self.python, &source.join("build.py"), &output, self.step)?;
        let record = Record {
            runtime: PYTHON.to_owned(),
            inputs: sources::digest(),
            component_sha256: sha256(&output.join(COMPONENT))?,
            library_sha256: sha256(&output.join(LIBRARY))?,
        };
        Installed::place(&output, &record, self.runtimes)
    }
}

/// The Python that is asked for, or the one that is usual here.
pub(crate) fn find_python(named: Option<OsString>) -> OsString {
    named.unwrap_or_else(|| if cfg!(windows) { "python" } else { "python3" }.into())
}

fn run(python: &OsStr, script: &Path, output: &Path, step: &mut dyn FnMut(&str)) -> Result<(), RuntimeError> {
    let missing = |source| RuntimeError::NoPython { python: python.to_string_lossy().into_owned(), source };
    let mut child = Command::new(python)
        .arg(script)
        .arg(output)
        // The user's own modules have no place in it.
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    let stderr = child.stderr.take().expect("it is piped");
    let complaints = thread::spawn(move || {
        let mut text = String::new();
        // What is not text, or breaks off, only shortens an error message.
        let _ = BufReader::new(stderr).read_to_string(&mut text);
        text
    });
    let stdout = child.stdout.take().expect("it is piped");
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        step(&line);
    }
    let status = child.wait().map_err(RuntimeError::files("run", python))?;
    let words = complaints.join().unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    let lines: Vec<&str> = words.lines().collect();
    let shown = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
    Err(RuntimeError::Build { words: if shown.is_empty() { status.to_string() } else { shown } })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::runtime::{State, open};

    /// Builds with a shell script in Python's place.
    fn build(script: &str) -> (tempfile::TempDir, Result<Installed, RuntimeError>, Vec<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let python = folder.path().join("python");
        fs::write(&python, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("made a program");
        let mut steps = Vec::new();
        let mut step = |line: &str| steps.push(line.to_owned());
        let runtimes = folder.path().join("runtimes");
        let built = Build { python: python.into(), runtimes: &runtimes, step: &mut step }.run();
        (folder, built, steps)
    }

    #[test]
    fn what_is_built_is_installed() {
        let script = "echo one; echo two; mkdir -p $2; echo wasm >$2/runtime.wasm; echo zip >$2/library.zip";
        let (folder, built, steps) = build(script);
        assert_eq!(steps, ["one", "two"]);
        assert_eq!(built.expect("built").state(), State::Current);
        let installed = open(&folder.path().join("runtimes")).expect("readable").expect("installed");
        assert_eq!(installed.bytes, 9);
        let entries = fs::read_dir(folder.path().join("runtimes")).expect("a folder");
        assert_eq!(entries.count(), 1, "nothing of the build stays");
    }

    #[test]
    fn a_build_that_fails_says_why_and_leaves_nothing() {
        let (folder, built, _) = build("echo 'No matching distribution found' >&2; exit 1");
        let error = built.expect_err("failed").to_string();
        assert!(error.starts_with("the build failed: No matching distribution found\n"), "{error}");
        assert_eq!(fs::read_dir(folder.path().join("runtimes")).expect("a folder").count(), 0);
    }

    #[test]
    fn a_missing_python_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let python = folder.path().join("nowhere").into();
        let built = Build { python, runtimes: folder.path(), step: &mut |_| () }.run();
        let error = built.expect_err("failed").to_string();
        assert!(error.contains("nowhere`, and building the runtime needs Python 3.10"), "{error}");
    }
}
