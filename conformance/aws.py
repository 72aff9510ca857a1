"""An account and region of a running Hearth, through boto3 and the AWS CLI."""

import base64
import collections
import functools
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions
import pytest

FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"
ROLE = "arn:aws:iam::000000000000:role/conformance"
# Errors are seen at once, instead of after boto3's own retries.
CONFIG = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60)


# Whoever runs the tests may have a profile of their own, which is none of Hearth's.
os.environ.pop("AWS_PROFILE", None)

# One for all: it keeps the models of the services that it has read.
SESSION = boto3.session.Session()

Refusal = collections.namedtuple("Refusal", ["message", "status", "document"])


class Aws:
    def __init__(self, endpoint, account, region, folder):
        self.endpoint, self.account, self.region, self.folder = endpoint, account, region, folder
        # An access key of twelve digits is the account.
        self.credentials = {"aws_access_key_id": account, "aws_secret_access_key": "any"}
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = self.new_client(service)
        return self.clients[service]

    def new_client(self, service, endpoint=None, **config):
        """A client that is configured in its own way."""
        config = CONFIG.merge(botocore.config.Config(**config))
        place = {"region_name": self.region, "endpoint_url": endpoint or self.endpoint}
        return SESSION.client(service, config=config, **place, **self.credentials)

    @property
    def lambda_(self):
        return self.client("lambda")

    def function_arn(self, name):
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{name}"

    def deploy(self, name, sample="echo", **settings):
        """Creates a function from one of the samples, and waits until it is active."""
        created = self.lambda_.create_function(
            FunctionName=name, Code={"ZipFile": package(sample)}, **{**DEFAULTS, **settings}
        )
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=WAITING)
        return created

    def invoke(self, name, event=None, **parameters):
        """Invokes a function that is expected to end well; returns its answer."""
        reply = self.lambda_.invoke(FunctionName=name, Payload=json.dumps(event), **parameters)
        assert "FunctionError" not in reply, reply["Payload"].read()
        return json.load(reply["Payload"])

    def cli(self, *arguments):
        """Runs the AWS CLI; returns its output, parsed if it is JSON."""
        ran = self.run_cli(*arguments)
        assert ran.returncode == 0, ran.stderr
        try:
            return json.loads(ran.stdout)
        except json.JSONDecodeError:
            return ran.stdout

    def run_cli(self, *arguments):
        environment = os.environ | {name.upper(): value for name, value in self.credentials.items()}
        environment |= {"AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": self.region, "AWS_PAGER": ""}
        environment |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
        program = Path(sys.executable).with_name("aws")
        return subprocess.run(
            [program, *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


DEFAULTS = {"Runtime": "provided.al2023", "Handler": "bootstrap", "Role": ROLE, "Timeout": 10}
WAITING = {"Delay": 0.05, "MaxAttempts": 400}


def zip_of(files):
    """A zip with these files: content by name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return archive.getvalue()


@functools.cache
def package(sample):
    """A sample function as it is deployed: a zip with its `.wasm` as `bootstrap`."""
    return zip_of({"bootstrap": (FUNCTIONS / sample / f"{sample}.wasm").read_bytes()})


def log_tail(reply):
    """The end of the log that came with an answer."""
    return base64.b64decode(reply["LogResult"]).decode()


def refusal(code, call, **parameters):
    """Calls an operation that is refused with an error of this class; returns what the error says."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**parameters)
    response = raised.value.response
    assert response["Error"]["Code"] == code, response
    return Refusal(response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"], response)


def eventually(check, patience_s=10):
    """Asks until the answer is true, for what has no waiter; returns it."""
    deadline = time.monotonic() + patience_s
    while not (answer := check()):
        assert time.monotonic() < deadline, f"not within {patience_s} s"
        time.sleep(0.02)
    return answer
