"""Accounts and regions do not see each other."""

from aws import refusal


def test_functions_of_one_name_live_side_by_side(aws, other_account, other_region):
    places = [aws, other_account, other_region]
    for place, sample in zip(places, ["echo", "hello", "counter"], strict=True):
        created = place.deploy("same", sample)
        assert created["FunctionArn"] == f"arn:aws:lambda:{place.region}:{place.account}:function:same"
    assert aws.invoke("same", {}) == {}
    assert other_account.invoke("same", {})["message"] == "Hello, world!"
    assert other_region.invoke("same", {})["count"] == 1
    aws.lambda_.delete_function(FunctionName="same")
    assert [len(place.lambda_.list_functions()["Functions"]) for place in places] == [0, 1, 1]


def test_concurrency_of_one_account_is_not_anothers(aws, other_account, other_region):
    for place in (aws, other_account, other_region):
        place.deploy("orders")
    aws.lambda_.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=900)
    for place, unreserved in [(aws, 100), (other_account, 1000), (other_region, 1000)]:
        assert place.lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == unreserved


def test_a_function_knows_where_it_is(other_region):
    other_region.deploy("reader", "misbehave")
    variables = dict(other_region.invoke("reader", {"action": "environment"})["variables"])
    assert (variables["AWS_REGION"], variables["AWS_DEFAULT_REGION"]) == ("eu-central-1", "eu-central-1")


def test_an_arn_reaches_another_account_but_no_other_region(aws, other_account, other_region):
    aws.deploy("echo")
    arn = aws.function_arn("echo")
    assert other_account.invoke(arn, 1) == 1
    assert other_account.lambda_.publish_version(FunctionName=arn)["FunctionArn"] == f"{arn}:1"
    assert other_account.lambda_.list_functions()["Functions"] == []
    elsewhere = refusal("ResourceNotFoundException", other_region.lambda_.invoke, FunctionName=arn)
    assert elsewhere.message == "Functions from 'us-east-1' are not reachable in this region ('eu-central-1')"


def test_callers_learn_who_they_are(aws, other_account):
    for place in (aws, other_account):
        identity = place.client("sts").get_caller_identity()
        root = f"arn:aws:iam::{place.account}:root"
        assert (identity["Account"], identity["UserId"], identity["Arn"]) == (place.account, place.account, root)
        assert place.cli("sts", "get-caller-identity") == {
            "UserId": place.account,
            "Account": place.account,
            "Arn": root,
        }
