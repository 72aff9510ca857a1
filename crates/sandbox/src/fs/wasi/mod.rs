//! `wasi:filesystem` on top of the tree: conversions, and nothing that decides.

mod convert;
mod descriptor;
#[cfg(test)]
mod tests;

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use self::convert::Failure;
use super::{descriptor::Descriptor, error::FileError, file_system::FileSystem};

/// Generated from `crates/sandbox/wit`.
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "files",
        imports: { default: trappable },
        trappable_error_type: {
            "wasi:filesystem/types.error-code" => super::Failure,
        },
        with: {
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
            "wasi:io": wasmtime_wasi_io::bindings::wasi::io,
            "wasi:filesystem/types.descriptor": crate::fs::descriptor::Descriptor,
            "wasi:filesystem/types.directory-entry-stream": crate::fs::stream::DirectoryEntries,
        },
        require_store_data_send: true,
    });
}

use self::bindings::wasi::filesystem::{preopens, types};

/// What the functions of `wasi:filesystem` work on.
pub(crate) struct FileSystemView<'a> {
    /// The guest's resources.
    pub(crate) table: &'a mut ResourceTable,
    /// The environment's files.
    pub(crate) files: &'a mut FileSystem,
}

/// The data of a store that has files.
pub(crate) trait HasFileSystem: Send {
    /// Access to them.
    fn file_system(&mut self) -> FileSystemView<'_>;
}

/// Adds `wasi:filesystem` to what guests can import.
pub(crate) fn add_to_linker<T: HasFileSystem + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    types::add_to_linker::<T, Files>(linker, T::file_system)?;
    preopens::add_to_linker::<T, Files>(linker, T::file_system)
}

struct Files;

impl HasData for Files {
    type Data<'a> = FileSystemView<'a>;
}

impl preopens::Host for FileSystemView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut directories = Vec::new();
        for (descriptor, path) in self.files.preopens() {
            // There is no way to report an error, and only a guest that asks again and again gets one.
            directories.push((self.table.push(descriptor?)?, path.to_owned()));
        }
        Ok(directories)
    }
}

impl types::Host for FileSystemView<'_> {
    fn convert_error_code(&mut self, error: Failure) -> wasmtime::Result<types::ErrorCode> {
        match error {
            Failure::File(error) => Ok(error.into()),
            Failure::Trap(error) => Err(error),
        }
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<types::ErrorCode>> {
        Ok(self.table.get(&error)?.downcast_ref::<FileError>().map(|error| (*error).into()))
    }
}
