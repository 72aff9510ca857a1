//! `[queues.NAME]` tables.

use std::{collections::BTreeMap, ops::Range};

use hearth_model::sqs::{QueueName, limits};
use toml::de::DeTable;

use super::{
    fields::{Fields, Located},
    problem::{Place, Problem},
    suggestion,
};

/// A queue as a manifest declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueDeclaration {
    /// Its name; that of a FIFO queue ends with `.fifo`, whether the manifest says so or only `fifo = true`.
    pub name: QueueName,
    /// What it is like.
    pub settings: QueueSettings,
    /// Where it is declared.
    pub place: Place,
}

/// What a queue is like; by default as on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// `visibility_timeout_s`: how long a message that was received is hidden.
    pub visibility_timeout_s: u64,
    /// `delay_s`: how long nobody gets a message that was sent.
    pub delay_s: u64,
    /// `retention_s`: how long a message is kept.
    pub retention_s: u64,
    /// `max_message_bytes`: how large a message may be.
    pub max_message_bytes: u64,
    /// `receive_wait_s`: how long a receive waits for a message.
    pub receive_wait_s: u64,
    /// `content_based_deduplication`: whether duplicates are told by what they say. Only of FIFO queues.
    pub content_based_deduplication: bool,
    /// `dead_letter`: where messages go that are received too often.
    pub dead_letter: Option<DeadLetter>,
}

/// Where messages go that are received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue. One that the manifest does not declare is made with the defaults.
    pub queue: QueueName,
    /// How often a message is received at most.
    pub max_receive_count: u32,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            visibility_timeout_s: limits::DEFAULT_VISIBILITY_TIMEOUT.as_secs(),
            delay_s: 0,
            retention_s: limits::DEFAULT_RETENTION.as_secs(),
            max_message_bytes: most_bytes(),
            receive_wait_s: 0,
            content_based_deduplication: false,
            dead_letter: None,
        }
    }
}

/// Reads `[queues]`; the queues are in the order of their names.
pub(super) fn read_all(table: &DeTable<'_>, problems: &mut Vec<Problem>) -> Vec<QueueDeclaration> {
    let mut queues = BTreeMap::new();
    let mut dead_letters = Vec::new();
    for (key, value) in table {
        let Some(table) = value.get_ref().as_table() else {
            let problem = Problem::new(format!("queue `{}` must be a table", key.get_ref()), value.span());
            problems.push(problem.help(format!("write `[queues.{}]`", key.get_ref())));
            continue;
        };
        if let Some((queue, letters)) = read(key.get_ref(), key.span(), table, problems) {
            if let Some(first) = queues.get(&queue.name) {
                problems.push(twice(first, queue));
                continue;
            }
            dead_letters.extend(letters.map(|letters| (queue.name.clone(), letters)));
            queues.insert(queue.name.clone(), queue);
        }
    }
    let mut targets = Vec::with_capacity(dead_letters.len());
    for (source, letters) in dead_letters {
        match dead_letter_queue(&queues, &source, letters.queue) {
            Ok(target) => targets.push((source, target, letters)),
            Err(message) => problems.push(Problem::new(message, letters.span)),
        }
    }
    for (source, target, letters) in targets {
        let undeclared = QueueDeclaration {
            name: target.clone(),
            settings: QueueSettings::default(),
            place: Place(letters.span),
        };
        queues.entry(target.clone()).or_insert(undeclared);
        let dead_letter = DeadLetter { queue: target, max_receive_count: letters.max_receive_count };
        queues.get_mut(&source).expect("it was read above").settings.dead_letter = Some(dead_letter);
    }
    queues.into_values().collect()
}

/// The queue that a manifest means by a name, with or without `.fifo`.
pub(super) fn find<'q>(queues: &'q [QueueDeclaration], given: &str) -> Option<&'q QueueDeclaration> {
    let named = |text: &str| queues.iter().find(|queue| queue.name.as_str() == text);
    named(given).or_else(|| named(&format!("{given}{FIFO_SUFFIX}")))
}

/// What to say to somebody who named a queue that there is not.
pub(super) fn no_queue(queues: &[QueueDeclaration], (given, span): Located<&str>) -> Problem {
    let problem = Problem::new(format!("there is no queue `{given}`"), span);
    let names = queues.iter().map(|queue| queue.name.as_str());
    problem.help(match suggestion::closest(given, names) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("declare it: `[queues.{given}]`"),
    })
}

/// Where dead letters go, as it is written.
struct DeadLetterFields<'d> {
    queue: &'d str,
    max_receive_count: u32,
    span: Range<usize>,
}

