"""HTTP APIs: the management API through boto3, and requests over plain HTTP."""

import base64
import http.client
import json
import urllib.parse

import pytest
from aws import refusal


@pytest.fixture
def apis(aws):
    return aws.client("apigatewayv2")


def call(aws, endpoint, method="GET", path="/", body=None, headers=None):
    """Calls an API by its host name, which not every machine resolves."""
    host = urllib.parse.urlsplit(endpoint).netloc
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(aws.endpoint).netloc)
    connection.request(method, path, body, {"Host": host, **(headers or {})})
    answer = connection.getresponse()
    return answer, answer.read()


def allow(aws, function, statement="api"):
    aws.lambda_.add_permission(
        FunctionName=function,
        StatementId=statement,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )


@pytest.fixture
def api(aws, apis):
    """An API whose routes lead to `echo`, and what they lead to."""
    aws.deploy("echo")
    allow(aws, "echo")
    created = apis.create_api(Name="shop", ProtocolType="HTTP", Tags={"team": "a"})
    integration = apis.create_integration(
        ApiId=created["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=aws.function_arn("echo"),
        PayloadFormatVersion="2.0",
    )
    apis.create_stage(ApiId=created["ApiId"], StageName="$default", AutoDeploy=True)
    return created["ApiId"], created["ApiEndpoint"], "integrations/" + integration["IntegrationId"]


def test_apis_come_and_go(aws, apis, other_account):
    created = apis.create_api(Name="shop", ProtocolType="HTTP", Description="Orders")
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert created["ApiEndpoint"].startswith(f"http://{created['ApiId']}.execute-api.us-east-1.")
    assert (created["ProtocolType"], created["RouteSelectionExpression"]) == ("HTTP", "$request.method $request.path")
    assert apis.get_api(ApiId=created["ApiId"])["Description"] == "Orders"
    updated = apis.update_api(ApiId=created["ApiId"], Name="store", CorsConfiguration={"AllowOrigins": ["*"]})
    assert (updated["Name"], updated["CorsConfiguration"]) == ("store", {"AllowOrigins": ["*"]})
    apis.delete_cors_configuration(ApiId=created["ApiId"])
    assert "CorsConfiguration" not in apis.get_api(ApiId=created["ApiId"])
    assert [api["ApiId"] for api in apis.get_apis()["Items"]] == [created["ApiId"]]
    elsewhere = other_account.client("apigatewayv2")
    assert elsewhere.get_apis()["Items"] == []
    assert refusal("NotFoundException", elsewhere.get_api, ApiId=created["ApiId"]).status == 404
    apis.delete_api(ApiId=created["ApiId"])
    refusal("NotFoundException", apis.get_api, ApiId=created["ApiId"])


def test_what_cannot_be_is_refused(apis, api):
    id, _, target = api
    refusal("BadRequestException", apis.create_route, ApiId=id, RouteKey="/orders")
    apis.create_route(ApiId=id, RouteKey="GET /orders/{id}", Target=target)
    again = refusal("ConflictException", apis.create_route, ApiId=id, RouteKey="GET /orders/{id}", Target=target)
    assert again.status == 409
    refusal("NotFoundException", apis.get_route, ApiId=id, RouteId="none")
    refusal("ConflictException", apis.delete_integration, ApiId=id, IntegrationId=target.split("/")[1])
    refusal("ConflictException", apis.create_stage, ApiId=id, StageName="$default")
    refusal("BadRequestException", apis.create_integration, ApiId=id, IntegrationType="AWS_PROXY")


def test_routes_lists_and_tags(aws, apis, api):
    id, _, target = api
    keys = [f"GET /{number}" for number in range(5)]
    for key in keys:
        apis.create_route(ApiId=id, RouteKey=key, Target=target)
    pages = apis.get_paginator("get_routes").paginate(ApiId=id, PaginationConfig={"PageSize": 2})
    assert sorted(route["RouteKey"] for page in pages for route in page["Items"]) == keys
    arn = f"arn:aws:apigateway:us-east-1::/apis/{id}"
    apis.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    apis.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert apis.get_tags(ResourceArn=arn)["Tags"] == {"stage": "test"}


def test_a_request_becomes_an_event(aws, apis, api):
    id, endpoint, target = api
    apis.create_route(ApiId=id, RouteKey="ANY /orders/{id}", Target=target)
    path = "/orders/a%20b?c=d&c=e"
    answer, body = call(aws, endpoint, "POST", path, b"\xff", {"Content-Type": "image/png", "Cookie": "x=1; y=2"})
    assert answer.status == 200, body
    event = json.loads(body)
    assert (event["routeKey"], event["rawPath"]) == ("ANY /orders/{id}", "/orders/a b")
    assert event["pathParameters"] == {"id": "a b"}
    assert (event["queryStringParameters"], event["cookies"]) == ({"c": "d,e"}, ["x=1", "y=2"])
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\xff", True)
    assert event["requestContext"]["accountId"] == aws.account
    answer, body = call(aws, endpoint, path="/other")
    assert (answer.status, json.loads(body)) == (404, {"message": "Not Found"})


def test_stages_have_deployments_and_variables(aws, apis, api):
    id, endpoint, target = api
    apis.create_route(ApiId=id, RouteKey="GET /orders", Target=target)
    apis.create_stage(ApiId=id, StageName="prod", StageVariables={"table": "orders"})
    deployed = apis.create_deployment(ApiId=id, StageName="prod")
    assert deployed["DeploymentStatus"] == "DEPLOYED"
    assert apis.get_stage(ApiId=id, StageName="prod")["DeploymentId"] == deployed["DeploymentId"]
    answer, body = call(aws, endpoint, path="/prod/orders")
    event = json.loads(body)
    assert (answer.status, event["rawPath"]) == (200, "/prod/orders")
    assert (event["requestContext"]["stage"], event["stageVariables"]) == ("prod", {"table": "orders"})
    limits = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.001}
    apis.update_stage(ApiId=id, StageName="prod", RouteSettings={"GET /orders": limits})
    assert call(aws, endpoint, path="/prod/orders")[0].status == 200
    answer, body = call(aws, endpoint, path="/prod/orders")
    assert (answer.status, json.loads(body)) == (429, {"message": "Too Many Requests"})
    assert call(aws, endpoint, path="/orders")[0].status == 200, "another stage"


