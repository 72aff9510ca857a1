"""Invocations: kinds, answers, errors, logs."""

import base64
import concurrent.futures
import json
import re

import pytest
from aws import eventually, log_tail, refusal


def test_an_answer_comes_with_its_version(aws):
    aws.deploy("echo")
    reply = aws.lambda_.invoke(FunctionName="echo", Payload=b'{"a": [1, null]}')
    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in reply and "LogResult" not in reply
    assert reply["Payload"].read() == b'{"a": [1, null]}'
    assert re.fullmatch(r"[0-9a-f-]{36}", reply["ResponseMetadata"]["RequestId"])


def test_without_a_payload_the_event_is_empty(aws):
    aws.deploy("echo")
    assert aws.lambda_.invoke(FunctionName="echo")["Payload"].read() == b"{}"


def test_environments_are_reused(aws):
    aws.deploy("counter", "counter")
    first, second = aws.invoke("counter", {}), aws.invoke("counter", {})
    assert (first["count"], second["count"]) == (1, 2)
    assert first["environment"] == second["environment"]


def test_the_log_tail(aws):
    aws.deploy("hello", "hello")
    reply = aws.lambda_.invoke(FunctionName="hello", Payload=b'{"name": "Ada"}', LogType="Tail")
    request = reply["ResponseMetadata"]["RequestId"]
    start, greeting, end, report = log_tail(reply).splitlines()
    assert start == f"START RequestId: {request} Version: $LATEST"
    assert greeting == "hello greets Ada"
    assert end == f"END RequestId: {request}"
    assert re.fullmatch(
        rf"REPORT RequestId: {request}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t",
        report,
    )
    warm = log_tail(aws.lambda_.invoke(FunctionName="hello", Payload=b"{}", LogType="Tail"))
    assert "Init Duration" not in warm


def test_an_event_is_accepted_and_runs_later(aws):
    aws.deploy("counter", "counter")
    reply = aws.lambda_.invoke(FunctionName="counter", InvocationType="Event", Payload=b"{}")
    assert (reply["StatusCode"], reply["Payload"].read()) == (202, b"")
    assert "ExecutedVersion" not in reply
    eventually(lambda: aws.invoke("counter", {})["count"] > 1)


def test_a_dry_run_only_says_whether_it_could(aws):
    aws.deploy("counter", "counter")
    reply = aws.lambda_.invoke(FunctionName="counter", InvocationType="DryRun")
    assert (reply["StatusCode"], reply["Payload"].read()) == (204, b"")
    assert aws.invoke("counter", {})["count"] == 1
    refusal("ResourceNotFoundException", aws.lambda_.invoke, FunctionName="nobody", InvocationType="DryRun")


def test_a_function_knows_its_invocation(aws):
    aws.deploy("misbehave", "misbehave", Timeout=30, Publish=True)
    aws.lambda_.create_alias(FunctionName="misbehave", Name="live", FunctionVersion="1")
    client_context = '{"custom": {"colour": "blue"}}'
    reply = aws.lambda_.invoke(
        FunctionName="misbehave:live",
        Payload=b'{"action": "context"}',
        ClientContext=base64.b64encode(client_context.encode()).decode(),
    )
    context = json.load(reply["Payload"])
    assert context["request_id"] == reply["ResponseMetadata"]["RequestId"]
    assert context["invoked_function_arn"] == aws.function_arn("misbehave:live")
    assert 0 < context["remaining_ms"] <= 30_000
    assert context["client_context"] == client_context
    assert re.match(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};", context["trace_header"])
    refusal("InvalidRequestContentException", aws.lambda_.invoke, FunctionName="misbehave", ClientContext="bm8=")


@pytest.mark.parametrize(
    ("event", "error_type", "message"),
    [
        ({"action": "error", "error_type": "OutOfStock", "message": "none left"}, "OutOfStock", "none left"),
        ({"action": "exit", "code": 3}, "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        ({"action": "exit", "code": 0}, "Runtime.ExitError", "Runtime exited without providing a reason"),
        (
            {"action": "answer", "bytes": 7_000_000},
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        ),
        ({"action": "sleep", "ms": 60_000}, "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    ],
    ids=["error", "exit", "exit without reason", "large answer", "timeout"],
)
def test_errors_of_a_function_are_answers(aws, event, error_type, message):
    aws.deploy("misbehave", "misbehave", Timeout=1)
    reply = aws.lambda_.invoke(FunctionName="misbehave", Payload=json.dumps(event))
    document = json.load(reply["Payload"])
    assert (reply["StatusCode"], reply["FunctionError"]) == (200, "Unhandled")
    request = reply["ResponseMetadata"]["RequestId"]
    of_the_runtime = error_type.startswith(("Runtime.", "Sandbox."))
    expected = f"RequestId: {request} Error: {message}" if of_the_runtime else message
    assert (document["errorType"], document["errorMessage"]) == (error_type, expected)
    if error_type == "OutOfStock":
        assert document == {"errorType": error_type, "errorMessage": message, "requestId": request, "stackTrace": []}


def test_a_crash_loses_globals_and_keeps_tmp(aws):
    aws.deploy("misbehave", "misbehave", Timeout=1)
    assert aws.invoke("misbehave", {"action": "count"}) == {"count": 1}
    aws.invoke("misbehave", {"action": "write", "path": "/tmp/kept", "text": "still here"})
    crashed = aws.lambda_.invoke(FunctionName="misbehave", Payload=b'{"action": "trap"}')
    assert crashed["FunctionError"] == "Unhandled"
    assert aws.invoke("misbehave", {"action": "count"}) == {"count": 1}
    assert aws.invoke("misbehave", {"action": "read", "path": "/tmp/kept"})["excerpt"] == "still here"


def test_bad_requests_are_refused_before_the_function_sees_them(aws):
    aws.deploy("echo")
    invoke = aws.lambda_.invoke
    broken = refusal("InvalidRequestContentException", invoke, FunctionName="echo", Payload=b"{nope}")
    assert broken.status == 400
    assert broken.message.startswith("Could not parse request body into json: Could not parse payload into json: ")
    large = refusal("RequestTooLargeException", invoke, FunctionName="echo", Payload=b"1" * 6_291_557)
    assert large.status == 413
    assert large.message == "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    large = refusal(
        "RequestTooLargeException", invoke, FunctionName="echo", InvocationType="Event", Payload=b"1" * 1_048_577
    )
    assert large.message == "Request must be smaller than 1048576 bytes for the InvokeFunction operation"
    nobody = refusal("ResourceNotFoundException", invoke, FunctionName="nobody")
    assert nobody.message == f"Function not found: {aws.function_arn('nobody')}:$LATEST"


def test_invocations_at_once_have_environments_of_their_own(aws):
    aws.deploy("counter", "counter")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: aws.invoke("counter", {"sleep_ms": 500}), range(8)))
    assert len({answer["environment"] for answer in answers}) == 8
    assert all(answer["count"] == 1 for answer in answers)


def test_commands_and_http_handlers_are_functions_too(aws):
    aws.deploy("command", "hello-command")
    assert "Ada" in json.dumps(aws.invoke("command", {"name": "Ada"}))
    aws.deploy("http", "hello-http")
    http = {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"}
    event = {"version": "2.0", "rawPath": "/", "rawQueryString": "", "headers": {}, "requestContext": {"http": http}}
    assert aws.invoke("http", event)["statusCode"] == 200
