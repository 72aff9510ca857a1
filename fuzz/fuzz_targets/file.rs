//! What the store makes of a file with anything in it.

#![no_main]

use std::fs;

use hearth_store::{Folder, Inspection, Store};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("format"), "1\n").expect("written");
    fs::write(folder.path().join("state.redb"), bytes).expect("written");
    // Refused or not.
    let _ = Inspection::of(&Folder::open(folder.path()).expect("it is nobody else's"));
    let _ = Store::open(Folder::open(folder.path()).expect("it is nobody else's"));
});
