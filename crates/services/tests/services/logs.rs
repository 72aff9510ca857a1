//! CloudWatch Logs: groups, streams and events, as clients see them.

use std::collections::BTreeMap;

use hearth_engine::testing;
use hearth_model::{identity::Partition, time::Timestamp};
use hearth_services::logs::{
    EventsRequest, FilterRequest, GroupSelector, GroupsRequest, Logs, NewEvent, NewGroup, PageRequest,
    PutRequest, Refusal, Rejected, StreamOrder, StreamsRequest, Tagged,
};

use crate::world::World;

/// When each world begins.
const NOW: i64 = testing::NOW.as_unix_millis();
const DAY: i64 = 24 * 60 * 60 * 1_000;

fn here() -> Partition {
    Partition::default()
}

fn group(name: &str) -> GroupSelector {
    GroupSelector { name: Some(name.to_owned()), identifier: None }
}

fn limit(limit: i64) -> PageRequest {
    PageRequest { token: None, limit: Some(limit) }
}

/// What a world's clients do with a group `mine`, which has the streams `one` and `two`.
struct Mine<'w>(&'w Logs);

impl<'w> Mine<'w> {
    fn of(world: &'w World) -> Self {
        let logs = world.services.logs();
        logs.create_group(&here(), NewGroup { name: "mine".to_owned(), ..NewGroup::default() })
            .expect("a group");
        for stream in ["one", "two"] {
            logs.create_stream(&here(), "mine", stream).expect("a stream");
        }
        Self(logs)
    }

    fn put(&self, stream: &str, events: &[(i64, &str)]) -> Result<Option<Rejected>, Refusal> {
        let event = |&(at, message): &(i64, &str)| NewEvent { at, message: message.to_owned() };
        let request = PutRequest {
            group: "mine".to_owned(),
            stream: stream.to_owned(),
            events: events.iter().map(event).collect(),
        };
        self.0.put(&here(), &request)
    }

    /// The messages of a page, and the tokens forward and backward.
    fn get(&self, request: EventsRequest) -> (Vec<String>, String, String) {
        let request = EventsRequest { group: group("mine"), stream: "one".to_owned(), ..request };
        let page = self.0.events(&here(), &request).expect("a page");
        (page.events.into_iter().map(|event| event.message).collect(), page.forward, page.backward)
    }

    fn filter(&self, request: FilterRequest) -> (Vec<String>, Option<String>) {
        let request = FilterRequest { group: group("mine"), ..request };
        let page = self.0.filter(&here(), &request).expect("a page");
        (page.events.into_iter().map(|event| event.message).collect(), page.next_token)
    }
}

fn messages(numbers: impl IntoIterator<Item = i64>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("message {number}")).collect()
}

#[tokio::test]
async fn functions_write_where_clients_read() {
    let world = World::new();
    world.deploy("orders", None).await;
    let logs = world.services.logs();
    let all = |request: GroupsRequest| logs.describe_groups(&here(), &request).expect("a page").items;
    assert_eq!(all(GroupsRequest::default()), []);
    world.send("orders", "print first");
    world.advance(1).await;

    let groups = all(GroupsRequest::default());
    assert_eq!((groups.len(), groups[0].name.as_str()), (1, "/aws/lambda/orders"));
    assert_eq!(groups[0].created_at, Timestamp::from_unix_millis(NOW));
    assert!(groups[0].stored_bytes > 0 && groups[0].retention_days.is_none());
    let request = FilterRequest { group: group("/aws/lambda/orders"), ..FilterRequest::default() };
    let events = logs.filter(&here(), &request).expect("a page").events;
    assert!(events[0].message.starts_with("START RequestId: ") && events[0].message.ends_with("$LATEST\n"));
    assert_eq!(events[1].message, "first\n");
    assert!(events[0].stream.starts_with("2024/03/04/[$LATEST]"));
    assert!(events.is_sorted_by(|one, other| one.id < other.id));

    world.functions().delete(&here(), "orders", None).expect("it is deleted");
    assert_eq!(logs.filter(&here(), &request).expect("a page").events, events);
    logs.delete_group(&here(), "/aws/lambda/orders").expect("it is deleted");
    assert_eq!(all(GroupsRequest::default()), []);
}

