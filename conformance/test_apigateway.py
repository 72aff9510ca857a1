"""REST APIs: the management API through boto3 and the AWS CLI, and calls over plain HTTP."""

import http.client
import json
import urllib.parse

import pytest
from aws import refusal


@pytest.fixture
def apis(aws):
    return aws.client("apigateway")


def call(aws, api, method="GET", path="/", headers=None):
    """Calls an API by its host name, which not every machine resolves."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(aws.endpoint).netloc)
    host = f"{api}.execute-api.{aws.region}.localhost:4566"
    connection.request(method, path, None, {"Host": host, **(headers or {})})
    answer = connection.getresponse()
    return answer, answer.read()


def uri(aws, function):
    path = f"2015-03-31/functions/{aws.function_arn(function)}/invocations"
    return f"arn:aws:apigateway:{aws.region}:lambda:path/{path}"


@pytest.fixture
def api(aws, apis):
    """An API with `GET /pets/{id}`, which `echo` serves, and `OPTIONS /pets/{id}`, which is a mock; and where they are."""
    aws.deploy("echo")
    created = apis.create_rest_api(name="shop", tags={"team": "a"})
    pets = apis.create_resource(restApiId=created["id"], parentId=created["rootResourceId"], pathPart="pets")
    pet = apis.create_resource(restApiId=created["id"], parentId=pets["id"], pathPart="{id}")
    place = {"restApiId": created["id"], "resourceId": pet["id"]}
    get, options = ({**place, "httpMethod": method} for method in ("GET", "OPTIONS"))
    apis.put_method(**get, authorizationType="NONE")
    apis.put_integration(**get, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri(aws, "echo"))
    apis.put_method(**options, authorizationType="NONE")
    apis.put_method_response(
        **options, statusCode="200", responseParameters={"method.response.header.Access-Control-Allow-Origin": True}
    )
    apis.put_integration(**options, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apis.put_integration_response(
        **options,
        statusCode="200",
        responseParameters={"method.response.header.Access-Control-Allow-Origin": "'*'"},
        responseTemplates={"application/json": '{"ok": true}'},
    )
    apis.create_deployment(restApiId=created["id"], stageName="prod")
    return created["id"], get


def test_apis_come_and_go(apis, other_account):
    created = apis.create_rest_api(name="shop", description="Pets", endpointConfiguration={"types": ["REGIONAL"]})
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert created["createdDate"].year > 2000
    assert created["endpointConfiguration"] == {"types": ["REGIONAL"], "ipAddressType": "ipv4"}
    patch = [
        {"op": "replace", "path": "/name", "value": "store"},
        {"op": "add", "path": "/binaryMediaTypes/image~1png"},
        {"op": "remove", "path": "/description"},
    ]
    updated = apis.update_rest_api(restApiId=created["id"], patchOperations=patch)
    assert (updated["name"], updated["binaryMediaTypes"]) == ("store", ["image/png"])
    assert "description" not in updated
    missing = refusal("NotFoundException", other_account.client("apigateway").get_rest_api, restApiId=created["id"])
    assert missing.message == f"Invalid API identifier specified {other_account.account}:{created['id']}"
    assert apis.delete_rest_api(restApiId=created["id"])["ResponseMetadata"]["HTTPStatusCode"] == 202
    refusal("NotFoundException", apis.get_rest_api, restApiId=created["id"])


def test_lists_have_pages(apis):
    created = {apis.create_rest_api(name=f"api-{number}")["id"] for number in range(5)}
    pages = list(apis.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {item["id"] for page in pages for item in page["items"]} == created


def test_methods_and_what_serves_them(apis, api):
    api, place = api
    method = apis.get_method(**place)
    assert (method["authorizationType"], method["apiKeyRequired"]) == ("NONE", False)
    assert method["methodIntegration"]["timeoutInMillis"] == 29000
    resources = apis.get_resources(restApiId=api)["items"]
    assert [resource["path"] for resource in resources] == ["/", "/pets", "/pets/{id}"]
    assert resources[2]["resourceMethods"] == {"GET": {}, "OPTIONS": {}}
    embedded = apis.get_resources(restApiId=api, embed=["methods"])["items"]
    assert embedded[2]["resourceMethods"]["GET"]["methodIntegration"]["type"] == "AWS_PROXY"
    refused = refusal("BadRequestException", apis.put_integration, **place, type="HTTP", uri="http://localhost")
    assert "AWS_PROXY" in refused.message
    apis.delete_integration(**place)
    missing = refusal("NotFoundException", apis.get_integration, **place)
    assert (missing.message, missing.status) == ("Invalid Integration identifier specified", 404)


def test_calls(aws, apis, api):
    api, _ = api
    answer, body = call(aws, api, "OPTIONS", "/prod/pets/1")
    assert (answer.status, json.loads(body)) == (200, {"ok": True})
    assert answer.headers["access-control-allow-origin"] == "*"
    # The function's policy does not let the API in.
    answer, body = call(aws, api, path="/prod/pets/1")
    assert (answer.status, json.loads(body)) == (500, {"message": "Internal server error"})
    aws.lambda_.add_permission(
        FunctionName="echo",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{aws.region}:{aws.account}:{api}/prod/GET/pets/*",
    )
    # It is let in, and returns its event, which is no answer.
    answer, body = call(aws, api, path="/prod/pets/1")
    assert (answer.status, json.loads(body)) == (502, {"message": "Internal server error"})
    assert answer.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert len(answer.headers["x-amzn-RequestId"]) == 36
    answer, body = call(aws, api, path="/prod/nothing")
    assert (answer.status, json.loads(body)) == (403, {"message": "Missing Authentication Token"})
    answer, body = call(aws, api, path="/none/pets/1")
    assert (answer.status, json.loads(body)) == (403, {"message": "Forbidden"})


def test_stages(aws, apis, api):
    api, _ = api
    patch = [
        {"op": "replace", "path": "/variables/table", "value": "pets"},
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.01"},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "1"},
    ]
    stage = apis.update_stage(restApiId=api, stageName="prod", patchOperations=patch)
    assert stage["variables"] == {"table": "pets"}
    assert stage["methodSettings"]["*/*"]["throttlingBurstLimit"] == 1
    statuses = [call(aws, api, "OPTIONS", "/prod/pets/1")[0].status for _ in range(2)]
    assert statuses == [200, 429]
    used = refusal(
        "BadRequestException", apis.delete_deployment, restApiId=api, deploymentId=stage["deploymentId"]
    )
    assert used.message == "Active stages pointing to this deployment must be moved or deleted"
    apis.delete_stage(restApiId=api, stageName="prod")
    assert apis.get_stages(restApiId=api)["item"] == []


def test_keys_and_usage_plans(aws, apis, api):
    api, place = api
    options = {**place, "httpMethod": "OPTIONS"}
    require = [{"op": "replace", "path": "/apiKeyRequired", "value": "true"}]
    apis.update_method(**options, patchOperations=require)
    apis.create_deployment(restApiId=api, stageName="prod")
    key = apis.create_api_key(name="mine", enabled=True)
    plan = apis.create_usage_plan(
        name="basic", apiStages=[{"apiId": api, "stage": "prod"}], quota={"limit": 1, "period": "MONTH"}
    )
    assert plan["quota"] == {"limit": 1, "offset": 0, "period": "MONTH"}
    added = apis.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    assert (added["type"], added["value"]) == ("API_KEY", key["value"])
    assert "value" not in apis.get_api_key(apiKey=key["id"])
    assert apis.get_api_key(apiKey=key["id"], includeValue=True)["value"] == key["value"]
    shown = {"x-api-key": key["value"]}
    answers = [call(aws, api, "OPTIONS", "/prod/pets/1", headers) for headers in ({}, shown, shown)]
    assert [answer.status for answer, _ in answers] == [403, 200, 429]
    assert json.loads(answers[2][1]) == {"message": "Limit Exceeded"}


def test_authorizers_and_gateway_responses(aws, apis, api):
    api, place = api
    authorizer = apis.create_authorizer(restApiId=api, name="guard", type="TOKEN", authorizerUri=uri(aws, "echo"))
    assert authorizer["authorizerResultTtlInSeconds"] == 300
    guard = [
        {"op": "replace", "path": "/authorizationType", "value": "CUSTOM"},
        {"op": "replace", "path": "/authorizerId", "value": authorizer["id"]},
    ]
    apis.update_method(**place, patchOperations=guard)
    response = apis.put_gateway_response(
        restApiId=api,
        responseType="UNAUTHORIZED",
        statusCode="418",
        responseTemplates={"application/json": '{"why": $context.error.messageString}'},
    )
    assert response["defaultResponse"] is False
    apis.create_deployment(restApiId=api, stageName="prod")
    answer, body = call(aws, api, path="/prod/pets/1")
    assert (answer.status, json.loads(body)) == (418, {"why": "Unauthorized"})
    assert len(apis.get_gateway_responses(restApiId=api)["items"]) == 21
    refused = refusal("BadRequestException", apis.create_authorizer, restApiId=api, name="b", type="COGNITO_USER_POOLS")
    assert "TOKEN" in refused.message


def test_tags(aws, apis, api):
    api, _ = api
    arn = f"arn:aws:apigateway:{aws.region}::/restapis/{api}"
    apis.tag_resource(resourceArn=arn, tags={"stage": "dev"})
    assert apis.get_tags(resourceArn=arn)["tags"] == {"team": "a", "stage": "dev"}
    apis.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert apis.get_rest_api(restApiId=api)["tags"] == {"stage": "dev"}


def test_the_cli(aws):
    created = aws.cli("apigateway", "create-rest-api", "--name", "shop")
    assert aws.cli("apigateway", "get-rest-api", "--rest-api-id", created["id"])["name"] == "shop"
    listed = aws.cli("apigateway", "get-rest-apis", "--query", "items[].name")
    assert listed == ["shop"]


def test_what_is_not_there_is_refused_by_name(apis):
    refused = refusal("NotImplementedException", apis.get_domain_names)
    assert (refused.status, "domainnames" in refused.message) == (501, True)
    refused = refusal("BadRequestException", apis.create_rest_api, name="shop", minimumCompressionSize=10)
    assert "minimumCompressionSize" in refused.message
