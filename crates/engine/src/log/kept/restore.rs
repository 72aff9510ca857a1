//! Segments, as the lines that they were.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Display,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use hearth_model::{identity::Partition, logging::LogGroupName};
use serde::{Deserialize, Serialize};

use super::{
    contents::Contents,
    document::Frame,
    folder::{KeptLogs, segments},
    group::KeptSegment,
};
use crate::{
    engine::Engine,
    journal::{Journal, NotLoaded, Stream, Unreadable},
    kept::{read, write},
    log::{LogGroup, LogGroups, LogLine, LogStream},
    random::random_number,
};

/// One entry without a key: in which folder segments are.
const LOGS: Stream = Stream("engine.logs");

/// Beside the journal.
const FOLDER: &str = "logs";

#[derive(Serialize, Deserialize)]
enum LogsDocument {
    V1 { folder: u64 },
}

/// The lines of an earlier process, by where their groups are and what they are called.
pub type EarlierLines = BTreeMap<(Partition, LogGroupName), Vec<LogLine>>;

/// What was read of a group.
struct Earlier {
    group: Arc<LogGroup>,
    streams: HashMap<String, Arc<LogStream>>,
    lines: Vec<LogLine>,
    segments: Vec<KeptSegment>,
}

impl Engine {
    /// Begins to keep what functions log, if the journal has a folder. To be called once, before there is any log group.
    ///
    /// # Errors
    /// If the folder cannot be used.
    pub fn keep_logs(&self) -> Result<(), NotLoaded> {
        let journal = self.journal();
        let Some(beside) = journal.folder().map(|folder| folder.join(FOLDER)) else { return Ok(()) };
        let known = folder_name(journal)?;
        let name = known.unwrap_or_else(random_number);
        if known.is_none() {
            journal.record(|change| {
                change.put(LOGS, Vec::new(), write(&LogsDocument::V1 { folder: name }));
            });
        }
        let folder = in_text(name);
        let started = remove_others(&beside, &folder).and_then(|()| KeptLogs::start(beside.join(&folder)));
        self.log_groups().keep(started.map_err(|error| not_loaded(&beside, &error))?);
        Ok(())
    }

    /// Reads what functions had logged. To be called once, when there is everything in log groups that clients have made, and nothing
    /// else. Groups and streams are there then, and lines when they are [restored](LogGroup::restore_lines).
    ///
    /// What is damaged is left out, and said to be.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn read_logs(&self) -> Result<EarlierLines, NotLoaded> {
        let groups = self.log_groups();
        let Some(folder) = groups.kept().map(KeptLogs::folder) else { return Ok(EarlierLines::new()) };
        let numbers = segments(folder.path()).map_err(|error| not_loaded(folder.path(), &error))?;
        let mut all = BTreeMap::new();
        for number in numbers {
            let path = folder.segment(number);
            match fs::read(&path) {
                Ok(bytes) => read_segment(groups, &mut all, number, &path, &bytes),
                Err(error) => report(&path, error),
            }
        }
        Ok(all.into_iter().map(|(owner, earlier)| (owner, earlier.finish())).collect())
    }
}

impl Earlier {
    fn of(group: Arc<LogGroup>) -> Self {
        Self { group, streams: HashMap::new(), lines: Vec::new(), segments: Vec::new() }
    }

    fn frame(&mut self, frame: Frame<'_>) -> Result<(), Unreadable> {
        match frame {
            Frame::LinesV1(lines) => {
                let (group, streams) = (&self.group, &mut self.streams);
                let lines = lines.read(|stream| {
                    if let Some(known) = streams.get(stream.name) {
                        return Ok(Arc::clone(known));
                    }
                    let found = match group.stream(stream.name) {
                        Some(found) => found,
                        None => Arc::new(stream.read()?),
                    };
                    streams.insert(stream.name.to_owned(), Arc::clone(&found));
                    Ok(found)
                })?;
                self.lines.extend(lines);
            }
            Frame::DeletedV1(name) => {
                self.lines.retain(|line| line.stream.name() != name);
                self.streams.remove(name);
            }
            // Each segment has one, at its beginning.
            Frame::BeginV1(_) => {}
        }
        Ok(())
    }

