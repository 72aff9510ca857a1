//! `hearth state info`.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use hearth_engine::{
    journal::{Journal, NotLoaded},
    kept::{DamagedFile, KeptFiles},
    log::inspect_logs,
};
use hearth_services::{lambda::inspect_code, s3::inspect_objects};
use hearth_store::{Folder, Inspection, Store, StreamInspection};
use serde::Serialize;

use crate::{
    cli::{error::CommandError, print, table::table},
    exit::Exit,
    terminal::{DIM, NAME},
    world::{DATA_FOLDER, StartError},
};

/// Show what is in a folder with state, and whether it is whole. No Hearth may be using it.
///
/// The exit code is 3 if something is damaged or missing; what that is, what needs it and what can be done is said.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state info                             of the folder .hearth
  hearth state info --verify                    read the content of all objects too
  hearth state info --data-dir state --json     of another one, for programs")]
pub(super) struct Info {
    /// The folder
    #[arg(long, value_name = "FOLDER", default_value = DATA_FOLDER)]
    data_dir: PathBuf,
    /// Read the content of all objects, and compare it with their ETags. Otherwise only its size is looked at
    #[arg(long)]
    verify: bool,
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
    #[serde(flatten)]
    files: Option<FilesDocument<'a>>,
}

#[derive(Serialize)]
struct StreamDocument<'a> {
    name: &'a str,
    entries: u64,
    bytes: u64,
    damaged: u64,
}

/// The files that entries name.
#[derive(Serialize)]
struct FilesDocument<'a> {
    objects: KindDocument<'a>,
    code: KindDocument<'a>,
    logs: KindDocument<'a>,
}

#[derive(Serialize)]
struct KindDocument<'a> {
    files: u64,
    bytes: u64,
    damaged: Vec<DamagedDocument<'a>>,
}

#[derive(Serialize)]
struct DamagedDocument<'a> {
    file: Cow<'a, str>,
    reason: &'a str,
    needed_by: Option<&'a str>,
}

/// What there is of the files that entries name.
struct Files {
    objects: KeptFiles,
    code: KeptFiles,
    logs: KeptFiles,
}

impl Info {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let folder = Folder::open_existing(&self.data_dir)?;
        let inspection = Inspection::of(&folder)?;
        let files = inspection.is_sound().then(|| Files::inspect(folder, self.verify)).transpose()?;
        if self.json {
            let document = InfoDocument::of(&self.data_dir, &inspection, files.as_ref());
            let text = serde_json::to_string(&document).expect("a document has texts as keys");
            print(format_args!("{text}\n"))?;
        } else {
            print(format_args!("{}", render(&self.data_dir, &inspection, files.as_ref())))?;
        }
        Ok(if is_sound(files.as_ref()) { Exit::Success } else { Exit::Platform })
    }
}

impl Files {
    fn inspect(folder: Folder, verify: bool) -> Result<Self, CommandError> {
        let journal = Journal::on(Arc::new(Store::open(folder)?));
        let inspect = || -> Result<Self, NotLoaded> {
            Ok(Self {
                objects: inspect_objects(&journal, verify)?,
                code: inspect_code(&journal)?,
                logs: inspect_logs(&journal)?,
            })
        };
        Ok(inspect().map_err(StartError::Restore)?)
    }

    /// All kinds: what they are called, and what can be done if they are damaged.
    fn kinds(&self) -> [(&'static str, &KeptFiles, &'static str); 3] {
        [
            (
                "files of objects",
                &self.objects,
                "Hearth starts without them, and reading these objects fails. Put the files back from a copy of the folder, or delete the \
                 objects.",
            ),
            (
                "files of code",
                &self.code,
                "Hearth starts without them, and the functions cannot be invoked. Put the files back from a copy of the folder, or \
                 deploy the code again. Each is the zip that was deployed, named by its SHA-256: the same zip from elsewhere will do.",
            ),
            (
                "files of logs",
                &self.logs,
                "The lines in what is damaged are lost. Hearth starts without them; to be rid of the message, remove the file.",
            ),
        ]
    }
}

/// Whether everything that is there can be used.
fn is_sound(files: Option<&Files>) -> bool {
    files.is_some_and(|files| files.kinds().iter().all(|(_, kind, _)| kind.damaged.is_empty()))
}

impl<'a> InfoDocument<'a> {
    fn of(folder: &'a Path, inspection: &'a Inspection, files: Option<&'a Files>) -> Self {
        let stream = |StreamInspection { name, entries, bytes, damaged }: &'a StreamInspection| {
            StreamDocument { name, entries: *entries, bytes: *bytes, damaged: *damaged }
        };
        Self {
            folder: folder.to_str().unwrap_or_default(),
            format: Folder::FORMAT,
            file_bytes: inspection.file_bytes,
            whole: inspection.whole,
            streams: inspection.streams.iter().map(stream).collect(),
            files: files.map(|Files { objects, code, logs }| FilesDocument {
                objects: KindDocument::of(objects),
                code: KindDocument::of(code),
                logs: KindDocument::of(logs),
            }),
        }
    }
}

impl<'a> KindDocument<'a> {
    fn of(KeptFiles { files, bytes, damaged }: &'a KeptFiles) -> Self {
        let damaged = damaged.iter().map(|DamagedFile { path, reason, owner }| DamagedDocument {
            file: path.to_string_lossy(),
            reason,
            needed_by: owner.as_deref(),
        });
        Self { files: *files, bytes: *bytes, damaged: damaged.collect() }
    }
}

const HEADINGS: [&str; 4] = ["WHAT", "ENTRIES", "BYTES", "DAMAGED"];

fn render(folder: &Path, inspection: &Inspection, files: Option<&Files>) -> String {
    let row = |stream: &StreamInspection| {
        let StreamInspection { name, entries, bytes, damaged } = stream;
        [name.clone(), entries.to_string(), bytes.to_string(), damaged.to_string()]
    };
    let mut rows: Vec<_> = inspection.streams.iter().map(row).collect();
    let kinds = files.map(Files::kinds);
    let kinds = kinds.iter().flatten().filter(|(_, kind, _)| **kind != KeptFiles::default());
    for (name, KeptFiles { files, bytes, damaged }, _) in kinds.clone() {
        rows.push([(*name).to_owned(), files.to_string(), bytes.to_string(), damaged.len().to_string()]);
    }
    let (path, format, bytes) = (folder.display(), Folder::FORMAT, inspection.file_bytes);
    let state = if is_sound(files) { "whole" } else { "damaged" };
    let mut text = format!("{NAME}{path}{NAME:#}  format {format}, {bytes} bytes, {state}\n");
    if rows.is_empty() {
        text.push_str(&format!("{DIM}nothing has been kept yet{DIM:#}\n"));
    } else {
        text.push_str(&table(HEADINGS, &rows));
    }
    if files.is_none() {
        text.push_str(
            "\nEntries are damaged, and Hearth does not start with them. Restore the folder from a copy, or import what was \
             exported earlier.\n",
        );
    }
    for (name, kind, remedy) in kinds.filter(|(_, kind, _)| !kind.damaged.is_empty()) {
        text.push_str(&format!("\nDamaged {name}:\n"));
        for DamagedFile { path, reason, owner } in &kind.damaged {
            let owner = owner.as_ref().map(|owner| format!(", needed by {owner}")).unwrap_or_default();
            text.push_str(&format!("  {NAME}{}{NAME:#}: {reason}{owner}\n", path.display()));
        }
        text.push_str(&format!("{remedy}\n"));
    }
    text
}
