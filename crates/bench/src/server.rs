//! The servers under measurement, each a child process that lives as long as its handle.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use clap::ValueEnum;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
};

use crate::{floor::Floor, world::World};

/// A running server. Dropping it ends the process.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its process.
    pub(crate) process: u32,
    child: Child,
    // Kept open: a server that writes to a closed pipe would end.
    _output: Output,
}

/// Where a server says that it listens.
type Output = BufReader<Box<dyn AsyncRead + Send + Sync + Unpin>>;

/// What a server runs on.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// Hearth's binary.
    pub(crate) hearth: &'a Path,
    /// What it is started with.
    pub(crate) world: &'a World,
}

impl Server {
    /// Starts one of the floors: this program again, as a server.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn floor(floor: Floor) -> io::Result<Self> {
        let name = floor.to_possible_value().expect("no floor is hidden from the command line");
        Self::start(Command::new(std::env::current_exe()?).args(["floor", name.get_name()])).await
    }

    /// Starts Hearth: `hearth up` on a free port. With `logs`, it shows the functions' logs.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn hearth(ground: Ground<'_>, logs: bool) -> io::Result<Self> {
        Self::up(ground, &ground.world.manifest(), logs).await
    }

    /// Starts Hearth with a queue that is mapped to a function, and shows no logs.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn hearth_with_queues(ground: Ground<'_>) -> io::Result<Self> {
        Self::up(ground, &ground.world.manifest_with_queues(), false).await
    }

    /// Starts Hearth with a folder in which its queues survive, and shows no logs.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn hearth_with_kept_queues(ground: Ground<'_>) -> io::Result<Self> {
        let mut command = Self::command(ground, &ground.world.manifest_with_queues(), false);
        Self::start(command.arg("--data-dir").arg(ground.world.path().join("state"))).await
    }

    /// Starts Hearth with the fronts' functions and so many routes, and shows no logs.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn hearth_with_routes(ground: Ground<'_>, routes: usize) -> io::Result<Self> {
        Self::up(ground, &ground.world.manifest_with_routes(routes), false).await
    }

    /// Starts `wasmtime serve` with a component whose instances it uses again.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn wasmtime(binary: &Path, component: &Path) -> io::Result<Self> {
        let mut command = Command::new(binary);
        command.args(["serve", "-Scli", "--addr=127.0.0.1:0"]);
        // As often as it can; by default it would not use them again.
        command.arg(format!("--max-instance-reuse-count={}", u32::MAX)).arg(component);
        let child = spawn(command.stdout(Stdio::null()).stderr(Stdio::piped()))?;
        Self::listening(&command, child, |child| Some(Box::new(child.stderr.take()?))).await
    }

    /// Starts Hearth with another manifest and the runtimes that the user has installed, and shows no logs.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn hearth_of_user(ground: Ground<'_>, manifest: &Path) -> io::Result<Self> {
        let options = ["--port=0", "--quiet", "--ephemeral"];
        Self::start(Command::new(ground.hearth).arg("up").arg(manifest).args(options)).await
    }

    async fn up(ground: Ground<'_>, manifest: &Path, logs: bool) -> io::Result<Self> {
        Self::start(Self::command(ground, manifest, logs).arg("--ephemeral")).await
    }

    fn command(ground: Ground<'_>, manifest: &Path, logs: bool) -> Command {
        let cache = ground.world.cache();
        let mut command = Command::new(ground.hearth);
        command.arg("up").arg(manifest).arg("--port=0").arg("--cache-dir").arg(cache);
        // Whoever is ended like this leaves its files behind.
        command.env("TMPDIR", ground.world.path());
        if !logs {
            command.arg("--quiet");
        }
        command
    }

    /// Starts Hearth with a policy by which no environment is used twice: this program again, as a server.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn hearth_fresh(ground: Ground<'_>) -> io::Result<Self> {
        let cache = ground.world.cache();
        Self::start(Command::new(std::env::current_exe()?).args(["fresh", "--cache-dir"]).arg(cache)).await
    }

    async fn start(command: &mut Command) -> io::Result<Self> {
        let child = spawn(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        Self::listening(command, child, |child| Some(Box::new(child.stdout.take()?))).await
    }

    /// Waits until a process says where it listens.
    async fn listening(
        command: &Command,
        mut child: Child,
        output: impl FnOnce(&mut Child) -> Option<Box<dyn AsyncRead + Send + Sync + Unpin>>,
    ) -> io::Result<Self> {
        let program = PathBuf::from(command.as_std().get_program());
        let process = child.id().expect("a child that was not waited for has an id");
        let mut output = BufReader::new(output(&mut child).expect("the child's output is a pipe"));
        loop {
            let mut line = String::new();
            if output.read_line(&mut line).await? == 0 {
                let ended = child.wait().await?;
                return Err(io::Error::other(format!(
                    "{} ended before it listened: {ended}",
                    program.display()
                )));
            }
            if let Some(address) = address(&line) {
                return Ok(Self { address, process, child, _output: output });
            }
        }
    }

    /// Ends the process and waits until it is gone.
    ///
    /// # Errors
    /// If the process can't be ended.
    pub(crate) async fn end(mut self) -> io::Result<()> {
        self.child.kill().await
    }
}

fn spawn(command: &mut Command) -> io::Result<Child> {
    let spawned = command.stdin(Stdio::null()).kill_on_drop(true).spawn();
    spawned.map_err(|error| {
        let program = Path::new(command.as_std().get_program()).display().to_string();
        io::Error::new(error.kind(), format!("cannot start {program}: {error}"))
    })
}

/// Hearth's binary: what the caller names, or the one that was built beside this program.
///
/// # Errors
/// If there is none.
pub(crate) fn hearth_binary(named: Option<PathBuf>) -> io::Result<PathBuf> {
    let path = match named {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name("hearth"),
    };
    if path.is_file() {
        return Ok(path);
    }
    let message = format!(
        "there is no {}: build it with `cargo build --release -p hearth`, or pass --hearth",
        path.display()
    );
    Err(io::Error::new(io::ErrorKind::NotFound, message))
}

/// The address in a line that announces it, such as `listening on http://127.0.0.1:4566`.
fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
    let (_, port) = rest[..end].rsplit_once(':')?;
    Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_the_line_that_announces_it() {
        let check = |line: &str, expect: Option<u16>| {
            assert_eq!(address(line).map(|address| address.port()), expect, "{line}");
        };
        check("ready: http://127.0.0.1:4566\n", Some(4566));
        check("Hearth listens on http://localhost:81/ with 3 functions\n", Some(81));
        check("compiling echo\n", None);
    }
}
