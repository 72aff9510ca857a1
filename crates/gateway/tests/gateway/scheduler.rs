//! EventBridge Scheduler on the wire, and what fires by itself in Hearth's own API.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{client::Answer, world::World};

/// Paths are Scheduler's for those who sign for it.
const SIGNED: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/scheduler/aws4_request, SignedHeaders=host, Signature=0",
);
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:ticks";
const ARN: &str = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick";
const GROUP_ARN: &str = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/shop";
const ROLE: &str = "arn:aws:iam::000000000000:role/scheduler";

impl World {
    async fn scheduler(&self, line: &str, document: Value) -> Answer {
        let body = if document.is_null() { String::new() } else { document.to_string() };
        self.client().await.call(line, &[SIGNED], &body).await
    }

    async fn scheduler_done(&self, line: &str, document: Value) -> Value {
        let answer = self.scheduler(line, document).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        answer.json()
    }

    async fn scheduler_refused(&self, line: &str, document: Value) -> (u16, String, Value) {
        let answer = self.scheduler(line, document).await;
        let code = answer.header("x-amzn-errortype").expect("a class").to_owned();
        (answer.status, code, answer.json())
    }
}

fn schedule(expression: &str) -> Value {
    json!({
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": QUEUE, "RoleArn": ROLE, "Input": "tick"},
    })
}

