"""Lambda's contract for Python handlers."""

import json

import pytest
from aws import log_tail, zip_of


def failure(aws, name, event=None, **parameters):
    reply = aws.lambda_.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail", **parameters)
    assert reply["FunctionError"] == "Unhandled"
    return json.load(reply["Payload"]), log_tail(reply)


def test_the_hello_handler(aws, deploy):
    deploy("hello", "def lambda_handler(event, context):\n    return 'Hello, ' + event.get('name', 'World')")
    assert aws.invoke("hello", {}) == "Hello, World"
    assert aws.invoke("hello", {"name": "Ada"}) == "Hello, Ada"


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_all_versions_run_and_the_log_says_on_what(aws, deploy, version):
    source = "import os, sys\ndef lambda_handler(event, context): return [os.environ['AWS_EXECUTION_ENV'], sys.version[:4]]"
    created = deploy("f", source, Runtime=f"python{version}")
    assert created["Runtime"] == f"python{version}"
    reply = aws.lambda_.invoke(FunctionName="f", LogType="Tail")
    assert json.load(reply["Payload"]) == [f"AWS_Lambda_python{version}", "3.14"]
    assert ("it runs on Python 3.14" in log_tail(reply)) == (version != "3.14")
    assert "HEARTH" not in log_tail(aws.lambda_.invoke(FunctionName="f", LogType="Tail"))


def test_module_code_runs_once_and_globals_and_tmp_stay(aws, deploy):
    source = """
import os
started = []
started.append(1)
def lambda_handler(event, context):
    started.append(1)
    with open("/tmp/count", "a") as file:
        file.write("x")
    return [len(started), os.path.getsize("/tmp/count")]
"""
    deploy("counter", source)
    assert [aws.invoke("counter") for _ in range(3)] == [[2, 1], [3, 2], [4, 3]]


def test_the_context_has_all_of_its_fields(aws, deploy):
    source = """
def lambda_handler(event, context):
    names = ("function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "aws_request_id",
             "log_group_name", "log_stream_name", "client_context", "tenant_id")
    fields = {name: getattr(context, name) for name in names}
    return fields | {"remaining": context.get_remaining_time_in_millis(), "pool": context.identity.cognito_identity_pool_id}
"""
    deploy("context", source, Timeout=7)
    reply = aws.lambda_.invoke(FunctionName="context")
    fields = json.load(reply["Payload"])
    assert fields["function_name"] == "context" and fields["function_version"] == "$LATEST"
    assert fields["invoked_function_arn"] == aws.function_arn("context")
    assert fields["memory_limit_in_mb"] == "256" and 0 < fields["remaining"] <= 7_000
    assert fields["aws_request_id"] == reply["ResponseMetadata"]["RequestId"]
    assert fields["log_group_name"] == "/aws/lambda/context" and "[$LATEST]" in fields["log_stream_name"]
    assert fields["client_context"] is None and fields["pool"] is None


def test_errors_have_the_users_frames(aws, deploy):
    deploy("f", "def lambda_handler(event, context):\n    raise ValueError('no')")
    document, log = failure(aws, "f")
    request_id = document.pop("requestId")
    frame = '  File "/var/task/app.py", line 2, in lambda_handler\n    raise ValueError(\'no\')\n'
    assert document == {"errorMessage": "no", "errorType": "ValueError", "stackTrace": [frame]}
    assert log.count("[ERROR] ValueError: no") == 1 and f"START RequestId: {request_id}" in log


