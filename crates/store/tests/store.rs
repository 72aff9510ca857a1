//! A folder with state, from outside.

use std::{fs, path::Path, sync::Arc, thread};

use hearth_engine::journal::{Journal, NotLoaded, Stream};
use hearth_store::{Folder, Inspection, OpenError, Store};
use proptest::prelude::*;
use tempfile::TempDir;

const A: Stream = Stream("a.entries");
const B: Stream = Stream("b.entries");

fn open(folder: &Path) -> Store {
    Store::open(Folder::open(folder).expect("a folder")).expect("a store")
}

fn journal(store: Store) -> Journal {
    Journal::on(Arc::new(store))
}

fn entries(journal: &Journal, stream: Stream) -> Vec<(String, String)> {
    try_entries(journal, stream).expect("it can be read")
}

fn try_entries(journal: &Journal, stream: Stream) -> Result<Vec<(String, String)>, NotLoaded> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut entries = Vec::new();
    journal.load(stream, |key, value| {
        entries.push((text(key), text(value)));
        Ok(())
    })?;
    Ok(entries)
}

fn put(journal: &Journal, stream: Stream, key: &str, value: &str) {
    journal.record(|change| change.put(stream, key.into(), value.into()));
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

#[tokio::test]
async fn what_is_kept_is_there_again() {
    let folder = TempDir::new().expect("a folder");
    let journal_1 = journal(open(folder.path()));
    assert_eq!(entries(&journal_1, A), []);
    for (key, value) in
        [("b", "1"), ("a", "2"), ("b", "3"), ("gone", "4"), ("p/1", "5"), ("p/2", "6"), ("q", "7")]
    {
        put(&journal_1, A, key, value);
    }
    put(&journal_1, B, "b", "other");
    journal_1.record(|change| {
        change.remove(A, "gone".into());
        change.remove(A, "never".into());
        change.remove_all(A, "p/".into());
        change.put(A, "p/2".into(), "again".into());
    });
    journal_1.kept().await.expect("it is written");
    let expected = pairs([("a", "2"), ("b", "3"), ("p/2", "again"), ("q", "7")]);
    assert_eq!(entries(&journal_1, A), expected);
    drop(journal_1);
    let journal_2 = journal(open(folder.path()));
    assert_eq!(entries(&journal_2, A), expected);
    assert_eq!(entries(&journal_2, B), pairs([("b", "other")]));
}

#[tokio::test]
async fn an_end_writes_what_is_not_written_yet() {
    let folder = TempDir::new().expect("a folder");
    let journal_1 = journal(open(folder.path()));
    for number in 0..1_000 {
        put(&journal_1, A, &format!("{number:04}"), "value");
    }
    drop(journal_1);
    assert_eq!(entries(&journal(open(folder.path())), A).len(), 1_000);
}

#[test]
fn many_write_at_once_and_each_waits_for_its_own() {
    let folder = TempDir::new().expect("a folder");
    let shared = journal(open(folder.path()));
    thread::scope(|scope| {
        for writer in 0..16 {
            let journal = shared.clone();
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                for number in 0..50 {
                    put(&journal, A, &format!("{writer}/{number}"), "value");
                    runtime.block_on(journal.kept()).expect("it is written");
                }
            });
        }
    });
    assert_eq!(entries(&shared, A).len(), 800);
}

#[test]
fn a_folder_belongs_to_one_process() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("deep/inside");
    let first = Folder::open(&path).expect("a folder");
    let error = Folder::open(&path).expect_err("it is in use").to_string();
    let expected =
        format!("`{}` is in use by another Hearth (process {}): ", path.display(), std::process::id());
    assert!(error.starts_with(&expected), "{error}");
    drop(first);
    drop(open(&path));
    assert_eq!(fs::read_to_string(path.join(".gitignore")).expect("a file"), "*\n");
}

#[test]
fn only_folders_of_hearth_are_used() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    assert!(matches!(Folder::open_existing(path), Err(OpenError::Empty { .. })));
    fs::write(path.join("thesis.txt"), "years of work").expect("written");
    let error = Folder::open(path).expect_err("somebody else's").to_string();
    assert!(error.contains("not Hearth's (`thesis.txt`)"), "{error}");
    fs::remove_file(path.join("thesis.txt")).expect("removed");
    drop(Folder::open(path).expect("a folder"));
    assert!(matches!(Folder::open_existing(path), Err(OpenError::Empty { .. })));
    // As if the process had died before it said that there is state.
    fs::write(path.join("state.redb"), "half of it").expect("written");
    drop(open(path));
    drop(Folder::open_existing(path).expect("a folder"));
    for (format, expect) in [
        ("2\n", "written by a later Hearth: it has format 2"),
        ("one", "is damaged: it should be the number"),
    ] {
        fs::write(path.join("format"), format).expect("written");
        let error = Folder::open(path).expect_err("not this format").to_string();
        assert!(error.contains(expect), "{error}");
    }
}

#[tokio::test]
async fn an_inspection_says_what_is_there() {
    let folder = TempDir::new().expect("a folder");
    let journal_1 = journal(open(folder.path()));
    put(&journal_1, B, "key", "value");
    put(&journal_1, A, "1", "");
    put(&journal_1, A, "2", "22");
    drop(journal_1);
    let inspection = Inspection::of(&Folder::open(folder.path()).expect("a folder")).expect("it can be read");
    assert!(inspection.is_sound() && inspection.file_bytes > 0);
    let found: Vec<_> = inspection
        .streams
        .iter()
        .map(|stream| (stream.name.as_str(), stream.entries, stream.bytes))
        .collect();
    assert_eq!(found, [("a.entries", 2, 4), ("b.entries", 1, 8)]);
}

