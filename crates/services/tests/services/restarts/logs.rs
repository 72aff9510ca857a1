//! Logs.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hearth_engine::InvokeRequest;
use hearth_services::logs::{
    EventsRequest, FilterRequest, GroupSelector, GroupsRequest, NewEvent, NewGroup, PageRequest, PutRequest,
    StreamsRequest, Tagged,
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

#[tokio::test]
async fn what_functions_and_clients_wrote_comes_back_in_its_order() {
    const GROUP: &str = "/aws/lambda/orders";
    let folder = tempfile::tempdir().expect("a folder");
    let mut lasting = Lasting::new();
    lasting.storage = lasting.storage.with_folder(folder.path().to_owned());
    let world = lasting.start().await;
    let function = world.deploy("orders", None).await;
    let logs = world.services.logs();
    let engine = Arc::clone(world.services.engine());
    let invoke = async |event: &'static str| {
        let request = InvokeRequest { event: event.into(), ..InvokeRequest::default() };
        engine.invoke(&function, request).await.expect("it is not turned away");
    };
    invoke("print one").await;
    for stream in ["mine", "deleted"] {
        logs.create_stream(&here(), GROUP, stream).expect("the group is there");
        put(&world, GROUP, stream, &["two", "three"]);
    }
    invoke("print four").await;
    put(&world, GROUP, "mine", &["five"]);
    logs.delete_stream(&here(), GROUP, "deleted").expect("it is there");
    logs.retain(&here(), GROUP, Some(1)).expect("it is there");
    let read = |world: &World, token: Option<&str>| {
        let page = PageRequest { token: token.map(str::to_owned), ..PageRequest::default() };
        let request = EventsRequest {
            group: group(GROUP),
            stream: "mine".to_owned(),
            from_head: true,
            page,
            ..EventsRequest::default()
        };
        world.services.logs().events(&here(), &request).expect("it is there")
    };
    let found = |world: &World| {
        let request = FilterRequest { group: group(GROUP), ..FilterRequest::default() };
        world.services.logs().filter(&here(), &request).expect("it is there").events
    };
    let (before, token) = (all(&world, GROUP), read(&world, None).forward);
    let texts: Vec<_> = found(&world).into_iter().map(|event| event.message).collect();
    let numbers: Vec<_> = texts
        .iter()
        .map(|text| text.trim_end())
        .filter(|text| ["one", "two", "three", "four", "five"].contains(text))
        .collect();
    assert_eq!(numbers, ["one", "two", "three", "four", "five"], "they all come at the same moment");
    engine.shutdown(Duration::ZERO).await;

    let world = lasting.restart(&world, Duration::from_secs(5)).await;
    assert_eq!(all(&world, GROUP), before);
    assert_eq!(found(&world).into_iter().map(|event| event.message).collect::<Vec<_>>(), texts);
    assert_eq!(read(&world, Some(&token)).events, [], "nothing has come since");
    put(&world, GROUP, "mine", &["six"]);
    let since = read(&world, Some(&token)).events;
    assert_eq!(since.iter().map(|event| &*event.message).collect::<Vec<_>>(), ["six"]);
    world.services.engine().shutdown(Duration::ZERO).await;

    // Retention goes by the clock.
    let world = lasting.restart(&world, Duration::from_secs(2 * 24 * 60 * 60)).await;
    assert_eq!(found(&world), []);
}
