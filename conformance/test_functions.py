"""Functions: create, read, change, delete."""

import base64
import hashlib
import re

from aws import DEFAULTS, ROLE, WAITING, eventually, package, refusal


def test_what_a_new_function_looks_like(aws):
    created = aws.lambda_.create_function(
        FunctionName="orders",
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=ROLE,
        Code={"ZipFile": package("echo")},
    )
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    del created["ResponseMetadata"]
    assert re.fullmatch(r"[0-9a-f-]{36}", created.pop("RevisionId"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", created.pop("LastModified"))
    assert created.pop("RuntimeVersionConfig")["RuntimeVersionArn"].startswith("arn:aws:lambda:us-east-1::runtime:")
    pending = {
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    }
    same_ever_after = {
        "FunctionName": "orders",
        "FunctionArn": aws.function_arn("orders"),
        "Runtime": "provided.al2023",
        "Role": ROLE,
        "Handler": "bootstrap",
        "CodeSize": len(package("echo")),
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "CodeSha256": base64.b64encode(hashlib.sha256(package("echo")).digest()).decode(),
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"},
    }
    assert created == same_ever_after | pending

    aws.lambda_.get_waiter("function_active_v2").wait(FunctionName="orders", WaiterConfig=WAITING)
    function = aws.lambda_.get_function(FunctionName="orders")
    configuration = function["Configuration"]
    for volatile in ("RevisionId", "LastModified", "RuntimeVersionConfig"):
        del configuration[volatile]
    assert configuration == same_ever_after | {"State": "Active", "LastUpdateStatus": "Successful"}
    assert function["Code"]["RepositoryType"] == "S3"
    assert "Tags" not in function and "Concurrency" not in function


def test_configuration_is_changed_and_acts(aws):
    aws.deploy("reader", "misbehave")
    updated = aws.lambda_.update_function_configuration(
        FunctionName="reader",
        MemorySize=512,
        Timeout=20,
        Description="reads",
        Environment={"Variables": {"COLOUR": "blue"}},
    )
    assert (updated["State"], updated["LastUpdateStatus"]) == ("Active", "InProgress")
    aws.lambda_.get_waiter("function_updated_v2").wait(FunctionName="reader", WaiterConfig=WAITING)
    configuration = aws.lambda_.get_function_configuration(FunctionName="reader")
    assert (configuration["LastUpdateStatus"], configuration["Description"]) == ("Successful", "reads")
    assert configuration["Environment"] == {"Variables": {"COLOUR": "blue"}}
    variables = dict(aws.invoke("reader", {"action": "environment"})["variables"])
    assert (variables["COLOUR"], variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) == ("blue", "512")


def test_code_is_changed_for_the_next_invocation(aws):
    before = aws.deploy("greet", "echo")
    assert aws.invoke("greet", 1) == 1
    updated = aws.lambda_.update_function_code(FunctionName="greet", ZipFile=package("hello"))
    assert updated["LastUpdateStatus"] == "InProgress"
    assert updated["CodeSha256"] != before["CodeSha256"]
    assert aws.invoke("greet", {"name": "Ada"})["message"] == "Hello, Ada!"


def test_a_dry_run_changes_nothing(aws):
    before = aws.deploy("greet", "echo")
    dry = aws.lambda_.update_function_code(FunctionName="greet", ZipFile=package("hello"), DryRun=True)
    assert dry["CodeSha256"] != before["CodeSha256"]
    after = aws.lambda_.get_function_configuration(FunctionName="greet")
    assert after["CodeSha256"] == before["CodeSha256"]
    assert aws.invoke("greet", 1) == 1


def test_only_the_revision_that_was_seen_is_changed(aws):
    aws.deploy("orders")
    revision = aws.lambda_.get_function_configuration(FunctionName="orders")["RevisionId"]
    change = {"FunctionName": "orders", "Description": "once", "RevisionId": revision}
    aws.lambda_.update_function_configuration(**change)
    stale = refusal("PreconditionFailedException", aws.lambda_.update_function_configuration, **change)
    assert stale.status == 412
    assert stale.message.startswith("The Revision Id provided does not match the latest Revision Id.")


def test_there_is_one_function_of_a_name(aws):
    aws.deploy("orders")
    create = {"FunctionName": "orders", "Code": {"ZipFile": package("echo")}, **DEFAULTS}
    taken = refusal("ResourceConflictException", aws.lambda_.create_function, **create)
    assert (taken.status, taken.message) == (409, "Function already exist: orders")


def test_what_is_deleted_is_not_found(aws):
    aws.deploy("orders")
    aws.lambda_.delete_function(FunctionName="orders")
    for operation in ("get_function", "get_function_configuration", "delete_function", "list_versions_by_function"):
        gone = refusal("ResourceNotFoundException", getattr(aws.lambda_, operation), FunctionName="orders")
        assert gone.status == 404
        assert gone.message.startswith(f"Function not found: {aws.function_arn('orders')}")
    aws.deploy("orders", "hello")
    assert aws.invoke("orders", {"name": "Ada"})["invocation"] == 1


def test_lists_come_in_pages(aws):
    names = [f"function-{number:02}" for number in range(12)]
    for name in names:
        aws.deploy(name)
    pages = list(aws.lambda_.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Functions"]) for page in pages] == [5, 5, 2]
    assert sorted(function["FunctionName"] for page in pages for function in page["Functions"]) == names


def test_functions_are_named_in_many_ways(aws):
    aws.deploy("orders")
    arn = aws.function_arn("orders")
    for name in ("orders", arn, f"{aws.account}:orders", f"{aws.account}:function:orders", f"{arn}:$LATEST"):
        assert aws.invoke(name, name) == name
        found = aws.lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
        assert found in (arn, f"{arn}:$LATEST")


def test_what_nobody_has_set_is_answered_as_by_aws(aws):
    aws.deploy("orders")
    signing = aws.lambda_.get_function_code_signing_config(FunctionName="orders")
    assert "CodeSigningConfigArn" not in signing
    assert aws.lambda_.get_function_recursion_config(FunctionName="orders")["RecursiveLoop"] == "Terminate"
    assert aws.lambda_.get_runtime_management_config(FunctionName="orders")["UpdateRuntimeOn"] == "Auto"


def test_what_functions_say_is_shown_where_hearth_runs(aws, hearth_folder):
    aws.deploy("greet", "hello")
    aws.invoke("greet", {"name": aws.account})
    eventually(lambda: f" greet greet greets {aws.account}\n" in (hearth_folder / "output").read_text())
