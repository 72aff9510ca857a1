"""Response streams and function URLs."""

import http.client
import json
import urllib.parse

from aws import refusal


def events_of(reply):
    return [next(iter(event.items())) for event in reply["EventStream"]]


def test_an_answer_as_a_stream(aws):
    aws.deploy("echo")
    reply = aws.lambda_.invoke_with_response_stream(FunctionName="echo", Payload=b'{"a": 1}', LogType="Tail")
    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "$LATEST")
    *chunks, (last, complete) = events_of(reply)
    assert {kind for kind, _ in chunks} == {"PayloadChunk"}
    assert b"".join(chunk["Payload"] for _, chunk in chunks) == b'{"a": 1}'
    assert last == "InvokeComplete"
    assert "ErrorCode" not in complete and complete["LogResult"]


def test_a_functions_error_ends_the_stream(aws):
    aws.deploy("misbehave", "misbehave")
    event = {"action": "error", "error_type": "OutOfStock", "message": "none left"}
    reply = aws.lambda_.invoke_with_response_stream(FunctionName="misbehave", Payload=json.dumps(event))
    [*_, (last, complete)] = events_of(reply)
    assert (last, complete["ErrorCode"]) == ("InvokeComplete", "Unhandled")
    assert json.loads(complete["ErrorDetails"])["errorMessage"] == "none left"


def test_what_is_refused_is_refused_before_the_stream(aws):
    aws.deploy("off")
    aws.lambda_.put_function_concurrency(FunctionName="off", ReservedConcurrentExecutions=0)
    invoke = aws.lambda_.invoke_with_response_stream
    throttled = refusal("TooManyRequestsException", invoke, FunctionName="off")
    assert throttled.document["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    refusal("ResourceNotFoundException", invoke, FunctionName="nobody")


def test_a_function_url_is_configured(aws):
    aws.deploy("echo", Publish=True)
    refusal("ResourceNotFoundException", aws.lambda_.get_function_url_config, FunctionName="echo")
    cors = {"AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"], "MaxAge": 60}
    created = aws.lambda_.create_function_url_config(FunctionName="echo", AuthType="NONE", Cors=cors)
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (created["FunctionArn"], created["Cors"]) == (aws.function_arn("echo"), cors)
    aws.lambda_.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    of_alias = aws.lambda_.create_function_url_config(FunctionName="echo", Qualifier="live", AuthType="AWS_IAM")
    assert of_alias["FunctionUrl"] != created["FunctionUrl"]
    taken = {"FunctionName": "echo", "AuthType": "NONE"}
    refusal("ResourceConflictException", aws.lambda_.create_function_url_config, **taken)

    updated = aws.lambda_.update_function_url_config(FunctionName="echo", InvokeMode="RESPONSE_STREAM")
    assert (updated["InvokeMode"], updated["FunctionUrl"]) == ("RESPONSE_STREAM", created["FunctionUrl"])
    listed = aws.lambda_.list_function_url_configs(FunctionName="echo")["FunctionUrlConfigs"]
    assert {url["FunctionArn"] for url in listed} == {aws.function_arn("echo"), aws.function_arn("echo:live")}
    aws.lambda_.delete_function_url_config(FunctionName="echo")
    refusal("ResourceNotFoundException", aws.lambda_.get_function_url_config, FunctionName="echo")


def call(aws, url, method="GET", path="/", body=None, headers=None):
    """Calls a URL by its host name, which not every machine resolves."""
    host = urllib.parse.urlsplit(url).netloc
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(aws.endpoint).netloc)
    connection.request(method, path, body, {"Host": host, **(headers or {})})
    answer = connection.getresponse()
    return answer, answer.read()


def test_a_function_url_answers_those_who_may_call_it(aws):
    aws.deploy("echo")
    url = aws.lambda_.create_function_url_config(FunctionName="echo", AuthType="NONE")["FunctionUrl"]
    answer, _ = call(aws, url)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    permission = {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}
    aws.lambda_.add_permission(FunctionName="echo", StatementId="url", **permission)
    answer, body = call(aws, url, "POST", "/a%20b?c=d&c=e", '{"x": 1}', {"Content-Type": "application/json"})
    assert answer.status == 200
    event = json.loads(body)
    assert (event["rawPath"], event["queryStringParameters"]) == ("/a%20b", {"c": "d,e"})
    assert (event["body"], event["requestContext"]["http"]["method"]) == ('{"x": 1}', "POST")