#[tokio::test]
async fn events_are_read_page_by_page_in_both_directions() {
    let world = World::new();
    let mine = Mine::of(&world);
    let (empty, forward, backward) = mine.get(EventsRequest::default());
    assert_eq!(empty, [""; 0]);
    let of = |token: &str| EventsRequest {
        page: PageRequest { token: Some(token.to_owned()), limit: Some(10) },
        ..EventsRequest::default()
    };
    assert_eq!(mine.get(of(&backward)), (Vec::new(), backward.clone().replace('b', "f"), backward));

    let events: Vec<_> = messages(0..25);
    let events: Vec<_> = (0..).zip(&events).map(|(number, text)| (NOW + number, text.as_str())).collect();
    mine.put("one", &events).expect("written");
    mine.put("two", &[(NOW, "elsewhere")]).expect("written");
    assert_eq!(mine.get(of(&forward)).0, messages(0..10), "what came after an empty page");

    let newest = EventsRequest { page: limit(10), ..EventsRequest::default() };
    let (page, _, backward) = mine.get(newest.clone());
    assert_eq!(page, messages(15..25));
    let (page, forward, backward) = mine.get(of(&backward));
    assert_eq!(page, messages(5..15));
    assert_eq!(mine.get(of(&forward)).0, messages(15..25));
    let (page, _, backward) = mine.get(of(&backward));
    assert_eq!(page, messages(0..5));
    let (page, forward, end) = mine.get(of(&backward));
    assert_eq!((page, &end), (Vec::new(), &backward), "the same token at the end");
    assert_eq!(mine.get(of(&forward)).0, messages(0..10), "and back again");

    let (page, forward, _) = mine.get(EventsRequest { from_head: true, ..newest });
    assert_eq!(page, messages(0..10));
    let (_, forward, _) = mine.get(of(&forward));
    let (page, forward, _) = mine.get(of(&forward));
    assert_eq!(page, messages(20..25));
    let (page, end, _) = mine.get(of(&forward));
    assert_eq!((page, &end), (Vec::new(), &forward));
    mine.put("one", &[(NOW + 25, "message 25")]).expect("written");
    assert_eq!(mine.get(of(&end)).0, messages([25]));
}

#[tokio::test]
async fn ranges_of_time_end_as_on_aws() {
    let world = World::new();
    let mine = Mine::of(&world);
    mine.put("one", &[(NOW, "message 0"), (NOW + 1, "message 1"), (NOW + 2, "message 2")]).expect("written");
    let (start, end) = (Some(NOW + 1), Some(NOW + 2));
    assert_eq!(mine.get(EventsRequest { start, end, ..EventsRequest::default() }).0, messages([1]));
    assert_eq!(mine.filter(FilterRequest { start, end, ..FilterRequest::default() }).0, messages([1, 2]));
}

