//! The file with the entries.

#[cfg(test)]
mod cuts;

use std::{
    fmt::Display,
    fs,
    io::ErrorKind,
    ops::Bound,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use hearth_engine::journal::{Change, Entry, Stream, Visitor};
use redb::{
    Builder, Database as Redb, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, StorageError,
    TableDefinition, TableError, TableHandle, WriteTransaction,
};

use crate::{error::OpenError, folder::io_error};

/// The file with the entries: a table for each stream.
pub(crate) struct Database {
    file: PathBuf,
    /// Taken away by an error, after which `redb` wants to be asked anew.
    redb: Option<Redb>,
}

/// The entries as they were at a moment.
pub(crate) struct View {
    file: PathBuf,
    transaction: ReadTransaction,
}

/// Why something cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DatabaseFailure(pub(crate) String);

/// What was found in a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Entries that can be read.
    pub(crate) entries: u64,
    /// Their keys and values.
    pub(crate) bytes: u64,
    /// Entries whose checksum is not theirs.
    pub(crate) damaged: u64,
}

type Definition<'a> = TableDefinition<'a, &'static [u8], &'static [u8]>;

type Table<'t> = redb::Table<'t, &'static [u8], &'static [u8]>;

/// How much of the file is kept in memory to write faster. What is loaded is the services' to keep.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

pub(crate) const FILE: &str = "state.redb";

impl Database {
    /// Makes the file of a folder in which there is no state.
    pub(crate) fn create(folder: &Path) -> Result<Self, OpenError> {
        let file = folder.join(FILE);
        // Left behind by a process that died before it could keep anything.
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io_error(&file)(error)),
            Ok(()) | Err(_) => Self::begin(file, create),
        }
    }

    /// Opens the file of a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let file = folder.join(FILE);
        if !file.exists() {
            return Err(OpenError::Damaged { file, reason: "it is missing".to_owned() });
        }
        Self::begin(file, open)
    }

    fn begin(file: PathBuf, open: fn(&Path) -> Result<Redb, DatabaseError>) -> Result<Self, OpenError> {
        let mut failed = None;
        let redb = guarded(|| {
            open(&file).map_err(|error| {
                let message = failure(&error);
                failed = Some(error);
                message
            })
        });
        match redb {
            Ok(redb) => Ok(Self { file, redb: Some(redb) }),
            Err(DatabaseFailure(reason)) => Err(match failed {
                Some(error) => open_error(file, error),
                None => OpenError::Damaged { file, reason },
            }),
        }
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Writes changes, all of them or none, and waits for the disk.
    pub(crate) fn commit<'a>(
        &mut self,
        changes: impl Iterator<Item = &'a Change>,
    ) -> Result<(), DatabaseFailure> {
        let redb = match self.redb.take() {
            Some(redb) => redb,
            None => guarded(|| open(&self.file).map_err(failure))?,
        };
        guarded(|| write(&redb, changes))?;
        self.redb = Some(redb);
        Ok(())
    }

    /// Adds entries to a stream.
    pub(crate) fn fill(
        &mut self,
        stream: &str,
        entries: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<(), DatabaseFailure> {
        let redb = self.redb.as_ref().ok_or_else(|| DatabaseFailure("it could not be written".to_owned()))?;
        guarded(|| {
            let transaction = redb.begin_write().map_err(failure)?;
            {
                let mut table = transaction.open_table(Definition::new(stream)).map_err(failure)?;
                for (key, value) in entries {
                    table.insert(&**key, &*seal(key, value)).map_err(failure)?;
                }
            }
            transaction.commit().map_err(failure)
        })
    }

    /// What is there now, whatever is written from now on.
    pub(crate) fn view(&self) -> Result<View, DatabaseFailure> {
        let redb = self.redb.as_ref().ok_or_else(|| DatabaseFailure("it could not be written".to_owned()))?;
        let transaction = guarded(|| redb.begin_read().map_err(failure))?;
        Ok(View { file: self.file.clone(), transaction })
    }

    /// Whether the whole file is as it was written.
    pub(crate) fn is_whole(&mut self) -> Result<bool, DatabaseFailure> {
        let Some(redb) = &mut self.redb else { return Ok(false) };
        guarded(|| redb.check_integrity().map_err(failure))
    }
}

impl View {
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Shows the entries of a stream in the order of their keys, and tells of those that are damaged.
    pub(crate) fn read(
        &self,
        stream: &str,
        mut visit: impl FnMut(&[u8], Option<&[u8]>),
    ) -> Result<(), DatabaseFailure> {
        guarded(|| {
            let table = match self.transaction.open_table(Definition::new(stream)) {
                Ok(table) => table,
                Err(TableError::TableDoesNotExist(_)) => return Ok(()),
                Err(error) => return Err(failure(error)),
            };
            for entry in table.iter().map_err(failure)? {
                let (key, value) = entry.map_err(failure)?;
                visit(key.value(), unseal(key.value(), value.value()));
            }
            Ok(())
        })
    }

