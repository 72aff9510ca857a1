//! The figures as documents: Markdown for people, JSON for whoever compares runs.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::{
    comparison::{Round, SUBJECTS, Subject},
    deployment::Deployment,
    figures::{Target, median},
    fronts::Fronts,
    idle::Idle,
    lifecycle::Lifecycle,
    load::Sample,
    objects::Objects,
    population::Population,
    python::Python,
    queues::Queues,
    steering::Steering,
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
    /// S3.
    pub(crate) objects: Objects,
    /// HTTP in front of functions.
    pub(crate) fronts: Fronts,
    /// Schedules that wait.
    pub(crate) idle: Idle,
    /// Time that is steered.
    pub(crate) steering: Steering,
    /// Python handlers, if there is a runtime for them.
    pub(crate) python: Option<Python>,
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

/// Figures beside what is wanted of them, as in docs/benchmarks.md.
pub(crate) fn table(targets: impl IntoIterator<Item = Target>) -> String {
    let head = "| target | measured | wanted |\n| --- | --: | --: |\n".to_owned();
    targets.into_iter().fold(head, |text, Target { what, measured, wanted }| {
        text + &format!("| {what} | {measured} | {wanted} |\n")
    })
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
        let targets = self.comparison_targets().into_iter();
        let targets = targets
            .chain(self.lifecycle.targets())
            .chain(self.deployment.targets())
            .chain(self.population.targets())
            .chain(self.queues.targets())
            .chain(self.objects.targets())
            .chain(self.fronts.targets())
            .chain(self.idle.targets())
            .chain(self.steering.targets())
            .chain(self.python.iter().flat_map(Python::targets));
        text.push_str(&table(targets));
        writeln!(text, "\nLive environments: {}.", self.population)
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

    /// How the servers compare, beside what is wanted.
    fn comparison_targets(&self) -> [Target; 5] {
        let (warm, fresh) = (Subject::HearthWarm, Subject::HearthFresh);
        let of_floor = self.throughput_ratio(warm, Subject::FloorComponent);
        let of_hyper = self.throughput_ratio(warm, Subject::Hyper);
        let fresh_of_hyper = self.throughput_ratio(fresh, Subject::Hyper);
        let (p99, floor_p99) = (self.p99_ratio(warm), self.p99_ratio(Subject::FloorComponent));
        let above_hyper = self.above_hyper_us(warm);
        [
            Target::new(
                "warm, 64 connections, throughput of the floor's",
                format!("{of_floor:.2}"),
                "at least 0.8",
            ),
            Target::new(
                "warm, 64 connections, throughput of hyper's",
                format!("{of_hyper:.2}"),
                "at least 0.5",
            ),
            Target::new(
                "warm, 64 connections, p99 in hyper's",
                format!("{p99:.1} (floor: {floor_p99:.1})"),
                "at most 3",
            ),
            Target::new(
                "warm, one connection, above hyper's median",
                format!("{above_hyper:+.1} us"),
                "at most 12 us",
            ),
            Target::new(
                "a new environment per request, of hyper's",
                format!("{fresh_of_hyper:.2}"),
                "at least 0.22",
            ),
        ]
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
