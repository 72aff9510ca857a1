//! The folder that Hearth is started with: guests, the manifest that deploys them, and the cache for their code.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::guest;

/// Functions that the manifest declares.
const FUNCTIONS: u16 = 3;

const WITH_QUEUES: &str = r#"
[functions.echo]
code = "echo.wasm"

[[functions.echo.events]]
sqs = { queue = "mapped", batch_size = 10 }

[queues.mapped]
"#;

/// A folder that is removed when this is dropped.
pub(crate) struct World(TempDir);

impl World {
    /// Writes the folder.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub(crate) fn create() -> io::Result<Self> {
        let world = Self(tempfile::tempdir()?);
        let mut manifest = String::new();
        for number in 0..FUNCTIONS {
            let name = if number == 0 { "echo".to_owned() } else { format!("echo-{number}") };
            fs::write(world.path().join(format!("{name}.wasm")), guest::component(number))?;
            writeln!(manifest, "[functions.{name}]\ncode = \"{name}.wasm\"\n")
                .expect("a string takes everything");
        }
        fs::write(world.manifest(), manifest)?;
        fs::write(world.manifest_with_queues(), WITH_QUEUES)?;
        Ok(world)
    }

    /// Declares three functions of different code, with AWS's defaults; one is called `echo`.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.path().join("hearth.toml")
    }

    /// Declares `echo`, and a queue whose messages it gets.
    pub(crate) fn manifest_with_queues(&self) -> PathBuf {
        self.path().join("queues.toml")
    }

    /// The cache for compiled code, empty at first.
    pub(crate) fn cache(&self) -> PathBuf {
        self.path().join("cache")
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}
