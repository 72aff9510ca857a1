"""Handlers that call Hearth under a clock that stands: it is not moved past what they wait for."""

import collections
import json
import os
import subprocess
import sys
import urllib.request

import pytest

SOURCE = """
import boto3, time
s3 = boto3.client("s3")
def lambda_handler(event, context):
    for number in range(5):
        s3.put_object(Bucket="reports", Key=f"{event['time']}/{number}", Body=b"x" * 10_000)
    time.sleep(1)
    return len(s3.list_objects_v2(Bucket="reports")["Contents"])
"""
MANIFEST = """
[buckets.reports]
[functions.report]
code = "."
runtime = "python3.14"
handler = "app.lambda_handler"
memory_mib = 512
timeout_s = 3
[[functions.report.events]]
schedule = "rate(1 minute)"
"""


def test_a_schedule_runs_through_in_virtual_time(served, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clock")
    (folder / "app.py").write_text(SOURCE)
    (folder / "hearth.toml").write_text(MANIFEST)
    aws = served(folder, "--clock", "frozen", "--at", "2026-01-01T00:00:00Z")
    steer(aws, "clock/advance?by=10m5s")
    keys = [item["Key"] for item in aws.client("s3").list_objects_v2(Bucket="reports")["Contents"]]
    reports = collections.Counter(key.split("/")[0] for key in keys)
    assert list(reports.values()) == [5] * 10


UPLOADS = """
import boto3
s3 = boto3.client("s3")
def lambda_handler(event, context):
    s3.put_object(Bucket="reports", Key=event["key"], Body=b"x" * 5_000_000)
    return context.get_remaining_time_in_millis()
"""


@pytest.fixture
def load():
    """Programs that keep the machine busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    yield
    for program in busy:
        program.kill()
        program.wait()


def test_uploads_are_never_overtaken(served, tmp_path_factory, load):
    folder = tmp_path_factory.mktemp("clock")
    (folder / "app.py").write_text(UPLOADS)
    (folder / "hearth.toml").write_text(MANIFEST.partition("[[functions")[0])
    aws = served(folder, "--clock", "frozen", "--at", "2026-01-01T00:00:00Z")
    rounds = int(os.environ.get("HEARTH_UPLOADS", "10"))
    for number in range(rounds):
        payload = json.dumps({"key": str(number)})
        aws.lambda_.invoke(FunctionName="report", InvocationType="Event", Payload=payload)
        # More than the timeout, while the handler sends.
        steer(aws, "clock/advance?by=5s")
    with urllib.request.urlopen(f"{aws.endpoint}/_hearth/timeline?function=report&kind=ended") as answer:
        ended = json.load(answer)["events"]
    assert [(event["outcome"], event["duration_us"]) for event in ended] == [("success", 0)] * rounds
    assert len(aws.client("s3").list_objects_v2(Bucket="reports")["Contents"]) == rounds


def steer(aws, what):
    urllib.request.urlopen(urllib.request.Request(f"{aws.endpoint}/_hearth/{what}", method="POST")).close()
