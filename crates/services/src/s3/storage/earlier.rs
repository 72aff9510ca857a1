//! The files of an earlier process.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Content, FileName, KeptPiece, SMALL_BYTES, Storage, blob::Blob, content::Piece, folder::Folder,
    shelf::Shelf,
};

/// The files that an earlier process has left, while entries are read that name them. Nothing is removed meanwhile: if something
/// cannot be read, everything stays as it is.
pub(in crate::s3) struct Earlier {
    folder: Arc<Folder>,
    shelves: HashMap<u64, Arc<Shelf>>,
    files: HashMap<FileName, Named>,
}

/// A file that entries name.
struct Named {
    blob: Arc<Blob>,
    /// How many bytes it has to have.
    bytes: u64,
}

impl Storage {
    /// Begins to look after the files of an earlier process.
    pub(in crate::s3) fn earlier(&self) -> io::Result<Earlier> {
        let folder = self.folder()?;
        folder.set_removing(false);
        Ok(Earlier { folder, shelves: HashMap::new(), files: HashMap::new() })
    }
}

impl Earlier {
    /// The content that an entry names.
    pub(in crate::s3) fn content(&mut self, pieces: impl IntoIterator<Item = KeptPiece>) -> Content {
        let piece = |KeptPiece { file, start, bytes }| {
            let end = start.saturating_add(bytes);
            let named = self.files.entry(file).or_insert_with(|| {
                let shelf = self.shelves.entry(file.shelf);
                let shelf = shelf.or_insert_with(|| Arc::new(Shelf::earlier(self.folder.path(), file.shelf)));
                let blob = Blob::earlier(&self.folder, shelf, file.number, end > SMALL_BYTES as u64);
                Named { blob: Arc::new(blob), bytes: end }
            });
            named.bytes = named.bytes.max(end);
            Piece { blob: Arc::clone(&named.blob), start, bytes }
        };
        Content::of_pieces(pieces.into_iter().map(piece).collect())
    }

    /// Compares what entries name with what is there, and has removed what none of them names. Returns which files are missing, or not
    /// all there; if there is one, nothing is removed, now or later: a file might be one that was put in another place.
    pub(in crate::s3) fn finish(self) -> io::Result<Vec<FileName>> {
        let mut found = HashSet::with_capacity(self.files.len());
        let (mut nameless, mut empty) = (Vec::new(), Vec::new());
        for (name, path) in children(self.folder.path(), Shelf::parse_name)? {
            let before = found.len();
            for (number, path) in children(&path, Shelf::parse_file)? {
                let file = FileName { shelf: name, number };
                match self.files.get(&file) {
                    Some(named) if fs::metadata(&path)?.len() >= named.bytes => drop(found.insert(file)),
                    Some(_) => {}
                    None => nameless.push(path),
                }
            }
            if found.len() == before {
                empty.push(path);
            }
        }
        if found.len() < self.files.len() {
            let mut lost: Vec<_> = self.files.into_keys().filter(|file| !found.contains(file)).collect();
            lost.sort_unstable();
            return Ok(lost);
        }
        for path in empty {
            // One that has something in it stays.
            let _ = fs::remove_dir(path);
        }
        self.folder.set_removing(true);
        // With other files that nobody has: that there are no entries may be what is not kept yet, after a reset.
        nameless.into_iter().for_each(|path| self.folder.remove(path, true, true));
        Ok(Vec::new())
    }
}

/// What is in a folder under names of ours.
fn children<T>(folder: &Path, parse: fn(&str) -> Option<T>) -> io::Result<Vec<(T, PathBuf)>> {
    let mut children = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str().and_then(parse) {
            children.push((name, entry.path()));
        }
    }
    Ok(children)
}
