//! `hearth settle`.

use clap::Args;
use hearth_gateway::control::{GoingOn, Settled};

use super::{clock::reading, error::CommandError, view::View};
use crate::{client::percent_encoded, exit::Exit, terminal::NAME};

/// Wait until nothing happens any more in a running `hearth up`.
///
/// That is: nothing is in flight, and nothing is due now. What is due later does not count.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth settle                    and show what ran meanwhile
  hearth settle --timeout 5s       exit code 3, and what is still going on, if it takes longer")]
pub(super) struct Settle {
    /// How long that may take in real time [default: 60s]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    #[command(flatten)]
    view: View,
}

impl Settle {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let timeout = self.timeout.as_deref().map(|timeout| format!("?timeout={}", percent_encoded(timeout)));
        self.view.have_done(&format!("/_hearth/settle{}", timeout.unwrap_or_default()), report)
    }
}

/// What came of it, for people.
pub(super) fn report(settled: &Settled) -> String {
    let mut text = reading(&settled.clock);
    let called = |what: &str| what.replace('_', " ");
    let ran: Vec<_> = settled.ran.iter().map(|(what, count)| format!("{count} {}", called(what))).collect();
    if !ran.is_empty() {
        text += &format!("ran: {}\n", ran.join(", "));
    }
    if !settled.settled {
        text += "not settled: the time was up\n";
    }
    for GoingOn { what, function, count, why } in &settled.going_on {
        let function = function.as_ref().map(|name| format!(" of {NAME}{name}{NAME:#}")).unwrap_or_default();
        let how = if settled.settled { "wait for the clock or for a client" } else { "still run" };
        text += &format!("{count} {}{function} {how}: {why}\n", called(what));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearth_gateway::control::{ClockReading, ClockState};

    use super::*;

    #[test]
    fn what_ran_and_what_waits_is_told() {
        let clock = ClockReading {
            state: ClockState::Frozen,
            now: "2026-01-01T00:00:00.000Z".to_owned(),
            now_ms: 1_767_225_600_000,
            next_in_ms: Some(300_000),
        };
        let ran = BTreeMap::from([("batches".to_owned(), 2), ("invocations".to_owned(), 3)]);
        let going_on = |function: &str| GoingOn {
            what: "invocations".to_owned(),
            function: Some(function.to_owned()),
            count: 1,
            why: "it sleeps".to_owned(),
        };
        let settled = Settled { settled: true, clock, ran, going_on: vec![going_on("app")] };
        let plain = |settled: &Settled| anstream::adapter::strip_str(&report(settled)).to_string();
        let first = "2026-01-01T00:00:00.000Z, the clock stands, something is due in 5m00s\n";
        assert_eq!(
            plain(&settled),
            format!(
                "{first}ran: 2 batches, 3 invocations\n1 invocations of app wait for the clock or for a client: it sleeps\n"
            )
        );
        let settled = Settled { settled: false, ran: BTreeMap::new(), ..settled };
        let rest = "not settled: the time was up\n1 invocations of app still run: it sleeps\n";
        assert_eq!(plain(&settled), format!("{first}{rest}"));
    }
}
