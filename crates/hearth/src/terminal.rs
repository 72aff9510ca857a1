//! What people read: notes, warnings and errors on stderr, with colours only on a terminal and without `NO_COLOR`.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Says that something happened.
pub(crate) fn note(message: impl fmt::Display) {
    write(format_args!("{message}\n"));
}

/// Says that something is not as it should be.
pub(crate) fn warn(message: impl fmt::Display) {
    write(format_args!("{WARNING}warning{WARNING:#}: {message}\n"));
}

/// Says why something did not work, and what caused that.
pub(crate) fn error(error: &dyn Error) {
    error_text(Chain(error));
}

/// Says why something did not work.
pub(crate) fn error_text(message: impl fmt::Display) {
    write(format_args!("{ERROR}error{ERROR:#}: {message}\n"));
}

/// Writes what is already complete, such as a diagnostic with its own styles.
pub(crate) fn write(text: fmt::Arguments<'_>) {
    // Nobody is left to be told that stderr is gone.
    let _ = anstream::stderr().lock().write_fmt(text);
}

/// Writes results to stdout, and flushes them.
///
/// # Errors
/// If nobody reads them any more.
pub(crate) fn print(text: fmt::Arguments<'_>) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_fmt(text)?;
    stdout.flush()
}

/// An error and its causes on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
