"""A small REST API behind an HTTP API or a function URL: users in memory, as long as the environment lives."""

import json
import re
import uuid

users = {}


class Problem(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def lambda_handler(event, context):
    method = event["requestContext"]["http"]["method"]
    for (expected, pattern), action in ROUTES.items():
        found = re.fullmatch(pattern, event["rawPath"])
        if expected == method and found:
            try:
                return answer(*action(event, **found.groupdict()))
            except Problem as problem:
                return answer(problem.status, {"error": str(problem)})
    return answer(404, {"error": "no such route"})


def list_users(event):
    return 200, sorted(users.values(), key=lambda user: user["name"])


def create_user(event):
    try:
        name = json.loads(event.get("body") or "{}")["name"]
    except (ValueError, KeyError, TypeError):
        raise Problem(400, "the body must be JSON with a name") from None
    user = {"id": str(uuid.uuid4()), "name": name}
    users[user["id"]] = user
    return 201, user


def show_user(event, id):
    if id not in users:
        raise Problem(404, "no such user")
    return 200, users[id]


def delete_user(event, id):
    show_user(event, id)
    del users[id]
    return 204, None


ROUTES = {
    ("GET", "/users"): list_users,
    ("POST", "/users"): create_user,
    ("GET", "/users/(?P<id>[^/]+)"): show_user,
    ("DELETE", "/users/(?P<id>[^/]+)"): delete_user,
}


def answer(status, document):
    body = "" if document is None else json.dumps(document)
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}
