"""EventBridge: rules that fire, and events that somebody tells."""

import json

import pytest
from aws import eventually, refusal


@pytest.fixture
def events(aws):
    return aws.client("events")


class Queue:
    def __init__(self, aws, name="ticks", **attributes):
        self.sqs = aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{aws.region}:{aws.account}:{name}"

    def message(self):
        """A message, with all that is known of it; waits for one."""
        parameters = {"MessageAttributeNames": ["All"], "WaitTimeSeconds": 10}
        return self.sqs.receive_message(QueueUrl=self.url, **parameters)["Messages"][0]


def test_a_rule_comes_and_goes(aws, events):
    put = events.put_rule(Name="tick", ScheduleExpression="rate(5 minutes)", Tags=[{"Key": "team", "Value": "tea"}])
    assert put["RuleArn"] == f"arn:aws:events:us-east-1:{aws.account}:rule/tick"
    listed = aws.cli("events", "list-rules", "--name-prefix", "ti")["Rules"]
    assert listed == [
        {
            "Name": "tick",
            "Arn": put["RuleArn"],
            "State": "ENABLED",
            "ScheduleExpression": "rate(5 minutes)",
            "EventBusName": "default",
        }
    ]
    events.disable_rule(Name="tick")
    assert events.describe_rule(Name="tick")["State"] == "DISABLED"
    events.enable_rule(Name="tick")
    assert events.list_tags_for_resource(ResourceARN=put["RuleArn"])["Tags"] == [{"Key": "team", "Value": "tea"}]
    events.untag_resource(ResourceARN=put["RuleArn"], TagKeys=["team"])
    assert events.list_tags_for_resource(ResourceARN=put["RuleArn"])["Tags"] == []
    events.delete_rule(Name="tick")
    gone = refusal("ResourceNotFoundException", events.describe_rule, Name="tick")
    assert (gone.message, gone.status) == ("Rule tick does not exist on EventBus default.", 400)


@pytest.mark.parametrize(
    "expression",
    ["cron(0 1 * * * *)", "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)", "cron(71 8 1 * ? *)"],
)
def test_schedules_that_are_none(events, expression):
    refused = refusal("ValidationException", events.put_rule, Name="tick", ScheduleExpression=expression)
    assert refused.message == "Parameter ScheduleExpression is not valid."


def test_targets_come_and_go(aws, events):
    queue = Queue(aws)
    events.put_rule(Name="tick", ScheduleExpression="rate(5 minutes)")
    targets = [
        {"Id": "whole", "Arn": queue.arn},
        {
            "Id": "part",
            "Arn": queue.arn,
            "InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": '"at <at>"'},
            "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60},
            "DeadLetterConfig": {"Arn": queue.arn},
        },
    ]
    put = events.put_targets(Rule="tick", Targets=targets)
    assert (put["FailedEntryCount"], put["FailedEntries"]) == (0, [])
    assert sorted(events.list_targets_by_rule(Rule="tick")["Targets"], key=lambda one: one["Id"]) == targets[::-1]
    assert events.list_rule_names_by_target(TargetArn=queue.arn)["RuleNames"] == ["tick"]
    refused = refusal("ValidationException", events.delete_rule, Name="tick")
    assert refused.message == "Rule can't be deleted since it has targets."
    assert events.remove_targets(Rule="tick", Ids=["whole", "part"])["FailedEntryCount"] == 0
    events.delete_rule(Name="tick")


def test_events_go_to_queues_and_functions(aws, events):
    queue = Queue(aws)
    aws.deploy("hello")
    pattern = {"source": ["shop"], "detail": {"paid": [True]}}
    rule = events.put_rule(Name="orders", EventPattern=json.dumps(pattern))["RuleArn"]
    letters = Queue(aws, "letters")
    function = {"Id": "function", "Arn": aws.function_arn("hello"), "DeadLetterConfig": {"Arn": letters.arn}}
    events.put_targets(Rule="orders", Targets=[{"Id": "queue", "Arn": queue.arn}, function])

    def tell(**detail):
        entry = {"Source": "shop", "DetailType": "order", "Detail": json.dumps(detail), "Resources": ["order/7"]}
        told = events.put_events(Entries=[entry])
        assert told["FailedEntryCount"] == 0
        return told["Entries"][0]["EventId"]

    tell(paid=False)
    told = tell(paid=True, id=7)
    event = json.loads(queue.message()["Body"])
    assert list(event) == "version id detail-type source account time region resources detail".split()
    assert (event["id"], event["detail"], event["resources"]) == (told, {"paid": True, "id": 7}, ["order/7"])
    # The function's policy does not allow it yet.
    letter = letters.message()
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert (attributes["ERROR_CODE"], attributes["RULE_ARN"]) == ("NO_PERMISSIONS", rule)
    assert json.loads(letter["Body"]) == event
    aws.lambda_.add_permission(
        FunctionName="hello",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    tell(paid=True)
    logs = aws.client("logs")
    eventually(lambda: logs.describe_log_streams(logGroupName="/aws/lambda/hello")["logStreams"])


def test_entries_are_refused_one_by_one(events):
    entries = [{"DetailType": "order", "Detail": "{}"}, {"Source": "shop", "DetailType": "order", "Detail": "[]"}]
    told = events.put_events(Entries=entries)
    assert told["FailedEntryCount"] == 2
    assert [entry["ErrorCode"] for entry in told["Entries"]] == ["InvalidArgument", "MalformedDetail"]


def test_what_is_not_there_says_so(events):
    refused = refusal("NotImplementedException", events.create_event_bus, Name="custom")
    assert refused.status == 501 and "only the default event bus" in refused.message
    custom = {"Name": "tick", "ScheduleExpression": "rate(1 minute)", "EventBusName": "custom"}
    refused = refusal("ValidationException", events.put_rule, **custom)
    assert refused.message == "ScheduleExpression is supported only on the default event bus."
