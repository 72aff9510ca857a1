//! Counts the invocations of its environment in a global: shows what warm reuse keeps and a reset loses.

use std::{
    fs, io,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use hearth_lambda::{Context, Error, handler};
use serde::{Deserialize, Serialize};

const FILE: &str = "/tmp/count";

static COUNT: AtomicU64 = AtomicU64::new(0);
static ENVIRONMENT: OnceLock<String> = OnceLock::new();

#[derive(Deserialize)]
struct Event {
    /// Sleep before the answer, so that invocations overlap.
    #[serde(default)]
    sleep_ms: u64,
    /// Count in a file too, which survives a reset.
    #[serde(default)]
    file: bool,
}

#[derive(Serialize)]
struct Answer {
    /// Which invocation this is since init.
    count: u64,
    /// Drawn at random by init.
    environment: String,
    request_id: String,
    /// Which invocation with `file` this is since `/tmp` was empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    count_in_tmp: Option<u64>,
}

fn init() -> Result<(), getrandom::Error> {
    let id = getrandom::u64()?;
    ENVIRONMENT.get_or_init(|| format!("{id:016x}"));
    Ok(())
}

fn handle(event: Event, context: &Context) -> Result<Answer, Error> {
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    let count_in_tmp = if event.file { Some(count_in(FILE)?) } else { None };
    thread::sleep(Duration::from_millis(event.sleep_ms));
    let environment = ENVIRONMENT.get().cloned().unwrap_or_default();
    Ok(Answer { count, environment, request_id: context.request_id.clone(), count_in_tmp })
}

fn count_in(path: &str) -> Result<u64, Error> {
    let before = match fs::read_to_string(path) {
        Ok(text) => text.parse()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error.into()),
    };
    let count: u64 = before + 1;
    fs::write(path, count.to_string())?;
    Ok(count)
}

handler!(handle, init = init);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_from_one() {
        let path = std::env::temp_dir().join(format!("hearth-counter-{}", std::process::id()));
        let path = path.to_str().expect("the temporary folder's name is a text");
        assert_eq!([count_in(path).unwrap(), count_in(path).unwrap()], [1, 2]);
        fs::write(path, "rubbish").unwrap();
        assert_eq!(count_in(path).unwrap_err().error_type(), "ParseIntError");
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn every_init_draws_an_id() {
        init().unwrap();
        assert_eq!(ENVIRONMENT.get().unwrap().len(), 16);
    }
}
