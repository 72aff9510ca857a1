//! A project in a folder of its own, and the program in it.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// Nothing takes this long; who waits longer has a bug before him.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder for one test.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// A project with this manifest. In it, `functions/` stands for the samples of Hearth's checkout.
    pub(crate) fn new(manifest: &str) -> Self {
        let project = Self::empty();
        project.write_manifest(manifest);
        project
    }

    /// A folder without anything.
    pub(crate) fn empty() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write_manifest(&self, manifest: &str) {
        let samples = format!("\"{}/", samples().to_str().expect("text"));
        self.write("hearth.toml", manifest.replace("\"functions/", &samples));
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("below the project")).expect("folders");
        // As builds do: nobody ever sees half of it.
        let beside = path.with_extension("new");
        fs::write(&beside, content).expect("written");
        fs::rename(beside, path).expect("renamed");
    }

    /// Puts a sample's `.wasm` somewhere.
    pub(crate) fn copy_sample(&self, sample: &str, path: &str) {
        let wasm = samples().join(format!("{sample}/{sample}.wasm"));
        self.write(path, fs::read(wasm).expect("a sample"));
    }

    /// The program, in this folder.
    pub(crate) fn hearth(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
        // Compiled once for all tests.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hearth-cache");
        command.args(arguments).current_dir(self.folder.path()).env("HEARTH_CACHE_DIR", cache);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.hearth(arguments).output().expect("the program runs"))
    }

    /// Runs the program to its end with something on stdin.
    #[track_caller]
    pub(crate) fn run_with_stdin(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        let mut child = self.hearth(arguments).stdin(Stdio::piped()).spawn().expect("the program runs");
        // A program that reads no more than it needs closes its end.
        let _ = child.stdin.take().expect("piped").write_all(stdin);
        Ran::of(child.wait_with_output().expect("the program ends"))
    }

    /// Starts `hearth up` on a free port and waits until it is ready.
    #[track_caller]
    pub(crate) fn up(&self, arguments: &[&str]) -> Up {
        let arguments = [&["up", "--port", "0"], arguments].concat();
        let mut child = self.hearth(&arguments).spawn().expect("the program runs");
        let stderr = lines(child.stderr.take().expect("piped"));
        let stdout = lines(child.stdout.take().expect("piped"));
        let Ok(ready) = stdout.recv_timeout(PATIENCE) else {
            panic!("not ready: {:?}", stderr.iter().collect::<Vec<_>>());
        };
        let url = ready.split_whitespace().find(|word| word.starts_with("http://"));
        Up { url: url.unwrap_or_default().to_owned(), ready, child, stdout, stderr }
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Checks the exit code, and shows everything if it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// What is on stdout, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A running `hearth up`.
pub(crate) struct Up {
    pub(crate) url: String,
    /// The line that says that it is ready.
    pub(crate) ready: String,
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Up {
    /// Waits for a line on stderr that contains a text; returns it.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> String {
        find(&self.stderr, text)
    }

    /// Waits for a line on stdout, after the first, that contains a text; returns it.
    #[track_caller]
    pub(crate) fn says_on_stdout(&self, text: &str) -> String {
        find(&self.stdout, text)
    }

    /// Sends a message to a queue; what Hearth answers.
    #[track_caller]
    pub(crate) fn send_message(&self, queue: &str, body: &str) -> String {
        let url = format!("{}/000000000000/{queue}", self.url);
        let document = serde_json::json!({ "QueueUrl": url, "MessageBody": body }).to_string();
        let headers = "content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.SendMessage\r\n";
        self.send("POST /", headers, &document)
    }

    /// Sends an HTTP request; what Hearth answers. Each of the headers ends its line.
    #[track_caller]
    pub(crate) fn send(&self, method_and_path: &str, headers: &str, body: &str) -> String {
        String::from_utf8(self.send_bytes(method_and_path, headers, body.as_bytes())).expect("text")
    }

    /// As [`send`](Self::send), where a body need not be text.
    #[track_caller]
    pub(crate) fn send_bytes(&self, method_and_path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let address = self.url.strip_prefix("http://").expect("a URL");
        let request = format!(
            "{method_and_path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        let mut connection = TcpStream::connect(address).expect("it listens");
        connection.write_all(&[request.as_bytes(), body].concat()).expect("sent");
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).expect("an answer");
        answer
    }

    /// Waits for a line of an answer that has no end.
    #[track_caller]
    pub(crate) fn streams(&self, path: &str, text: &str) {
        let address = self.url.strip_prefix("http://").expect("a URL");
        let mut connection = TcpStream::connect(address).expect("it listens");
        connection.set_read_timeout(Some(PATIENCE)).expect("a socket");
        write!(connection, "GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").expect("sent");
        let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(text)), "`{text}` did not come");
    }

    /// The number of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, as the shell or a service manager does.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end; the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hearth's sample functions.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions")
}

#[track_caller]
fn find(lines: &Receiver<String>, text: &str) -> String {
    let mut before = String::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(text) => return line,
            Ok(line) => writeln!(before, "{line}").expect("a string takes everything"),
            Err(error) => panic!("`{text}` was not said ({error}), but:\n{before}"),
        }
    }
}

/// Reads lines aside, so that a test can give up waiting for one.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