@pytest.mark.parametrize(
    "source, handler, error_type, message",
    [
        ("import nope", "app.f", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nope'"),
        ("", "app.f", "Runtime.HandlerNotFound", "Handler 'f' missing on module 'app'"),
        ("", "main.f", "Runtime.ImportModuleError", "Unable to import module 'main': No module named 'main'"),
        ("def f(:", "app.f", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': invalid syntax (app.py, line 1)"),
        ("def f(e, c): return {1}", "app.f", "Runtime.MarshalError",
         "Unable to marshal response: Object of type set is not JSON serializable"),
        ("raise Exception('Runtime startup fails')", "app.f", "Exception", "Runtime startup fails"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_lambdas_words(aws, deploy, source, handler, error_type, message):
    deploy("f", source, handler)
    document, _log = failure(aws, "f")
    assert (document["errorType"], document["errorMessage"]) == (error_type, message)


@pytest.mark.parametrize(
    "code, words", [("", "Runtime exited without providing a reason"), ("3", "Runtime exited with error: exit status 3")]
)
def test_leaving_ends_the_environment(aws, deploy, code, words):
    deploy("f", f"import sys\ndef lambda_handler(event, context): sys.exit({code})")
    document, _log = failure(aws, "f")
    assert document["errorType"] == "Runtime.ExitError" and document["errorMessage"].endswith(words)


def test_logs_as_text_and_as_json(aws, deploy):
    source = """
import logging
log = logging.getLogger("shop")
def lambda_handler(event, context):
    print("printed")
    log.warning("careful: %d", 7)
    log.info("not shown by default")
"""
    deploy("text", source)
    lines = log_tail(aws.lambda_.invoke(FunctionName="text", LogType="Tail")).splitlines()
    assert "printed" in lines and not any("not shown" in line for line in lines)
    level, _time, _request, message = next(line for line in lines if line.startswith("[")).split("\t")
    assert (level, message) == ("[WARNING]", "careful: 7")

    deploy("json", source, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"})
    lines = log_tail(aws.lambda_.invoke(FunctionName="json", LogType="Tail")).splitlines()
    documents = [json.loads(line) for line in lines if line.startswith("{")]
    written = [(document["level"], document["message"]) for document in documents if document.get("logger") == "shop"]
    assert written == [("WARNING", "careful: 7"), ("INFO", "not shown by default")]


def test_layers_come_after_the_code_and_before_the_runtime(aws, deploy):
    layer = {"python/shared.py": "origin = 'layer'", "python/both.py": "origin = 'layer'", "python/six.py": "origin = 'layer'"}
    content = {"ZipFile": zip_of(layer)}
    arn = aws.lambda_.publish_layer_version(LayerName="shared", Content=content)["LayerVersionArn"]
    source = "import shared, both, six\ndef lambda_handler(e, c): return [shared.origin, both.origin, six.origin]"
    deploy("f", {"app.py": source, "both.py": "origin = 'code'"}, Layers=[arn])
    assert aws.invoke("f") == ["layer", "code", "layer"]


def test_a_zip_that_brings_its_own_boto3_gets_that(aws, deploy):
    own = {"boto3/__init__.py": "__version__ = 'mine'", "botocore/__init__.py": ""}
    deploy("f", {"app.py": "import boto3\ndef lambda_handler(e, c): return boto3.__version__"} | own)
    assert aws.invoke("f") == "mine"


def test_files_of_the_users_hide_the_standard_library(aws, deploy):
    deploy("f", {"app.py": "import queue\ndef lambda_handler(e, c): return queue.mine", "queue.py": "mine = True"})
    assert aws.invoke("f") is True


def test_files_are_found_by_relative_paths(aws, deploy):
    source = "def lambda_handler(e, c): return open('data/greeting.txt').read()"
    deploy("f", {"app.py": source, "data/greeting.txt": "hi"})
    assert aws.invoke("f") == "hi"


def test_environments_do_not_throw_the_same_dice(aws, deploy):
    source = """
import os, random, time, uuid
def lambda_handler(event, context):
    return [random.random(), str(uuid.uuid4()), os.urandom(8).hex()]
"""
    values = []
    for name in ("one", "two"):
        deploy(name, source)
        values.extend(aws.invoke(name))
    assert len(set(values)) == 6


def test_local_time_is_that_of_tz(aws, deploy):
    source = """
import datetime, logging, os, time, zoneinfo
def lambda_handler(event, context):
    then = datetime.datetime(2026, 7, 1, tzinfo=datetime.timezone.utc)
    seconds = int(then.timestamp())
    local = [
        time.strftime("%Y-%m-%d %H:%M %z %Z", time.localtime(seconds)), then.astimezone().isoformat(),
        datetime.datetime.fromtimestamp(seconds).isoformat(), str(datetime.date.fromtimestamp(seconds)),
        datetime.datetime.fromtimestamp(seconds).timestamp() == seconds, time.mktime(time.localtime(seconds)) == seconds,
        then.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo")).isoformat(), abs(datetime.datetime.now().timestamp() - time.time()) < 60,
    ]
    os.environ["TZ"] = "JST-9"
    time.tzset()
    return local + [time.tzname[0], datetime.datetime.fromtimestamp(seconds).hour]
"""
    tokyo = "2026-07-01T09:00:00+09:00"
    zoned = {
        ":UTC": ["2026-07-01 00:00 +0000 UTC", "2026-07-01T00:00:00+00:00", "2026-07-01T00:00:00", "2026-07-01"],
        "Europe/Berlin": ["2026-07-01 02:00 +0200 CEST", "2026-07-01T02:00:00+02:00", "2026-07-01T02:00:00", "2026-07-01"],
        "America/New_York": ["2026-06-30 20:00 -0400 EDT", "2026-06-30T20:00:00-04:00", "2026-06-30T20:00:00", "2026-06-30"],
    }
    for zone, local in zoned.items():
        deploy("f", source, Environment={"Variables": {"TZ": zone}})
        reply = aws.lambda_.invoke(FunctionName="f", LogType="Tail")
        assert json.load(reply["Payload"]) == [*local, True, True, tokyo, True, "JST", 9]
        assert "HEARTH" not in log_tail(reply)
        aws.lambda_.delete_function(FunctionName="f")
    deploy("f", source, Environment={"Variables": {"TZ": "Mars/Olympus"}})
    assert "no time zone: local time is UTC" in log_tail(aws.lambda_.invoke(FunctionName="f", LogType="Tail"))


def test_sources_are_compiled_at_deployment(aws, deploy):
    source = """
import shop.orders
def lambda_handler(event, context):
    caches = [__spec__.cached, shop.orders.__spec__.cached]
    return [caches, [open(cache, "rb").read(8)[4] for cache in caches], shop.orders.total.__code__.co_filename]
"""
    deploy("f", {"app.py": source, "shop/__init__.py": "", "shop/orders.py": "def total(): return 1"})
    caches = ["/var/bytecode/var/task/app.cpython-314.pyc", "/var/bytecode/var/task/shop/orders.cpython-314.pyc"]
    assert aws.invoke("f") == [caches, [1, 1], "/var/task/shop/orders.py"]


def test_snap_start_is_refused(aws, deploy):
    with pytest.raises(aws.lambda_.exceptions.InvalidParameterValueException, match="SnapStart"):
        deploy("f", "", SnapStart={"ApplyOn": "PublishedVersions"})
