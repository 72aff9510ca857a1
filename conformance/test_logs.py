"""CloudWatch Logs: what functions and clients write, read with boto3 and the AWS CLI."""

import json
import time

from aws import refusal


def text(events):
    return [event["message"] for event in events]


def follow(logs, group, start):
    """What `aws logs tail --follow` does: all pages, then again from the time of the last event on, without what was
    seen already. Each step gives what is new."""
    seen = set()
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=start, interleaved=True, PaginationConfig={"PageSize": 2}
        )
        new = [event for page in pages for event in page["events"] if event["eventId"] not in seen]
        seen |= {event["eventId"] for event in new}
        start = max([event["timestamp"] for event in new], default=start)
        yield new


def test_a_functions_log_can_be_followed(aws):
    logs = aws.client("logs")
    group = "/aws/lambda/greet"
    aws.deploy("greet", "hello")
    refusal("ResourceNotFoundException", logs.filter_log_events, logGroupName=group)
    begin = int(time.time() * 1000) - 1000
    aws.invoke("greet", {})
    tail = follow(logs, group, begin)
    first = next(tail)
    assert text(first)[0].startswith("START RequestId: ")
    assert text(first)[-1].startswith("REPORT RequestId: ")
    assert next(tail) == []
    aws.invoke("greet", {})
    second = next(tail)
    assert text(second)[0].startswith("START RequestId: ")
    assert text(second)[0] != text(first)[0]

    streams = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert len(streams) == 1 and "[$LATEST]" in streams[0]["logStreamName"]
    found = aws.cli("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", '"REPORT RequestId"')
    assert len(found["events"]) == 2
    aws.lambda_.delete_function(FunctionName="greet")
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [group]


def test_events_of_clients(aws):
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="mine", tags={"team": "blue"})
    logs.create_log_stream(logGroupName="mine", logStreamName="one")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + number, "message": f'{{"number": {number}}}'} for number in range(25)]
    logs.put_log_events(logGroupName="mine", logStreamName="one", logEvents=events)

    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="mine", filterPattern="{ $.number >= 10 }", PaginationConfig={"PageSize": 4}
    )
    assert [len(page["events"]) for page in pages] == [4, 4, 4, 3]
    page = logs.get_log_events(logGroupName="mine", logStreamName="one", limit=20)
    assert text(page["events"]) == text(events[5:])
    page = logs.get_log_events(logGroupName="mine", logStreamName="one", nextToken=page["nextBackwardToken"])
    assert text(page["events"]) == text(events[:5])
    end = logs.get_log_events(logGroupName="mine", logStreamName="one", nextToken=page["nextBackwardToken"])
    assert (end["events"], end["nextBackwardToken"]) == ([], page["nextBackwardToken"])

    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "blue"}
    logs.put_retention_policy(logGroupName="mine", retentionInDays=3)
    assert aws.cli("logs", "describe-log-groups")["logGroups"][0]["retentionInDays"] == 3
    logs.delete_log_group(logGroupName="mine")
    refusal("ResourceNotFoundException", logs.describe_log_streams, logGroupName="mine")


def test_a_function_logs_in_json_to_a_group_of_its_own(aws):
    logs = aws.client("logs")
    logging = {"LogFormat": "JSON", "SystemLogLevel": "INFO", "LogGroup": "shop"}
    created = aws.deploy("greet", "hello", LoggingConfig=logging)
    assert created["LoggingConfig"] == {**logging, "ApplicationLogLevel": "INFO"}
    aws.invoke("greet", {"name": "Ada"})
    found = logs.filter_log_events(logGroupName="shop", filterPattern='{ $.type = "platform.*" }')["events"]
    documents = [json.loads(message) for message in text(found)]
    assert [document["type"] for document in documents] == ["platform.start", "platform.report"]
    assert documents[1]["record"]["status"] == "success"
    assert logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"] == []

    aws.lambda_.update_function_configuration(FunctionName="greet", LoggingConfig={"LogFormat": "Text"})
    level = {"ApplicationLogLevel": "DEBUG"}
    update = aws.lambda_.update_function_configuration
    refused = refusal("InvalidParameterValueException", update, FunctionName="greet", LoggingConfig=level)
    assert 'LogLevel is not supported when LogFormat is set to "Text"' in refused.message
