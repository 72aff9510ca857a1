//! Buckets: what is put, overwritten, copied, uploaded in parts and deleted, with versions and without, and what queues hear of it.

mod bucket;
mod notices;
mod objects;
mod versions;

use self::{notices::Notices, objects::Objects, versions::Versions};
use crate::{client::Client, random::Random};

/// Buckets without and with versions, and one that tells a queue, each with a client of its own.
pub(crate) fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    let mut clients: Vec<Box<dyn Client>> = Vec::new();
    for number in 0..2 {
        clients.push(Box::new(Objects::new(number, random.split())));
        clients.push(Box::new(Versions::new(number, random.split())));
    }
    clients.push(Box::new(Notices::new()));
    clients
}
