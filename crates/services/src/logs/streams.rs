//! Operations on log streams.

use std::{cmp::Reverse, collections::HashMap};

use hearth_engine::log::{LogLine, LogStream};
use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp};

use super::{
    GroupSelector, Logs, Page, PageRequest, Refusal,
    names::{check_stream_name, group_name},
};

/// Most streams in an answer.
const MOST: usize = 50;

/// Which streams `DescribeLogStreams` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamsRequest {
    /// The group.
    pub group: GroupSelector,
    /// Those whose names begin so.
    pub prefix: Option<String>,
    /// In which order.
    pub order: StreamOrder,
    /// Whether the order is turned round.
    pub descending: bool,
    /// Which part of the list.
    pub page: PageRequest,
}

/// The orders of streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamOrder {
    /// By their names.
    #[default]
    Name,
    /// By their last events.
    LastEvent,
}

/// What is told of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamView {
    /// Its group.
    pub group: LogGroupName,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its events that are kept; none if there are none.
    pub events: Option<EventTimes>,
}

/// When events were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTimes {
    /// The time of the first event.
    pub first: Timestamp,
    /// The time of the last event.
    pub last: Timestamp,
    /// When the last one came.
    pub last_ingested_at: Timestamp,
}

impl Logs {
    /// `CreateLogStream`.
    ///
    /// # Errors
    /// If there is no such group, or there is such a stream.
    pub fn create_stream(&self, partition: &Partition, group: &str, stream: &str) -> Result<(), Refusal> {
        let name = group_name(group)?;
        check_stream_name("logStreamName", stream)?;
        let state = self.state.lock();
        let group = self.find(partition, &name)?;
        if !group.create_stream(stream) {
            return Err(Refusal::AlreadyExists("The specified log stream already exists".into()));
        }
        state.record_stream(self.engine().journal(), partition, &group, stream);
        Ok(())
    }

    /// `DeleteLogStream`. An environment that writes to it begins it anew.
    ///
    /// # Errors
    /// If there is no such group or stream.
    pub fn delete_stream(&self, partition: &Partition, group: &str, stream: &str) -> Result<(), Refusal> {
        let name = group_name(group)?;
        check_stream_name("logStreamName", stream)?;
        let mut state = self.state.lock();
        let group = self.find(partition, &name)?;
        if !group.delete_stream(stream) {
            return Err(Refusal::stream_not_found());
        }
        state.record_stream_deletion(self.engine().journal(), partition, &name, stream);
        Ok(())
    }

    /// `DescribeLogStreams`.
    ///
    /// # Errors
    /// If there is no such group, or parameters do not go together or are not allowed.
    pub fn describe_streams(
        &self,
        partition: &Partition,
        request: &StreamsRequest,
    ) -> Result<Page<StreamView>, Refusal> {
        let group = self.select(partition, &request.group)?;
        let StreamsRequest { prefix, order, descending, page, .. } = request;
        if let Some(prefix) = prefix {
            check_stream_name("logStreamNamePrefix", prefix)?;
            if *order == StreamOrder::LastEvent {
                return Err(Refusal::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
            }
        }
        let lines = self.lines(partition, &group);
        let events = event_times(&lines);
        let is_wanted =
            |stream: &LogStream| prefix.as_deref().is_none_or(|prefix| stream.name().starts_with(prefix));
        let streams = group.streams().into_iter().filter(|stream| is_wanted(stream));
        let mut views: Vec<_> = streams
            .map(|stream| StreamView {
                group: group.name().clone(),
                name: stream.name().to_owned(),
                created_at: stream.created_at(),
                events: events.get(stream.name()).copied(),
            })
            .collect();
        let key = |view: &StreamView| order.key(view);
        if *descending {
            views.sort_by_cached_key(|view| Reverse(key(view)));
        } else {
            views.sort_by_cached_key(key);
        }
        page.of(views, MOST, *descending, key)
    }
}

impl StreamOrder {
    fn key(self, view: &StreamView) -> String {
        match self {
            Self::Name => view.name.clone(),
            Self::LastEvent => {
                let last = view.events.map_or(0, |events| events.last.as_unix_nanos().max(0));
                format!("{last:020}/{}", view.name)
            }
        }
    }
}

fn event_times(lines: &[LogLine]) -> HashMap<&str, EventTimes> {
    let mut times = HashMap::new();
    for LogLine { at, ingested_at, stream, .. } in lines {
        let times: &mut EventTimes = times.entry(stream.name()).or_insert(EventTimes {
            first: *at,
            last: *at,
            last_ingested_at: *ingested_at,
        });
        times.first = times.first.min(*at);
        times.last = times.last.max(*at);
        times.last_ingested_at = times.last_ingested_at.max(*ingested_at);
    }
    times
}
