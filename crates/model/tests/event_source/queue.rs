//! A queue in the plainest way that comes to mind.

use std::{sync::Arc, time::Duration};

use hearth_model::{event_source::Received, time::Instant};

/// A message, by its place in the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(pub(crate) usize);

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) group: Option<Arc<str>>,
    pub(crate) bytes: usize,
    pub(crate) wanted: bool,
    pub(crate) state: State,
    pub(crate) receipts: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Visible,
    InFlight { until: Instant },
    Deleted,
    DeadLetter,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) messages: Vec<Message>,
    pub(crate) visibility_timeout: Duration,
    pub(crate) max_receive_count: u32,
    pub(crate) fifo: bool,
}

impl Queue {
    pub(crate) fn send(&mut self, group: Option<Arc<str>>, bytes: usize, wanted: bool) -> Name {
        self.messages.push(Message { group, bytes, wanted, state: State::Visible, receipts: 0 });
        Name(self.messages.len() - 1)
    }

    pub(crate) fn receive(&mut self, now: Instant, maximum: usize) -> Vec<Received<Name>> {
        let until = now + self.visibility_timeout;
        let mut received: Vec<Received<Name>> = Vec::new();
        for index in 0..self.messages.len() {
            let message = &self.messages[index];
            if message.state != State::Visible || self.is_blocked(index, &received) {
                continue;
            }
            let message = &mut self.messages[index];
            if message.receipts >= self.max_receive_count {
                message.state = State::DeadLetter;
                continue;
            }
            if received.len() == maximum {
                break;
            }
            message.state = State::InFlight { until };
            message.receipts += 1;
            let (bytes, group, wanted) = (message.bytes, message.group.clone(), message.wanted);
            received.push(Received { message: Name(index), bytes, hidden_until: until, group, wanted });
        }
        received
    }

    /// Shows what is due again; whether there was anything.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let due = |message: &&mut Message| matches!(message.state, State::InFlight { until } if until <= now);
        let expired = self.messages.iter_mut().filter(due);
        expired.map(|message| message.state = State::Visible).count() > 0
    }

    /// Whether a message is to be shown again.
    pub(crate) fn is_due(&self, name: Name, now: Instant) -> bool {
        matches!(self.messages[name.0].state, State::InFlight { until } if until <= now)
    }

    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        let until = |message: &Message| match message.state {
            State::InFlight { until } => Some(until),
            State::Visible | State::Deleted | State::DeadLetter => None,
        };
        self.messages.iter().filter_map(until).min()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.iter().all(|message| matches!(message.state, State::Deleted | State::DeadLetter))
    }

    /// Whether an older message of the group is in flight, but for those of the same receive.
    fn is_blocked(&self, index: usize, received: &[Received<Name>]) -> bool {
        let group = &self.messages[index].group;
        let blocks = |(older, message): (usize, &Message)| {
            message.group == *group
                && matches!(message.state, State::InFlight { .. })
                && !received.iter().any(|received| received.message == Name(older))
        };
        self.fifo && self.messages[..index].iter().enumerate().any(blocks)
    }
}
