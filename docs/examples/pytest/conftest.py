"""Hearth as at its start for each test, at midnight of a day at which time stands."""

import json
import os
import pathlib
import subprocess
import time
import urllib.parse
import urllib.request

import boto3
import pytest

HEARTH = os.environ.get("HEARTH", "hearth")
MANIFEST = pathlib.Path(__file__).with_name("hearth.toml")


class Hearth:
    """A running `hearth up`, and its clock."""

    def __init__(self, url: str):
        self.url = url

    def client(self, service: str):
        """A client of boto3."""
        credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **credentials)

    def advance(self, by: str) -> dict:
        """Moves the clock, deadline by deadline; what ran meanwhile."""
        return self._control("clock/advance", by=by)["ran"]

    def settle(self) -> dict:
        """Waits until nothing happens any more; what ran meanwhile."""
        return self._control("settle")["ran"]

    def reset(self) -> None:
        """Begins as at the start, in milliseconds."""
        self._control("reset")

    def _control(self, what: str, **parameters: str) -> dict:
        query = urllib.parse.urlencode(parameters)
        request = urllib.request.Request(f"{self.url}/_hearth/{what}?{query}", method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    ready = tmp_path_factory.mktemp("hearth") / "url.txt"
    command = [HEARTH, "up", MANIFEST, "--port", "0", "--ready-file", ready, "--quiet", "--ephemeral"]
    clock = ["--clock", "frozen", "--at", "2026-01-01T00:00:00Z"]
    process = subprocess.Popen(command + clock, stdout=subprocess.DEVNULL)
    try:
        while not ready.exists():
            assert process.poll() is None, "hearth up ended"
            time.sleep(0.01)
        yield Hearth(ready.read_text().strip())
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def hearth(running):
    running.reset()
    return running
