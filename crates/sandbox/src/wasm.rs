//! What a package's WebAssembly is, before it is compiled: which file, what kind, and how it becomes a component.
//!
//! Everything runs as a component. A WASI preview 1 module becomes one with wasmtime's adapter, and so does a module
//! that carries its component type, as `wit-bindgen` leaves it.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use hearth_engine::{
    package::{Package, PackagePath},
    port::LoadError,
};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

/// The names under which a package's entry is found, in this order; as `bootstrap` is on Lambda's `provided` runtimes.
const ENTRY_NAMES: [&str; 2] = ["bootstrap", "bootstrap.wasm"];

/// WebAssembly of a package: a file that begins like WebAssembly.
pub(crate) struct Wasm {
    file: String,
    content: Bytes,
    encoding: Encoding,
}

impl Wasm {
    /// Finds the WebAssembly that a package runs.
    pub(crate) fn find(package: &Package) -> Result<Self, LoadError> {
        let path = entry(package)?;
        let file = path.to_string();
        let content = package.file(path).expect("the entry was found in the package").content.clone();
        match content.get(..8) {
            Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => Ok(Self { file, content, encoding: Encoding::Module }),
            Some([0, b'a', b's', b'm', 0x0d, 0, 1, 0]) => {
                Ok(Self { file, content, encoding: Encoding::Component })
            }
            _ => Err(LoadError::NotWebAssembly { file, kind: kind(&content).to_owned() }),
        }
    }

    /// The component of a managed runtime.
    pub(crate) fn managed(name: String, content: Bytes) -> Self {
        Self { file: name, content, encoding: Encoding::Component }
    }

    /// The file's path in its package.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The file's bytes.
    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }

    /// The component that the file is, or becomes.
    pub(crate) fn component(&self) -> Result<Cow<'_, [u8]>, LoadError> {
        match self.encoding {
            Encoding::Component => Ok(Cow::Borrowed(&self.content)),
            Encoding::Module => self.encode().map(Cow::Owned),
        }
    }

    fn encode(&self) -> Result<Vec<u8>, LoadError> {
        let module = Module::read(&self.content).map_err(|error| self.invalid(error))?;
        if let Some(import) = module.foreign_import {
            let reason = if module.typed {
                "its component type does not declare it"
            } else {
                "a module may import `wasi_snapshot_preview1`; a component may import all of WASI 0.2"
            };
            return Err(LoadError::UnknownImport {
                file: self.file.clone(),
                import,
                reason: reason.to_owned(),
            });
        }
        if !module.typed && !module.starts {
            let exports = list(&module.exports);
            return Err(LoadError::NoEntryPoint { file: self.file.clone(), exports });
        }
        let adapter = if module.typed && !module.starts {
            WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER
        } else {
            WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER
        };
        ComponentEncoder::default()
            .module(&self.content)
            .and_then(|encoder| encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, adapter))
            .and_then(|mut encoder| encoder.encode())
            .map_err(|error| self.invalid(format!("{error:#}")))
    }

    /// The error of a file that does not validate.
    pub(crate) fn invalid(&self, reason: impl fmt::Display) -> LoadError {
        LoadError::Invalid { file: self.file.clone(), reason: reason.to_string() }
    }
}

fn entry(package: &Package) -> Result<&PackagePath, LoadError> {
    let top = || package.files().map(|(path, _)| path).filter(|path| !path.as_str().contains('/'));
    for name in ENTRY_NAMES {
        if let Some(path) = top().find(|path| path.as_str() == name) {
            return Ok(path);
        }
    }
    let candidates: Vec<_> = top().filter(|path| path.as_str().ends_with(".wasm")).collect();
    match candidates.as_slice() {
        [only] => Ok(only),
        [] => Err(LoadError::NoWebAssembly { found: list(&top().collect::<Vec<_>>()) }),
        several => Err(LoadError::AmbiguousWebAssembly { found: list(several) }),
    }
}

/// Names for people, the first ten of them.
pub(crate) fn list(names: &[impl fmt::Display]) -> String {
    const SHOWN: usize = 10;
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &tail
}