#[tokio::test]
async fn a_group_is_searched_across_its_streams() {
    let world = World::new();
    let mine = Mine::of(&world);
    mine.put("two", &[(NOW + 1, "message 1 WARN"), (NOW + 3, "message 3 ERROR")]).expect("written");
    mine.put("one", &[(NOW, "message 0 ERROR"), (NOW + 2, "{\"level\":\"ERROR\"}")]).expect("written");
    let check = |request: FilterRequest, expect: &[&str]| assert_eq!(mine.filter(request).0, expect);
    let pattern =
        |pattern: &str| FilterRequest { pattern: Some(pattern.to_owned()), ..FilterRequest::default() };
    check(pattern(""), &["message 0 ERROR", "message 1 WARN", "{\"level\":\"ERROR\"}", "message 3 ERROR"]);
    check(pattern("?WARN ?level"), &["message 1 WARN", "{\"level\":\"ERROR\"}"]);
    check(pattern("{ $.level = ERROR }"), &["{\"level\":\"ERROR\"}"]);
    check(FilterRequest { streams: Some(vec!["two".to_owned()]), ..pattern("ERROR") }, &["message 3 ERROR"]);
    check(FilterRequest { stream_prefix: Some("o".to_owned()), ..pattern("message") }, &["message 0 ERROR"]);
    check(
        FilterRequest { newest_first: true, ..pattern("message") },
        &["message 3 ERROR", "message 1 WARN", "message 0 ERROR"],
    );

    for newest_first in [false, true] {
        let mut seen = Vec::new();
        let mut token = None;
        loop {
            let page = PageRequest { token, limit: Some(1) };
            // The direction is the token's from the second page on.
            let request = FilterRequest {
                newest_first: newest_first && page.token.is_none(),
                page,
                ..pattern("ERROR")
            };
            let (messages, next) = mine.filter(request);
            assert_eq!(messages.len(), 1);
            seen.extend(messages);
            token = next;
            if token.is_none() {
                break;
            }
        }
        if newest_first {
            seen.reverse();
        }
        assert_eq!(seen, ["message 0 ERROR", "{\"level\":\"ERROR\"}", "message 3 ERROR"]);
    }
}

#[tokio::test]
async fn a_page_has_at_most_a_mebibyte() {
    let world = World::new();
    let mine = Mine::of(&world);
    let large = "x".repeat(400_000);
    for number in 0..4 {
        mine.put("one", &[(NOW + number, &large)]).expect("written");
    }
    let (page, token) = mine.filter(FilterRequest::default());
    assert_eq!((page.len(), token.is_some()), (2, true));
    let page = PageRequest { token, limit: None };
    let (page, token) = mine.filter(FilterRequest { page, ..FilterRequest::default() });
    assert_eq!((page.len(), token), (2, None));
    assert_eq!(mine.get(EventsRequest::default()).0.len(), 2);
}

#[tokio::test]
async fn events_of_other_times_are_left_out() {
    let world = World::new();
    let mine = Mine::of(&world);
    let hours = |hours: i64| NOW + hours * 60 * 60 * 1_000;
    let events = [
        (NOW - 15 * DAY, "too old"),
        (NOW - 14 * DAY, "just"),
        (hours(2), "just"),
        (hours(2) + 1, "too new"),
    ];
    let span = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
    assert_eq!(mine.put("one", &events), Err(Refusal::InvalidParameter(span.into())));
    let rejected = Rejected { too_old_end: Some(1), too_new_start: Some(2), expired_end: None };
    let events = [(NOW - 15 * DAY, "too old"), (hours(2), "just"), (hours(2) + 1, "too new")];
    assert_eq!(mine.put("one", &events), Ok(Some(rejected)));
    assert_eq!(mine.get(EventsRequest::default()).0, ["just"]);

    mine.0.retain(&here(), "mine", Some(7)).expect("set");
    let rejected = Rejected { expired_end: Some(1), ..Rejected::default() };
    assert_eq!(mine.put("two", &[(NOW - 8 * DAY, "expired"), (NOW, "now")]), Ok(Some(rejected)));
    assert_eq!(mine.put("two", &[(NOW, "fine")]), Ok(None));
}

