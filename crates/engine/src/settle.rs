//! Settling: waiting until nothing happens any more, and telling what did and what still does.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::{pool::EnvironmentState, time::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    engine::Engine,
    function::Function,
    work::{WorkCount, WorkKind},
};

/// What was begun, by what it is called; only what there was.
pub type Tally = BTreeMap<String, u64>;

/// Something that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoingOn {
    /// What it is called.
    pub what: String,
    /// The function, if it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// How many there are.
    pub count: u64,
    /// Why it is not over, as far as that is known.
    pub why: String,
}

impl Engine {
    /// Waits until nothing is in flight and nothing is due now. Cancel safe.
    ///
    /// Under a clock that stands, nothing happens from then on until the clock moves or something comes from outside: what
    /// still runs then waits for one of these. Under a clock that runs, nothing runs any more at all.
    pub async fn settle(&self) {
        let (clock, work) = (self.clock(), self.work());
        loop {
            work.activity().quiet().await;
            if clock.is_frozen() {
                return;
            }
            if work.running() > 0 {
                work.idle().await;
            } else if self.has_late_timers() {
                // The machine's timers fire a little late.
                Clock::real().sleep(TIMER_LATENESS).await;
            } else {
                return;
            }
        }
    }

    /// What has been begun so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let invocations = self.functions().iter().map(|function| function.metrics().invocations).sum();
        let begun = self.work().counts().map(|count| (count.kind.name().to_owned(), count.begun));
        let all = begun.into_iter().chain([(WorkKind::Invocation.name().to_owned(), invocations)]);
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// What is not over: invocations by function, and what runs besides, or would be begun at once. If this is empty, everything is
    /// [settled](Self::settle): what settling waits for has a kind, and thus a line here. `asker` is what asks, if it is watched
    /// itself; that one is left out.
    #[must_use]
    pub fn going_on(&self, asker: Option<WorkKind>) -> Vec<GoingOn> {
        let (functions, now) = (self.functions(), self.clock().now());
        let invocations = functions.iter().map(|function| GoingOn {
            what: WorkKind::Invocation.name().to_owned(),
            function: Some(function.name().to_string()),
            count: u64::from(function.concurrency()),
            why: why_invoked(function, now),
        });
        let mut all: Vec<_> = invocations.filter(|going_on| going_on.count > 0).collect();
        let with_environment: u64 = all.iter().map(|going_on| going_on.count).sum();

        let busy = self.work().activity().busy_by_kind();
        let work = self.work().counts().map(|WorkCount { kind, running, .. }| {
            let busy = busy[kind as usize].saturating_sub(usize::from(asker == Some(kind)));
            let told = if kind == WorkKind::Invocation { with_environment } else { 0 };
            let count = (running.max(busy) as u64).saturating_sub(told);
            GoingOn { what: kind.name().to_owned(), function: None, count, why: kind.purpose().to_owned() }
        });
        all.extend(work.into_iter().filter(|going_on| going_on.count > 0));
        all.extend(self.has_late_timers().then(|| GoingOn {
            what: "timers".to_owned(),
            function: None,
            count: 1,
            why: "what is due has not begun yet".to_owned(),
        }));
        all
    }

    /// Whether something is due by a clock that runs, which the machine has not told yet.
    fn has_late_timers(&self) -> bool {
        let clock = self.clock();
        !clock.is_frozen() && clock.next_deadline().is_some_and(|deadline| deadline <= clock.now())
    }
}

/// What there is more of now than there was before.
#[must_use]
pub fn since(before: &Tally, now: Tally) -> Tally {
    let more = now.into_iter().map(|(what, count)| {
        let more = count.saturating_sub(before.get(&what).copied().unwrap_or_default());
        (what, more)
    });
    more.filter(|(_, count)| *count > 0).collect()
}

/// What the environments of a function's invocations are at, and for how long the first has been.
fn why_invoked(function: &Function, now: Instant) -> String {
    let environments = function.environments();
    let working = environments.iter().filter(|environment| environment.state != EnvironmentState::Idle);
    let Some(first) = working.min_by_key(|environment| environment.since) else {
        return "the last of them is ending".to_owned();
    };
    let (state, lasted) = (first.state.as_str(), (now - first.since).as_secs_f64());
    let timeout = function.configuration().timeout.get();
    format!(
        "the first environment has been {state} for {lasted:.3} s of this clock; a handler may take {timeout} s"
    )
}

/// By how much tokio's timers may be late, and a little more.
const TIMER_LATENESS: Duration = Duration::from_millis(2);
