//! The figures as documents: Markdown for people, JSON for whoever compares runs.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::{
    comparison::{Round, SUBJECTS, Subject},
    deployment::Deployment,
    lifecycle::Lifecycle,
    load::Sample,
    population::Population,
    queues::Queues,
};

/// All that one run measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The machine, as far as it tells.
    pub(crate) machine: Machine,
    /// The servers side by side.
    pub(crate) rounds: Vec<Round>,
    /// Start, rest and burst.
    pub(crate) lifecycle: Lifecycle,
    /// Many functions.
    pub(crate) deployment: Deployment,
    /// Many live environments.
    pub(crate) population: Population,
    /// Queues.
    pub(crate) queues: Queues,
}

/// What the figures were measured on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// Hardware threads that this process may use.
    pub(crate) cores: usize,
    /// The kernel's release.
    pub(crate) kernel: String,
}

impl Machine {
    /// Asks the machine; what it does not tell is called unknown.
    pub(crate) fn this() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let information = read("/proc/cpuinfo");
        let name = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let kernel = read("/proc/sys/kernel/osrelease");
        Self {
            processor: name.map_or("unknown processor", |(_, name)| name).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel.trim().to_owned(),
        }
    }
}

impl Report {
    /// The tables of docs/benchmarks.md.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("a string takes everything");
        text
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        let Machine { processor, cores, kernel } = &self.machine;
        writeln!(
            text,
            "Measured on {cores} hardware threads of {processor}, Linux {kernel}; {} rounds.\n",
            self.rounds.len()
        )?;
        self.write_comparison(text)?;
        self.write_rounds(text)?;
        self.write_targets(text)
    }

    fn write_comparison(&self, text: &mut String) -> fmt::Result {
        writeln!(
            text,
            "| server | 64 connections: answers/s | median | p99 | ratio to hyper | server's processor time | one connection: median | above hyper |"
        )?;
        writeln!(text, "| --- | --: | --: | --: | --: | --: | --: | --: |")?;
        for subject in SUBJECTS {
            writeln!(
                text,
                "| {} | {:.0} | {:.0} us | {:.0} us | {:.2} | {:.1} us | {:.1} us | {:+.1} us |",
                subject.title(),
                self.many(subject, |sample| sample.per_second),
                self.many(subject, |sample| sample.median_us),
                self.many(subject, |sample| sample.p99_us),
                self.throughput_ratio(subject, Subject::Hyper),
                self.median(|round| round.of(subject).processor_us),
                self.median(|round| round.of(subject).one.median_us),
                self.above_hyper_us(subject),
            )?;
        }
        writeln!(text)
    }

    fn write_rounds(&self, text: &mut String) -> fmt::Result {
        writeln!(
            text,
            "| round | Hearth warm / floor | Hearth warm / hyper | Hearth fresh / hyper | hyper answers/s |"
        )?;
        writeln!(text, "| --: | --: | --: | --: | --: |")?;
        for (index, round) in self.rounds.iter().enumerate() {
            writeln!(
                text,
                "| {} | {:.3} | {:.3} | {:.3} | {:.0} |",
                index + 1,
                throughput_ratio(round, Subject::HearthWarm, Subject::FloorComponent),
                throughput_ratio(round, Subject::HearthWarm, Subject::Hyper),
                throughput_ratio(round, Subject::HearthFresh, Subject::Hyper),
                round.of(Subject::Hyper).many.per_second,
            )?;
        }
        writeln!(text)
    }

    fn write_targets(&self, text: &mut String) -> fmt::Result {
        let (warm, fresh) = (Subject::HearthWarm, Subject::HearthFresh);
        let of_floor = self.throughput_ratio(warm, Subject::FloorComponent);
        let of_hyper = self.throughput_ratio(warm, Subject::Hyper);
        let fresh_of_hyper = self.throughput_ratio(fresh, Subject::Hyper);
        let (p99, floor_p99) = (self.p99_ratio(warm), self.p99_ratio(Subject::FloorComponent));
        let above_hyper = self.above_hyper_us(warm);
        let Lifecycle { first_answer_ms, idle, burst_size, burst_ms } = &self.lifecycle;
        let first_answer = median(first_answer_ms.iter().copied());
        let idle = median(idle.iter().map(|memory| kib_to_mib(memory.resident_kib)));
        let burst = median(burst_ms.iter().copied());
        let Population { environments, kib_each_beyond_guest: each, load_us: load, .. } = &self.population;
        let Deployment { functions, created, listed_ms, kib_each: function_kib, .. } = &self.deployment;
        let (created, created_p99) = (created.median_us / 1e3, created.p99_us / 1e3);
        let Queues { rounds: queue_rounds, shallow, depth, deep, polls, answered, last_answered_ms } =
            &self.queues;
        let send = median(queue_rounds.iter().map(|round| round.send.per_second / round.floor.per_second));
        let sent = median(queue_rounds.iter().map(|round| round.send.per_second));
        let way = median(queue_rounds.iter().map(|round| round.way_per_second / round.floor.per_second));
        let gone = median(queue_rounds.iter().map(|round| round.way_per_second));
        let rows = [
            ("warm, 64 connections, throughput of the floor's", format!("{of_floor:.2}"), "at least 0.8"),
            ("warm, 64 connections, throughput of hyper's", format!("{of_hyper:.2}"), "at least 0.5"),
            (
                "warm, 64 connections, p99 in hyper's",
                format!("{p99:.1} (floor: {floor_p99:.1})"),
                "at most 3",
            ),
            ("warm, one connection, above hyper's median", format!("{above_hyper:+.1} us"), "at most 12 us"),
            ("a new environment per request, of hyper's", format!("{fresh_of_hyper:.2}"), "at least 0.22"),
            ("start to first answer, three functions", format!("{first_answer:.1} ms"), "at most 25 ms"),
            ("idle memory", format!("{idle:.1} MiB"), "at most 30 MiB"),
            ("burst, last answer", format!("{burst_size} in {burst:.0} ms"), "1000 in at most 100 ms"),
            (
                "creating a function from compiled code",
                format!("{created:.2} ms (p99: {created_p99:.2})"),
                "at most 5 ms",
            ),
            ("functions deployed and listed", format!("{functions}, listed in {listed_ms:.0} ms"), "1000"),
            ("each function, with its code", format!("{function_kib:.0} KiB"), "no target"),
            ("each live environment", format!("{each:.1} KiB of {environments}"), "at most 45 KiB of 10000"),
            ("sending, 64 connections, of the vector's", format!("{send:.2} ({sent:.0}/s)"), "at least 0.6"),
            (
                "send, batch of 10, function, delete, of the vector's",
                format!("{way:.2} ({gone:.0}/s)"),
                "at least 0.25",
            ),
            (
                "send, receive, delete in a deep queue, of a shallow one's",
                format!("{:.2} with {depth}", deep.per_second / shallow.per_second),
                "0.8 to 1.2 with 1000000",
            ),
            (
                "long polls, from message to answer",
                format!(
                    "{polls}: {:.2} ms, p99 {:.2} ms, last {last_answered_ms:.2} ms",
                    answered.median_us / 1e3,
                    answered.p99_us / 1e3
                ),
                "10000, at most 5 ms",
            ),
            ("loading compiled code", format!("{load:.0} us"), "a memory map, never a compile"),
        ];
        writeln!(text, "| target | measured | wanted |\n| --- | --: | --: |")?;
        for (target, measured, wanted) in rows {
            writeln!(text, "| {target} | {measured} | {wanted} |")?;
        }
        writeln!(text, "\nLive environments: {}.", self.population)
    }

    fn p99_ratio(&self, subject: Subject) -> f64 {
        self.median(|round| round.of(subject).many.p99_us / round.of(Subject::Hyper).many.p99_us)
    }

    fn many(&self, subject: Subject, figure: impl Fn(&Sample) -> f64) -> f64 {
        self.median(|round| figure(&round.of(subject).many))
    }

    fn throughput_ratio(&self, subject: Subject, base: Subject) -> f64 {
        self.median(|round| throughput_ratio(round, subject, base))
    }

    fn above_hyper_us(&self, subject: Subject) -> f64 {
        self.median(|round| round.of(subject).one.median_us - round.of(Subject::Hyper).one.median_us)
    }

    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure))
    }
}

fn throughput_ratio(round: &Round, subject: Subject, base: Subject) -> f64 {
    round.of(subject).many.per_second / round.of(base).many.per_second
}

/// The upper median; not a number if there are none.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[expect(clippy::cast_precision_loss, reason = "memory in KiB is far below 2^53")]
fn kib_to_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