fn read<'d>(
    key: &str,
    span: Range<usize>,
    table: &'d DeTable<'d>,
    problems: &mut Vec<Problem>,
) -> Option<(QueueDeclaration, Option<DeadLetterFields<'d>>)> {
    let mut fields = Fields::new(format!("queue `{key}`"), table);
    let fifo = fields.boolean("fifo").unwrap_or(key.ends_with(FIFO_SUFFIX));
    let defaults = QueueSettings::default();
    let mut number = |key, range, default| fields.integer(key, range).map_or(default, |(number, _)| number);
    let mut settings = QueueSettings {
        visibility_timeout_s: number(
            "visibility_timeout_s",
            0..=limits::VISIBILITY_TIMEOUT.as_secs(),
            defaults.visibility_timeout_s,
        ),
        delay_s: number("delay_s", 0..=limits::DELAY.as_secs(), defaults.delay_s),
        retention_s: number("retention_s", limits::RETENTION_S, defaults.retention_s),
        max_message_bytes: number("max_message_bytes", 1_024..=most_bytes(), defaults.max_message_bytes),
        receive_wait_s: number("receive_wait_s", 0..=limits::WAIT.as_secs(), defaults.receive_wait_s),
        ..defaults
    };
    let deduplication = fields.boolean("content_based_deduplication");
    settings.content_based_deduplication = deduplication.unwrap_or(false);
    if let (Some(true), false, Some(value)) = (deduplication, fifo, table.get("content_based_deduplication"))
    {
        let problem = Problem::new("only FIFO queues tell duplicates", value.span());
        fields.note(problem.help("add `fifo = true`, or remove this"));
    }
    let letters = dead_letter(&mut fields);
    problems.extend(fields.finish());
    match name(key, fifo) {
        Ok(name) => Some((QueueDeclaration { name, settings, place: Place(span) }, letters)),
        Err(message) => {
            problems.push(Problem::new(message, span));
            None
        }
    }
}

fn dead_letter<'d>(outer: &mut Fields<'d>) -> Option<DeadLetterFields<'d>> {
    let value = outer.value("dead_letter")?;
    let Some(table) = value.get_ref().as_table() else {
        outer.wrong_type("dead_letter", value, "a table");
        return None;
    };
    let mut fields = Fields::new("`dead_letter`", table);
    let queue = fields.string("queue");
    let count = fields.integer("max_receive_count", limits::MAX_RECEIVE_COUNT);
    for (key, example) in [("queue", "queue = \"NAME\""), ("max_receive_count", "max_receive_count = 3")] {
        if !table.contains_key(key) {
            let problem = Problem::new(format!("`dead_letter` has no `{key}`"), value.span());
            fields.note(problem.help(format!("add `{example}`")));
        }
    }
    for problem in fields.finish() {
        outer.note(problem);
    }
    let ((queue, span), (max_receive_count, _)) = (queue?, count?);
    Some(DeadLetterFields { queue, max_receive_count, span })
}

/// Two queues of one name: one says `fifo = true`, the other one has it in its name.
fn twice(first: &QueueDeclaration, second: QueueDeclaration) -> Problem {
    let problem = Problem::new(format!("two queues are named `{}`", second.name), second.place.0);
    problem.related(first.place.0.clone(), "the first one").help("give one of them another name")
}

/// The queue for dead letters, which is of the same kind as the one that they come from.
fn dead_letter_queue(
    queues: &BTreeMap<QueueName, QueueDeclaration>,
    source: &QueueName,
    given: &str,
) -> Result<QueueName, String> {
    let fifo = source.is_fifo();
    let of_other_kind = match (name(given, fifo), name(given, !fifo)) {
        (Ok(same), Ok(other)) => queues.contains_key(&other) && !queues.contains_key(&same),
        (Err(_), Ok(_)) => true,
        (_, Err(_)) => false,
    };
    if of_other_kind {
        let [source, target] = if fifo { ["FIFO", "standard"] } else { ["standard", "FIFO"] };
        return Err(format!("dead letters of a {source} queue cannot go to a {target} queue"));
    }
    name(given, fifo)
}

/// The name of a queue that is called so in a manifest.
fn name(key: &str, fifo: bool) -> Result<QueueName, String> {
    let full = match (fifo, key.ends_with(FIFO_SUFFIX)) {
        (true, false) => format!("{key}{FIFO_SUFFIX}"),
        (true, true) | (false, false) => key.to_owned(),
        (false, true) => return Err(format!("`{key}` is the name of a FIFO queue")),
    };
    QueueName::parse(&full)
        .map_err(|_| format!("`{key}` is not a queue name: use 1 to 80 letters, digits, `-` and `_`"))
}

fn most_bytes() -> u64 {
    u64::try_from(*limits::MESSAGE_BYTES.end()).expect("it is a mebibyte")
}

const FIFO_SUFFIX: &str = ".fifo";
