"""What all tests share: one running Hearth, and for each test an account of its own in it."""

import itertools
import os
import subprocess
import time
from pathlib import Path

import pytest
from aws import Aws

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_S = 60

accounts = itertools.count(100_000_000_000)


@pytest.fixture(scope="session")
def hearth_folder(tmp_path_factory):
    """Where Hearth runs; what it prints is in the file `output`."""
    return tmp_path_factory.mktemp("hearth")


@pytest.fixture(scope="session")
def hearth(hearth_folder):
    """A Hearth that lives as long as the tests: its process and its URL."""
    folder = hearth_folder
    ready = folder / "url"
    binary = os.environ.get("HEARTH", REPOSITORY / "target/debug/hearth")
    command = [binary, "up", "--port", "0", "--ready-file", ready, "--ephemeral"]
    with (folder / "output").open("w+") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not ready.exists():
                assert process.poll() is None and time.monotonic() < deadline, (folder / "output").read_text()
                time.sleep(0.01)
            yield process, ready.read_text().strip()
            assert process.poll() is None, (folder / "output").read_text()
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def endpoint(hearth):
    _process, url = hearth
    return url


@pytest.fixture
def aws(endpoint, tmp_path):
    """An account in us-east-1 that nobody else uses."""
    return Aws(endpoint, str(next(accounts)), "us-east-1", tmp_path)


@pytest.fixture
def other_account(aws):
    return Aws(aws.endpoint, str(next(accounts)), aws.region, aws.folder)


@pytest.fixture
def other_region(aws):
    return Aws(aws.endpoint, aws.account, "eu-central-1", aws.folder)


@pytest.fixture
def s3(aws):
    return aws.client("s3")


@pytest.fixture
def bucket(aws, s3):
    """A bucket that nobody else has: names are one namespace for all accounts."""
    name = f"uploads-{aws.account}"
    s3.create_bucket(Bucket=name)
    return name
