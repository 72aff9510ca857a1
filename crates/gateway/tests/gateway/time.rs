//! The clock over HTTP, and settling.

use hearth_engine::{asynchronous::AsynchronousRequest, work::WorkKind};
use serde_json::{Value, json};

use crate::{client::Answer, world::World};

impl World {
    async fn steer(&self, what: &str) -> Answer {
        self.client().await.call(&format!("POST /_hearth/{what}"), &[], "").await
    }

    async fn clock(&self) -> Value {
        self.client().await.get("/_hearth/clock").await.json()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_is_moved_stopped_and_resumed() {
    let world = World::new().await;
    let clock = world.clock().await;
    assert_eq!((&clock["state"], &clock["now"]), (&json!("frozen"), &json!("1970-01-01T00:00:00.000Z")));

    let moved = world.steer("clock/advance?by=1d+6h").await.json();
    let expected = json!({"state": "frozen", "now": "1970-01-02T06:00:00.000Z", "now_ms": 108_000_000, "next_in_ms": moved["clock"]["next_in_ms"]});
    assert_eq!(moved, json!({"settled": true, "clock": expected, "ran": {}, "going_on": []}));
    let set = world.steer("clock/set?at=2026-01-01T00:00:00Z").await.json();
    assert_eq!(set["clock"]["now_ms"], 1_767_225_600_000_i64);
    let back = world.steer("clock/freeze?at=2025-01-01T01:00:00%2B01:00").await.json();
    assert_eq!(back["clock"]["now"], "2025-01-01T00:00:00.000Z");

    assert_eq!(world.steer("clock/resume").await.json()["state"], "running");
    assert_eq!(world.steer("clock/freeze").await.json()["state"], "frozen");
    let clock = world.clock().await;
    assert_eq!(world.clock().await, clock, "it stands");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moving_tells_what_ran() {
    let world = World::new().await;
    let function = world.functions.resolve(&Default::default(), "hello", None).expect("it is there");
    let event = AsynchronousRequest { event: "\"function error\"".into(), ..AsynchronousRequest::default() };
    world.engine.accept(&function, event).expect("it is accepted");
    let settled = world.steer("settle").await.json();
    assert_eq!((&settled["settled"], &settled["going_on"]), (&json!(true), &json!([])));
    assert_eq!(settled["clock"]["next_in_ms"], 60_000, "it is tried again then");
    let moved = world.steer("clock/advance?by=3m").await.json();
    assert_eq!(moved["ran"], json!({"asynchronous_invocations": 2, "invocations": 2}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_settle_in_time_is_told() {
    let world = World::new().await;
    let busy = world.engine.work().busy(WorkKind::Journal);
    let answer = world.steer("settle?timeout=1ms").await;
    assert_eq!((answer.status, &answer.json()["settled"]), (504, &json!(false)));
    let answer = world.steer("clock/advance?by=1h&timeout=1ms").await;
    assert_eq!(
        (answer.status, &answer.json()["clock"]["now_ms"]),
        (504, &json!(0)),
        "it waits for what goes on"
    );
    let ways: Vec<_> =
        answer.json()["going_on"].as_array().expect("lines").iter().map(what_and_why).collect();
    let on_the_way = "the clock is on its way to 1970-01-01T01:00:00.000Z, and waits for what goes on";
    let writing = ("journal_writes".to_owned(), "what was changed is written to the disk".to_owned());
    assert_eq!(ways, [("clock_movements".to_owned(), on_the_way.to_owned()), writing]);
    drop(busy);
    assert_eq!(world.steer("clock/advance?by=1h").await.json()["clock"]["now_ms"], 3_600_000);
}

fn what_and_why(line: &Value) -> (String, String) {
    let text = |name| line[name].as_str().expect("a text").to_owned();
    (text("what"), text("why"))
}

/// Whatever keeps Hearth from settling is told by its name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_goes_on_has_a_name() {
    let world = World::new().await;
    let names = async |what| {
        let settled = world.steer(what).await;
        assert_eq!((settled.status, &settled.json()["settled"]), (504, &json!(false)));
        let lines = settled.json()["going_on"].as_array().expect("lines").clone();
        assert!(lines.iter().all(|line| line["count"] == 1 && line["why"] != ""), "{lines:?}");
        lines.iter().map(|line| what_and_why(line).0).collect::<Vec<_>>()
    };
    for kind in WorkKind::ALL {
        let busy = world.engine.work().busy(kind);
        assert_eq!(names("settle?timeout=1ms").await, [kind.name()], "something is busy");
        drop(busy);
    }
    world.engine.clock().resume();
    for kind in WorkKind::ALL {
        let accepted = world.engine.work().begin(kind).expect("it is accepted");
        assert_eq!(names("settle?timeout=1ms").await, [kind.name()], "where time passes, all is waited for");
        drop(accepted);
    }
    assert_eq!(world.steer("settle").await.json()["going_on"], json!([]));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::new().await;
    for (what, message) in [
        ("clock/advance", "`by` is missing"),
        ("clock/advance?by=soon", "`by` must be a duration such as `90s`, `6h` or `30d`, not `soon`"),
        ("clock/advance?by=-1h", "`by` must be a duration such as `90s`, `6h` or `30d`, not `-1h`"),
        ("clock/set", "`at` is missing"),
        ("clock/set?at=now", "`at` must be a time such as `2026-01-31T12:00:00Z`, not `now`"),
        ("settle?timeout=long", "`timeout` must be a duration such as `90s`, `6h` or `30d`, not `long`"),
    ] {
        let answer = world.steer(what).await;
        assert_eq!((answer.status, &answer.json()["message"]), (400, &json!(message)), "{what}");
    }
    let answer = world.client().await.get("/_hearth/clock/advance").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(world.steer("clock/stop").await.status, 404);
}
