"""Asynchronous invocation: who is told of its end."""

import json

from aws import refusal

FAILURE = {"action": "error", "error_type": "Exception", "message": "on purpose"}


def create_queue(aws, name):
    """Creates a queue; returns its URL and ARN."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(aws, url):
    """The next message of a queue."""
    received = aws.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    )
    [message] = received["Messages"]
    return message


def send(aws, function, event):
    """Sends an event without waiting for an answer; returns the request's id."""
    reply = aws.lambda_.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))
    return reply["ResponseMetadata"]["RequestId"]


def test_a_queue_gets_a_record_of_each_success_and_failure(aws):
    aws.deploy("misbehave", "misbehave")
    url, arn = create_queue(aws, "told")
    aws.lambda_.put_function_event_invoke_config(
        FunctionName="misbehave",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}},
    )
    request = send(aws, "misbehave", FAILURE)
    message = receive(aws, url)
    record = json.loads(message["Body"])
    assert record["requestContext"] == {
        "requestId": request,
        "functionArn": aws.function_arn("misbehave:$LATEST"),
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 1,
    }
    assert (record["version"], record["requestPayload"]) == ("1.0", FAILURE)
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["responsePayload"]["errorMessage"] == "on purpose"
    assert message["Attributes"]["AWSTraceHeader"].startswith("Root=1-")

    request = send(aws, "misbehave", {"action": "sleep", "ms": 1})
    record = json.loads(receive(aws, url)["Body"])
    assert record["requestContext"]["requestId"] == request
    assert record["requestContext"]["condition"] == "Success"


def test_an_event_that_failed_lies_in_the_dead_letter_queue(aws):
    url, arn = create_queue(aws, "dead")
    created = aws.deploy("misbehave", "misbehave", DeadLetterConfig={"TargetArn": arn})
    assert created["DeadLetterConfig"] == {"TargetArn": arn}
    aws.lambda_.put_function_event_invoke_config(FunctionName="misbehave", MaximumRetryAttempts=0)
    request = send(aws, "misbehave", FAILURE)
    letter = receive(aws, url)
    assert json.loads(letter["Body"]) == FAILURE
    assert letter["MessageAttributes"] == {
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": "on purpose"},
        "RequestID": {"DataType": "String", "StringValue": request},
    }
    removed = aws.lambda_.update_function_configuration(FunctionName="misbehave", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in removed


def test_without_concurrency_an_event_fails_at_once(aws):
    url, arn = create_queue(aws, "told")
    aws.deploy("echo")
    aws.lambda_.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    aws.lambda_.put_function_event_invoke_config(
        FunctionName="echo", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    send(aws, "echo", {})
    record = json.loads(receive(aws, url)["Body"])
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record["requestPayload"] == {} and "responseContext" not in record


def test_a_function_can_be_told_too(aws):
    aws.deploy("first")
    aws.deploy("second")
    url, arn = create_queue(aws, "told")
    configure = aws.lambda_.put_function_event_invoke_config
    second = {"OnSuccess": {"Destination": aws.function_arn("second")}}
    configure(FunctionName="first", DestinationConfig=second)
    configure(FunctionName="second", DestinationConfig={"OnSuccess": {"Destination": arn}})
    send(aws, "first", "hello")
    record = json.loads(receive(aws, url)["Body"])
    assert record["requestContext"]["functionArn"] == aws.function_arn("second:$LATEST")
    assert record["requestPayload"]["responsePayload"] == "hello"


def test_versions_and_aliases_have_configurations_of_their_own(aws):
    aws.deploy("echo", Publish=True)
    aws.lambda_.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    for qualifier, attempts in [("$LATEST", 2), ("1", 1), ("live", 0)]:
        aws.cli(
            *("lambda", "put-function-event-invoke-config", "--function-name", "echo", "--qualifier", qualifier),
            *("--maximum-retry-attempts", attempts, "--maximum-event-age-in-seconds", 60),
        )
    listed = aws.cli("lambda", "list-function-event-invoke-configs", "--function-name", "echo")
    found = {one["FunctionArn"]: one["MaximumRetryAttempts"] for one in listed["FunctionEventInvokeConfigs"]}
    assert found == {aws.function_arn(f"echo:{name}"): n for name, n in [("$LATEST", 2), ("1", 1), ("live", 0)]}
    updated = aws.lambda_.update_function_event_invoke_config(
        FunctionName="echo", Qualifier="live", MaximumEventAgeInSeconds=21600
    )
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (0, 21600)
    aws.lambda_.delete_function_event_invoke_config(FunctionName="echo", Qualifier="live")
    missing = refusal(
        "ResourceNotFoundException",
        aws.lambda_.get_function_event_invoke_config,
        FunctionName="echo",
        Qualifier="live",
    )
    assert missing.message == f"The function {aws.function_arn('echo:live')} doesn't have an EventInvokeConfig"


def test_destinations_must_be_there(aws):
    aws.deploy("echo")
    put = aws.lambda_.put_function_event_invoke_config

    def refused(arn):
        config = {"OnSuccess": {"Destination": arn}}
        return refusal("InvalidParameterValueException", put, FunctionName="echo", DestinationConfig=config).message

    for missing in [aws.function_arn("nobody"), f"arn:aws:sqs:{aws.region}:{aws.account}:nothing"]:
        assert refused(missing) == f"The destination ARN {missing} is invalid."
    itself = "You can't specify the function as a destination for itself."
    assert refused(aws.function_arn("echo")) == itself
