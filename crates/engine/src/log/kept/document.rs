//! What frames have in them.
//!
//! Everything has a form with a number, as entries of the journal have: a new form is another variant, and those that were ever
//! written stay.

use std::{borrow::Cow, sync::Arc};

use hearth_model::{
    identity::{AccountId, Partition, Region, RequestId, Version},
    logging::{ApplicationLogLevel, LogFormat, LogGroupName, LogLevels, SystemLogLevel},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::platform::PlatformV1;
use crate::{
    journal::Unreadable,
    kept::unreadable,
    log::{LogLine, LogStream, LogWriter, Message, Source},
};

/// A frame.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Frame<'a> {
    /// The first of each segment: whose it is.
    #[serde(borrow)]
    BeginV1(BeginV1<'a>),
    /// Lines, in order.
    #[serde(borrow)]
    LinesV1(LinesV1<'a>),
    /// A stream was deleted: what of it comes before this is gone.
    DeletedV1(&'a str),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BeginV1<'a> {
    account: Cow<'a, str>,
    region: Cow<'a, str>,
    group: Cow<'a, str>,
    /// When the group was created.
    created_at: i64,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LinesV1<'a> {
    #[serde(borrow)]
    streams: Vec<StreamV1<'a>>,
    lines: Vec<LineV1<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StreamV1<'a> {
    pub(super) name: &'a str,
    created_at: i64,
    writer: Option<WriterV1<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct WriterV1<'a> {
    function: &'a str,
    /// 0 is `$LATEST`.
    version: u64,
    /// The levels of what the function and the platform write, as JSON.
    log_levels: Option<(Cow<'a, str>, Cow<'a, str>)>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LineV1<'a> {
    number: u64,
    at: i64,
    ingested_at: i64,
    /// Which of the frame's streams.
    stream: u32,
    request_id: Option<[u8; 16]>,
    #[serde(borrow)]
    message: MessageV1<'a>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum MessageV1<'a> {
    Stdout(&'a str),
    Stderr(&'a str),
    #[serde(borrow)]
    Platform(PlatformV1<'a>),
}

impl BeginV1<'_> {
    pub(super) fn of((partition, group): &(Partition, LogGroupName), created_at: Timestamp) -> Self {
        Self {
            account: partition.account.to_string().into(),
            region: partition.region.to_string().into(),
            group: group.to_string().into(),
            created_at: created_at.as_unix_nanos(),
        }
    }

    pub(super) fn read(&self) -> Result<((Partition, LogGroupName), Timestamp), Unreadable> {
        let partition = || {
            Some(Partition {
                account: AccountId::parse(&self.account)?,
                region: Region::parse(&self.region)?,
            })
        };
        let partition = partition().ok_or_else(|| unreadable("it names no account and region"))?;
        let group = self.group.parse().map_err(|_| unreadable("it names no log group"))?;
        Ok(((partition, group), Timestamp::from_unix_nanos(self.created_at)))
    }
}

impl<'a> LinesV1<'a> {
    /// Adds a line, unless it is a client's, which is kept elsewhere. Returns how many bytes it takes, more or less.
    pub(super) fn push(&mut self, line: &'a LogLine) -> usize {
        let (message, bytes) = match &line.message {
            Message::Output { source: Source::Stdout, text } => (MessageV1::Stdout(text), text.len()),
            Message::Output { source: Source::Stderr, text } => (MessageV1::Stderr(text), text.len()),
            Message::Platform(line) => (MessageV1::Platform(PlatformV1::of(line)), line.heap_bytes()),
            Message::Event(_) => return 0,
        };
        // The same as the last one, nearly always.
        let known = self.streams.iter().rposition(|stream| stream.name == line.stream.name());
        let stream = known.unwrap_or_else(|| {
            self.streams.push(StreamV1::of(&line.stream));
            self.streams.len() - 1
        });
        self.lines.push(LineV1 {
            number: line.sequence,
            at: line.at.as_unix_nanos(),
            ingested_at: line.ingested_at.as_unix_nanos(),
            stream: u32::try_from(stream).expect("a frame has few streams"),
            request_id: line.request_id.map(RequestId::to_bytes),
            message,
        });
        bytes + size_of::<LineV1<'_>>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The number after that of the last line.
    pub(super) fn end(&self) -> u64 {
        self.lines.last().map_or(0, |line| line.number.saturating_add(1))
    }

    /// The lines; `stream` finds those that they belong to.
    pub(super) fn read(
        self,
        mut stream: impl FnMut(&StreamV1<'_>) -> Result<Arc<LogStream>, Unreadable>,
    ) -> Result<Vec<LogLine>, Unreadable> {
        let streams = self.streams.iter().map(&mut stream).collect::<Result<Vec<_>, _>>()?;
        let line = |line: LineV1<'_>| {
            let stream = usize::try_from(line.stream).ok().and_then(|index| streams.get(index));
            let stream = stream.ok_or_else(|| unreadable("a line belongs to no stream"))?;
            let output = |source, text: &str| Message::Output { source, text: text.into() };
            Ok(LogLine {
                sequence: line.number,
                at: Timestamp::from_unix_nanos(line.at),
                ingested_at: Timestamp::from_unix_nanos(line.ingested_at),
                stream: Arc::clone(stream),
                request_id: line.request_id.map(RequestId::from_bytes),
                message: match line.message {
                    MessageV1::Stdout(text) => output(Source::Stdout, text),
                    MessageV1::Stderr(text) => output(Source::Stderr, text),
                    MessageV1::Platform(line) => Message::Platform(line.read()),
                },
            })
        };
        self.lines.into_iter().map(line).collect()
    }
}

impl<'a> StreamV1<'a> {
    fn of(stream: &'a LogStream) -> Self {
        let writer = |LogWriter { function, version, format }: &'a LogWriter| WriterV1 {
            function,
            version: write_version(*version),
            log_levels: match format {
                LogFormat::Text => None,
                LogFormat::Json(LogLevels { application, system }) => {
                    Some((application.to_string().into(), system.to_string().into()))
                }
            },
        };
        Self {
            name: stream.name(),
            created_at: stream.created_at().as_unix_nanos(),
            writer: stream.writer().map(writer),
        }
    }

    pub(super) fn read(&self) -> Result<LogStream, Unreadable> {
        let writer = self.writer.as_ref().map(|writer| {
            let format = match &writer.log_levels {
                None => LogFormat::Text,
                Some((application, system)) => LogFormat::Json(LogLevels {
                    application: ApplicationLogLevel::parse(application)
                        .ok_or_else(|| unreadable(format!("`{application}` is no log level")))?,
                    system: SystemLogLevel::parse(system)
                        .ok_or_else(|| unreadable(format!("`{system}` is no log level")))?,
                }),
            };
            Ok(LogWriter { function: writer.function.into(), version: read_version(writer.version), format })
        });
        let created_at = Timestamp::from_unix_nanos(self.created_at);
        Ok(LogStream::new(self.name.into(), created_at, writer.transpose()?))
    }
}

pub(super) const fn write_version(version: Version) -> u64 {
    match version {
        Version::Latest => 0,
        Version::Published(number) => number,
    }
}

pub(super) const fn read_version(number: u64) -> Version {
    match number {
        0 => Version::Latest,
        number => Version::Published(number),
    }
}
