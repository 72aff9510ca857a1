//! Logs.

use std::{collections::BTreeMap, time::Duration};

use hearth_services::logs::{
    EventsRequest, GroupSelector, GroupsRequest, NewEvent, NewGroup, PutRequest, StreamsRequest, Tagged,
};

use super::Lasting;
use crate::world::{World, here};

fn group(name: &str) -> GroupSelector {
    GroupSelector { name: Some(name.to_owned()), identifier: None }
}

fn put(world: &World, group: &str, stream: &str, texts: &[&str]) {
    let at = world.clock.wall().as_unix_millis();
    let events = texts.iter().map(|text| NewEvent { at, message: (*text).to_owned() }).collect();
    let request = PutRequest { group: group.to_owned(), stream: stream.to_owned(), events };
    assert_eq!(world.services.logs().put(&here(), &request), Ok(None));
}

/// Everything that can be asked for of a group.
fn all(world: &World, name: &str) -> String {
    let logs = world.services.logs();
    let groups = GroupsRequest { prefix: Some(name.to_owned()), ..GroupsRequest::default() };
    let streams = StreamsRequest { group: group(name), ..StreamsRequest::default() };
    let streams = logs.describe_streams(&here(), &streams).expect("streams").items;
    let events = streams.iter().map(|stream| texts(world, name, &stream.name)).collect::<Vec<_>>();
    let groups = logs.describe_groups(&here(), &groups).expect("groups").items;
    // Without the room in memory, where deleted streams leave theirs later.
    let groups: Vec<_> =
        groups.into_iter().map(|group| (group.name, group.created_at, group.retention_days)).collect();
    format!("{groups:?} {:?} {streams:?} {events:?}", logs.tags(&here(), Tagged::Name(name)),)
}

fn texts(world: &World, name: &str, stream: &str) -> Vec<String> {
    let request = EventsRequest {
        group: group(name),
        stream: stream.to_owned(),
        from_head: true,
        ..EventsRequest::default()
    };
    let events = world.services.logs().events(&here(), &request).expect("events").events;
    events.into_iter().map(|event| event.message).collect()
}

/// A group with two streams.
pub(super) fn make(world: &World) {
    let logs = world.services.logs();
    let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let new = NewGroup { name: "mine".to_owned(), tags, class: None };
    logs.create_group(&here(), new).expect("a group");
    logs.retain(&here(), "mine", Some(7)).expect("it is there");
    for stream in ["one", "two"] {
        logs.create_stream(&here(), "mine", stream).expect("a stream");
        put(world, "mine", stream, &["first", "second"]);
    }
    put(world, "mine", "one", &["third"]);
}

#[tokio::test]
async fn what_clients_wrote_is_there_again() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    make(&world);
    let logs = world.services.logs();
    for name in ["gone", "again"] {
        logs.create_group(&here(), NewGroup { name: name.to_owned(), ..NewGroup::default() })
            .expect("a group");
        logs.create_stream(&here(), name, "stream").expect("a stream");
        put(&world, name, "stream", &["before"]);
        logs.delete_group(&here(), name).expect("it is there");
    }
    logs.create_group(&here(), NewGroup { name: "again".to_owned(), ..NewGroup::default() })
        .expect("a group");
    for stream in ["stream", "deleted"] {
        logs.create_stream(&here(), "again", stream).expect("a stream");
        put(&world, "again", stream, &["after"]);
    }
    logs.delete_stream(&here(), "again", "deleted").expect("it is there");
    let before = ["mine", "again"].map(|name| all(&world, name));

    let world = lasting.restart(&world, Duration::from_secs(5)).await;
    assert_eq!(["mine", "again"].map(|name| all(&world, name)), before);
    assert!(
        world
            .services
            .logs()
            .describe_streams(&here(), &StreamsRequest { group: group("gone"), ..StreamsRequest::default() })
            .is_err()
    );
    put(&world, "mine", "two", &["third"]);
    assert_eq!(texts(&world, "mine", "two"), ["first", "second", "third"]);
    // What goes from memory goes from the storage.
    let entries = lasting.storage.entries();
    let long = "x".repeat(200_000);
    for _ in 0..40 {
        put(&world, "mine", "one", &[&long]);
    }
    assert!(lasting.storage.entries() < entries + 25, "{} of {entries}", lasting.storage.entries());
    let before = all(&world, "mine");
    let world = lasting.restart(&world, Duration::ZERO).await;
    assert_eq!(all(&world, "mine"), before);
}
