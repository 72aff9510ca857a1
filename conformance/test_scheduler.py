"""EventBridge Scheduler: schedules and their groups."""

import datetime
import json

import pytest
from aws import refusal

ROLE = "arn:aws:iam::000000000000:role/scheduler"
OFF = {"Mode": "OFF"}


@pytest.fixture
def scheduler(aws):
    return aws.client("scheduler")


@pytest.fixture
def queue(aws):
    aws.client("sqs").create_queue(QueueName="ticks")
    return f"arn:aws:sqs:{aws.region}:{aws.account}:ticks"


def create(scheduler, queue, **parameters):
    defaults = {"Name": "tick", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF}
    target = {"Arn": queue, "RoleArn": ROLE} | parameters.pop("Target", {})
    return scheduler.create_schedule(**defaults | parameters, Target=target)["ScheduleArn"]


def test_a_schedule_comes_and_goes(aws, scheduler, queue):
    arn = create(scheduler, queue, ScheduleExpressionTimezone="Europe/Berlin", Description="every day")
    assert arn == f"arn:aws:scheduler:us-east-1:{aws.account}:schedule/default/tick"
    schedule = scheduler.get_schedule(Name="tick")
    assert (schedule["State"], schedule["ActionAfterCompletion"]) == ("ENABLED", "NONE")
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert isinstance(schedule["CreationDate"], datetime.datetime)
    refused = refusal("ConflictException", create, scheduler=scheduler, queue=queue)
    assert (refused.message, refused.status) == ("Schedule tick already exists.", 409)
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=7)
    scheduler.update_schedule(
        Name="tick",
        ScheduleExpression="cron(0 9 ? * MON-FRI *)",
        FlexibleTimeWindow=window,
        EndDate=end,
        State="DISABLED",
        Target={"Arn": queue, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": queue}},
    )
    schedule = scheduler.get_schedule(Name="tick", GroupName="default")
    assert (schedule["FlexibleTimeWindow"], "Description" in schedule) == (window, False)
    assert abs(schedule["EndDate"] - end) < datetime.timedelta(seconds=1)
    listed = aws.cli("scheduler", "list-schedules", "--state", "DISABLED")["Schedules"]
    assert [(one["Name"], one["Target"]) for one in listed] == [("tick", {"Arn": queue})]
    scheduler.delete_schedule(Name="tick")
    gone = refusal("ResourceNotFoundException", scheduler.get_schedule, Name="tick")
    assert (gone.message, gone.status) == ("Schedule tick does not exist.", 404)


def test_a_schedule_fires(aws, scheduler, queue):
    create(scheduler, queue, Target={"Input": json.dumps({"attempt": "<aws.scheduler.attempt-number>"})})
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="ticks")["QueueUrl"]
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    assert json.loads(received[0]["Body"]) == {"attempt": "1"}


def test_what_happens_once_is_deleted_afterwards(aws, scheduler, queue):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    at = f"at({soon:%Y-%m-%dT%H:%M:%S})"
    create(scheduler, queue, ScheduleExpression=at, ActionAfterCompletion="DELETE")
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="ticks")["QueueUrl"]
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    event = json.loads(received[0]["Body"])
    assert (event["source"], event["detail"]) == ("aws.scheduler", "{}")
    assert scheduler.list_schedules()["Schedules"] == []


def test_groups_have_schedules_and_tags(aws, scheduler, queue):
    arn = scheduler.create_schedule_group(Name="shop", Tags=[{"Key": "team", "Value": "tea"}])["ScheduleGroupArn"]
    assert arn == f"arn:aws:scheduler:us-east-1:{aws.account}:schedule-group/shop"
    create(scheduler, queue, GroupName="shop")
    create(scheduler, queue)
    names = [one["Arn"].split(":schedule/")[1] for one in scheduler.list_schedules()["Schedules"]]
    assert names == ["default/tick", "shop/tick"]
    assert [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "shop"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "1"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "cost", "Value": "1"}]
    scheduler.delete_schedule_group(Name="shop")
    assert [one["GroupName"] for one in scheduler.list_schedules()["Schedules"]] == ["default"]
    refusal("ResourceNotFoundException", create, scheduler=scheduler, queue=queue, GroupName="shop")


@pytest.mark.parametrize(
    "expression", ["cron(0 1 * * * *)", "rate(10 seconds)", "rate()", "at(2021-12-31T23:59:59Z)", "at(2021-12-31)"]
)
def test_expressions_that_are_none(scheduler, queue, expression):
    refused = refusal("ValidationException", create, scheduler=scheduler, queue=queue, ScheduleExpression=expression)
    assert refused.message == f"Invalid Schedule Expression {expression}."


def test_universal_targets_are_refused(scheduler):
    universal = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
    refused = refusal("ValidationException", create, scheduler=scheduler, queue=universal)
    assert "universal targets" in refused.message


def test_the_same_again_with_the_same_token(scheduler, queue):
    assert create(scheduler, queue, ClientToken="once") == create(scheduler, queue, ClientToken="once")
