"""Deploying Python functions as their authors do: a zip, or a folder with what pip put into it."""

import subprocess
import sys

import pytest
from aws import zip_of
from sources import files_of


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
