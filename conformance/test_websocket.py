"""WebSocket APIs: the management API and connections through boto3, sockets through `websockets`."""

import json
import urllib.parse

import pytest
import websockets
from aws import eventually, refusal
from websockets.sync.client import connect

PATIENCE_S = 20


@pytest.fixture
def apis(aws):
    return aws.client("apigatewayv2")


@pytest.fixture
def chat(aws, apis):
    """An API whose clients send each other messages: its identifier, and what its routes lead to."""
    aws.deploy("chat", "chat")
    api = apis.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    aws.lambda_.add_permission(
        FunctionName="chat",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{aws.region}:{aws.account}:{api}/*",
    )
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=aws.function_arn("chat")
    )
    target = "integrations/" + integration["IntegrationId"]
    for key in ["$connect", "$disconnect", "$default", "say", "whoami"]:
        route = apis.create_route(
            ApiId=api, RouteKey=key, Target=target, RouteResponseSelectionExpression="$default"
        )
        assert route["RouteResponseSelectionExpression"] == "$default"
        response = apis.create_route_response(
            ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default"
        )
        assert response["RouteResponseKey"] == "$default"
    apis.create_stage(ApiId=api, StageName="prod")
    apis.create_deployment(ApiId=api, StageName="prod")
    return api, target


def open_socket(aws, api, query="?name=ada", **options):
    """Connects to an API by its path, as not every machine resolves names below `localhost`."""
    host = urllib.parse.urlsplit(aws.endpoint).netloc
    url = f"ws://{host}/_aws/execute-api/{api}/prod{query}"
    return connect(url, legacy=True, proxy=None, open_timeout=PATIENCE_S, **options)


def ask(socket, message):
    socket.send(message if isinstance(message, str) else json.dumps(message))
    return socket.recv(PATIENCE_S)


def address(socket):
    return json.loads(ask(socket, {"action": "whoami"}))["address"]


def management(aws, api):
    """A client for those who post to connections."""
    return aws.new_client("apigatewaymanagementapi", f"{aws.endpoint}/_aws/execute-api/{api}/prod")


def closed(socket):
    """The status and the reason with which the other side closes."""
    with pytest.raises(websockets.ConnectionClosed) as raised:
        socket.recv(PATIENCE_S)
    return raised.value.rcvd.code, raised.value.rcvd.reason


def test_an_api_is_what_was_asked_for(aws, apis, chat):
    api, _ = chat
    shown = apis.get_api(ApiId=api)
    assert shown["ApiEndpoint"].startswith(f"ws://{api}.execute-api.us-east-1.")
    assert (shown["ProtocolType"], shown["RouteSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    assert len(apis.get_routes(ApiId=api)["Items"]) == 5
    again = refusal("ConflictException", apis.create_route, ApiId=api, RouteKey="say")
    assert again.status == 409
    refusal("BadRequestException", apis.create_api, Name="chat", ProtocolType="WEBSOCKET")
    refusal(
        "NotImplementedException", apis.create_route, ApiId=api, RouteKey="keyed", ApiKeyRequired=True
    )
    refusal("NotImplementedException", apis.create_integration, ApiId=api, IntegrationType="MOCK")


def test_messages_take_their_routes(aws, chat):
    with open_socket(aws, chat[0]) as socket:
        assert ask(socket, "hello") == "hello"
        assert ask(socket, {"action": "other"}) == '{"action": "other"}'
        assert len(address(socket)) == 16
        assert ask(socket, "ä" * 10_000) == "ä" * 10_000


def test_functions_reach_other_clients(aws, chat):
    with open_socket(aws, chat[0]) as ada, open_socket(aws, chat[0], "?name=bob") as bob:
        said = ask(ada, {"action": "say", "to": address(bob), "text": "hello"})
        assert json.loads(said) == {"delivered": True}
        heard = json.loads(bob.recv(PATIENCE_S))
        assert heard == {"from": address(ada), "text": "hello"}
        gone = address(bob)
    with open_socket(aws, chat[0]) as ada:
        said = ask(ada, {"action": "say", "to": gone, "text": "hello"})
        assert json.loads(said) == {"delivered": False}


def test_owners_post_look_and_close(aws, chat):
    api = chat[0]
    connections = management(aws, api)
    with open_socket(aws, api, user_agent_header="conformance") as socket:
        id = address(socket)
        connections.post_to_connection(ConnectionId=id, Data=b"from outside")
        assert socket.recv(PATIENCE_S) == "from outside"
        connections.post_to_connection(ConnectionId=id, Data=b"\xff")
        assert socket.recv(PATIENCE_S) == b"\xff"
        shown = connections.get_connection(ConnectionId=id)
        assert shown["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "conformance"}
        assert shown["ConnectedAt"] <= shown["LastActiveAt"]
        large = refusal(
            "PayloadTooLargeException", connections.post_to_connection, ConnectionId=id, Data=b"a" * 131_073
        )
        assert large.status == 413
        connections.delete_connection(ConnectionId=id)
        assert closed(socket)[0] == 1000
    gone = refusal("GoneException", connections.post_to_connection, ConnectionId=id, Data=b"late")
    assert gone.status == 410
    refusal("GoneException", connections.get_connection, ConnectionId=id)
    refusal("BadRequestException", connections.get_connection, ConnectionId="nothing")


def test_connections_belong_to_an_account(aws, chat, other_account):
    api = chat[0]
    with open_socket(aws, api) as socket:
        elsewhere = management(other_account, api)
        refused = refusal("ForbiddenException", elsewhere.get_connection, ConnectionId=address(socket))
        assert refused.status == 403


def test_functions_refuse_clients(aws, chat):
    with pytest.raises(websockets.InvalidStatus) as raised:
        open_socket(aws, chat[0], "")
    assert raised.value.response.status_code == 403
    assert raised.value.response.body == "say who you are: ?name=…".encode()


def test_functions_hear_of_the_end(aws, chat):
    with open_socket(aws, chat[0]) as socket:
        id = address(socket)
        socket.close(4001, "enough")
    logs = aws.client("logs")

    def told():
        lines = logs.filter_log_events(logGroupName="/aws/lambda/chat", filterPattern="left")["events"]
        return [line["message"].strip() for line in lines]

    assert eventually(told) == [f"{id} left: 4001 enough"]


def test_frames_and_messages_have_limits(aws, chat):
    for message, status in [("a" * 32_769, 1009), (b"binary", 1003), (["a" * 32_000] * 5, 1009)]:
        with open_socket(aws, chat[0]) as socket:
            try:
                socket.send(message)
            except websockets.ConnectionClosed:
                pass
            assert closed(socket)[0] == status
    with open_socket(aws, chat[0]) as socket:
        socket.send(["a" * 32_768] * 4)
        assert len(socket.recv(PATIENCE_S)) == 131_072


def test_pings_are_answered(aws, chat):
    with open_socket(aws, chat[0]) as socket:
        assert socket.ping().wait(PATIENCE_S)


def test_authorizers_decide_who_connects(aws, apis, chat):
    api, target = chat
    aws.deploy("echo")
    gate = apis.create_authorizer(
        ApiId=api,
        Name="gate",
        AuthorizerType="REQUEST",
        AuthorizerUri=aws.function_arn("echo"),
        IdentitySource=["route.request.querystring.name"],
    )
    assert gate["IdentitySource"] == ["route.request.querystring.name"]
    assert "AuthorizerPayloadFormatVersion" not in gate
    [route] = [route for route in apis.get_routes(ApiId=api)["Items"] if route["RouteKey"] == "$connect"]
    apis.update_route(
        ApiId=api, RouteId=route["RouteId"], AuthorizationType="CUSTOM", AuthorizerId=gate["AuthorizerId"]
    )
    apis.create_deployment(ApiId=api, StageName="prod")
    for query, status, message in [("", 401, "Unauthorized"), ("?name=ada", 500, "Internal server error")]:
        with pytest.raises(websockets.InvalidStatus) as raised:
            open_socket(aws, api, query)
        answer = json.loads(raised.value.response.body)
        assert (raised.value.response.status_code, answer["message"]) == (status, message)
        assert len(answer["connectionId"]) == len(answer["requestId"]) == 16


def test_an_api_that_is_deleted_closes_its_connections(aws, apis, chat):
    with open_socket(aws, chat[0]) as socket:
        apis.delete_api(ApiId=chat[0])
        assert closed(socket) == (1001, "Going away")
