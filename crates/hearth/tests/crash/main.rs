//! A process that is killed in the middle of a load, again and again: what was acknowledged is there afterwards.
//!
//! `HEARTH_CRASH_KILLS` says how often it is killed, `HEARTH_CRASH_SEED` repeats a run as far as threads let it.

mod client;
mod fifo;
mod process;
mod standard;

use std::{env, thread, time::Duration};

use process::Process;
use tempfile::TempDir;

use crate::{fifo::Ordered, standard::Unordered};

/// Kills in an ordinary run of the tests.
const KILLS: u64 = 8;

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let setting = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().expect("a number"));
    let kills = setting("HEARTH_CRASH_KILLS").unwrap_or(KILLS);
    let seed = setting("HEARTH_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    // Shown if it fails.
    println!("HEARTH_CRASH_SEED={seed} HEARTH_CRASH_KILLS={kills}");
    let mut random = Random(seed);
    let folder = TempDir::new().expect("a folder");
    let mut unordered: Vec<_> = (0..3).map(|client| Unordered::new(client, random.next())).collect();
    let mut ordered: Vec<_> = (0..2).map(|client| Ordered::new(client, random.next())).collect();
    for kill in 0..=kills {
        let process = Process::start(folder.path());
        let address = process.address();
        thread::scope(|scope| {
            for client in &mut unordered {
                scope.spawn(move || client.check(address));
            }
            for client in &mut ordered {
                scope.spawn(move || client.check(address));
            }
        });
        if kill == kills {
            break;
        }
        thread::scope(|scope| {
            for client in &mut unordered {
                scope.spawn(move || client.run(address));
            }
            for client in &mut ordered {
                scope.spawn(move || client.run(address));
            }
            process.kill_after(Duration::from_micros(random.below(120_000)));
        });
    }
    let acknowledged: u64 = unordered.iter().map(|client| client.acknowledged).sum::<u64>()
        + ordered.iter().map(|client| client.acknowledged).sum::<u64>();
    println!("{kills} kills, {acknowledged} acknowledged operations");
    assert!(acknowledged >= kills, "hardly anything happened: {acknowledged}");
}

/// Numbers that follow from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
