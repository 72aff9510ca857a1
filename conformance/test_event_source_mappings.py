"""Event source mappings: from queues to functions."""

import json

import pytest
from aws import eventually, refusal


@pytest.fixture
def queue(aws):
    return Queue(aws, "orders")


class Queue:
    def __init__(self, aws, name, **attributes):
        self.sqs = aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"} | attributes)[
            "QueueUrl"
        ]
        self.arn = self.attribute("QueueArn")

    def attribute(self, name):
        return self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name]

    def send(self, *bodies):
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        assert "Failed" not in self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def is_empty(self):
        kinds = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return all(self.attribute(kind) == "0" for kind in kinds)


def map_queue(aws, queue, function, **parameters):
    mapping = aws.lambda_.create_event_source_mapping(FunctionName=function, EventSourceArn=queue.arn, **parameters)
    eventually(lambda: state(aws, mapping) in ("Enabled", "Disabled"))
    return mapping


def state(aws, mapping):
    return aws.lambda_.get_event_source_mapping(UUID=mapping["UUID"])["State"]


def test_a_mapping_comes_and_goes(aws, queue):
    aws.deploy("worker")
    mapping = map_queue(aws, queue, "worker")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (10, 0)
    assert (mapping["EventSourceArn"], mapping["FunctionArn"]) == (queue.arn, aws.function_arn("worker"))
    listed = aws.cli("lambda", "list-event-source-mappings", "--function-name", "worker")["EventSourceMappings"]
    assert [one["UUID"] for one in listed] == [mapping["UUID"]]
    update = aws.lambda_.update_event_source_mapping
    assert update(UUID=mapping["UUID"], BatchSize=5)["BatchSize"] == 5
    refused = refusal("InvalidParameterValueException", update, UUID=mapping["UUID"], BatchSize=11)
    assert refused.message.startswith("Maximum batch window in seconds must be greater than 0")
    again = {"FunctionName": "worker", "EventSourceArn": queue.arn}
    refusal("ResourceConflictException", aws.lambda_.create_event_source_mapping, **again)
    aws.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])

    def is_gone():
        return aws.lambda_.list_event_source_mappings()["EventSourceMappings"] == []

    eventually(is_gone)
    refusal("ResourceNotFoundException", aws.lambda_.get_event_source_mapping, UUID=mapping["UUID"])


def test_messages_reach_the_function_and_are_deleted(aws, queue):
    aws.deploy("counter", "counter")
    map_queue(aws, queue, "counter", BatchSize=1)
    queue.send("one", "two", "three")
    eventually(queue.is_empty)
    answers = [aws.invoke("counter", {}) for _ in range(3)]
    assert max(answer["count"] for answer in answers) > 1, "some environment has served a message before"


def test_a_mapping_can_be_switched_off_and_on(aws, queue):
    aws.deploy("worker")
    mapping = map_queue(aws, queue, "worker", Enabled=False)
    assert state(aws, mapping) == "Disabled"
    queue.send("waits")
    assert queue.attribute("ApproximateNumberOfMessages") == "1"
    aws.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    eventually(queue.is_empty)
    assert state(aws, mapping) == "Enabled"


def test_what_fails_too_often_goes_to_the_dead_letter_queue(aws):
    dead = Queue(aws, "dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    queue = Queue(aws, "orders", RedrivePolicy=redrive, VisibilityTimeout="1")
    # It fails for every event that does not name an action.
    aws.deploy("misbehave", "misbehave", Timeout=1)
    map_queue(aws, queue, "misbehave")
    queue.send("poison")
    [message] = dead.sqs.receive_message(QueueUrl=dead.url, WaitTimeSeconds=10)["Messages"]
    assert message["Body"] == "poison"
    assert queue.is_empty()


def test_filters_delete_what_they_do_not_let_through(aws, queue):
    failed = Queue(aws, "failed")
    redrive = json.dumps({"deadLetterTargetArn": failed.arn, "maxReceiveCount": 1})
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "1"})
    aws.deploy("misbehave", "misbehave", Timeout=1)
    pattern = json.dumps({"body": {"kind": ["order"]}})
    map_queue(aws, queue, "misbehave", FilterCriteria={"Filters": [{"Pattern": pattern}]})
    queue.send('{"kind": "note"}', '{"kind": "order"}', "no JSON")
    # The function fails for whatever reaches it.
    [message] = failed.sqs.receive_message(QueueUrl=failed.url, WaitTimeSeconds=10, MaxNumberOfMessages=10)["Messages"]
    assert message["Body"] == '{"kind": "order"}'
    eventually(queue.is_empty)


def test_what_cannot_be_mapped(aws, queue):
    aws.deploy("worker", Timeout=61)
    create = aws.lambda_.create_event_source_mapping
    invalid = "InvalidParameterValueException"
    shorter = refusal(invalid, create, FunctionName="worker", EventSourceArn=queue.arn)
    assert "Queue visibility timeout: 60 seconds is less than Function timeout: 61 seconds" in shorter.message
    nobody = refusal(invalid, create, FunctionName="nobody", EventSourceArn=queue.arn)
    assert nobody.message == "Function does not exist"
    missing = refusal(invalid, create, FunctionName="worker", EventSourceArn=f"{queue.arn}-2")
    assert "AWS.SimpleQueueService.NonExistentQueue" in missing.message
