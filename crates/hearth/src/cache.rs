//! Where compiled code is kept.

use std::{env, path::PathBuf};

/// Overrides the folder for compiled code.
pub(crate) const VARIABLE: &str = "HEARTH_CACHE_DIR";

/// The folder for compiled code: `HEARTH_CACHE_DIR`, or a folder `hearth` where the system keeps what can be made again.
/// `None` if there is no such place.
#[must_use]
pub fn default_cache_folder() -> Option<PathBuf> {
    let from = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = |below: &str| env::home_dir().map(|home| home.join(below));
    if let Some(folder) = from(VARIABLE) {
        return Some(folder);
    }
    let caches = if cfg!(windows) {
        from("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Caches")
    } else {
        // The XDG specification wants relative paths ignored.
        from("XDG_CACHE_HOME").filter(|folder| folder.is_absolute()).or_else(|| home(".cache"))
    };
    caches.map(|caches| caches.join("hearth"))
}
