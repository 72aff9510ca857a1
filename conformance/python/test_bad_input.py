"""Handlers that do what they should not: each ends its own invocation, and nothing else."""

import json

import pytest


def outcome(aws, name, event=None):
    reply = aws.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    return json.load(reply["Payload"])


@pytest.mark.parametrize(
    "body, error_type, message",
    [
        ("return lambda_handler(event, context)", "RecursionError", "maximum recursion depth exceeded"),
        ("x = []\n    while True: x.append(bytearray(1 << 20))", "Runtime.OutOfMemory", "signal: killed"),
        ("while True: pass", "Sandbox.Timedout", "timed out after 2.00 seconds"),
        ("import os\n    os.fork()", "AttributeError", "fork"),
        ("import subprocess\n    subprocess.run(['ls'])", "OSError", "does not support processes"),
        ("open('/var/task/new', 'w')", "OSError", "Read-only file system"),
        ("open('/etc/passwd', 'w')", "FileNotFoundError", "/etc/passwd"),
        ("import os\n    os.listdir('/home')", "FileNotFoundError", "/home"),
        ("import socket\n    socket.create_connection(('192.0.2.1', 80), 1)", "PermissionError", "may not connect to 192.0.2.1:80"),
        ("import socket\n    socket.create_connection(('127.0.0.1', 1), 1)", "PermissionError", 'network = ["127.0.0.1:1"]'),
        ("import socket\n    socket.create_server(('127.0.0.1', 0))", "PermissionError", ""),
        ("import urllib.request\n    urllib.request.urlopen('http://example.com')", "URLError", 'network = ["example.com:80"]'),
        ("import queue\n    queue.Queue().get()", "RuntimeError", "would wait for ever"),
        ("import threading\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()", "RuntimeError", "would wait for ever"),
        ("import threading, time\n    def beat():\n        while True: time.sleep(0.1)\n"
         "    threading.Thread(target=beat, daemon=True).start()", "Sandbox.Timedout", "timed out after 2.00 seconds"),
        ("x = []\n    for _ in range(100_000): x = [x]\n    return x", "Runtime.ExitError", "signal: aborted"),
    ],
)
def test_it_fails_alone(aws, deploy, body, error_type, message):
    deploy("bad", f"def lambda_handler(event, context):\n    {body}", Timeout=2)
    document = outcome(aws, "bad")
    assert document["errorType"] == error_type and message in document["errorMessage"], document
    aws.lambda_.delete_function(FunctionName="bad")
    deploy("good", "def lambda_handler(event, context): return 1")
    assert outcome(aws, "good") == 1


def test_printing_a_hundred_megabytes(aws, deploy):
    deploy("loud", "def lambda_handler(event, context):\n    for _ in range(100): print('x' * 1_000_000)\n    return 1")
    assert outcome(aws, "loud") == 1


def test_threads_and_tasks_that_are_left_behind(aws, deploy):
    source = """
import asyncio, threading, concurrent.futures
async def main():
    asyncio.create_task(asyncio.sleep(3600))
    return await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.to_thread(lambda: 2))
def lambda_handler(event, context):
    seen = []
    threading.Thread(target=seen.append, args=(0,), daemon=True).start()
    pool = concurrent.futures.ThreadPoolExecutor()
    pool.submit(seen.append, 3)
    return seen + asyncio.run(main())
"""
    deploy("f", source)
    assert [outcome(aws, "f") for _ in range(2)] == [[0, 3, 1, 2]] * 2


def test_tls_says_what_is_missing(aws, deploy):
    source = """
import http.client, os, urllib.parse
def lambda_handler(event, context):
    place = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
    http.client.HTTPSConnection(place.hostname, place.port).request("GET", "/")
"""
    deploy("f", source)
    document = outcome(aws, "f")
    assert document["errorType"] == "SSLError" and "there is no TLS" in document["errorMessage"]
