"""HTTP in front of functions, as curl speaks it."""

import base64
import json
import subprocess

import pytest


@pytest.fixture
def url(aws):
    """A URL of `echo`, which answers with the event that it gets."""
    aws.deploy("echo")
    permission = {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}
    aws.lambda_.add_permission(FunctionName="echo", StatementId="url", **permission)
    created = aws.lambda_.create_function_url_config(FunctionName="echo", AuthType="NONE")
    return created["FunctionUrl"]


@pytest.fixture
def api(aws):
    """The URL of an HTTP API whose requests all go to `echo`."""
    aws.deploy("echo")
    permission = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    aws.lambda_.add_permission(FunctionName="echo", StatementId="api", **permission)
    apis = aws.client("apigatewayv2")
    created = apis.create_api(Name="shop", ProtocolType="HTTP", Target=aws.function_arn("echo"))
    return created["ApiEndpoint"] + "/"


@pytest.fixture(params=["url", "api"])
def front(request):
    return request.getfixturevalue(request.param)


def curl(*arguments, **options):
    """Runs curl, which finds names below `localhost` on this machine by itself; returns what it prints."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", *arguments]
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


def event(*arguments, **options):
    return json.loads(curl(*arguments, **options))


def test_a_query_and_repeated_headers(front):
    seen = event("--get", "--data-urlencode", "q=a b&c/ä", "-H", "X-Twice: 1", "-H", "X-Twice: 2", f"{front}a/b")
    assert (seen["rawPath"], seen["queryStringParameters"]) == ("/a/b", {"q": "a b&c/ä"})
    assert (seen["headers"]["x-twice"], seen["requestContext"]["http"]["method"]) == ("1,2", "GET")
    assert seen["headers"]["user-agent"].startswith("curl/")


def test_cookies(front):
    assert event("--cookie", "a=1; b=2", front)["cookies"] == ["a=1", "b=2"]


def test_paths_are_as_they_are_sent(front):
    assert event("--path-as-is", f"{front}a/../b//c")["rawPath"] == "/a/../b//c"


def test_bodies(front):
    seen = event("--json", '{"a": 1}', front)
    assert (seen["body"], seen["isBase64Encoded"]) == ('{"a": 1}', False)
    seen = event("--form", "file=@-;filename=a.bin", front, input=b"\xff\0")
    assert seen["isBase64Encoded"] and b"\xff\0" in base64.b64decode(seen["body"])
    # A form is base64, as AWS has it.
    seen = event("--data", "a=1", front)
    assert (seen["isBase64Encoded"], base64.b64decode(seen["body"])) == (True, b"a=1")


def test_a_large_body_in_chunks_and_after_permission(front):
    """curl asks before it sends more than a megabyte; from a pipe it does not know the length, and sends chunks."""
    body = b"x" * (2 << 20)
    for arguments in (["--data-binary", "@-"], ["--upload-file", "-", "--header", "Expect: 100-continue"]):
        seen = event(*arguments, "--header", "content-type: text/plain", front, input=body)
        assert len(seen["body"]) == len(body)


def test_head_has_no_body(front):
    head = curl("--head", front).decode()
    assert head.startswith("HTTP/1.1 200 OK\r\n") and "content-length: " in head.lower()


def test_connections_are_used_again(front):
    trace = subprocess.run(
        ["curl", "--verbose", "--silent", front, front], check=True, capture_output=True, text=True
    ).stderr
    assert "Re-using existing connection" in trace
