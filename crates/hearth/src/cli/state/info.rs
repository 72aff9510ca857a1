//! `hearth state info`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use hearth_engine::journal::Journal;
use hearth_services::s3::KeptFiles;
use hearth_store::{Folder, Inspection, Store, StreamInspection};
use serde::Serialize;

use crate::{
    cli::{error::CommandError, print, table::table},
    exit::Exit,
    terminal::{DIM, NAME},
    world::{DATA_FOLDER, StartError},
};

/// Show what is in a folder with state, and whether it is whole. No Hearth may be using it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state info                             of the folder .hearth
  hearth state info --data-dir state --json     of another one, for programs")]
pub(super) struct Info {
    /// The folder
    #[arg(long, value_name = "FOLDER", default_value = DATA_FOLDER)]
    data_dir: PathBuf,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

/// What programs are told.
#[derive(Serialize)]
struct InfoDocument<'a> {
    folder: &'a str,
    format: u32,
    file_bytes: u64,
    whole: bool,
    streams: Vec<StreamDocument<'a>>,
    /// Unless entries are damaged.
    objects: Option<ObjectsDocument>,
}

#[derive(Serialize)]
struct StreamDocument<'a> {
    name: &'a str,
    entries: u64,
    bytes: u64,
    damaged: u64,
}

/// The files with the content of objects.
#[derive(Serialize)]
struct ObjectsDocument {
    files: u64,
    bytes: u64,
    lost: u64,
}

impl Info {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let folder = Folder::open_existing(&self.data_dir)?;
        let inspection = Inspection::of(&folder)?;
        let files = inspection.is_sound().then(|| files(folder)).transpose()?;
        if self.json {
            let document = InfoDocument::of(&self.data_dir, &inspection, files);
            let text = serde_json::to_string(&document).expect("a document has texts as keys");
            print(format_args!("{text}\n"))?;
        } else {
            print(format_args!("{}", render(&self.data_dir, &inspection, files)))?;
        }
        Ok(if is_sound(files) { Exit::Success } else { Exit::Platform })
    }
}

/// What there is of the files that entries name.
fn files(folder: Folder) -> Result<KeptFiles, CommandError> {
    let journal = Journal::on(Arc::new(Store::open(folder)?));
    Ok(KeptFiles::inspect(&journal).map_err(StartError::Restore)?)
}

/// Whether everything that is there can be used.
fn is_sound(files: Option<KeptFiles>) -> bool {
    files.is_some_and(|files| files.lost == 0)
}

impl<'a> InfoDocument<'a> {
    fn of(folder: &'a Path, inspection: &'a Inspection, files: Option<KeptFiles>) -> Self {
        let stream = |StreamInspection { name, entries, bytes, damaged }: &'a StreamInspection| {
            StreamDocument { name, entries: *entries, bytes: *bytes, damaged: *damaged }
        };
        Self {
            folder: folder.to_str().unwrap_or_default(),
            format: Folder::FORMAT,
            file_bytes: inspection.file_bytes,
            whole: inspection.whole,
            streams: inspection.streams.iter().map(stream).collect(),
            objects: files.map(|KeptFiles { files, bytes, lost }| ObjectsDocument { files, bytes, lost }),
        }
    }
}

const HEADINGS: [&str; 4] = ["WHAT", "ENTRIES", "BYTES", "DAMAGED"];

fn render(folder: &Path, inspection: &Inspection, files: Option<KeptFiles>) -> String {
    let row = |stream: &StreamInspection| {
        let StreamInspection { name, entries, bytes, damaged } = stream;
        [name.clone(), entries.to_string(), bytes.to_string(), damaged.to_string()]
    };
    let mut rows: Vec<_> = inspection.streams.iter().map(row).collect();
    if let Some(KeptFiles { files, bytes, lost }) = files
        && files + lost > 0
    {
        rows.push(["files of objects".to_owned(), files.to_string(), bytes.to_string(), lost.to_string()]);
    }
    let (path, format, bytes) = (folder.display(), Folder::FORMAT, inspection.file_bytes);
    let state = if is_sound(files) { "whole" } else { "damaged" };
    let mut text = format!("{NAME}{path}{NAME:#}  format {format}, {bytes} bytes, {state}\n");
    if rows.is_empty() {
        text.push_str(&format!("{DIM}nothing has been kept yet{DIM:#}\n"));
    } else {
        text.push_str(&table(HEADINGS, &rows));
    }
    text
}
