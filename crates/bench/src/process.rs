//! What Linux tells about a process: its processor time and its memory.

use std::{collections::BTreeMap, ffi::OsString, fs, io, time::Duration};

use serde::Serialize;

/// Linux counts processor time in hundredths of a second, whatever its own tick is.
const TICKS_PER_SECOND: u64 = 100;

/// What a process occupies, in KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Memory {
    /// Pages in memory.
    pub(crate) resident_kib: u64,
    /// Pages in memory, each counted once however often it is mapped.
    pub(crate) proportional_kib: u64,
    /// Pages that are its own and were written to.
    pub(crate) private_dirty_kib: u64,
    /// The tables that say where its pages are; they are in nobody's resident size.
    pub(crate) page_tables_kib: u64,
}

/// What a process occupies now.
///
/// # Errors
/// If the process has ended, or this is not Linux.
pub(crate) fn memory(process: u32) -> io::Result<Memory> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok(Memory {
        resident_kib: kib(&rollup, "Rss:")?,
        proportional_kib: kib(&rollup, "Pss:")?,
        private_dirty_kib: kib(&rollup, "Private_Dirty:")?,
        page_tables_kib: kib(&status, "VmPTE:")?,
    })
}

/// From now on, [`peak_kib`] is about what comes.
///
/// # Errors
/// If the process has ended, or this is not Linux.
pub(crate) fn forget_peak(process: u32) -> io::Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5")
}

/// The most that a process has had in memory.
///
/// # Errors
/// If the process has ended, or this is not Linux.
pub(crate) fn peak_kib(process: u32) -> io::Result<u64> {
    kib(&fs::read_to_string(format!("/proc/{process}/status"))?, "VmHWM:")
}

/// The processor time that a process has used, in the kernel and outside.
///
/// # Errors
/// If the process has ended, or this is not Linux.
pub(crate) fn processor_time(process: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let ticks =
        ticks(&stat).ok_or_else(|| io::Error::other(format!("cannot read processor times in `{stat}`")))?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// What a process has done.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Activity {
    /// Its processor time, in microseconds.
    pub(crate) processor_us: f64,
    /// How often one of its threads had waited and went on.
    pub(crate) wake_ups: u64,
}

/// What the threads of a process have done so far, by their ids.
pub(crate) struct Threads(BTreeMap<OsString, (Duration, u64)>);

impl Threads {
    /// What they have done since. What a thread did that has ended in the meantime is lost.
    pub(crate) fn since(&self, before: &Self) -> Activity {
        let mut activity = Activity::default();
        for (thread, (time, wake_ups)) in &self.0 {
            let (time_before, wake_ups_before) = before.0.get(thread).copied().unwrap_or_default();
            activity.processor_us += time.saturating_sub(time_before).as_secs_f64() * 1e6;
            activity.wake_ups += wake_ups.saturating_sub(wake_ups_before);
        }
        activity
    }
}

/// What the threads of a process have done so far; more exact than [`processor_time`].
///
/// # Errors
/// If the process has ended, or this is not Linux.
pub(crate) fn threads(process: u32) -> io::Result<Threads> {
    let mut threads = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let thread = thread?;
        let folder = thread.path();
        let running = fs::read_to_string(folder.join("schedstat"))?;
        let nanoseconds = running.split(' ').next().and_then(|number| number.parse().ok());
        let nanoseconds = nanoseconds
            .ok_or_else(|| io::Error::other(format!("cannot read processor times in `{running}`")))?;
        let wake_ups = number(&fs::read_to_string(folder.join("status"))?, "voluntary_ctxt_switches:")?;
        threads.insert(thread.file_name(), (Duration::from_nanos(nanoseconds), wake_ups));
    }
    Ok(Threads(threads))
}

/// What each of so many things takes.
#[expect(clippy::cast_precision_loss, reason = "memory in KiB and counts are far below 2^53")]
pub(crate) fn each_kib(kib: u64, count: usize) -> f64 {
    kib as f64 / count as f64
}

#[expect(clippy::cast_precision_loss, reason = "memory in KiB is far below 2^53")]
pub(crate) fn kib_to_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn kib(text: &str, name: &str) -> io::Result<u64> {
    number(text, name)
}

/// The number behind a name at the beginning of a line.
fn number(text: &str, name: &str) -> io::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("the kernel does not tell `{name}`")))
}

/// Fields 14 and 15; the second field is the program's name in parentheses, and may have spaces of its own.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_the_name() {
        assert_eq!(ticks("7 (a b) c) S 1 7 7 0 -1 4194560 120 0 0 0 31 11 0 0 20 0 1 0 5 0 0"), Some(42));
        assert_eq!(ticks("7"), None);
    }

    #[test]
    fn this_process_has_memory() {
        let memory = memory(std::process::id()).expect("Linux");
        assert!(memory.resident_kib > memory.private_dirty_kib && memory.page_tables_kib > 0, "{memory:?}");
        forget_peak(std::process::id()).expect("Linux");
        assert!(peak_kib(std::process::id()).expect("Linux") > 0);
    }
}
