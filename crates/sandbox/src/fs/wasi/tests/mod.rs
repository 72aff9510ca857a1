//! The files as a guest uses them: the calls that wasi-libc makes, and those that an attacker would.

mod attack;
mod directories;
mod files;
mod limits;
mod open;
mod streams;

use std::time::Duration;

use hearth_engine::clock::Clock;
use hearth_model::time::Timestamp;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

use super::{
    types::{
        DescriptorFlags, DescriptorStat, ErrorCode, Host as _, HostDescriptor, HostDirectoryEntryStream,
        NewTimestamp, OpenFlags, PathFlags,
    },
    *,
};
use crate::fs::read_only::{ReadOnlyTree, tests::package};

const NOW: Timestamp = Timestamp::from_unix_millis(1_700_000_000_000);
const MIB: u64 = 1 << 20;

type Fd = Resource<Descriptor>;
type Errno<T> = Result<T, ErrorCode>;

/// A guest that gives absolute paths, which go to the directory whose path is their longest prefix, as in wasi-libc.
struct Guest {
    table: ResourceTable,
    files: FileSystem,
    clock: Clock,
    preopens: Vec<(Fd, String)>,
}

impl Guest {
    fn new(tmp_limit_bytes: u64) -> Self {
        let code = package(&[("app.py", "print(1)"), ("lib/data.json", "{}")]);
        let layer = package(&[("bin/tool", "tool")]);
        Self::with(&[code], &[layer], tmp_limit_bytes)
    }

    fn with(
        code: &[std::sync::Arc<hearth_engine::package::Package>],
        layers: &[std::sync::Arc<hearth_engine::package::Package>],
        tmp_limit_bytes: u64,
    ) -> Self {
        let clock = Clock::frozen(NOW);
        let (task, opt) = (ReadOnlyTree::from_packages(code), ReadOnlyTree::from_packages(layers));
        let files = FileSystem::new(task, opt, None, tmp_limit_bytes, clock.clone());
        let mut guest = Self { table: ResourceTable::new(), files, clock, preopens: Vec::new() };
        guest.start();
        guest
    }

    fn start(&mut self) {
        self.preopens = preopens::Host::get_directories(&mut self.view()).expect("there are few open files");
    }

    /// What a reset does: everything goes but the files.
    fn reset(&mut self) {
        self.table = ResourceTable::new();
        self.start();
    }

