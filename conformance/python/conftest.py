"""Deploying Python functions as their authors do: a zip, or a folder with what pip put into it."""

import contextlib
import os
import subprocess
import sys
import time

import pytest
from aws import Aws, zip_of
from sources import REPOSITORY, files_of

PATIENCE_S = 60


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serves a folder with a manifest by a Hearth of its own; gives the account that manifests belong to."""
    with contextlib.ExitStack() as served:

        def serve(manifest, *options):
            folder = tmp_path_factory.mktemp("served")
            ready = folder / "url"
            binary = os.environ.get("HEARTH", REPOSITORY / "target/debug/hearth")
            output = served.enter_context((folder / "output").open("w+"))
            command = [binary, "up", manifest, "--port", "0", "--ready-file", ready, "--ephemeral", *options]
            process = subprocess.Popen(command, stdout=output, stderr=output)
            served.callback(process.wait, PATIENCE_S)
            served.callback(process.terminate)
            deadline = time.monotonic() + PATIENCE_S
            while not ready.exists():
                assert process.poll() is None and time.monotonic() < deadline, (folder / "output").read_text()
                time.sleep(0.01)
            return Aws(ready.read_text().strip(), "000000000000", "us-east-1", folder)

        yield serve


@pytest.fixture
def deploy(aws):
    """Creates a Python function from sources, and waits until it is active."""

    def deploy(name, source, handler="app.lambda_handler", **settings):
        files = {"app.py": source} if isinstance(source, str) else source
        settings = {"Runtime": "python3.14", "Handler": handler, "Code": {"ZipFile": zip_of(files)}, **settings}
        settings.setdefault("Role", "arn:aws:iam::000000000000:role/conformance")
        settings.setdefault("Timeout", 20)
        settings.setdefault("MemorySize", 256)
        created = aws.lambda_.create_function(FunctionName=name, **settings)
        waiting = {"Delay": 0.05, "MaxAttempts": 400}
        aws.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=waiting)
        return created

    return deploy


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """What pip makes of some requirements, for this runtime: files of a zip."""
    made = {}

    def libraries(*requirements, options=()):
        if requirements not in made:
            folder = tmp_path_factory.mktemp("libraries")
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
            subprocess.run([*command, *options, "--target", folder, *requirements], check=True)
            made[requirements] = files_of(folder)
        return made[requirements]

    return libraries
