//! What of logs a later engine knows.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hearth_engine::{
    EngineOptions, Function,
    journal::Journal,
    kept::KeptFiles,
    log::{LogGroup, LogLine, inspect_logs},
    testing::MemoryStorage,
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::Partition,
    logging::{ApplicationLogLevel, LogFormat, LogLevels, LoggingConfiguration, SystemLogLevel},
};
use tempfile::TempDir;

use crate::support::{World, configuration, seconds};

/// Worlds that come after each other on the same storage.
struct Lasting {
    storage: MemoryStorage,
    log_bytes: usize,
    folder: TempDir,
}

impl Lasting {
    fn new() -> Self {
        Self::with(EngineOptions::default().log_bytes)
    }

    fn with(log_bytes: usize) -> Self {
        let folder = TempDir::new().expect("a folder");
        let storage = MemoryStorage::default().with_folder(folder.path().to_owned());
        Self { storage, log_bytes, folder }
    }

    fn start(&self) -> World {
        self.start_on(self.journal())
    }

    fn start_on(&self, journal: Journal) -> World {
        let world =
            World::with(EngineOptions { journal, log_bytes: self.log_bytes, ..EngineOptions::default() });
        world.engine.keep_logs().expect("there is a folder");
        for ((partition, name), lines) in world.engine.read_logs().expect("they can be read") {
            world.engine.log_groups().group(&partition, &name).restore_lines(lines);
        }
        world
    }

    fn journal(&self) -> Journal {
        Journal::on(Arc::new(self.storage.clone()))
    }

    /// The same with what is in the folder now: what a process finds that starts after this one was killed.
    fn fork(&self) -> Self {
        let folder = TempDir::new().expect("a folder");
        for path in self.segments() {
            let copy = folder.path().join(path.strip_prefix(self.folder.path()).expect("it is in it"));
            fs::create_dir_all(copy.parent().expect("a folder")).expect("it is made");
            fs::copy(path, copy).expect("it is there");
        }
        let storage = self.storage.fork().with_folder(folder.path().to_owned());
        Self { storage, log_bytes: self.log_bytes, folder }
    }

    /// The files with lines, in their order.
    fn segments(&self) -> Vec<PathBuf> {
        let mut segments: Vec<_> = folders(self.folder.path()).flat_map(|folder| children(&folder)).collect();
        segments.sort();
        segments
    }

