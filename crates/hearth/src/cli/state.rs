//! `hearth state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hearth_store::{Folder, Inspection, StreamInspection};
use serde::Serialize;

use super::{error::CommandError, print, table::table};
use crate::{
    exit::Exit,
    terminal::{DIM, NAME},
};

/// Look at state that survives restarts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state info                             what `hearth up --data-dir .hearth` has kept
  hearth state info --data-dir state --json     the same of another folder, for programs")]
pub(super) struct State {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Info(Info),
}

/// Show what is in a folder with state, and whether it is whole. No Hearth may be using it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth state info                             of the folder .hearth
  hearth state info --data-dir state --json     of another one, for programs")]
struct Info {
    /// The folder
    #[arg(long, value_name = "FOLDER", default_value = ".hearth")]
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
}

#[derive(Serialize)]
struct StreamDocument<'a> {
    name: &'a str,
    entries: u64,
    bytes: u64,
    damaged: u64,
}

impl State {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        match self.action {
            Action::Info(info) => info.run(),
        }
    }
}

impl Info {
    fn run(self) -> Result<Exit, CommandError> {
        let folder = Folder::open_existing(&self.data_dir)?;
        let inspection = Inspection::of(&folder)?;
        if self.json {
            let document = InfoDocument::of(&folder, &inspection);
            let text = serde_json::to_string(&document).expect("a document has texts as keys");
            print(format_args!("{text}\n"))?;
        } else {
            print(format_args!("{}", render(&folder, &inspection)))?;
        }
        Ok(if inspection.is_sound() { Exit::Success } else { Exit::Platform })
    }
}

impl<'a> InfoDocument<'a> {
    fn of(folder: &'a Folder, inspection: &'a Inspection) -> Self {
        let stream = |StreamInspection { name, entries, bytes, damaged }: &'a StreamInspection| {
            StreamDocument { name, entries: *entries, bytes: *bytes, damaged: *damaged }
        };
        Self {
            folder: folder.path().to_str().unwrap_or_default(),
            format: Folder::FORMAT,
            file_bytes: inspection.file_bytes,
            whole: inspection.whole,
            streams: inspection.streams.iter().map(stream).collect(),
        }
    }
}

const HEADINGS: [&str; 4] = ["WHAT", "ENTRIES", "BYTES", "DAMAGED"];

fn render(folder: &Folder, inspection: &Inspection) -> String {
    let row = |stream: &StreamInspection| {
        let StreamInspection { name, entries, bytes, damaged } = stream;
        [name.clone(), entries.to_string(), bytes.to_string(), damaged.to_string()]
    };
    let rows: Vec<_> = inspection.streams.iter().map(row).collect();
    let (path, format, bytes) = (folder.path().display(), Folder::FORMAT, inspection.file_bytes);
    let state = if inspection.is_sound() { "whole" } else { "damaged" };
    let mut text = format!("{NAME}{path}{NAME:#}  format {format}, {bytes} bytes, {state}\n");
    if rows.is_empty() {
        text.push_str(&format!("{DIM}nothing has been kept yet{DIM:#}\n"));
    } else {
        text.push_str(&table(HEADINGS, &rows));
    }
    text
}