    /// The names of all streams, in order.
    pub(crate) fn streams(&self) -> Result<Vec<String>, DatabaseFailure> {
        guarded(|| {
            let tables = self.transaction.list_tables().map_err(failure)?;
            let mut names: Vec<_> = tables.map(|table| table.name().to_owned()).collect();
            names.sort();
            Ok(names)
        })
    }
}

/// Loads a stream for somebody who can use all of its entries, or none.
pub(crate) fn load(
    database: &Database,
    stream: Stream,
    visit: &mut Visitor<'_>,
) -> Result<(), DatabaseFailure> {
    let (mut all, mut unusable, mut first) = (0_u64, 0_u64, None);
    database.view()?.read(stream.0, |key, value| {
        all += 1;
        let used = match value {
            Some(value) => visit(key, value).map_err(|unreadable| unreadable.reason),
            None => Err("its checksum is not that of its value".to_owned()),
        };
        if let Err(reason) = used {
            unusable += 1;
            first.get_or_insert_with(|| format!("the entry `{}`: {reason}", key.escape_ascii()));
        }
    })?;
    match first {
        None => Ok(()),
        Some(first) => Err(DatabaseFailure(format!(
            "{unusable} of {all} entries of `{}` cannot be used, the first of them {first}",
            stream.0
        ))),
    }
}

fn create(file: &Path) -> Result<Redb, DatabaseError> {
    Builder::new().set_cache_size(CACHE_BYTES).create(file)
}

fn open(file: &Path) -> Result<Redb, DatabaseError> {
    Builder::new().set_cache_size(CACHE_BYTES).open(file)
}

fn write<'a>(redb: &Redb, changes: impl Iterator<Item = &'a Change>) -> Result<(), DatabaseFailure> {
    let transaction = redb.begin_write().map_err(failure)?;
    {
        let mut tables = Tables { transaction: &transaction, open: Vec::new() };
        for entry in changes.flat_map(Change::entries) {
            match entry {
                Entry::Put { stream, key, value } => {
                    let table = tables.table(*stream)?;
                    table.insert(&**key, &*seal(key, value)).map_err(failure)?;
                }
                Entry::Remove { stream, key } => {
                    tables.table(*stream)?.remove(&**key).map_err(failure)?;
                }
                Entry::RemoveAll { stream, prefix } => {
                    let table = tables.table(*stream)?;
                    let (first, end) = (Bound::Included(&**prefix), end(prefix));
                    let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
                    table.retain_in::<&[u8], _>((first, end), |_, _| false).map_err(failure)?;
                }
                Entry::Clear => {
                    tables.open.clear();
                    for table in transaction.list_tables().map_err(failure)? {
                        transaction.delete_table(table).map_err(failure)?;
                    }
                }
            }
        }
    }
    transaction.commit().map_err(failure)
}

/// The tables of a transaction, opened once.
struct Tables<'t> {
    transaction: &'t WriteTransaction,
    open: Vec<(Stream, Table<'t>)>,
}

impl<'t> Tables<'t> {
    fn table(&mut self, stream: Stream) -> Result<&mut Table<'t>, DatabaseFailure> {
        let index = match self.open.iter().position(|(open, _)| *open == stream) {
            Some(index) => index,
            None => {
                let table = self.transaction.open_table(Definition::new(stream.0)).map_err(failure)?;
                self.open.push((stream, table));
                self.open.len() - 1
            }
        };
        Ok(&mut self.open[index].1)
    }
}

/// The first key after all that begin like this; `None` if there is none.
fn end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

/// A value with the checksum of its entry before it.
fn seal(key: &[u8], value: &[u8]) -> Vec<u8> {
    [&checksum(key, value).to_le_bytes(), value].concat()
}

/// The value, if the checksum is that of the entry.
fn unseal<'v>(key: &[u8], sealed: &'v [u8]) -> Option<&'v [u8]> {
    let (sum, value) = sealed.split_first_chunk()?;
    (u32::from_le_bytes(*sum) == checksum(key, value)).then_some(value)
}

fn checksum(key: &[u8], value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(value);
    hasher.finalize()
}

/// `redb` answers to most that a damaged file can be with an error; what it does not expect becomes one here.
fn guarded<T>(action: impl FnOnce() -> Result<T, DatabaseFailure>) -> Result<T, DatabaseFailure> {
    let done = catch_unwind(AssertUnwindSafe(action));
    done.unwrap_or_else(|_| Err(DatabaseFailure("it has something that cannot be".to_owned())))
}

fn failure(error: impl Display) -> DatabaseFailure {
    DatabaseFailure(error.to_string())
}

fn open_error(file: PathBuf, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::Storage(StorageError::Io(source))
            if !matches!(source.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) =>
        {
            OpenError::Io { path: file, source }
        }
        other => OpenError::Damaged { reason: other.to_string(), file },
    }
}