/// A file with some entries, and what it says.
fn sample() -> (TempDir, Vec<(String, String)>) {
    let folder = TempDir::new().expect("a folder");
    let journal = journal(open(folder.path()));
    for number in 0..300 {
        put(&journal, A, &format!("key-{number:03}"), &format!("value {number} ").repeat(9));
    }
    let written = entries_after_flush(&journal);
    (folder, written)
}

fn entries_after_flush(journal: &Journal) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(journal.kept()).expect("it is written");
    entries(journal, A)
}

#[test]
fn what_is_missing_is_damage() {
    let (folder, _) = sample();
    let file = folder.path().join("state.redb");
    let open =
        || Store::open(Folder::open(folder.path()).expect("a folder")).expect_err("damaged").to_string();
    fs::write(&file, "").expect("written");
    let empty = open();
    assert!(empty.contains("state.redb` is damaged: "), "{empty}");
    fs::remove_file(&file).expect("removed");
    let missing = open();
    assert!(missing.contains("state.redb` is damaged: it is missing"), "{missing}");
}

/// What can be read is told beside what cannot.
#[test]
fn an_inspection_tells_damaged_entries_from_others() {
    let folder = TempDir::new().expect("a folder");
    let journal = journal(open(folder.path()));
    put(&journal, A, "first", "recognised");
    put(&journal, A, "second", "another");
    put(&journal, B, "third", "another");
    drop(journal);
    let file = folder.path().join("state.redb");
    let mut content = fs::read(&file).expect("a file");
    let places: Vec<_> =
        (0..content.len()).filter(|place| content[*place..].starts_with(b"recognised")).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|place| content[place] ^= 1);
    fs::write(&file, content).expect("written");

    let found = Inspection::of(&Folder::open(folder.path()).expect("a folder")).expect("it can be read");
    assert!(!found.whole && !found.is_sound());
    let found: Vec<_> = found.streams.iter().map(|stream| (stream.entries, stream.damaged)).collect();
    assert_eq!(found, [(1, 1), (1, 0)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A damaged file is an error, or what was written; it is never a panic, and never something else.
    #[test]
    fn a_damaged_file_is_found_to_be_so(
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..600),
        cut in prop::bool::weighted(0.2),
    ) {
        let (folder, written) = sample();
        let file = folder.path().join("state.redb");
        let mut content = fs::read(&file).expect("a file");
        let at = place.index(content.len());
        if cut {
            content.truncate(at);
        } else {
            let end = (at + bytes.len()).min(content.len());
            content[at..end].copy_from_slice(&bytes[..end - at]);
        }
        fs::write(&file, content).expect("written");
        match Store::open(Folder::open(folder.path()).expect("a folder")) {
            Err(error) => prop_assert!(error.to_string().contains("state.redb"), "{error}"),
            Ok(store) => match try_entries(&journal(store), A) {
                Err(error) => prop_assert!(error.to_string().contains("is damaged"), "{error}"),
                Ok(found) => prop_assert_eq!(found, written),
            },
        }
    }
}

#[test]
fn a_snapshot_is_what_there_was_whatever_comes_after_it() {
    let [folder, elsewhere] = [TempDir::new(), TempDir::new()].map(|folder| folder.expect("a folder"));
    let store = Arc::new(open(folder.path()));
    let journal = Journal::on(Arc::clone(&store) as _);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let keep = || runtime.block_on(journal.kept()).expect("it is written");
    put(&journal, A, "key", "before");
    let file = folder.path().join("objects/1");
    fs::create_dir(folder.path().join("objects")).expect("it is made");
    fs::write(&file, "content").expect("it is written");
    keep();

    let snapshot = store.snapshot().expect("it is taken");
    put(&journal, A, "key", "after");
    put(&journal, B, "key", "after");
    fs::remove_file(file).expect("it is there");
    keep();
    let archive = elsewhere.path().join("archive.zip");
    snapshot.write(fs::File::create(&archive).expect("a file")).expect("it is written");
    let names =
        |path: &Path| fs::read_dir(path).expect("a folder").map(|entry| entry.expect("one").file_name());
    assert!(!names(folder.path()).any(|name| name.to_string_lossy().starts_with("export-")));

    let copy = elsewhere.path().join("copy");
    hearth_store::import(&archive, &copy, false).expect("it is an archive");
    assert_eq!(fs::read_to_string(copy.join("objects/1")).expect("it is there"), "content");
    let copied = self::journal(open(&copy));
    assert_eq!(entries(&copied, A), pairs([("key", "before")]));
    assert_eq!(entries(&copied, B), []);
}

#[test]
fn what_an_export_that_was_killed_has_left_goes_at_the_next_start() {
    let folder = TempDir::new().expect("a folder");
    drop(open(folder.path()));
    fs::create_dir(folder.path().join("export-abc")).expect("it is made");
    fs::write(folder.path().join("export-abc/0"), "content").expect("it is written");
    drop(open(folder.path()));
    assert!(!folder.path().join("export-abc").exists());
}
