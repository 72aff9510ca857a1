//! The folder that Hearth is started with: guests, the manifest that deploys them, and the cache for their code.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{fronts::ROUTES, guest};

/// Functions that the manifest declares.
const FUNCTIONS: u16 = 3;

const WITH_QUEUES: &str = r#"
[functions.echo]
code = "echo.wasm"

[[functions.echo.events]]
sqs = { queue = "mapped", batch_size = 10 }

[queues.mapped]
"#;

/// A component made for HTTP servers.
const COMPONENT: &[u8] = include_bytes!("../../../functions/hello-http/hello-http.wasm");

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
        fs::write(world.component(), COMPONENT)?;
        fs::write(world.path().join("reply.wasm"), guest::reply())?;
        for routes in ROUTES {
            fs::write(world.manifest_with_routes(routes), with_routes(routes))?;
        }
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

    /// Declares a function that answers HTTP, behind so many routes, and a component made for HTTP servers.
    pub(crate) fn manifest_with_routes(&self, routes: usize) -> PathBuf {
        self.path().join(format!("routes-{routes}.toml"))
    }

    /// The component.
    pub(crate) fn component(&self) -> PathBuf {
        self.path().join("component.wasm")
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

/// All routes look alike, so that nothing is found at once: their first segments differ, and each has a variable.
fn with_routes(routes: usize) -> String {
    let mut manifest =
        "[functions.component]\ncode = \"component.wasm\"\n\n[functions.reply]\ncode = \"reply.wasm\"\n"
            .to_owned();
    for number in 0..routes {
        let first = if number == routes / 2 { "orders".to_owned() } else { format!("route-{number}") };
        write!(manifest, "\n[[functions.reply.events]]\nhttp = \"POST /{first}/{{id}}\"\n")
            .expect("a string takes everything");
    }
    manifest
}
