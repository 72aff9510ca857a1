//! The process that is killed.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::channel,
    time::Duration,
};

pub(crate) struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts Hearth on a folder's state, and waits until it is ready.
    pub(crate) fn start(folder: &Path) -> Self {
        // What a file that cannot grow is to be told of is an error, not a signal.
        let mut command = Command::new("sh");
        command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#, env!("CARGO_BIN_EXE_hearth")]);
        command.args(["up", "--port", "0", "--quiet", "--data-dir", "state"]).current_dir(folder);
        // Compiled once for all tests.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hearth-cache");
        command.env("HEARTH_CACHE_DIR", cache).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        stdout.read_line(&mut line).expect("text");
        let address = line.split_whitespace().find_map(|word| word.strip_prefix("http://")?.parse().ok());
        let address = address.unwrap_or_else(|| panic!("it is not ready: {line:?}, {:?}", child.wait()));
        Self { child, address }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it, as `kill -9` does, while others talk to it.
    pub(crate) fn kill_after(mut self, time: Duration) {
        // Real time, since this is about a real process: nobody ever sends anything here.
        let (_sender, never) = channel::<()>();
        let _ = never.recv_timeout(time);
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
