"""Hearth's own API beside AWS's: chains of causes in the timeline, and faults on demand."""

import json
import urllib.request

import pytest
from aws import refusal


class Control:
    """What is under `/_hearth/`."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def __call__(self, path, method="GET", document=None):
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.endpoint}/_hearth/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def chain(self, of):
        return [(event.get("function") or event.get("queue"), event["event"]) for event in self(f"timeline?chain={of}")["events"]]


@pytest.fixture
def control(endpoint):
    return Control(endpoint)


@pytest.fixture
def fault(control):
    """Adds rules, which go with the test."""
    ids = []

    def add(**rule):
        ids.extend(entry["id"] for entry in control("faults", "POST", rule)["faults"])

    yield add
    for number in ids:
        control(f"faults/{number}", "DELETE")


def test_a_chain_goes_from_a_message_to_its_dead_letter(aws, control, fault):
    name, sqs = f"worker-{aws.account}", aws.client("sqs")
    aws.deploy(name, Timeout=1)
    letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
    arn = f"arn:aws:sqs:{aws.region}:{aws.account}"
    policy = json.dumps({"deadLetterTargetArn": f"{arn}:letters", "maxReceiveCount": 1})
    jobs = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "1", "RedrivePolicy": policy})["QueueUrl"]
    fault(fault="fail", function=name, error_type="Unlucky")
    aws.lambda_.create_event_source_mapping(EventSourceArn=f"{arn}:jobs", FunctionName=name)
    message = sqs.send_message(QueueUrl=jobs, MessageBody="tea")["MessageId"]
    [letter] = sqs.receive_message(QueueUrl=letters, WaitTimeSeconds=20)["Messages"]
    assert letter["MessageId"] == message
    worker = ["polled", "received", "injected", "cold-start", "ended"]
    assert control.chain(message) == [("jobs", "sent"), *((name, event) for event in worker), ("letters", "dead-lettered")]


def test_an_sdk_tries_again_what_was_done(aws, control, fault):
    name = f"echo-{aws.account}"
    aws.deploy(name)
    fault(fault="drop-response", function=name, count=1)
    refused = refusal("ServiceException", aws.lambda_.invoke, FunctionName=name, Payload=b"{}")
    assert refused.status == 500
    retrying = aws.new_client("lambda", retries={"total_max_attempts": 2})
    fault(fault="throttle", function=name, count=1)
    assert retrying.invoke(FunctionName=name, Payload=b"{}")["StatusCode"] == 200
    events = control(f"timeline?function={name}&kind=ended,throttled,injected")["events"]
    kinds = [event["event"] for event in events]
    assert kinds == ["injected", "ended", "injected", "throttled", "ended"]
    assert [event["outcome"] for event in events if event["event"] == "ended"] == ["success", "success"]


def test_what_a_handler_asks_for_is_caused_by_its_invocation(aws, control):
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    aws.deploy("echo")
    invoked = aws.lambda_.invoke(FunctionName="echo", Payload=b"{}")["ResponseMetadata"]
    trace = invoked["HTTPHeaders"]["x-amzn-trace-id"]
    # As SDKs do within a handler.
    sqs.meta.events.register("before-send.sqs", lambda request, **_: request.headers.update({"X-Amzn-Trace-Id": trace}))
    sqs.send_message(QueueUrl=queue, MessageBody="tea")
    assert control.chain(invoked["RequestId"]) == [
        ("echo", "received"),
        ("echo", "cold-start"),
        ("echo", "ended"),
        ("told", "sent"),
    ]


def test_an_invocation_runs_again_on_the_code_that_it_ran_on(aws, control):
    aws.deploy("echo", Environment={"Variables": {"STATE": "before"}})
    invoked = aws.lambda_.invoke(FunctionName="echo", Payload=b'{"order": 7}')
    answer, of = json.load(invoked["Payload"]), invoked["ResponseMetadata"]["RequestId"]
    aws.lambda_.update_function_configuration(FunctionName="echo", Environment={"Variables": {"STATE": "after"}})
    aws.lambda_.get_waiter("function_updated_v2").wait(FunctionName="echo")
    again = control(f"replay/{of}", "POST")
    assert (again["replay_of"], again["outcome"], again["payload"]) == (of, "success", answer)
    assert control.chain(of)[-1] == ("echo", "ended")
