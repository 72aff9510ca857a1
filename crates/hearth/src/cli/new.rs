//! `hearth new`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Args;
use hearth_model::identity::FunctionName;

use super::{error::CommandError, print};
use crate::{exit::Exit, template::Template, terminal::BOLD};

/// Begin a project with one function, which runs at once.
///
/// What runs until the first build is a prebuilt copy of the very same source.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth new hello                     in Rust
  hearth new hello --template c        in C
  hearth new services/greeter          in a folder of another one; the function is `greeter`")]
pub(super) struct New {
    /// The folder to make; its last part is the function's name
    path: PathBuf,
    /// What to write it in
    #[arg(long, short, value_enum, default_value_t = Template::Rust)]
    template: Template,
}

impl New {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let last = self.path.file_name().unwrap_or_default().to_string_lossy();
        let name = FunctionName::parse(&last).map_err(|error| CommandError::Usage(error.to_string()))?;
        if let Some(reason) = self.template.refuse(&name) {
            return Err(CommandError::Usage(format!("the project cannot be called `{name}`: {reason}")));
        }
        make_folder(&self.path)?;
        for (path, content) in self.template.files(&name) {
            write(&self.path.join(path), &content)?;
        }
        let ignored: &[u8] = match self.template {
            Template::Rust => b"/target\n/.hearth\n",
            Template::C => b"/.hearth\n",
        };
        write(&self.path.join(".gitignore"), ignored)?;
        print(format_args!("{}", self.next_steps(&name)))?;
        Ok(Exit::Success)
    }

    fn next_steps(&self, name: &FunctionName) -> String {
        let path = self.path.display();
        let build = match self.template {
            Template::Rust if has_rust_target() => "  cargo build --release\n".to_owned(),
            Template::Rust => {
                "  rustup target add wasm32-wasip2      # it is not installed, and the build needs it\n  \
                               cargo build --release\n"
                    .to_owned()
            }
            Template::C => {
                format!("  clang --target=wasm32-wasi -Os -s {name}.c -o {name}.wasm      # see README.md\n")
            }
        };
        format!(
            "{BOLD}{path}{BOLD:#} is ready. It runs at once, on a prebuilt copy of its source:\n\n  cd {path}\n  hearth \
             invoke {name} -e events/hello.json\n\nYour own build takes the copy's place:\n\n{build}\nServe it, and take \
             over every build:\n\n  hearth up --watch\n"
        )
    }
}

/// Makes a folder, or takes an empty one.
fn make_folder(path: &Path) -> Result<(), CommandError> {
    let failed = |source| CommandError::Write { path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(failed)?;
    if fs::read_dir(path).map_err(failed)?.next().is_some() {
        return Err(CommandError::Usage(format!(
            "the folder `{}` is there already, and not empty: choose another name",
            path.display()
        )));
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, content)
    };
    write().map_err(|source| CommandError::Write { path: path.to_owned(), source })
}

/// Whether Rust can build for WebAssembly here.
fn has_rust_target() -> bool {
    let rustc = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", "wasm32-wasip2"])
        .stderr(Stdio::null())
        .output();
    rustc.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim_end()).is_dir())
}
