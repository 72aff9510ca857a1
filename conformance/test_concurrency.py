"""Reserved and provisioned concurrency, and what happens beyond them."""

import concurrent.futures

from aws import eventually, refusal


def test_reserved_concurrency(aws):
    aws.deploy("counter", "counter")
    before = aws.lambda_.get_account_settings()["AccountLimit"]
    assert (before["ConcurrentExecutions"], before["UnreservedConcurrentExecutions"]) == (1000, 1000)
    assert "ReservedConcurrentExecutions" not in aws.lambda_.get_function_concurrency(FunctionName="counter")
    aws.lambda_.put_function_concurrency(FunctionName="counter", ReservedConcurrentExecutions=2)
    assert aws.lambda_.get_function_concurrency(FunctionName="counter")["ReservedConcurrentExecutions"] == 2
    assert aws.lambda_.get_function(FunctionName="counter")["Concurrency"] == {"ReservedConcurrentExecutions": 2}
    assert aws.lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 998

    def answer_or_error(_):
        try:
            return aws.invoke("counter", {"sleep_ms": 1500})
        except aws.lambda_.exceptions.TooManyRequestsException as error:
            return error

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(answer_or_error, range(3)))
    [response] = [answer.response for answer in answers if isinstance(answer, Exception)]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Error"]["Message"] == "Rate Exceeded."
    assert (response["Reason"], response["Type"]) == ("ReservedFunctionConcurrentInvocationLimitExceeded", "User")

    aws.lambda_.delete_function_concurrency(FunctionName="counter")
    assert "ReservedConcurrentExecutions" not in aws.lambda_.get_function_concurrency(FunctionName="counter")


def test_a_function_without_concurrency_is_off(aws):
    aws.deploy("echo")
    aws.lambda_.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    off = refusal("TooManyRequestsException", aws.lambda_.invoke, FunctionName="echo")
    assert off.document["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    aws.lambda_.delete_function_concurrency(FunctionName="echo")
    assert aws.invoke("echo", 1) == 1


def test_a_hundred_stay_unreserved(aws):
    aws.deploy("echo")
    put = {"FunctionName": "echo", "ReservedConcurrentExecutions": 901}
    beyond = refusal("InvalidParameterValueException", aws.lambda_.put_function_concurrency, **put)
    assert beyond.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100]."
    )


def test_provisioned_environments_are_warm_before_the_first_request(aws):
    aws.deploy("counter", "counter", Publish=True)
    put = {"FunctionName": "counter", "Qualifier": "1", "ProvisionedConcurrentExecutions": 2}
    answer = aws.lambda_.put_provisioned_concurrency_config(**put)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (answer["Status"], answer["RequestedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 2)

    def configuration():
        return aws.lambda_.get_provisioned_concurrency_config(FunctionName="counter", Qualifier="1")

    ready = eventually(lambda: (now := configuration())["Status"] == "READY" and now)
    assert ready["AllocatedProvisionedConcurrentExecutions"] == 2
    assert ready["AvailableProvisionedConcurrentExecutions"] == 2
    reply = aws.lambda_.invoke(FunctionName="counter", Qualifier="1", Payload=b"{}", LogType="Tail")
    assert reply["ExecutedVersion"] == "1"
    listed = aws.lambda_.list_provisioned_concurrency_configs(FunctionName="counter")
    assert [one["FunctionArn"] for one in listed["ProvisionedConcurrencyConfigs"]] == [aws.function_arn("counter:1")]
    aws.lambda_.delete_provisioned_concurrency_config(FunctionName="counter", Qualifier="1")
    refusal(
        "ProvisionedConcurrencyConfigNotFoundException", configuration_of(aws), FunctionName="counter", Qualifier="1"
    )


def test_an_init_that_fails_is_the_reason_of_the_failure(aws):
    failing = {"Variables": {"MISBEHAVE_INIT": '{"action": "error", "error_type": "Broken", "message": "no"}'}}
    aws.deploy("misbehave", "misbehave", Publish=True, Environment=failing)
    put = {"FunctionName": "misbehave", "Qualifier": "1", "ProvisionedConcurrentExecutions": 1}
    aws.lambda_.put_provisioned_concurrency_config(**put)

    def failed():
        now = aws.lambda_.get_provisioned_concurrency_config(FunctionName="misbehave", Qualifier="1")
        return now["Status"] == "FAILED" and now

    assert eventually(failed)["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"


def test_concurrency_is_not_provisioned_for_what_changes(aws):
    aws.deploy("echo")
    put = aws.lambda_.put_provisioned_concurrency_config
    refusal(
        "InvalidParameterValueException",
        put,
        FunctionName="echo",
        Qualifier="$LATEST",
        ProvisionedConcurrentExecutions=1,
    )
    refusal("ResourceNotFoundException", put, FunctionName="echo", Qualifier="7", ProvisionedConcurrentExecutions=1)


def configuration_of(aws):
    return aws.lambda_.get_provisioned_concurrency_config
