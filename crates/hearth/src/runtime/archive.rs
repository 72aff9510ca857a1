//! A runtime as one file, to be carried to machines without a network.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    COMPONENT, LIBRARY, PYTHON, RECORD, RuntimeError,
    installed::{Installed, Record, sha256},
};

/// No file of a runtime is larger than this; an archive that claims to have one is none of ours.
const LARGEST_FILE_BYTES: u64 = 1 << 30;

/// Writes an installed runtime to a file.
///
/// # Errors
/// If it cannot be read or written.
pub(crate) fn export(installed: &Installed, path: &Path) -> Result<(), RuntimeError> {
    let write = || -> io::Result<()> {
        let mut archive = ZipWriter::new(BufWriter::new(File::create(path)?));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for name in [RECORD, COMPONENT, LIBRARY] {
            archive.start_file(name, options)?;
            io::copy(&mut File::open(installed.folder.join(name))?, &mut archive)?;
        }
        archive.finish()?.flush()
    };
    write().map_err(RuntimeError::files("write", path))
}

/// Installs the runtime in a file that [`export`] wrote, in place of what is installed.
///
/// # Errors
/// If the file is something else, or is damaged.
pub(crate) fn import(path: &Path, runtimes: &Path) -> Result<Installed, RuntimeError> {
    let not_a_runtime = |reason: String| RuntimeError::NotARuntime { path: path.to_owned(), reason };
    let file = File::open(path).map_err(RuntimeError::files("read", path))?;
    let mut archive = ZipArchive::new(file).map_err(|error| not_a_runtime(error.to_string()))?;
    fs::create_dir_all(runtimes).map_err(RuntimeError::files("make", runtimes))?;
    let work = tempfile::Builder::new()
        .prefix(".importing-")
        .tempdir_in(runtimes)
        .map_err(RuntimeError::files("write to", runtimes))?;
    let folder = work.path().join(PYTHON);
    fs::create_dir(&folder).map_err(RuntimeError::files("make", &folder))?;
    for name in [RECORD, COMPONENT, LIBRARY] {
        let entry = archive.by_name(name).map_err(|error| not_a_runtime(format!("{name}: {error}")))?;
        let target = folder.join(name);
        let unpack = || io::copy(&mut entry.take(LARGEST_FILE_BYTES), &mut File::create(&target)?);
        unpack().map_err(RuntimeError::files("unpack", &target))?;
    }
    let text = fs::read(folder.join(RECORD)).map_err(RuntimeError::files("read", folder.join(RECORD)))?;
    let record: Record = serde_json::from_slice(&text).map_err(|error| not_a_runtime(error.to_string()))?;
    if record.runtime != PYTHON {
        return Err(not_a_runtime(format!("it is `{}`", record.runtime)));
    }
    for (name, expected) in [(COMPONENT, &record.component_sha256), (LIBRARY, &record.library_sha256)] {
        if sha256(&folder.join(name))? != *expected {
            return Err(not_a_runtime(format!("its {name} is damaged")));
        }
    }
    Installed::place(&folder, &record, runtimes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::open;

    #[test]
    fn a_runtime_goes_to_a_file_and_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("new")).expect("made");
        fs::create_dir(at("here")).expect("made");
        for name in [COMPONENT, LIBRARY] {
            fs::write(at("new").join(name), name).expect("written");
        }
        let record = Record {
            runtime: PYTHON.to_owned(),
            inputs: "elsewhere".to_owned(),
            component_sha256: sha256(&at("new").join(COMPONENT)).expect("read"),
            library_sha256: sha256(&at("new").join(LIBRARY)).expect("read"),
        };
        let installed = Installed::place(&at("new"), &record, &at("here")).expect("installed");
        export(&installed, &at("runtime.zip")).expect("exported");
        import(&at("runtime.zip"), &at("there")).expect("imported");
        let imported = open(&at("there")).expect("readable").expect("installed");
        assert_eq!(imported.record, record);
        assert_eq!(fs::read(imported.folder.join(LIBRARY)).expect("read"), LIBRARY.as_bytes());

        fs::write(installed.folder.join(LIBRARY), "changed").expect("written");
        export(&installed, &at("damaged.zip")).expect("exported");
        let error = import(&at("damaged.zip"), &at("there")).expect_err("refused").to_string();
        assert!(error.ends_with("its library.zip is damaged"), "{error}");
        assert!(open(&at("there")).expect("readable").is_some(), "the one of before stays");

        fs::write(at("text"), "no archive").expect("written");
        let error = import(&at("text"), &at("there")).expect_err("refused").to_string();
        assert!(error.contains("is not a runtime that Hearth exported"), "{error}");
    }
}