#[tokio::test]
async fn what_is_no_batch_is_refused() {
    let world = World::new();
    let mine = Mine::of(&world);
    let check = |events: &[(i64, &str)], expect: &str| {
        assert_eq!(mine.put("one", events).expect_err("refused").to_string(), expect);
    };
    check(
        &[(NOW, "one"), (NOW - 1, "two")],
        "Log events in a single PutLogEvents request must be in chronological order.",
    );
    let half = "x".repeat(600_000);
    check(&[(NOW, &half), (NOW, &half)], "Upload too large: 1200052 bytes exceeds limit of 1048576");
    let constraint = "failed to satisfy constraint: Member must have";
    check(
        &[],
        &format!(
            "1 validation error detected: Value '[]' at 'logEvents' {constraint} length greater than or equal to 1"
        ),
    );
    check(
        &[(-1, "before")],
        &format!(
            "1 validation error detected: Value '-1' at 'logEvents.member.timestamp' {constraint} value greater than or equal to 0"
        ),
    );
    assert_eq!(
        mine.put("three", &[(NOW, "x")]).expect_err("refused").to_string(),
        "The specified log stream does not exist."
    );
}

#[tokio::test]
async fn retention_ends_with_the_clock() {
    let world = World::new();
    let mine = Mine::of(&world);
    mine.put("one", &[(NOW - DAY / 2, "yesterday"), (NOW, "today")]).expect("written");
    mine.0.retain(&here(), "mine", Some(1)).expect("set");
    assert_eq!(mine.get(EventsRequest::default()).0, ["yesterday", "today"]);
    world.advance(13 * 60 * 60).await;
    assert_eq!(mine.get(EventsRequest::default()).0, ["today"]);
    assert_eq!(mine.filter(FilterRequest::default()).0, ["today"]);
    let streams = StreamsRequest { group: group("mine"), ..StreamsRequest::default() };
    let streams = mine.0.describe_streams(&here(), &streams).expect("a page").items;
    assert_eq!(streams[0].events.expect("an event").first, Timestamp::from_unix_millis(NOW));
    mine.0.retain(&here(), "mine", None).expect("set");
    assert_eq!(mine.get(EventsRequest::default()).0, ["yesterday", "today"]);
    assert!(mine.0.retain(&here(), "mine", Some(2)).is_err());
}

#[tokio::test]
async fn groups_are_listed_by_name() {
    let world = World::new();
    let logs = world.services.logs();
    for number in 0..60 {
        let name = format!("group-{number:02}");
        logs.create_group(&here(), NewGroup { name, ..NewGroup::default() }).expect("a group");
    }
    let page = |request: GroupsRequest| {
        let page = logs.describe_groups(&here(), &request).expect("a page");
        (page.items.into_iter().map(|view| view.name.to_string()).collect::<Vec<_>>(), page.next_token)
    };
    let (first, token) = page(GroupsRequest::default());
    assert_eq!((first.len(), first[0].as_str()), (50, "group-00"));
    let (second, token) =
        page(GroupsRequest { page: PageRequest { token, limit: None }, ..GroupsRequest::default() });
    assert_eq!((second.len(), second[0].as_str(), token), (10, "group-50", None));
    let named = |prefix: Option<&str>, pattern: Option<&str>, identifiers: Option<&[&str]>| GroupsRequest {
        prefix: prefix.map(str::to_owned),
        pattern: pattern.map(str::to_owned),
        identifiers: identifiers.map(|names| names.iter().map(ToString::to_string).collect()),
        ..GroupsRequest::default()
    };
    assert_eq!(page(named(Some("group-5"), None, None)).0.len(), 10);
    assert_eq!(page(named(Some("roup"), None, None)).0.len(), 0);
    assert_eq!(page(named(None, Some("p-1"), None)).0.len(), 10);
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:group-07:*";
    assert_eq!(page(named(None, None, Some(&["group-33", arn]))).0, ["group-07", "group-33"]);
    let list = |pattern| {
        let page = logs.list_groups(&here(), Some(pattern), None, &PageRequest::default());
        page.map(|page| page.items.len())
    };
    assert_eq!(list("^group-1|up-2"), Ok(20));
    assert_eq!(list("^roup"), Ok(0));
    assert!(list("up").is_err());
    let both = logs.describe_groups(&here(), &named(Some("a"), Some("a"), None)).expect_err("refused");
    assert_eq!(
        both.to_string(),
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
    );
}

