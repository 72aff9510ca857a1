"""The samples under functions/python, served by their own manifest."""

import json
import struct
import urllib.request

import pytest
from conftest import PATIENCE_S
from sources import SAMPLES

@pytest.fixture(scope="module")
def samples(served):
    return served(SAMPLES)


def test_hello(samples):
    answer = samples.invoke("hello", {"name": "Ada"})
    assert json.loads(answer["body"]) == {"message": "Hello, Ada!"}
    assert json.loads(samples.invoke("hello", {})["body"]) == {"message": "Hello, World!"}


def test_images_that_come_into_the_bucket_get_their_metadata(samples):
    s3 = samples.client("s3")
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 320, 200)
    s3.put_object(Bucket="uploads", Key="in/a picture.png", Body=png)
    wait = {"Delay": 1, "MaxAttempts": PATIENCE_S}
    s3.get_waiter("object_exists").wait(Bucket="uploads", Key="metadata/a picture.png.json", WaiterConfig=wait)
    document = json.load(s3.get_object(Bucket="uploads", Key="metadata/a picture.png.json")["Body"])
    assert document == {"key": "in/a picture.png", "kind": "png", "width": 320, "height": 200, "bytes": len(png)}


def test_the_users_api(samples):
    def call(method, path, body=None):
        event = {"rawPath": path, "requestContext": {"http": {"method": method}}, "body": body}
        answer = samples.invoke("users", event)
        return answer["statusCode"], json.loads(answer["body"] or "null")

    assert call("GET", "/users") == (200, [])
    status, ada = call("POST", "/users", '{"name": "Ada"}')
    assert status == 201 and ada["name"] == "Ada"
    assert call("GET", f"/users/{ada['id']}") == (200, ada)
    assert call("POST", "/users", "{")[0] == 400
    assert call("DELETE", f"/users/{ada['id']}")[0] == 204
    assert call("GET", f"/users/{ada['id']}")[0] == 404


def test_pings_keep_it_warm_and_do_no_work(samples):
    assert samples.invoke("ping", {"ping": True})["warm"] is True
    assert samples.invoke("ping", {}) == {"warm": False, "served": 1}


def test_the_chain_of_three(samples):
    s3 = samples.client("s3")
    rows = "item,quantity,price\nlamp,2,3.5\nchair,1,20\nlamp,1,3.5\n"
    s3.put_object(Bucket="uploads", Key="orders.csv", Body=rows.encode())
    assert samples.invoke("extract", {"key": "orders.csv", "target": "totals.json"}) == {"loaded": 2, "target": "totals.json"}
    assert json.load(s3.get_object(Bucket="uploads", Key="totals.json")["Body"]) == {"lamp": 10.5, "chair": 20.0}


def test_the_worker_goes_on_where_it_was(samples):
    first = samples.invoke("worker", {"items": 30, "seconds_each": 0.1})
    assert first["done"] is False and 0 < first["next"] < 30
    event = {"items": 30, "seconds_each": 0.1, "resume": True}
    last = samples.invoke("worker", event)
    while not last["done"]:
        last = samples.invoke("worker", event)
    assert last == {"done": True, "next": 30}


def test_the_api_of_the_manifest_is_served(samples):
    with urllib.request.urlopen(f"{samples.endpoint}/_aws/execute-api/hearth/users") as answer:
        assert json.load(answer) == []
