//! Queues.

mod fifo;
mod queue;
mod standard;

use self::{fifo::Ordered, standard::Unordered};
use crate::{client::Client, random::Random};

/// Standard and FIFO queues, each with a client of its own.
pub(crate) fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    let mut clients: Vec<Box<dyn Client>> = Vec::new();
    for number in 0..3 {
        clients.push(Box::new(Unordered::new(number, random.split())));
    }
    for number in 0..2 {
        clients.push(Box::new(Ordered::new(number, random.split())));
    }
    clients
}
