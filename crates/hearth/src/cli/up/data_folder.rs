//! Where state is kept.

use std::path::{Path, PathBuf};

use crate::{cli::error::CommandError, manifest::Manifest, world::DATA_FOLDER};

/// The folder to keep state in: the one that was named, otherwise `.hearth` beside the manifest.
///
/// # Errors
/// If it lies in the code of a function: that would be another one with everything that is kept.
pub(super) fn choose(named: Option<PathBuf>, manifest: Option<&Manifest>) -> Result<PathBuf, CommandError> {
    let Some(manifest) = manifest else { return Ok(named.unwrap_or_else(|| DATA_FOLDER.into())) };
    let Some(named) = named else { return Ok(manifest.path().with_file_name(DATA_FOLDER)) };
    for declaration in &manifest.functions {
        let code = [&declaration.code].into_iter().chain(&declaration.layers);
        if let Some(code) = code.map(|code| &*code.path).find(|code| holds(code, &named)) {
            return Err(CommandError::Usage(format!(
                "state cannot be kept in `{}`: it is in `{}`, the code of function `{}`. Choose a folder outside of it, or one called \
                 `{DATA_FOLDER}`, which is never part of code",
                named.display(),
                code.display(),
                declaration.configuration.name
            )));
        }
    }
    Ok(named)
}

/// Whether the files of a folder with state would be files of code.
fn holds(code: &Path, state: &Path) -> bool {
    let (Ok(code), Some(state)) = (code.canonicalize(), canonical(state)) else { return false };
    let inside = state.strip_prefix(&code).ok();
    inside.is_some_and(|inside| inside.iter().all(|part| part != DATA_FOLDER))
}

/// Where a folder is, or will be once it is made.
fn canonical(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    let there = folder.ancestors().find(|ancestor| ancestor.exists())?;
    let rest = folder.strip_prefix(there).ok()?;
    Some(there.canonicalize().ok()?.join(rest))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn state_lies_beside_the_manifest_and_never_in_code() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |path: &str| folder.path().join(path);
        fs::create_dir_all(path("shop/code")).expect("folders");
        let text = "functions.a.code = \"code\"\n".to_owned();
        let manifest = Manifest::parse(&path("shop/hearth.toml"), text).expect("a manifest");
        let choose = |named: Option<&str>| choose(named.map(path), Some(&manifest));
        assert_eq!(choose(None).expect("a folder"), path("shop/.hearth"));
        for fine in ["shop/state", "shop/code/.hearth", "shop/code/.hearth/one", "elsewhere"] {
            assert_eq!(choose(Some(fine)).expect(fine), path(fine));
        }
        for inside in ["shop/code", "shop/code/state", "shop/code/a/b"] {
            let refused = choose(Some(inside)).expect_err(inside).to_string();
            assert!(refused.contains("the code of function `a`"), "{refused}");
        }
        let relative = Manifest::parse(Path::new("hearth.toml"), String::new()).expect("a manifest");
        assert_eq!(super::choose(None, Some(&relative)).expect("a folder"), Path::new(".hearth"));
        assert_eq!(super::choose(None, None).expect("a folder"), Path::new(".hearth"));
    }
}
