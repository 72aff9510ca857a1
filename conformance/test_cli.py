"""The AWS CLI: the main life of a function, as a user types it."""

import json
import urllib.request

from aws import ROLE, package, zip_of


def test_from_create_to_delete(aws):
    archive = aws.folder / "function.zip"
    archive.write_bytes(package("hello"))
    created = aws.cli(
        "lambda",
        "create-function",
        "--function-name",
        "greet",
        "--runtime",
        "provided.al2023",
        "--handler",
        "bootstrap",
        "--role",
        ROLE,
        "--zip-file",
        f"fileb://{archive}",
        "--environment",
        "Variables={GREETING=Hi}",
        "--tags",
        "team=blue",
    )
    assert created["FunctionArn"] == aws.function_arn("greet")
    assert (created["State"], created["Timeout"], created["MemorySize"]) == ("Pending", 3, 128)
    aws.cli("lambda", "wait", "function-active-v2", "--function-name", "greet")

    answer = aws.folder / "answer.json"
    reply = aws.cli("lambda", "invoke", "--function-name", "greet", "--payload", '{"name": "Ada"}', answer)
    assert reply == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    assert json.loads(answer.read_text())["message"] == "Hello, Ada!"

    aws.cli("lambda", "update-function-configuration", "--function-name", "greet", "--memory-size", 256)
    aws.cli("lambda", "wait", "function-updated-v2", "--function-name", "greet")
    archive.write_bytes(package("echo"))
    aws.cli("lambda", "update-function-code", "--function-name", "greet", "--zip-file", f"fileb://{archive}")
    aws.cli("lambda", "wait", "function-updated-v2", "--function-name", "greet")
    aws.cli("lambda", "invoke", "--function-name", "greet", "--payload", "[1, 2]", answer)
    assert json.loads(answer.read_text()) == [1, 2]

    published = aws.cli("lambda", "publish-version", "--function-name", "greet", "--description", "first")
    assert (published["Version"], published["MemorySize"]) == ("1", 256)
    alias = aws.cli("lambda", "create-alias", "--function-name", "greet", "--name", "live", "--function-version", 1)
    assert alias["AliasArn"] == aws.function_arn("greet:live")
    aws.cli("lambda", "wait", "published-version-active", "--function-name", "greet", "--qualifier", "1")
    reply = aws.cli("lambda", "invoke", "--function-name", "greet:live", "--payload", "1", answer)
    assert reply["ExecutedVersion"] == "1"

    listed = aws.cli("lambda", "list-functions", "--query", "Functions[].FunctionName")
    assert listed == ["greet"]
    aws.cli("lambda", "delete-function", "--function-name", "greet")
    assert aws.cli("lambda", "list-functions") == {"Functions": []}


def test_errors_end_the_cli_with_their_code_and_message(aws):
    ran = aws.run_cli("lambda", "get-function", "--function-name", "nobody")
    assert ran.returncode != 0
    arn = aws.function_arn("nobody")
    assert ran.stderr.strip().endswith(
        "An error occurred (ResourceNotFoundException) when calling the GetFunction operation: "
        f"Function not found: {arn}"
    )


def test_a_layer_and_who_may_invoke(aws):
    archive = aws.folder / "layer.zip"
    archive.write_bytes(zip_of({"words.txt": "from a layer"}))
    layer = aws.cli("lambda", "publish-layer-version", "--layer-name", "words", "--zip-file", f"fileb://{archive}")
    aws.deploy("reader", "misbehave", Layers=[layer["LayerVersionArn"]])
    assert aws.invoke("reader", {"action": "read", "path": "/opt/words.txt"})["excerpt"] == "from a layer"

    statement = aws.cli(
        "lambda",
        "add-permission",
        "--function-name",
        "reader",
        "--statement-id",
        "s3",
        "--action",
        "lambda:InvokeFunction",
        "--principal",
        "s3.amazonaws.com",
    )
    assert json.loads(statement["Statement"])["Sid"] == "s3"


def test_code_comes_back_as_it_was_uploaded(aws):
    archive = aws.folder / "function.zip"
    archive.write_bytes(package("echo"))
    aws.cli(
        "lambda",
        "create-function",
        "--function-name",
        "echo",
        "--runtime",
        "provided.al2023",
        "--handler",
        "any",
        "--role",
        ROLE,
        "--zip-file",
        f"fileb://{archive}",
        "--publish",
    )
    location = aws.cli("lambda", "get-function", "--function-name", "echo", "--query", "Code.Location")
    with urllib.request.urlopen(location) as download:
        assert download.read() == archive.read_bytes()
