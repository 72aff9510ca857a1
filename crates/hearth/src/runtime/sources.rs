//! What the Python runtime is built from: the files of `runtimes/python`, in this binary.

use std::{fmt::Write, fs, io, path::Path};

use sha2::{Digest, Sha256};

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../../../runtimes/python/", $path)))),+]
    };
}

/// Paths and contents.
const FILES: [(&str, &str); 24] = files![
    "build.py",
    "requirements-build.txt",
    "requirements.txt",
    "src/_hearth/__init__.py",
    "src/_hearth/bytecode.py",
    "src/_hearth/context.py",
    "src/_hearth/contract.py",
    "src/_hearth/environment.py",
    "src/_hearth/failures.py",
    "src/_hearth/logs.py",
    "src/_hearth/marshal.py",
    "src/_hearth/preload.py",
    "src/_hearth/shims/__init__.py",
    "src/_hearth/shims/anyio.py",
    "src/_hearth/shims/event_loop.py",
    "src/_hearth/shims/hashing.py",
    "src/_hearth/shims/local_time.py",
    "src/_hearth/shims/sockets.py",
    "src/_hearth/shims/ssl.py",
    "src/_hearth/shims/threads.py",
    "src/_hearth/shims/tls.py",
    "src/hearth_runtime.py",
    "wit/runtime.wit",
    "../../wit/hearth-lambda.wit",
];

/// Where the file of the contract lies for the build; it is the same for all components.
const CONTRACT: (&str, &str) = ("../../wit/hearth-lambda.wit", "wit/deps/hearth-lambda/hearth-lambda.wit");

/// Writes all files into a folder.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    for (path, content) in FILES {
        let path = folder.join(if path == CONTRACT.0 { CONTRACT.1 } else { path });
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, content)?;
    }
    Ok(())
}

/// A hash of everything that a build depends on.
pub(super) fn digest() -> String {
    let mut hash = Sha256::new();
    for (path, content) in FILES {
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    hexadecimal(&hash.finalize())
}

/// Bytes as text.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes everything");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_runtime_is_in_the_binary() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtimes/python");
        let mut pending = vec![root.join("src"), root.join("wit")];
        let mut missing = Vec::new();
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let relative =
                    path.strip_prefix(&root).expect("below").to_str().expect("text").replace('\\', "/");
                if path.is_dir() {
                    pending.push(path);
                } else if !relative.contains("__pycache__")
                    && !FILES.iter().any(|(known, _)| *known == relative)
                {
                    missing.push(relative);
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new(), "to be named in FILES");
    }

    #[test]
    fn the_build_finds_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path()).expect("written");
        for path in [
            "build.py",
            "wit/runtime.wit",
            "wit/deps/hearth-lambda/hearth-lambda.wit",
            "src/hearth_runtime.py",
        ] {
            assert!(folder.path().join(path).is_file(), "{path}");
        }
    }
}
