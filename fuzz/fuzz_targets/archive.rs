//! What an import makes of a file with anything in it.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.zip");
    fs::write(&file, bytes).expect("written");
    // Refused or not.
    let _ = hearth_store::import(&file, &folder.path().join("state"), false);
});