    fn view(&mut self) -> FileSystemView<'_> {
        FileSystemView { table: &mut self.table, files: &mut self.files }
    }

    /// Makes a call and gives its error code, as the bindings do.
    fn call<T>(&mut self, call: impl FnOnce(&mut FileSystemView<'_>) -> Result<T, Failure>) -> Errno<T> {
        let mut view = self.view();
        call(&mut view).map_err(|error| view.convert_error_code(error).expect("the guest is not ended"))
    }

    fn split<'a>(&self, path: &'a str) -> (Fd, &'a str) {
        let matches = |name: &str| {
            let rest = path.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
        };
        let (fd, rest) = self
            .preopens
            .iter()
            .find_map(|(fd, name)| Some((fd, matches(name)?)))
            .unwrap_or_else(|| (&self.preopens[3].0, path.trim_start_matches('/')));
        (borrow(fd), if rest.is_empty() { "." } else { rest })
    }

    fn open_with(&mut self, path: &str, open: OpenFlags, flags: DescriptorFlags) -> Errno<Fd> {
        let (fd, path) = self.split(path);
        self.open_at(&fd, path, open, flags)
    }

    fn open_at(&mut self, fd: &Fd, path: &str, open: OpenFlags, flags: DescriptorFlags) -> Errno<Fd> {
        let (fd, path) = (borrow(fd), path.to_owned());
        self.call(|view| view.open_at(fd, PathFlags::SYMLINK_FOLLOW, path, open, flags))
    }

    fn open(&mut self, path: &str) -> Errno<Fd> {
        self.open_with(path, OpenFlags::empty(), DescriptorFlags::READ)
    }

    /// Opens for reading and writing, and creates.
    fn create(&mut self, path: &str) -> Errno<Fd> {
        self.open_with(path, OpenFlags::CREATE, DescriptorFlags::READ | DescriptorFlags::WRITE)
    }

    fn close(&mut self, fd: Fd) {
        HostDescriptor::drop(&mut self.view(), fd).expect("it is open");
    }

    fn write_at(&mut self, fd: &Fd, data: &[u8], offset: u64) -> Errno<u64> {
        let (fd, data) = (borrow(fd), data.to_vec());
        self.call(|view| view.write(fd, data, offset))
    }

    fn read_at(&mut self, fd: &Fd, length: u64, offset: u64) -> Errno<(Vec<u8>, bool)> {
        let fd = borrow(fd);
        self.call(|view| view.read(fd, length, offset))
    }

    fn write(&mut self, path: &str, data: &[u8]) -> Errno<()> {
        let fd = self.create(path)?;
        let mut written = 0;
        while written < data.len() {
            let result = self.write_at(&fd, &data[written..], written as u64);
            match result {
                Ok(more) => written += usize::try_from(more).expect("is small"),
                Err(error) => {
                    self.close(fd);
                    return Err(error);
                }
            }
        }
        self.close(fd);
        Ok(())
    }

    fn read(&mut self, path: &str) -> Errno<Vec<u8>> {
        let fd = self.open(path)?;
        let mut data = Vec::new();
        loop {
            let (more, at_end) = self.read_at(&fd, u64::MAX, data.len() as u64)?;
            data.extend(more);
            if at_end {
                self.close(fd);
                return Ok(data);
            }
        }
    }

    fn text(&mut self, path: &str) -> Errno<String> {
        self.read(path).map(|data| String::from_utf8(data).expect("is text"))
    }

    fn stat_with(&mut self, path: &str, flags: PathFlags) -> Errno<DescriptorStat> {
        let (fd, path) = self.split(path);
        self.call(|view| view.stat_at(fd, flags, path.to_owned()))
    }

    fn stat(&mut self, path: &str) -> Errno<DescriptorStat> {
        self.stat_with(path, PathFlags::SYMLINK_FOLLOW)
    }

    fn lstat(&mut self, path: &str) -> Errno<DescriptorStat> {
        self.stat_with(path, PathFlags::empty())
    }

    fn mkdir(&mut self, path: &str) -> Errno<()> {
        let (fd, path) = self.split(path);
        self.call(|view| view.create_directory_at(fd, path.to_owned()))
    }

    fn rmdir(&mut self, path: &str) -> Errno<()> {
        let (fd, path) = self.split(path);
        self.call(|view| view.remove_directory_at(fd, path.to_owned()))
    }

    fn unlink(&mut self, path: &str) -> Errno<()> {
        let (fd, path) = self.split(path);
        self.call(|view| view.unlink_file_at(fd, path.to_owned()))
    }

    fn rename(&mut self, from: &str, to: &str) -> Errno<()> {
        let ((fd, from), (other, to)) = (self.split(from), self.split(to));
        self.call(|view| view.rename_at(fd, from.to_owned(), other, to.to_owned()))
    }

    fn link(&mut self, from: &str, to: &str) -> Errno<()> {
        let ((fd, from), (other, to)) = (self.split(from), self.split(to));
        self.call(|view| view.link_at(fd, PathFlags::empty(), from.to_owned(), other, to.to_owned()))
    }

    fn symlink(&mut self, target: &str, path: &str) -> Errno<()> {
        let (fd, path) = self.split(path);
        self.call(|view| view.symlink_at(fd, target.to_owned(), path.to_owned()))
    }

    fn readlink(&mut self, path: &str) -> Errno<String> {
        let (fd, path) = self.split(path);
        self.call(|view| view.readlink_at(fd, path.to_owned()))
    }

    fn list(&mut self, path: &str) -> Errno<Vec<String>> {
        let fd = self.open(path)?;
        let result = self.list_fd(&fd);
        self.close(fd);
        result
    }

    fn list_fd(&mut self, fd: &Fd) -> Errno<Vec<String>> {
        let fd = borrow(fd);
        let stream = self.call(|view| view.read_directory(fd))?;
        let mut names = Vec::new();
        while let Some(entry) =
            self.call(|view| view.read_directory_entry(Resource::new_borrow(stream.rep())))?
        {
            names.push(entry.name);
        }
        HostDirectoryEntryStream::drop(&mut self.view(), stream).expect("it is open");
        Ok(names)
    }

    async fn wait(&self, duration: Duration) {
        self.clock.advance(duration).await;
    }

    fn used(&self) -> u64 {
        self.files.tmp_used_bytes()
    }

    /// The error code of a failed stream, as a guest asks for it.
    fn stream_error(&mut self, error: wasmtime::Error) -> Option<ErrorCode> {
        let error = self.table.push(error).expect("the table has room");
        let code = self.view().filesystem_error_code(Resource::new_borrow(error.rep()));
        code.expect("the error is there")
    }
}

fn borrow(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

/// A time as the guest gives it.
fn at(seconds: u64) -> NewTimestamp {
    NewTimestamp::Timestamp(wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime {
        seconds,
        nanoseconds: 5,
    })
}