def test_a_quick_start_answers_at_once(aws, apis):
    aws.deploy("echo")
    created = apis.create_api(Name="quick", ProtocolType="HTTP", Target=aws.function_arn("echo"))
    answer, body = call(aws, created["ApiEndpoint"], path="/any/path")
    assert (answer.status, json.loads(body)) == (500, {"message": "Internal Server Error"}), "nobody has allowed it"
    allow(aws, "echo")
    answer, body = call(aws, created["ApiEndpoint"], path="/any/path")
    assert (answer.status, json.loads(body)["routeKey"]) == (200, "$default")
    [stage] = apis.get_stages(ApiId=created["ApiId"])["Items"]
    assert (stage["StageName"], stage["AutoDeploy"], stage["ApiGatewayManaged"]) == ("$default", True, True)


def test_authorizers(aws, apis, api):
    id, endpoint, target = api
    jwt = apis.create_authorizer(
        ApiId=id,
        Name="users",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": "https://issuer.example.com", "Audience": ["shop"]},
    )
    assert jwt["JwtConfiguration"] == {"Issuer": "https://issuer.example.com", "Audience": ["shop"]}
    guarded = {"ApiId": id, "Target": target}
    apis.create_route(
        RouteKey="GET /mine", AuthorizationType="JWT", AuthorizerId=jwt["AuthorizerId"], **guarded
    )
    answer, body = call(aws, endpoint, path="/mine", headers={"Authorization": "Bearer a.b.c"})
    assert (answer.status, json.loads(body)) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"].startswith("Bearer")
    asked = apis.create_authorizer(
        ApiId=id,
        Name="gate",
        AuthorizerType="REQUEST",
        AuthorizerUri=aws.function_arn("echo"),
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
        IdentitySource=["$request.header.Pass"],
        AuthorizerResultTtlInSeconds=60,
    )
    assert (asked["EnableSimpleResponses"], asked["AuthorizerResultTtlInSeconds"]) == (True, 60)
    apis.create_route(
        RouteKey="GET /gate", AuthorizationType="CUSTOM", AuthorizerId=asked["AuthorizerId"], **guarded
    )
    assert call(aws, endpoint, path="/gate")[0].status == 401
    answer, _ = call(aws, endpoint, path="/gate", headers={"Pass": "x"})
    assert answer.status == 500, "an echo of the event says neither yes nor no"
    refusal("ConflictException", apis.delete_authorizer, ApiId=id, AuthorizerId=asked["AuthorizerId"])


def test_preflights_are_answered_without_a_function(aws, apis, api):
    id, endpoint, _ = api
    cors = {"AllowOrigins": ["http://shop.example"], "AllowMethods": ["GET", "PUT"], "MaxAge": 60}
    apis.update_api(ApiId=id, CorsConfiguration=cors)
    asks = {"Origin": "http://shop.example", "Access-Control-Request-Method": "PUT"}
    answer, _ = call(aws, endpoint, "OPTIONS", "/any", headers=asks)
    assert (answer.status, answer.headers["access-control-allow-methods"]) == (204, "GET,PUT")
    answer, _ = call(aws, endpoint, "OPTIONS", "/any", headers={**asks, "Origin": "http://other.example"})
    assert answer.headers["access-control-allow-origin"] is None