    fn inspect(&self) -> KeptFiles {
        inspect_logs(&self.journal()).expect("it can be read")
    }
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    children(&folder.join("logs")).into_iter()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

async fn end(world: World) {
    world.engine.shutdown(Duration::ZERO).await;
}

/// Everything that anybody can find out about a group.
fn all(group: &LogGroup) -> (String, Vec<String>) {
    let streams = group.streams().into_iter().map(|stream| {
        (
            stream.name().to_owned(),
            stream.created_at(),
            stream.function().map(|function| function.to_string()),
        )
    });
    let lines = group.snapshot().iter().map(in_full).collect();
    (format!("{:?} {:?}", group.created_at(), streams.collect::<Vec<_>>()), lines)
}

fn in_full(line: &LogLine) -> String {
    let LogLine { sequence, at, ingested_at, stream, request_id, message } = line;
    format!("{sequence} {at:?} {ingested_at:?} {} {request_id:?} {message:?} {line}", stream.name())
}

/// The group of a function in another world.
fn group_of(world: &World, function: &Function) -> Arc<LogGroup> {
    let found = world.engine.log_groups().find(&Partition::default(), function.log().name());
    found.expect("it exists")
}

fn json() -> FunctionConfiguration {
    let levels = LogLevels { application: ApplicationLogLevel::Trace, system: SystemLogLevel::Debug };
    let logging = LoggingConfiguration { format: LogFormat::Json(levels), group: None };
    FunctionConfiguration { logging, ..configuration("in-json") }
}

#[tokio::test]
async fn lines_of_all_kinds_come_back_as_they_were() {
    let lasting = Lasting::new();
    let world = lasting.start();
    let functions = [world.deploy("in-text").await, world.deploy_as(json()).await];
    for function in &functions {
        world.sandbox.next_inits(["sleep 0.25", "fail Broken;", "exit 7"]);
        let events =
            ["print hello;eprint oops;write no-end", "fail Error why", "crash", "exit 3", "print again"];
        for event in events {
            world.while_passing(seconds(4), world.invoke(function, event)).await;
        }
        world.while_passing(seconds(4), world.invoke(function, "hang")).await;
    }
    let before = functions.each_ref().map(|function| all(&function.log()));
    assert!(before.iter().all(|(_, lines)| lines.len() > 15), "{before:?}");
    end(world).await;
    let world = lasting.start();
    let groups = functions.each_ref().map(|function| group_of(&world, function));
    assert_eq!(groups.each_ref().map(|group| all(group)), before);
    // What comes then follows, as what this process wrote.
    let function = world.deploy("in-text").await;
    world.invoke(&function, "print later").await;
    let (_, lines) = all(&function.log());
    assert_eq!(lines[..before[0].1.len()], before[0].1);
    let own = function.log().follow_own().next().await;
    assert_eq!(own.entries.len(), lines.len() - before[0].1.len());
    assert_eq!(own.entries[0].sequence, before[0].1.len() as u64);
    end(world).await;
    assert_eq!(all(&group_of(&lasting.start(), &function)).1, lines);
}

#[tokio::test]
async fn what_is_written_is_on_the_disk_without_an_end() {
    let lasting = Lasting::new();
    let world = lasting.start();
    let function = world.deploy("orders").await;
    for event in ["print one", "print two"] {
        world.invoke(&function, event).await;
    }
    let (before, (_, expect)) = (lasting.inspect().bytes, all(&function.log()));
    assert!(before < 100_000);
    let found = loop {
        // The thread that writes needs nobody to ask for it.
        let killed = lasting.fork();
        let world = killed.start();
        let found = world.engine.log_groups().find(&Partition::default(), function.log().name());
        let lines = found.map(|group| all(&group).1).unwrap_or_default();
        assert_eq!(lines, expect[..lines.len()], "the first lines, each as a whole");
        if lines.len() == expect.len() {
            break lines;
        }
        std::thread::yield_now();
    };
    assert_eq!(found, expect);
}

#[tokio::test]
async fn what_is_cut_short_is_left_out_and_writing_goes_on() {
    let lasting = Lasting::new();
    let world = lasting.start();
    let function = world.deploy("orders").await;
    world.invoke(&function, "print first").await;
    end(world).await;
    let world = lasting.start();
    let function = world.deploy("orders").await;
    world.invoke(&function, "print second").await;
    let (_, expect) = all(&function.log());
    end(world).await;
    let [segment] = &lasting.segments()[..] else { panic!("one is gone on with") };
    let content = fs::read(segment).expect("it is there");
    for length in (0..content.len()).step_by(7) {
        let killed = lasting.fork();
        fs::write(&killed.segments()[0], &content[..length]).expect("written");
        assert_eq!(killed.inspect().damaged, [], "no damage, but the end of a process");
        let world = killed.start();
        let function = world.deploy("orders").await;
        let lines = all(&function.log()).1;
        assert_eq!(lines, expect[..lines.len()], "{length}");
        world.invoke(&function, "print third").await;
        let (_, lines) = all(&function.log());
        end(world).await;
        assert_eq!(all(&group_of(&killed.start(), &function)).1, lines, "{length}");
    }
}

#[tokio::test]
async fn damage_is_told_and_the_rest_is_there() {
    let lasting = Lasting::with(40_000);
    let world = lasting.start();
    let functions = [world.deploy("damaged").await, world.deploy("sound").await];
    for number in 0..40 {
        for function in &functions {
            world.invoke(function, &format!("print {number}")).await;
        }
    }
    let before = functions.each_ref().map(|function| all(&function.log()).1);
    end(world).await;
    let whole = lasting.inspect();
    assert_eq!((whole.files, whole.damaged.len()), (lasting.segments().len() as u64, 0));
    let first = fs::read(&lasting.segments()[0]).expect("it is there");
    for index in (0..first.len()).step_by(61) {
        let damaged = lasting.fork();
        let mut content = first.clone();
        content[index] ^= 0x5a;
        fs::write(&damaged.segments()[0], &content).expect("written");
        let world = damaged.start();
        for (function, before) in functions.iter().zip(&before) {
            let found = world.engine.log_groups().find(&Partition::default(), function.log().name());
            let lines = found.map(|group| texts(&group)).unwrap_or_default();
            let expect: Vec<_> = before.iter().map(|line| without_number(line)).collect();
            assert!(lines.iter().all(|line| expect.contains(line)), "{index}: {lines:?}");
        }
        let inspected = damaged.inspect();
        assert_eq!(inspected.files + inspected.damaged.len() as u64, whole.files);
        let sound = texts(&group_of(&world, &functions[1]));
        assert!(!sound.is_empty());
    }
}

fn texts(group: &LogGroup) -> Vec<String> {
    all(group).1.iter().map(|line| without_number(line)).collect()
}

/// Numbers of lines that are no longer there are given to others.
fn without_number(line: &str) -> String {
    line.split_once(' ').expect("it begins with one").1.to_owned()
}

#[tokio::test]
async fn there_is_hardly_more_on_the_disk_than_in_memory() {
    const LOG_BYTES: usize = 40_000;
    let lasting = Lasting::with(LOG_BYTES);
    let mut before = (String::new(), Vec::new());
    for _ in 0..3 {
        let world = lasting.start();
        let function = world.deploy("orders").await;
        assert_eq!(all(&function.log()).1, before.1);
        for number in 0..200 {
            world.invoke(&function, &format!("print {number} {}", "x".repeat(500))).await;
        }
        before = all(&function.log());
        assert!(function.log().dropped() > 0);
        end(world).await;
        let bytes: u64 =
            lasting.segments().iter().map(|path| path.metadata().expect("it is there").len()).sum();
        assert_eq!(bytes, lasting.inspect().bytes);
        let most = u64::try_from(LOG_BYTES * 5 / 4 + 33_000).expect("small");
        assert!((10_000..most).contains(&bytes), "{bytes}");
    }
}

#[tokio::test]
async fn what_was_deleted_does_not_come_back() {
    let lasting = Lasting::new();
    let world = lasting.start();
    let (gone, again) = (world.deploy("gone").await, world.deploy("again").await);
    let streams = world.deploy("streams").await;
    for function in [&gone, &again, &streams] {
        world.invoke(function, "print before").await;
    }
    let stream = streams.log().streams()[0].name().to_owned();
    // Both sides of what is written already: the thread may be anywhere.
    assert!(gone.log().delete() && again.log().delete() && streams.log().delete_stream(&stream));
    world.invoke(&again, "print after").await;
    let killed = lasting.fork();
    let expect = [&again, &streams].map(|function| all(&function.log()));
    assert_eq!(expect[1].1, [""; 0]);
    end(world).await;
    for (lasting, ended) in [(&lasting, true), (&killed, false)] {
        let world = lasting.start();
        let find = |function: &Function| {
            world.engine.log_groups().find(&Partition::default(), function.log().name())
        };
        assert!(find(&gone).is_none());
        let lines = find(&streams).map(|group| all(&group).1).unwrap_or_default();
        assert_eq!(lines, [""; 0]);
        if ended {
            assert_eq!(all(&find(&again).expect("it was made anew")), expect[0]);
        }
    }
    // A stream that an environment begins anew is another one.
    let world = lasting.start();
    let streams = world.deploy("streams").await;
    world.invoke(&streams, "print new").await;
    let group = streams.log();
    assert!(group.delete_stream(group.streams()[0].name()));
    world.invoke(&streams, "print newer").await;
    let expect = all(&group);
    assert_eq!(expect.1.len(), 4);
    end(world).await;
    assert_eq!(all(&group_of(&lasting.start(), &streams)), expect);
}

#[tokio::test]
async fn a_journal_that_begins_anew_has_no_logs_of_before() {
    let lasting = Lasting::new();
    let world = lasting.start();
    let function = world.deploy("orders").await;
    world.invoke(&function, "print before").await;
    let journal = world.engine.journal().anew();
    world.engine.shutdown(Duration::ZERO).await;
    let killed = lasting.fork();
    let next = lasting.start_on(journal);
    assert!(next.engine.log_groups().list(&Partition::default()).is_empty());
    drop(world);
    let function = next.deploy("orders").await;
    next.invoke(&function, "print after").await;
    let expect = all(&function.log());
    end(next).await;
    assert_eq!(folders(lasting.folder.path()).count(), 1);
    assert_eq!(all(&group_of(&lasting.start(), &function)), expect);
    assert!(killed.start().engine.log_groups().list(&Partition::default()).is_empty());
}

#[tokio::test]
async fn a_disk_that_takes_nothing_loses_lines_and_nothing_else() {
    let lasting = Lasting::new();
    let world = lasting.start();
    let obstacle = lasting.folder.path().join("logs");
    fs::write(&obstacle, "no folder").expect("written");
    let function = world.deploy("orders").await;
    world.invoke(&function, "print shown").await;
    assert!(function.log().delete());
    world.invoke(&function, "print shown").await;
    assert_eq!(all(&function.log()).1.len(), 4);
    end(world).await;
    fs::remove_file(&obstacle).expect("it is there");
    let world = lasting.start();
    assert!(world.engine.log_groups().list(&Partition::default()).is_empty());
    // In the middle of a life too.
    fs::write(&obstacle, "no folder").expect("written");
    let function = world.deploy("orders").await;
    world.invoke(&function, "print perhaps").await;
    fs::remove_file(&obstacle).expect("it is there");
    world.invoke(&function, "print kept").await;
    end(world).await;
    let lines = texts(&group_of(&lasting.start(), &function));
    assert!(lines.iter().any(|line| line.ends_with(" kept")), "{lines:?}");
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept() {
    let storage = MemoryStorage::default();
    for _ in 0..2 {
        let journal = Journal::on(Arc::new(storage.clone()));
        let world = World::with(EngineOptions { journal, ..EngineOptions::default() });
        world.engine.keep_logs().expect("there is nothing to do");
        assert!(world.engine.read_logs().expect("there is nothing").is_empty());
        let function = world.deploy("orders").await;
        world.invoke(&function, "print once").await;
        end(world).await;
    }
    assert_eq!(storage.entries(), 0);
}
