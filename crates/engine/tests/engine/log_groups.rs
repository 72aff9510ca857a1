//! Log groups: when they exist, who shares them, and what becomes of them.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use hearth_engine::{
    clock::Clock,
    log::{LogGroup, LogWriter, Source},
};
use hearth_model::{
    identity::{AccountId, Partition, Version},
    logging::{LogFormat, LogGroupName, LoggingConfiguration},
    time::Timestamp,
};

use crate::support::{NOW, World, configuration, empty_package, seconds};

fn name(text: &str) -> LogGroupName {
    text.parse().expect("a name")
}

fn names(world: &World) -> Vec<String> {
    let groups = world.engine.log_groups().list(&Partition::default());
    groups.iter().map(|group| group.name().to_string()).collect()
}

#[tokio::test]
async fn a_group_exists_from_the_first_line_on_and_outlives_its_function() {
    let world = World::new();
    let function = world.deploy("orders").await;
    assert_eq!(names(&world), [""; 0]);
    world.clock.advance(seconds(1)).await;
    world.invoke(&function, "print hello").await;
    assert_eq!(names(&world), ["/aws/lambda/orders"]);
    let began = NOW + seconds(1);
    assert_eq!(function.log().created_at(), Some(began));

    world.engine.delete(&function);
    drop(function);
    assert_eq!(names(&world), ["/aws/lambda/orders"]);
    let again = world.deploy("orders").await;
    assert_eq!(again.log().snapshot()[1].to_string(), "hello", "functions of the same name share the group");
    let elsewhere =
        Partition { account: AccountId::parse("111111111111").expect("an account"), ..Partition::default() };
    assert!(world.engine.log_groups().find(&elsewhere, again.log().name()).is_none());
}

#[tokio::test]
async fn a_deleted_group_comes_back_with_the_next_line() {
    let world = World::new();
    let function = world.deploy("orders").await;
    world.invoke(&function, "print before").await;
    let group = function.log();
    let stream = group.streams()[0].name().to_owned();
    assert!(group.delete() && !group.delete());
    assert!(names(&world).is_empty() && group.snapshot().is_empty() && group.streams().is_empty());

    world.invoke(&function, "print after").await;
    let lines: Vec<_> = group.snapshot().iter().map(ToString::to_string).collect();
    assert_eq!((lines.len(), lines[1].as_str()), (4, "after"));
    assert_eq!(group.streams()[0].name(), stream, "the environment is the same one");
    assert!(!group.create(), "it exists");
}

#[tokio::test]
async fn a_deleted_stream_is_begun_anew() {
    let world = World::new();
    let function = world.deploy("orders").await;
    world.invoke(&function, "print before").await;
    let group = function.log();
    let stream = group.streams()[0].name().to_owned();
    assert!(group.delete_stream(&stream) && !group.delete_stream(&stream));
    assert!(group.snapshot().is_empty() && group.created_at().is_some());
    world.invoke(&function, "print after").await;
    assert_eq!(group.snapshot()[1].to_string(), "after");
    assert!(!group.create_stream(&stream));
}

#[tokio::test]
async fn functions_can_share_a_group_and_move_to_another() {
    let world = World::new();
    let logging = LoggingConfiguration { group: Some(name("shop")), ..LoggingConfiguration::default() };
    let mut functions = Vec::new();
    for function in ["orders", "returns"] {
        let mut configuration = configuration(function);
        configuration.logging = logging.clone();
        functions.push(world.deploy_as(configuration).await);
    }
    for function in &functions {
        world.invoke(function, "print hello").await;
    }
    assert_eq!(names(&world), ["shop"]);
    let group = functions[0].log();
    let writers: Vec<_> =
        group.snapshot().iter().map(|line| line.stream.function().expect("a function").to_string()).collect();
    assert_eq!((writers.len(), &*writers[0], &*writers[7]), (8, "orders", "returns"));

    let package = empty_package();
    let update = world.engine.update(&functions[0], configuration("orders"), package, Vec::new());
    update.await.expect("it is updated");
    world.invoke(&functions[0], "").await;
    assert_eq!(names(&world), ["/aws/lambda/orders", "shop"]);
    assert_eq!(group.snapshot().len(), 8);
}

#[tokio::test]
async fn what_clients_put_stands_beside_what_functions_write() {
    let world = World::new();
    let group = world.engine.log_groups().group(&Partition::default(), &name("mine"));
    assert!(group.create() && group.create_stream("one"));
    let stream = group.stream("one").expect("it was created");
    let at = Timestamp::from_unix_millis(1_709_572_000_000);
    group.put(&stream, [(at, "first".into()), (at, "second\n".into())]);
    let lines = group.snapshot();
    assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), ["first", "second\n"]);
    assert_eq!((lines[0].at, lines[0].ingested_at), (at, NOW));
    assert!(lines[0].stream.function().is_none());
}

#[test]
fn streams_without_lines_are_forgotten_once_there_are_many() {
    let group = Arc::new(LogGroup::new(name("mine"), Clock::frozen(Timestamp::UNIX_EPOCH), 10_000));
    assert!(group.create_stream("a client's"));
    let writer =
        || LogWriter { function: "orders".into(), version: Version::Latest, format: LogFormat::Text };
    let idle = group.environment(writer(), 0);
    idle.write(Source::Stdout, b"long ago\n");
    for unique in 1..1_000 {
        group.environment(writer(), unique).write(Source::Stdout, b"hello\n");
    }
    let streams = group.streams();
    assert!(streams.len() < 300, "{}", streams.len());
    for kept in ["a client's", idle.stream_name()] {
        assert!(streams.iter().any(|stream| stream.name() == kept), "{kept}");
    }
}

#[tokio::test]
async fn who_follows_learns_of_every_group_once() {
    let world = World::new();
    let told = |groups: Vec<Arc<LogGroup>>| {
        let mut names: Vec<String> = groups.iter().map(|group| group.name().to_string()).collect();
        names.sort();
        names
    };
    let _first = [world.deploy("a").await, world.deploy("b").await];
    let mut followed = world.engine.log_groups().follow();
    assert_eq!(told(followed.next().await), ["/aws/lambda/a", "/aws/lambda/b"]);
    let _again = world.engine.log_groups().group(&Partition::default(), &name("/aws/lambda/a"));
    let _third = world.deploy("c").await;
    assert_eq!(told(followed.next().await), ["/aws/lambda/c"]);
    let mut next = pin!(followed.next());
    assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(), "there is no other");
}
