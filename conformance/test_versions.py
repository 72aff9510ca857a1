"""Versions and aliases."""

import collections
import concurrent.futures

from aws import package, refusal


def test_a_version_stays_as_it_was_published(aws):
    aws.deploy("greet", "echo")
    published = aws.lambda_.publish_version(FunctionName="greet", Description="the first")
    assert (published["Version"], published["FunctionArn"]) == ("1", aws.function_arn("greet:1"))
    assert published["Description"] == "the first"
    again = aws.lambda_.publish_version(FunctionName="greet")
    assert again["Version"] == "1", "nothing has changed"

    aws.lambda_.update_function_code(FunctionName="greet", ZipFile=package("hello"))
    assert aws.invoke("greet", 1, Qualifier="1") == 1
    assert aws.invoke("greet:1", 1) == 1
    assert aws.invoke("greet", {"name": "Ada"})["message"] == "Hello, Ada!"

    second = aws.lambda_.update_function_code(FunctionName="greet", ZipFile=package("counter"), Publish=True)
    assert second["Version"] == "2"
    assert aws.invoke("greet", {}, Qualifier="2")["count"] == 1
    pages = aws.lambda_.get_paginator("list_versions_by_function").paginate(
        FunctionName="greet", PaginationConfig={"PageSize": 2}
    )
    assert [version["Version"] for page in pages for version in page["Versions"]] == ["$LATEST", "1", "2"]


def test_a_version_can_be_deleted_unless_an_alias_needs_it(aws):
    aws.deploy("greet", Publish=True)
    aws.lambda_.create_alias(FunctionName="greet", Name="live", FunctionVersion="1")
    delete = aws.lambda_.delete_function
    refusal("ResourceConflictException", delete, FunctionName="greet", Qualifier="1")
    aws.lambda_.delete_alias(FunctionName="greet", Name="live")
    delete(FunctionName="greet", Qualifier="1")
    refusal("ResourceNotFoundException", aws.lambda_.get_function, FunctionName="greet", Qualifier="1")
    latest = refusal("InvalidParameterValueException", delete, FunctionName="greet", Qualifier="$LATEST")
    assert latest.message == "$LATEST version cannot be deleted without deleting the function."


def test_an_alias_moves(aws):
    aws.deploy("greet", "echo", Publish=True)
    alias = aws.lambda_.create_alias(FunctionName="greet", Name="live", FunctionVersion="1", Description="what runs")
    assert (alias["AliasArn"], alias["FunctionVersion"]) == (aws.function_arn("greet:live"), "1")
    aws.lambda_.update_function_code(FunctionName="greet", ZipFile=package("hello"), Publish=True)
    assert aws.invoke("greet:live", 1) == 1
    moved = aws.lambda_.update_alias(
        FunctionName="greet", Name="live", FunctionVersion="2", RevisionId=alias["RevisionId"]
    )
    assert (moved["FunctionVersion"], moved["Description"]) == ("2", "what runs")
    reply = aws.lambda_.invoke(FunctionName="greet", Qualifier="live", Payload=b"{}")
    assert reply["ExecutedVersion"] == "2"
    assert aws.lambda_.get_alias(FunctionName="greet", Name="live")["FunctionVersion"] == "2"
    assert [alias["Name"] for alias in aws.lambda_.list_aliases(FunctionName="greet")["Aliases"]] == ["live"]
    stale = {"FunctionName": "greet", "Name": "live", "RevisionId": alias["RevisionId"]}
    refusal("PreconditionFailedException", aws.lambda_.update_alias, **stale)


def test_an_alias_sends_a_tenth_to_the_new_version(aws):
    aws.deploy("greet", "echo", Publish=True)
    aws.lambda_.update_function_code(FunctionName="greet", ZipFile=package("hello"), Publish=True)
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    alias = aws.lambda_.create_alias(FunctionName="greet", Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert alias["RoutingConfig"] == weights

    def executed_version(_):
        return aws.lambda_.invoke(FunctionName="greet:live", Payload=b"{}")["ExecutedVersion"]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        versions = collections.Counter(pool.map(executed_version, range(1000)))
    assert versions.keys() == {"1", "2"}
    # Five standard deviations of a binomial distribution: once in two million runs it is outside.
    assert 53 <= versions["2"] <= 147, versions


def test_what_an_alias_cannot_be(aws):
    aws.deploy("greet", Publish=True)
    create = aws.lambda_.create_alias
    aws.lambda_.create_alias(FunctionName="greet", Name="live", FunctionVersion="1")
    taken = refusal("ResourceConflictException", create, FunctionName="greet", Name="live", FunctionVersion="1")
    assert taken.message == f"Alias already exists: {aws.function_arn('greet:live')}"
    refusal("ResourceNotFoundException", create, FunctionName="greet", Name="next", FunctionVersion="7")
    refusal("ValidationException", create, FunctionName="greet", Name="1", FunctionVersion="1")
    refusal("ResourceNotFoundException", aws.lambda_.get_alias, FunctionName="greet", Name="nobody")
