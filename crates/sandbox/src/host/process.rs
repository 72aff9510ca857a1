//! What makes a guest look like a process: environment variables and standard streams.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use hearth_engine::log::{EnvironmentLog, Source};
use parking_lot::Mutex;
use wasmtime::{
    Result,
    component::{HasData, Resource, ResourceTable},
};
use wasmtime_wasi::p2::bindings::cli::{environment, stderr, stdin, stdout};
use wasmtime_wasi_io::{
    poll::Pollable,
    streams::{DynInputStream, DynOutputStream, InputStream, OutputStream, StreamError, StreamResult},
};

use super::State;

/// Where a handler starts, as on Lambda.
const WORKING_DIRECTORY: &str = "/var/task";

/// How much a guest may write at once. Output is never delayed, so this only bounds a single copy.
const WRITE_PERMIT_BYTES: usize = 64 << 10;

/// A guest's environment variables: those of all environments of its function, and those of its own.
#[derive(Clone)]
pub(crate) struct Variables {
    /// Shared by all environments of the function.
    pub(crate) shared: Arc<hearth_engine::port::FunctionSettings>,
    /// Only this environment's.
    pub(crate) own: Vec<(&'static str, String)>,
}

/// A guest's view of its process.
pub(super) struct Process {
    pub(super) variables: Arc<Variables>,
    pub(super) stdin: Input,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

pub(super) struct ProcessView<'a> {
    process: &'a mut Process,
    table: &'a mut ResourceTable,
}

impl HasData for Process {
    type Data<'a> = ProcessView<'a>;
}

impl Process {
    pub(super) fn of(state: &mut State) -> ProcessView<'_> {
        ProcessView { process: &mut state.process, table: &mut state.table }
    }
}

impl environment::Host for ProcessView<'_> {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        let Variables { shared, own } = &*self.process.variables;
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Ok(shared.variables.iter().cloned().chain(own).collect())
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        Ok(vec![self.process.variables.shared.handler.clone()])
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(Some(WORKING_DIRECTORY.to_owned()))
    }
}

impl stdin::Host for ProcessView<'_> {
    fn get_stdin(&mut self) -> Result<Resource<DynInputStream>> {
        let stream: DynInputStream = Box::new(self.process.stdin.clone());
        Ok(self.table.push(stream)?)
    }
}

impl stdout::Host for ProcessView<'_> {
    fn get_stdout(&mut self) -> Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.process.stdout.clone());
        Ok(self.table.push(stream)?)
    }
}

impl stderr::Host for ProcessView<'_> {
    fn get_stderr(&mut self) -> Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.process.stderr.clone());
        Ok(self.table.push(stream)?)
    }
}

/// Standard input: bytes that are there from the start. Clones share the position.
#[derive(Clone, Default)]
pub(crate) struct Input(Arc<Mutex<Bytes>>);

impl Input {
    pub(crate) fn new(content: Bytes) -> Self {
        Self(Arc::new(Mutex::new(content)))
    }
}

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let mut rest = self.0.lock();
        if rest.is_empty() {
            return Err(StreamError::Closed);
        }
        let size = size.min(rest.len());
        Ok(rest.split_to(size))
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {}
}

/// Standard output or standard error.
#[derive(Clone)]
pub(crate) enum Output {
    /// To the environment's log.
    Log(Arc<EnvironmentLog>, Source),
    /// Kept: the answer of a command.
    Capture(Capture),
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        match self {
            Self::Log(log, source) => log.write(*source, &bytes),
            Self::Capture(capture) => capture.write(&bytes),
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

/// Output that is kept up to a limit; what exceeds it is counted and dropped.
#[derive(Clone)]
pub(crate) struct Capture {
    limit: usize,
    written: Arc<Mutex<Written>>,
}

#[derive(Default)]
struct Written {
    kept: BytesMut,
    total: usize,
}

impl Capture {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, written: Arc::default() }
    }

    /// What was written; `Err` with its size if that exceeds the limit.
    pub(crate) fn take(&self) -> Result<Bytes, usize> {
        let Written { kept, total } = std::mem::take(&mut *self.written.lock());
        if total > self.limit { Err(total) } else { Ok(kept.freeze()) }
    }

    fn write(&self, bytes: &[u8]) {
        let mut written = self.written.lock();
        written.total += bytes.len();
        let room = self.limit - written.kept.len();
        written.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_ends_after_its_last_byte() {
        let mut input = Input::new(Bytes::from_static(b"event"));
        let mut other = input.clone();
        assert_eq!(input.read(3).expect("bytes"), "eve");
        assert_eq!(other.read(100).expect("bytes"), "nt");
        assert!(matches!(input.read(1), Err(StreamError::Closed)));
    }

    #[test]
    fn a_capture_keeps_no_more_than_its_limit_and_tells_the_size() {
        let capture = Capture::new(4);
        capture.write(b"abc");
        capture.write(b"defg");
        assert_eq!(capture.take(), Err(7));
        capture.write(b"abcd");
        assert_eq!(capture.take(), Ok(Bytes::from_static(b"abcd")));
    }
}