#[tokio::test]
async fn streams_are_listed_by_name_or_by_their_last_event() {
    let world = World::new();
    let mine = Mine::of(&world);
    mine.0.create_stream(&here(), "mine", "three").expect("a stream");
    mine.put("two", &[(NOW + 1, "x")]).expect("written");
    mine.put("one", &[(NOW, "x"), (NOW + 2, "x")]).expect("written");
    let list = |order, descending, page: PageRequest| {
        let request =
            StreamsRequest { group: group("mine"), order, descending, page, ..StreamsRequest::default() };
        let page = mine.0.describe_streams(&here(), &request).expect("a page");
        (page.items.into_iter().map(|view| view.name).collect::<Vec<_>>(), page.next_token)
    };
    assert_eq!(list(StreamOrder::Name, false, PageRequest::default()).0, ["one", "three", "two"]);
    assert_eq!(list(StreamOrder::LastEvent, false, PageRequest::default()).0, ["three", "two", "one"]);
    let (first, token) = list(StreamOrder::LastEvent, true, limit(2));
    assert_eq!(first, ["one", "two"]);
    assert_eq!(
        list(StreamOrder::LastEvent, true, PageRequest { token, limit: Some(2) }),
        (vec!["three".to_owned()], None)
    );

    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:mine";
    let by = |name: Option<&str>, identifier: Option<&str>, prefix: &str| {
        let group =
            GroupSelector { name: name.map(str::to_owned), identifier: identifier.map(str::to_owned) };
        let request = StreamsRequest { group, prefix: Some(prefix.to_owned()), ..StreamsRequest::default() };
        mine.0.describe_streams(&here(), &request).map(|page| page.items.len())
    };
    assert_eq!(by(None, Some("mine"), "t"), Ok(2));
    assert_eq!(by(None, Some(arn), "one"), Ok(1));
    assert!(matches!(by(Some("mine"), Some("mine"), "t"), Err(Refusal::Validation(_))));
    let elsewhere = arn.replace("us-east-1", "eu-west-1");
    assert!(matches!(by(None, Some(&elsewhere), "t"), Err(Refusal::NotFound(_))));
}

#[tokio::test]
async fn tags_belong_to_a_group_until_it_goes() {
    let world = World::new();
    let logs = world.services.logs();
    let tags = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect::<BTreeMap<_, _>>()
    };
    let create = |tags| logs.create_group(&here(), NewGroup { name: "mine".to_owned(), tags, class: None });
    create(tags(&[("env", "testing")])).expect("a group");
    let (name, arn) =
        (Tagged::Name("mine"), Tagged::Arn("arn:aws:logs:us-east-1:000000000000:log-group:mine"));
    logs.tag(&here(), arn, tags(&[("env", "live"), ("team", "tea")])).expect("tagged");
    assert_eq!(logs.tags(&here(), name), Ok(tags(&[("env", "live"), ("team", "tea")])));
    logs.untag(&here(), name, &["env".to_owned()]).expect("untagged");
    assert_eq!(logs.tags(&here(), arn), Ok(tags(&[("team", "tea")])));
    let many = (0..50).map(|number| (number.to_string(), String::new())).collect();
    assert!(matches!(logs.tag(&here(), arn, many), Err(Refusal::TooManyTags(_))));

    logs.delete_group(&here(), "mine").expect("deleted");
    assert_eq!(
        logs.tags(&here(), name).expect_err("gone").to_string(),
        "The specified log group does not exist."
    );
    create(BTreeMap::new()).expect("a group");
    assert_eq!(logs.tags(&here(), name), Ok(BTreeMap::new()));
    assert_eq!(
        create(BTreeMap::new()).expect_err("twice").to_string(),
        "The specified log group already exists"
    );
}
