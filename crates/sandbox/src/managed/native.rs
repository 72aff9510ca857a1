//! Extension modules made of machine code, which no sandbox can load: found at deployment, not by a riddle at run time.

use hearth_engine::port::{Code, LoadError};

use crate::wasm::list;

/// How extension modules end on the systems that people build packages on.
const ENDINGS: [&str; 3] = [".so", ".pyd", ".dylib"];

/// Modules that only make their package faster: it does without them if they cannot be imported.
const OPTIONAL: [&str; 12] = [
    "_brotli",
    "_cffi_backend",
    "_yaml",
    "frozenlist/_frozenlist",
    "markupsafe/_speedups",
    "msgpack/_cmsgpack",
    "multidict/_multidict",
    "propcache/_helpers_c",
    "simplejson/_speedups",
    "wrapt/_wrappers",
    "yaml/_yaml",
    "yarl/_quoting_c",
];

/// Refuses code with extension modules that something of it cannot do without, as far as that can be known.
pub(super) fn refuse(code: &Code) -> Result<(), LoadError> {
    let native = ENDINGS.into_iter().flat_map(|ending| super::files_ending(code, ending));
    let native: Vec<String> =
        native.map(|(path, _)| path).filter(|path| !has_substitute(code, path)).collect();
    if native.is_empty() { Ok(()) } else { Err(LoadError::NativeExtensions { files: list(&native) }) }
}

/// Whether the package works without the module, slower: it is known for that, or the same module is there as a source.
fn has_substitute(code: &Code, path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    // `md__mypyc.cpython-312-x86_64-linux-gnu.so` holds what mypyc made of `md.py`.
    let name = file.split('.').next().unwrap_or(file);
    let name = name.strip_suffix("__mypyc").unwrap_or(name);
    let module = format!("{folder}/{name}");
    let is_optional = OPTIONAL.iter().any(|optional| module.ends_with(&format!("/{optional}")));
    is_optional || super::files_ending(code, ".py").any(|(source, _)| source == format!("{module}.py"))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use bytes::Bytes;
    use hearth_engine::package::{Package, PackageFile, PackagePath};

    use super::*;

    fn package(paths: &[&str]) -> Arc<Package> {
        let file =
            |path: &&str| (PackagePath::parse(path).expect("a path"), PackageFile { content: Bytes::new() });
        Arc::new(Package::new(paths.iter().map(file).collect::<BTreeMap<_, _>>()).expect("a package"))
    }

    #[test]
    fn what_cannot_run_is_listed() {
        let code = Code {
            layers: vec![
                package(&["lib/libcurl.so", "python/numpy/_core.cpython-314-x86_64-linux-gnu.so"]),
                package(&["python/orjson.abi3.so"]),
            ],
            ..Code::from(package(&["app.py", "pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so"]))
        };
        let error = refuse(&code).expect_err("refused").to_string();
        let expect = "cannot run in WebAssembly: \
            `/var/task/pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so`, \
            `/opt/python/numpy/_core.cpython-314-x86_64-linux-gnu.so`, `/opt/python/orjson.abi3.so`; use";
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn what_only_makes_things_faster_is_left_alone() {
        let code = package(&[
            "charset_normalizer/md.cpython-312-x86_64-linux-gnu.so",
            "charset_normalizer/md.py",
            "charset_normalizer/md__mypyc.cpython-312-x86_64-linux-gnu.so",
            "markupsafe/_speedups.cpython-312-x86_64-linux-gnu.so",
            "yaml/_yaml.cpython-312-x86_64-linux-gnu.so",
        ]);
        assert!(refuse(&code.into()).is_ok());
    }
}