    fn finish(self) -> Vec<LogLine> {
        let Self { group, streams, lines, segments } = self;
        group.restore_kept(streams.into_values(), segments);
        lines
    }
}

/// Reads a segment of which somebody else has written the frames, each behind its length in two bytes, and adds its lines to a group:
/// a test may say anything in it, with checksums that are right.
#[cfg(feature = "testing")]
pub fn read_raw_segment(groups: &LogGroups, mut contents: &[u8]) {
    use super::{document::BeginV1, segment::frame};

    let group = "raw".parse().expect("a name");
    let begin = BeginV1::of(&(Partition::default(), group), hearth_model::time::Timestamp::UNIX_EPOCH);
    let mut segment = frame(&write(&Frame::BeginV1(begin)));
    while let Some((length, rest)) = contents.split_first_chunk() {
        let (content, rest) = rest.split_at(rest.len().min(u16::from_le_bytes(*length).into()));
        segment.extend(frame(content));
        contents = rest;
    }
    let mut all = BTreeMap::new();
    read_segment(groups, &mut all, 1, Path::new("raw"), &segment);
    for ((partition, name), earlier) in all {
        groups.group(&partition, &name).restore_lines(earlier.finish());
    }
}

fn read_segment(
    groups: &LogGroups,
    all: &mut BTreeMap<(Partition, LogGroupName), Earlier>,
    number: u64,
    path: &Path,
    bytes: &[u8],
) {
    let contents = match Contents::read(bytes) {
        Ok(Some(contents)) => contents,
        Ok(None) => return,
        Err(unreadable) => return report(path, unreadable),
    };
    let Contents { owner, created_at, frames, bytes, mut damaged } = contents;
    let group = groups.group(&owner.0, &owner.1);
    if group.created_at().is_none() {
        group.restore(created_at);
    }
    let earlier = all.entry(owner).or_insert_with(|| Earlier::of(group));
    damaged += frames.into_iter().filter_map(|frame| earlier.frame(frame).err()).count();
    if damaged > 0 {
        report(path, format_args!("{damaged} of its parts cannot be read"));
    }
    earlier.segments.push(KeptSegment {
        number,
        end: earlier.lines.last().map_or(0, |line| line.sequence.saturating_add(1)),
        bytes: bytes as u64,
        // After a part that is cut short nothing can be found, so it is cut off when something is added.
        whole: damaged == 0,
    });
}

/// In which folder segments are, as the journal has it.
pub(super) fn folder_name(journal: &Journal) -> Result<Option<u64>, NotLoaded> {
    let mut name = None;
    journal.load(LOGS, |_, value| {
        let LogsDocument::V1 { folder } = read(value)?;
        name = Some(folder);
        Ok(())
    })?;
    Ok(name)
}

/// The folder with segments that a journal knows of, if there is one.
pub(super) fn known_folder(journal: &Journal) -> Result<Option<PathBuf>, NotLoaded> {
    let Some(beside) = journal.folder() else { return Ok(None) };
    Ok(folder_name(journal)?.map(|name| beside.join(FOLDER).join(in_text(name))))
}

fn in_text(folder: u64) -> String {
    format!("{folder:016x}")
}

/// Removes the folders of journals that have begun anew since.
fn remove_others(folder: &Path, but: &str) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name() != but {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn report(path: &Path, reason: impl Display) {
    let path = path.display();
    tracing::warn!(%path, %reason, "log lines are lost, and the others are there: the file is damaged");
}

fn not_loaded(path: &Path, error: &io::Error) -> NotLoaded {
    NotLoaded { reason: format!("`{}`: {error}", path.display()) }
}
