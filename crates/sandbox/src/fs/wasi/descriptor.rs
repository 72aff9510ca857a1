//! The methods of WASI's resources.
//!
//! Three things are requests in WASI, and granted without effect: advice, synchronous writing, and `sync`. A `/tmp`
//! goes with its environment, so there is nothing that must survive.

use wasmtime::component::Resource;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

use super::{
    FileSystemView,
    convert::{Failure, last_link, new_time, open_options},
    types::{
        Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, Filesize, HostDescriptor,
        HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
    },
};
use crate::fs::{
    descriptor::{Descriptor, NewTimes},
    stream::{CHUNK_BYTES, DirectoryEntries, Position},
};

type Result<T> = std::result::Result<T, Failure>;

impl FileSystemView<'_> {
    fn new_times(
        &self,
        descriptor: &Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<NewTimes> {
        let now = self.table.get(descriptor)?.now();
        Ok(NewTimes { accessed: new_time(accessed, now)?, modified: new_time(modified, now)? })
    }
}

impl HostDescriptor for FileSystemView<'_> {
    fn read_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: Filesize,
    ) -> Result<Resource<DynInputStream>> {
        let stream: DynInputStream = Box::new(self.table.get(&descriptor)?.reader(offset)?);
        Ok(self.table.push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: Filesize,
    ) -> Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.table.get(&descriptor)?.writer(Position::At(offset))?);
        Ok(self.table.push(stream)?)
    }

    fn append_via_stream(&mut self, descriptor: Resource<Descriptor>) -> Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.table.get(&descriptor)?.writer(Position::End)?);
        Ok(self.table.push(stream)?)
    }

    fn advise(
        &mut self,
        descriptor: Resource<Descriptor>,
        _offset: Filesize,
        _length: Filesize,
        _advice: Advice,
    ) -> Result<()> {
        self.table.get(&descriptor)?;
        Ok(())
    }

    fn sync_data(&mut self, descriptor: Resource<Descriptor>) -> Result<()> {
        self.table.get(&descriptor)?;
        Ok(())
    }

    fn get_flags(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorFlags> {
        let descriptor = self.table.get(&descriptor)?;
        let access = descriptor.access();
        let mut flags = DescriptorFlags::empty();
        for (set, flag) in [
            (access.read, DescriptorFlags::READ),
            (access.write, DescriptorFlags::WRITE),
            (descriptor.is_mutable_directory(), DescriptorFlags::MUTATE_DIRECTORY),
        ] {
            if set {
                flags |= flag;
            }
        }
        Ok(flags)
    }

    fn get_type(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorType> {
        Ok(self.table.get(&descriptor)?.kind().into())
    }

    fn set_size(&mut self, descriptor: Resource<Descriptor>, size: Filesize) -> Result<()> {
        Ok(self.table.get(&descriptor)?.set_size(size)?)
    }

    fn set_times(
        &mut self,
        descriptor: Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<()> {
        let times = self.new_times(&descriptor, accessed, modified)?;
        Ok(self.table.get(&descriptor)?.set_times(times)?)
    }

    fn read(
        &mut self,
        descriptor: Resource<Descriptor>,
        length: Filesize,
        offset: Filesize,
    ) -> Result<(Vec<u8>, bool)> {
        let length = usize::try_from(length).map_or(CHUNK_BYTES, |length| length.min(CHUNK_BYTES));
        Ok(self.table.get(&descriptor)?.read(offset, length)?)
    }

    fn write(
        &mut self,
        descriptor: Resource<Descriptor>,
        data: Vec<u8>,
        offset: Filesize,
    ) -> Result<Filesize> {
        Ok(self.table.get(&descriptor)?.write(offset, &data)? as Filesize)
    }

    fn read_directory(&mut self, descriptor: Resource<Descriptor>) -> Result<Resource<DirectoryEntries>> {
        let entries = self.table.get(&descriptor)?.entries()?;
        Ok(self.table.push(entries)?)
    }

    fn sync(&mut self, descriptor: Resource<Descriptor>) -> Result<()> {
        self.table.get(&descriptor)?;
        Ok(())
    }

    fn create_directory_at(&mut self, descriptor: Resource<Descriptor>, path: String) -> Result<()> {
        Ok(self.table.get(&descriptor)?.create_directory_at(&path)?)
    }

    fn stat(&mut self, descriptor: Resource<Descriptor>) -> Result<DescriptorStat> {
        Ok(self.table.get(&descriptor)?.status().into())
    }

    fn stat_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Result<DescriptorStat> {
        Ok(self.table.get(&descriptor)?.status_at(&path, last_link(flags))?.into())
    }

    fn set_times_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<()> {
        let times = self.new_times(&descriptor, accessed, modified)?;
        Ok(self.table.get(&descriptor)?.set_times_at(&path, last_link(flags), times)?)
    }

    fn link_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        other: Resource<Descriptor>,
        other_path: String,
    ) -> Result<()> {
        let other = self.table.get(&other)?;
        Ok(self.table.get(&descriptor)?.link_at(&path, last_link(flags), other, &other_path)?)
    }

    fn open_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Resource<Descriptor>> {
        let options = open_options(path_flags, open_flags, flags);
        let opened = self.table.get(&descriptor)?.open_at(&path, options)?;
        Ok(self.table.push(opened)?)
    }

    fn readlink_at(&mut self, descriptor: Resource<Descriptor>, path: String) -> Result<String> {
        Ok(self.table.get(&descriptor)?.link_target_at(&path)?)
    }

    fn remove_directory_at(&mut self, descriptor: Resource<Descriptor>, path: String) -> Result<()> {
        Ok(self.table.get(&descriptor)?.remove_directory_at(&path)?)
    }

    fn rename_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        path: String,
        other: Resource<Descriptor>,
        other_path: String,
    ) -> Result<()> {
        let other = self.table.get(&other)?;
        Ok(self.table.get(&descriptor)?.rename_at(&path, other, &other_path)?)
    }

    fn symlink_at(&mut self, descriptor: Resource<Descriptor>, target: String, path: String) -> Result<()> {
        Ok(self.table.get(&descriptor)?.create_symbolic_link_at(&target, &path)?)
    }

    fn unlink_file_at(&mut self, descriptor: Resource<Descriptor>, path: String) -> Result<()> {
        Ok(self.table.get(&descriptor)?.unlink_at(&path)?)
    }

    fn is_same_object(
        &mut self,
        descriptor: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        Ok(self.table.get(&descriptor)?.is_same(self.table.get(&other)?))
    }

    fn metadata_hash(&mut self, descriptor: Resource<Descriptor>) -> Result<MetadataHashValue> {
        Ok(self.table.get(&descriptor)?.identity().into())
    }

    fn metadata_hash_at(
        &mut self,
        descriptor: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> Result<MetadataHashValue> {
        Ok(self.table.get(&descriptor)?.identity_at(&path, last_link(flags))?.into())
    }

    fn drop(&mut self, descriptor: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.table.delete(descriptor)?;
        Ok(())
    }
}

impl HostDirectoryEntryStream for FileSystemView<'_> {
    fn read_directory_entry(
        &mut self,
        entries: Resource<DirectoryEntries>,
    ) -> Result<Option<DirectoryEntry>> {
        let entry = self.table.get_mut(&entries)?.next_entry();
        Ok(entry.map(|(kind, name)| DirectoryEntry { type_: kind.into(), name }))
    }

    fn drop(&mut self, entries: Resource<DirectoryEntries>) -> wasmtime::Result<()> {
        self.table.delete(entries)?;
        Ok(())
    }
}
