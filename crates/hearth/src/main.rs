//! Hearth: AWS Lambda and its events on your machine, in one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    hearth::cli::run().into()
}