#[tokio::test]
async fn a_schedule_from_creation_to_deletion() {
    let world = World::new().await;
    world.make_ticks().await;
    let created = world.scheduler_done("POST /schedules/tick", schedule("rate(5 minutes)")).await;
    assert_eq!(created, json!({"ScheduleArn": ARN}));
    let expected = json!({
        "ActionAfterCompletion": "NONE",
        "Arn": ARN,
        "CreationDate": 0.0,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": "default",
        "LastModificationDate": 0.0,
        "Name": "tick",
        "ScheduleExpression": "rate(5 minutes)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "Target": {
            "Arn": QUEUE,
            "RoleArn": ROLE,
            "Input": "tick",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185},
        },
    });
    assert_eq!(world.scheduler_done("GET /schedules/tick?groupName=default", Value::Null).await, expected);
    world.engine.clock().advance(Duration::from_mins(11)).await;
    assert_eq!(world.ticks().await, ["tick", "tick", "tick"]);

    let mut update = schedule("cron(0 9 * * ? *)");
    update["ScheduleExpressionTimezone"] = "America/New_York".into();
    update["StartDate"] = 86_400.into();
    update["State"] = "DISABLED".into();
    update["FlexibleTimeWindow"] = json!({"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60});
    update["Target"]["DeadLetterConfig"] = json!({"Arn": QUEUE});
    world.scheduler_done("PUT /schedules/tick", update).await;
    let updated = world.scheduler_done("GET /schedules/tick", Value::Null).await;
    assert_eq!((&updated["StartDate"], &updated["LastModificationDate"]), (&json!(86_400.0), &json!(660.0)));
    assert_eq!(updated["FlexibleTimeWindow"], json!({"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}));
    let summary = json!({
        "Arn": ARN,
        "CreationDate": 0.0,
        "GroupName": "default",
        "LastModificationDate": 660.0,
        "Name": "tick",
        "State": "DISABLED",
        "Target": {"Arn": QUEUE},
    });
    let listed = world.scheduler_done("GET /schedules?ScheduleGroup=default&MaxResults=1", Value::Null).await;
    assert_eq!(listed, json!({"Schedules": [summary]}));
    assert_eq!(world.scheduler_done("DELETE /schedules/tick", Value::Null).await, json!({}));
    let gone = world.scheduler_refused("DELETE /schedules/tick", Value::Null).await;
    let document = json!({"Message": "Schedule tick does not exist."});
    assert_eq!(gone, (404, "ResourceNotFoundException".to_owned(), document));
}

#[tokio::test]
async fn groups_and_their_tags() {
    let world = World::new().await;
    let created = world.scheduler_done("POST /schedule-groups/shop", Value::Null).await;
    assert_eq!(created, json!({"ScheduleGroupArn": GROUP_ARN}));
    let group = json!({
        "Arn": GROUP_ARN,
        "CreationDate": 0.0,
        "LastModificationDate": 0.0,
        "Name": "shop",
        "State": "ACTIVE",
    });
    assert_eq!(world.scheduler_done("GET /schedule-groups/shop", Value::Null).await, group);
    let tags = format!("/tags/{}", GROUP_ARN.replace('/', "%2F"));
    let tag = json!({"Tags": [{"Key": "team", "Value": "tea"}]});
    world.scheduler_done(&format!("POST {tags}"), tag.clone()).await;
    assert_eq!(world.scheduler_done(&format!("GET {tags}"), Value::Null).await, tag);
    world.scheduler_done(&format!("DELETE {tags}?TagKeys=team"), Value::Null).await;
    assert_eq!(world.scheduler_done(&format!("GET {tags}"), Value::Null).await, json!({"Tags": []}));
    let listed = world.scheduler_done("GET /schedule-groups?NamePrefix=sh", Value::Null).await;
    assert_eq!(listed["ScheduleGroups"][0]["Name"], "shop");
    let again = world.scheduler_refused("POST /schedule-groups/shop", Value::Null).await;
    let document = json!({"Message": "Schedule group shop already exists."});
    assert_eq!(again, (409, "ConflictException".to_owned(), document));
    world.scheduler_done("DELETE /schedule-groups/shop", Value::Null).await;
}

#[tokio::test]
async fn requests_are_refused() {
    let world = World::new().await;
    let check = async |line: &str, document: Value, status: u16, code: &str, message: &str| {
        let refused = world.scheduler_refused(line, document).await;
        assert_eq!(refused, (status, code.to_owned(), json!({"Message": message})), "{line}");
    };
    let line = "POST /schedules/tick";
    let message = "Invalid Schedule Expression cron(INVALID).";
    check(line, schedule("cron(INVALID)"), 400, "ValidationException", message).await;
    let mut ecs = schedule("rate(1 minute)");
    ecs["Target"]["EcsParameters"] = json!({"TaskDefinitionArn": "task"});
    check(line, ecs, 400, "ValidationException", "Parameters EcsParameters not supported for the target.")
        .await;
    let mut encrypted = schedule("rate(1 minute)");
    encrypted["KmsKeyArn"] = "arn:aws:kms:us-east-1:000000000000:key/1".into();
    let message = "KmsKeyArn: Hearth has no keys, and encrypts nothing.";
    check(line, encrypted, 400, "ValidationException", message).await;
    let message = "`MaxResults` must be a number, not `many`";
    check("GET /schedules?MaxResults=many", Value::Null, 400, "ValidationException", message).await;
    let nothing = world.scheduler_refused("PATCH /schedules/tick", Value::Null).await;
    assert_eq!((nothing.0, &*nothing.1), (404, "UnknownOperationException"));
}

#[tokio::test]
async fn what_fires_is_listed_and_fired_by_hand() {
    let world = World::new().await;
    world.make_ticks().await;
    world.event_done("PutRule", json!({"Name": "tock", "ScheduleExpression": "cron(0 9 * * ? *)"})).await;
    let target = json!({"Id": "one", "Arn": QUEUE, "Input": "{}"});
    world.event_done("PutTargets", json!({"Rule": "tock", "Targets": [target]})).await;
    world.scheduler_done("POST /schedule-groups/shop", Value::Null).await;
    let mut grouped = schedule("cron(0 9 * * ? *)");
    grouped["GroupName"] = "shop".into();
    grouped["ScheduleExpressionTimezone"] = "Europe/Berlin".into();
    world.scheduler_done("POST /schedules/tick", grouped).await;

    let mut client = world.client().await;
    let listed = client.get("/_hearth/schedules").await.json();
    let [tick, tock] = &**listed["schedules"].as_array().expect("a list") else { panic!("{listed}") };
    assert_eq!((&tick["name"], &tick["kind"]), (&json!("shop/tick"), &json!("schedule")));
    assert_eq!(tick["next"][0], json!({"at": "1970-01-01T08:00:00Z", "unix_ms": 28_800_000}));
    assert_eq!(
        (&tock["name"], &tock["kind"], &tock["time_zone"]),
        (&json!("tock"), &json!("rule"), &json!("UTC"))
    );
    assert_eq!((&listed["now_ms"], tock["next"].as_array().map(Vec::len)), (&json!(0), Some(5)));

    for name in ["tock", "shop%2Ftick", "arn:aws:events:us-east-1:000000000000:rule%2Ftock"] {
        let fired = client.call(&format!("POST /_hearth/fire/{name}"), &[], "").await;
        assert_eq!(fired.json(), json!({"fired": [{"target": QUEUE, "error": null}]}), "{name}");
    }
    assert_eq!(world.ticks().await.len(), 3);
    let missing = client.call("POST /_hearth/fire/tick", &[], "").await;
    assert_eq!((missing.status, missing.json()["Message"].is_string()), (404, true));
    assert_eq!(client.get("/_hearth/fire/tock").await.status, 405);
    world.event_done("PutRule", json!({"Name": "both", "ScheduleExpression": "rate(1 day)"})).await;
    world.scheduler_done("POST /schedules/both", schedule("rate(1 day)")).await;
    let both = client.call("POST /_hearth/fire/both", &[], "").await;
    assert_eq!(both.status, 400, "{}", both.body);
}
