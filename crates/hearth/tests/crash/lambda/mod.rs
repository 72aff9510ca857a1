//! Functions, and the events that they are sent.

mod api;
mod events;
mod functions;
mod logs;

use self::{events::Events, functions::Functions, logs::Logs};
use crate::{client::Client, random::Random};

/// A function that is changed all the time, and one that gets events, each with a client of its own.
pub(crate) fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    let mut clients: Vec<Box<dyn Client>> = Vec::new();
    for number in 0..2 {
        clients.push(Box::new(Functions::new(number, random.split())));
    }
    clients.push(Box::new(Events::new(random.split())));
    clients
}

/// One that logs. It wants a disk that takes what it is given.
pub(crate) fn logger() -> Box<dyn Client> {
    Box::new(Logs::default())
}
