//! What can be asked for: `{"action": "exit", "code": 3}`.

use std::path::PathBuf;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum Event {
    /// Runs for ever.
    Loop,
    /// Calls itself until the stack ends.
    Recurse,
    /// Panics.
    Panic { message: Option<String> },
    /// Traps without a word.
    Trap,
    /// Ends with an exit code.
    Exit { code: u8 },
    /// Reports an error.
    Error {
        error_type: String,
        message: String,
        #[serde(default)]
        stack_trace: Vec<String>,
    },
    /// Takes and touches so much memory, or all there is.
    Memory { mib: Option<usize> },
    /// Sleeps.
    Sleep { ms: u64 },
    /// Prints.
    Print(Print),
    /// Answers with a JSON document of so many bytes, at least two.
    Answer { bytes: usize },
    /// Answers with the number of calls since init.
    Count,
    /// Answers with the arguments and the environment variables.
    Environment,
    /// Answers with what the runtime says about this invocation.
    Context,
    /// Answers with what the clocks say.
    Clock,
    /// Reads a file.
    Read { path: PathBuf },
    /// Writes a file.
    Write { path: PathBuf, text: String },
    /// Lists a folder.
    List { path: PathBuf },
    /// Removes a file.
    Remove { path: PathBuf },
    /// Renames a file.
    Rename { from: PathBuf, to: PathBuf },
    /// Makes a hard link `to` to the file `from`.
    HardLink { from: PathBuf, to: PathBuf },
    /// Makes a symbolic link at `path` that says `target`.
    Symlink { target: PathBuf, path: PathBuf },
    /// Opens so many files in `/tmp` at once.
    OpenFiles { count: usize },
    /// Connects over TCP to an address such as `127.0.0.1:80`, sends the text and answers with what comes back.
    Connect {
        address: String,
        #[serde(default)]
        text: String,
    },
    /// Sends the text and so many dots over TCP, and answers with what comes back: an HTTP response, or everything if it says that it
    /// has nothing more to send. The connection is kept for the next event of the kind, if that is wanted.
    Talk {
        address: String,
        text: String,
        #[serde(default)]
        dots: usize,
        #[serde(default)]
        finish: bool,
        #[serde(default)]
        keep: bool,
    },
    /// Gets a URL such as `http://127.0.0.1:80/path` over `wasi:http`.
    Fetch { url: String },
    /// Sends the text over UDP.
    Send { address: String, text: String },
    /// Listens for TCP connections.
    Listen { address: String },
    /// Looks a name up.
    Resolve { name: String },
}

/// So many lines of so many bytes.
#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct Print {
    pub(crate) stream: Stream,
    /// What a line says; otherwise it consists of `bytes` dots.
    pub(crate) text: Option<String>,
    pub(crate) lines: usize,
    pub(crate) bytes: usize,
    /// Whether every line ends with a newline.
    pub(crate) newline: bool,
    /// Whether every line begins with a byte that no UTF-8 has.
    pub(crate) invalid_utf8: bool,
}

impl Default for Print {
    fn default() -> Self {
        Self { stream: Stream::Stdout, text: None, lines: 1, bytes: 80, newline: true, invalid_utf8: false }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}
