//! A process that is killed in the middle of a load of all services, again and again: what was acknowledged is there
//! afterwards.
//!
//! `HEARTH_CRASH_KILLS` says how often it is killed, `HEARTH_CRASH_SEED` repeats a run as far as threads let it. Each service
//! has a module with its clients, which make the load and check what is there.

mod apis;
mod catalogue;
mod client;
mod events;
mod export;
#[cfg(target_os = "linux")]
mod full_disk;
mod http;
mod lambda;
mod logs;
mod process;
mod random;
mod s3;
mod sqs;

use std::{env, net::SocketAddr, thread, time::Duration};

use process::Process;
use tempfile::TempDir;

use crate::{client::Client, random::Random};

/// Kills in an ordinary run of the tests.
const KILLS: u64 = 8;

/// Everybody who takes part.
fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    let mut clients = Vec::new();
    clients.extend(lambda::clients(random));
    clients.extend(sqs::clients(random));
    clients.extend(s3::clients(random));
    clients.extend(events::clients(random));
    clients.extend(apis::clients(random));
    clients.extend(logs::clients(random));
    clients
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let kills = setting("HEARTH_CRASH_KILLS").unwrap_or(KILLS);
    println!("HEARTH_CRASH_SEED={} HEARTH_CRASH_KILLS={kills}", seed());
    let mut random = Random(seed());
    let folder = TempDir::new().expect("a folder");
    let mut clients = clients(&mut random);
    clients.push(lambda::logger());
    let mut acknowledged = 0;
    for kill in 0..=kills {
        let process = Process::start(folder.path());
        let server = process.address();
        all(&mut clients, |client| if kill == 0 { client.begin(server) } else { client.check(server) });
        if kill == kills {
            break;
        }
        let time = Duration::from_micros(random.below(120_000));
        acknowledged += thread::scope(|scope| {
            let load = scope.spawn(|| all(&mut clients, |client| load(&mut **client, server)));
            process.kill_after(time);
            load.join().expect("answers are as they should be").into_iter().sum::<u64>()
        });
    }
    println!("{kills} kills, {acknowledged} acknowledged operations");
    assert!(acknowledged >= kills, "hardly anything happened: {acknowledged}");
}

/// What all chance follows from; tests show it, for when they fail.
fn seed() -> u64 {
    setting("HEARTH_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()))
}

fn setting(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// Lets all clients do something at the same time.
fn all<T: Send>(
    clients: &mut [Box<dyn Client>],
    action: impl Fn(&mut Box<dyn Client>) -> T + Sync,
) -> Vec<T> {
    let action = &action;
    thread::scope(|scope| {
        let threads: Vec<_> = clients.iter_mut().map(|client| scope.spawn(move || action(client))).collect();
        threads.into_iter().map(|thread| thread.join().expect("what was acknowledged is there")).collect()
    })
}

/// Works until the process is gone; how much was acknowledged.
fn load(client: &mut dyn Client, server: SocketAddr) -> u64 {
    let mut acknowledged = 0;
    while client.step(server).is_ok() {
        acknowledged += 1;
    }
    acknowledged
}
