//! Logs in JSON: the platform's lines as documents, and what levels leave out.

use hearth_engine::{InvokeRequest, log::Message};
use hearth_model::{
    function::FunctionConfiguration,
    logging::{ApplicationLogLevel, LogFormat, LogLevels, LoggingConfiguration, SystemLogLevel},
};

use crate::support::{World, configuration, request, seconds, text};

fn logging(application: ApplicationLogLevel, system: SystemLogLevel) -> FunctionConfiguration {
    let format = LogFormat::Json(LogLevels { application, system });
    FunctionConfiguration { logging: LoggingConfiguration { format, group: None }, ..configuration("orders") }
}

const START: &str = r#"{"time":"2024-03-04T17:22:38.110Z","type":"platform.start","record":{"requestId":"ID","version":"$LATEST"}}"#;

#[tokio::test]
async fn all_phases_are_told_at_the_lowest_level() {
    let world = World::new();
    let function = world.deploy_as(logging(ApplicationLogLevel::Info, SystemLogLevel::Debug)).await;
    world.sandbox.next_inits(["sleep 0.1101"]);
    let reply = world.while_passing(seconds(1), world.invoke(&function, "print hello;sleep 0.00301")).await;
    let init = |kind: &str, at: &str, rest: &str| {
        format!(
            r#"{{"time":"2024-03-04T17:22:38.{at}Z","type":"platform.{kind}","record":{{"initializationType":"on-demand","phase":"init",{rest}}}}}"#
        )
    };
    let expect = [
        init("initStart", "000", r#""functionName":"orders","functionVersion":"$LATEST""#),
        init("initRuntimeDone", "110", r#""status":"success""#),
        init("initReport", "110", r#""metrics":{"durationMs":110.1},"status":"success""#),
        START.to_owned(),
        "hello".to_owned(),
        r#"{"time":"2024-03-04T17:22:38.113Z","type":"platform.runtimeDone","record":{"requestId":"ID","metrics":{"durationMs":3.01,"producedBytes":4},"status":"success"}}"#.to_owned(),
        r#"{"time":"2024-03-04T17:22:38.113Z","type":"platform.report","record":{"requestId":"ID","metrics":{"durationMs":3.01,"billedDurationMs":114,"memorySizeMB":128,"maxMemoryUsedMB":36,"initDurationMs":110.1},"status":"success"}}"#.to_owned(),
    ];
    assert_eq!(text(&function, &reply), expect);
}

#[tokio::test]
async fn levels_leave_out_what_is_below_them() {
    let kinds = async |system, event: &str| {
        let world = World::new();
        let function = world.deploy_as(logging(ApplicationLogLevel::Fatal, system)).await;
        let reply = world.while_passing(seconds(3), world.invoke(&function, event)).await;
        let kind = |line: String| {
            let kind = line.split("platform.").nth(1).and_then(|rest| rest.split('"').next());
            kind.expect("an event of the platform's").to_owned()
        };
        text(&function, &reply).into_iter().map(kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(SystemLogLevel::Info, "print hello").await, ["start", "report"]);
    assert_eq!(kinds(SystemLogLevel::Warn, "print hello").await, [""; 0]);
    assert_eq!(kinds(SystemLogLevel::Warn, "hang").await, ["runtimeDone", "report"]);
    assert_eq!(kinds(SystemLogLevel::Info, "exit 1").await, ["start", "runtimeDone", "report"]);
    assert_eq!(
        kinds(SystemLogLevel::Warn, "fail ValueError").await,
        [""; 0],
        "an error of the handler's is none there"
    );
}

#[tokio::test]
async fn guests_lines_pass_as_they_are_or_not_at_all() {
    let world = World::new();
    let function = world.deploy_as(logging(ApplicationLogLevel::Warn, SystemLogLevel::Warn)).await;
    let line = |level: &str| format!(r#"{{"level":"{level}","time":"2024-03-04T17:22:38Z"}}"#);
    let event = format!("print {};eprint {};print plain;fail ValueError", line("info"), line("error"));
    let reply = world.invoke(&function, &event).await;
    let error = r#"{"timestamp":"2024-03-04T17:22:38.000Z","level":"ERROR","errorMessage":"it failed","errorType":"ValueError","requestId":"ID","stackTrace":["  in the handler"]}"#;
    assert_eq!(text(&function, &reply), [line("error"), error.to_owned()]);
}

#[tokio::test]
async fn a_failed_init_is_a_warning() {
    let world = World::new();
    let function = world.deploy_as(logging(ApplicationLogLevel::Fatal, SystemLogLevel::Warn)).await;
    world.sandbox.next_inits(["exit 1", "exit 1"]);
    let reply = world.invoke(&function, "").await;
    let lines = text(&function, &reply);
    let report = r#""type":"platform.initReport","record":{"initializationType":"on-demand","phase":"invoke","metrics":{"durationMs":0.0},"status":"error","errorType":"Runtime.ExitError"}}"#;
    assert!(lines.iter().any(|line| line.ends_with(report)), "{lines:#?}");
}

#[tokio::test]
async fn the_tail_is_in_the_format_of_the_log() {
    let world = World::new();
    let function = world.deploy_as(logging(ApplicationLogLevel::Info, SystemLogLevel::Info)).await;
    let reply =
        world.engine.invoke(&function, InvokeRequest { log_tail: true, ..request("print hello") }).await;
    let tail = reply.expect("it is not turned away").log_tail.expect("it was asked for");
    let tail = String::from_utf8(tail.to_vec()).expect("text");
    let lines: Vec<_> = tail.lines().collect();
    assert_eq!((lines.len(), lines[1]), (3, "hello"));
    assert!(lines[0].contains("platform.start") && lines[2].contains("platform.report"), "{tail}");
    assert!(function.log().snapshot().iter().any(|line| matches!(line.message, Message::Platform(_))));
}