/// What a file that is not WebAssembly looks like.
fn kind(content: &[u8]) -> &'static str {
    match content {
        [] => "an empty file",
        [0x7f, b'E', b'L', b'F', ..] => "a native Linux program (ELF)",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => {
            "a native macOS program (Mach-O)"
        }
        [b'M', b'Z', ..] => "a native Windows program (PE)",
        [b'#', b'!', ..] => "a script",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        [b'(', ..] => "WebAssembly in text form (compile it with `wat2wasm` or `wasm-tools parse`)",
        [0, b'a', b's', b'm', ..] => "WebAssembly of an unknown version, or cut short,",
        _ => "a file of an unknown kind",
    }
}

/// What of a core module matters to its encoding.
#[derive(Default)]
struct Module {
    /// It has a `_start`.
    starts: bool,
    /// It carries the type of the component that it wants to become.
    typed: bool,
    /// An import that its encoding can't satisfy.
    foreign_import: Option<String>,
    exports: Vec<String>,
}

impl Module {
    fn read(bytes: &[u8]) -> wasmparser::Result<Self> {
        let mut module = Self::default();
        let mut foreign = None;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        if import.module != WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME {
                            foreign.get_or_insert_with(|| format!("{}::{}", import.module, import.name));
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let name = export?.name;
                        module.starts |= name == "_start";
                        module.exports.push(name.to_owned());
                    }
                }
                Payload::CustomSection(section) => {
                    module.typed |= section.name().starts_with("component-type");
                }
                _ => {}
            }
        }
        // The encoder knows which imports a component type declares.
        module.foreign_import = foreign.filter(|_| !module.typed);
        Ok(module)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearth_engine::package::PackageFile;

    use super::*;

    fn package(files: &[(&str, &[u8])]) -> Package {
        let file = |(path, content): &(&str, &[u8])| {
            (PackagePath::parse(path).expect(path), PackageFile { content: Bytes::copy_from_slice(content) })
        };
        Package::new(files.iter().map(file).collect::<BTreeMap<_, _>>()).expect("a package")
    }

    fn error(files: &[(&str, &[u8])]) -> String {
        let wasm = Wasm::find(&package(files));
        wasm.and_then(|wasm| wasm.component().map(Cow::into_owned)).expect_err("refused").to_string()
    }

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(text).expect("valid text")
    }

    #[test]
    fn the_entry_is_bootstrap_or_the_only_wasm_file() {
        let wasm = module("(module)");
        let found = |files: &[(&str, &[u8])]| Wasm::find(&package(files)).expect("found").file().to_owned();
        assert_eq!(found(&[("bootstrap", &wasm), ("other.wasm", &wasm)]), "bootstrap");
        assert_eq!(
            found(&[("data.txt", b""), ("handler.wasm", &wasm), ("lib/b.wasm", &wasm)]),
            "handler.wasm"
        );
        assert!(error(&[("a.wasm", &wasm), ("b.wasm", &wasm)]).contains("(`a.wasm`, `b.wasm`)"));
        assert!(error(&[("app.py", b""), ("lib/a.wasm", &wasm)]).contains("found `app.py`"));
        assert!(error(&[]).contains("found nothing"));
    }

    #[test]
    fn what_is_not_webassembly_is_named() {
        let check = |content: &[u8], expect: &str| {
            let message = error(&[("bootstrap", content)]);
            assert!(message.contains(expect), "{message}");
        };
        check(b"\x7fELF\x02\x01\x01\0", "`bootstrap` is a native Linux program (ELF), not WebAssembly");
        check(b"#!/bin/sh\n", "a script");
        check(b"(module)", "text form");
        check(b"\0asm\x01", "cut short");
        check(b"", "an empty file");
    }

    #[test]
    fn modules_that_cannot_become_components_are_refused() {
        let check = |text: &str, expect: &str| {
            let message = error(&[("f.wasm", &module(text))]);
            assert!(message.contains(expect), "{message}");
        };
        check(r#"(module (func (export "run")))"#, "it exports `run`");
        check(r#"(module (import "env" "log" (func)) (func (export "_start")))"#, "imports `env::log`");
        let mut truncated = module(r#"(module (func (export "_start")))"#);
        truncated.truncate(truncated.len() - 2);
        assert!(error(&[("f.wasm", &truncated)]).contains("`f.wasm` is damaged"));
    }

    #[test]
    fn a_preview_1_command_becomes_a_component() {
        let wasm = module(
            r#"(module
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1)
                (func (export "_start") (call $exit (i32.const 3))))"#,
        );
        let package = package(&[("f.wasm", &wasm)]);
        let found = Wasm::find(&package).expect("found");
        let component = found.component().expect("encoded");
        assert!(Parser::is_component(&component));
    }
}
