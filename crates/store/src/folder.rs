//! The folder: whose it is, and in which format.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::{
    database,
    error::OpenError,
    migration::{STEPS, Step},
};

/// A folder that belongs to this process as long as this lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whether there is state in it.
    is_new: bool,
    /// The format that this Hearth writes.
    latest: u32,
    /// Locked; the system lets go of it with the process, however that ends.
    lock: File,
}

const LOCK: &str = "lock";
const FORMAT_FILE: &str = "format";
const IGNORE: &str = ".gitignore";

/// How the folders begin in which an export has its files.
pub(crate) const EXPORTS: &str = "export-";

impl Folder {
    /// The format that this Hearth writes.
    ///
    /// It says what files there are. What is in them has versions of its own: each entry says in which form it is, and a form
    /// that was ever written can be read by every later Hearth. So there is nothing to convert as long as the files stay; when
    /// they do not, [`open`](Self::open) makes of the folder of an earlier format one of this format (see `migration`).
    pub const FORMAT: u32 = 1;

    /// Takes a folder for this process. It is made if there is none, and if it is empty becomes one with no state.
    ///
    /// # Errors
    /// If another process has it, it has another format, or the machine does not let Hearth use it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, &STEPS)
    }

    /// As [`open`](Self::open), for a Hearth whose format comes after these steps.
    pub(crate) fn open_with(path: &Path, steps: &[Step]) -> Result<Self, OpenError> {
        if path.exists() && !path.is_dir() {
            return Err(OpenError::NotAFolder { folder: path.to_owned() });
        }
        create(path).map_err(io_error(path))?;
        let latest = 1 + u32::try_from(steps.len()).expect("there are few formats");
        let mut folder = Self { lock: lock(path)?, is_new: false, path: path.to_owned(), latest };
        match folder.format()? {
            Some(found) => folder.take_over(found, steps)?,
            None => {
                folder.check_own()?;
                folder.is_new = true;
            }
        }
        Ok(folder)
    }

    /// Takes a folder in which there is state.
    ///
    /// # Errors
    /// As with [`open`](Self::open), and if there is none.
    pub fn open_existing(path: &Path) -> Result<Self, OpenError> {
        if path.join(FORMAT_FILE).exists() {
            return Self::open(path);
        }
        Err(OpenError::Empty { folder: path.to_owned() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells others who find it locked where this process answers.
    pub fn announce(&self, endpoint: &str) {
        // For people and for `hearth state export` to read: that it cannot be written is no reason not to go on.
        let _ = writeln!(&self.lock, "{endpoint}");
    }

    /// Removes what exports of a process that died have left.
    pub(crate) fn clear_exports(&self) -> Result<(), OpenError> {
        for entry in fs::read_dir(&self.path).map_err(io_error(&self.path))? {
            let entry = entry.map_err(io_error(&self.path))?;
            if entry.file_name().to_string_lossy().starts_with(EXPORTS) {
                fs::remove_dir_all(entry.path()).map_err(io_error(&entry.path()))?;
            }
        }
        Ok(())
    }

    /// Whether nothing has been kept in it yet.
    pub(crate) const fn is_new(&self) -> bool {
        self.is_new
    }

    /// The files in it, and in folders in it, that are not the store's own: their paths within it, in order.
    pub(crate) fn files(&self) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.path.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().into_string().map_err(|_| io::ErrorKind::InvalidFilename)?;
                if folder.is_empty() && is_own(&name) {
                    continue;
                }
                let path = format!("{folder}{name}");
                if entry.file_type()?.is_dir() { folders.push(path + "/") } else { files.push(path) }
            }
        }
        files.sort();
        Ok(files)
    }

    /// Says that there is state in it. From now on, what is missing is damage.
    pub(crate) fn establish(&mut self) -> Result<(), OpenError> {
        self.write(IGNORE, b"*\n")?;
        self.write_format(self.latest)?;
        self.is_new = false;
        Ok(())
    }

    /// As [`establish`](Self::establish), of what was written in a format that may be an earlier one.
    pub(crate) fn establish_from(&mut self, format: u32) -> Result<(), OpenError> {
        self.take_over(format, &STEPS)?;
        self.establish()
    }

    /// Makes of what an earlier Hearth has written what this one writes.
    fn take_over(&self, found: u32, steps: &[Step]) -> Result<(), OpenError> {
        for (format, step) in (2..).zip(steps).filter(|(format, _)| *format > found) {
            step(&self.path)?;
            self.write_format(format)?;
        }
        Ok(())
    }

    fn write_format(&self, format: u32) -> Result<(), OpenError> {
        self.write(FORMAT_FILE, format!("{format}\n").as_bytes())
    }

    /// The format of what is in it; `None` if it has none.
    fn format(&self) -> Result<Option<u32>, OpenError> {
        let file = self.path.join(FORMAT_FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(&file)(error)),
        };
        match text.trim_end().parse() {
            Ok(found) if found > self.latest => {
                Err(OpenError::TooNew { folder: self.path.clone(), found, known: self.latest })
            }
            Ok(found) if found > 0 => Ok(Some(found)),
            Ok(_) | Err(_) => {
                Err(OpenError::Damaged { file, reason: "it should be the number of a format".to_owned() })
            }
        }
    }

    /// Whether everything that is in it is Hearth's, which has not said so yet.
    fn check_own(&self) -> Result<(), OpenError> {
        for entry in fs::read_dir(&self.path).map_err(io_error(&self.path))? {
            let name = entry.map_err(io_error(&self.path))?.file_name();
            let name = name.to_string_lossy();
            if !is_own(&name) || name == FORMAT_FILE {
                return Err(OpenError::Foreign { folder: self.path.clone(), file: name.into_owned() });
            }
        }
        Ok(())
    }

    /// Writes a small file so that nobody ever sees half of it.
    fn write(&self, name: &str, content: &[u8]) -> Result<(), OpenError> {
        let (beside, path) = (self.path.join(temporary(name)), self.path.join(name));
        let written = || {
            let mut file = File::create(&beside)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        written().map_err(io_error(&path))
    }
}

/// What the machine says of a path.
pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OpenError + use<'_> {
    move |source| OpenError::Io { path: path.to_owned(), source }
}

/// Whether a file is one that the store itself makes.
fn is_own(name: &str) -> bool {
    [LOCK, IGNORE, FORMAT_FILE, database::FILE].contains(&name)
        || [IGNORE, FORMAT_FILE].iter().any(|own| name == temporary(own))
        || name.starts_with(EXPORTS)
}

fn temporary(name: &str) -> String {
    format!("{name}.new")
}

/// Makes the folder for its owner alone: what is in it may be secret.
fn create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(&path).map_err(io_error(&path))?;
    match file.try_lock() {
        Ok(()) => {
            // Who has it is for people to read: that it cannot be written is no reason not to go on.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let (owner, endpoint) = owner(&mut file);
            Err(OpenError::InUse { folder: folder.to_owned(), owner, endpoint })
        }
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Who has locked a file, and where it answers.
fn owner(file: &mut File) -> (String, Option<String>) {
    let mut text = String::new();
    // What cannot be read says nothing.
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    let mut lines = text.lines();
    let owner = match lines.next().and_then(|line| line.parse::<u32>().ok()) {
        Some(process) => format!("another Hearth (process {process})"),
        None => "another process".to_owned(),
    };
    (owner, lines.next().map(str::to_owned))
}
