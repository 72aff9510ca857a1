"""The context object that handlers are given.

Source: "Using the Lambda context object to retrieve Python function information" in the Lambda developer guide; how it prints is
taken from Lambda's runtime.
"""

import json
import os
import sys
import time

from _hearth.failures import Report


class _Record:
    """Named fields, all of them there, and none besides."""

    __slots__ = ()

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self):
        return f"{type(self).__name__}([{','.join(f'{name}={getattr(self, name)}' for name in self.__slots__)}])"


class CognitoIdentity(_Record):
    """Who called, as far as Amazon Cognito knows."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Record):
    """The app that called through the AWS Mobile SDK."""

    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(_Record):
    """What the caller told of itself."""

    __slots__ = ("custom", "env", "client")

    def __init__(self, values):
        super().__init__(values)
        if self.client is not None:
            self.client = Client(self.client)


#: What is the same in all invocations of an environment, and the variables that say it.
_OF_THE_FUNCTION = {
    "log_group_name": "AWS_LAMBDA_LOG_GROUP_NAME",
    "log_stream_name": "AWS_LAMBDA_LOG_STREAM_NAME",
    "function_name": "AWS_LAMBDA_FUNCTION_NAME",
    "memory_limit_in_mb": "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "function_version": "AWS_LAMBDA_FUNCTION_VERSION",
}


def of_function():
    """What contexts say of the function, read once."""
    return {field: os.environ.get(variable) for field, variable in _OF_THE_FUNCTION.items()}


class LambdaContext:
    """What a handler learns of its invocation."""

    def __init__(self, invocation, function):
        vars(self).update(function)
        self.aws_request_id = invocation.request_id
        self.invoked_function_arn = invocation.invoked_function_arn
        self.tenant_id = None
        client = _document(invocation.client_context, "Client Context")
        self.client_context = ClientContext(client) if client is not None else None
        identity = _document(invocation.identity, "Cognito Identity") or {}
        self.identity = CognitoIdentity({
            "cognito_identity_id": identity.get("cognitoIdentityId"),
            "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId"),
        })
        self._epoch_deadline_time_in_ms = invocation.deadline_ms

    def get_remaining_time_in_millis(self):
        """How long the invocation may still run."""
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        """Writes to the log, without a line's end of its own."""
        sys.stdout.write(str(message))

    def __repr__(self):
        names = (
            "aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
            "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id",
        )  # fmt: skip
        return f"{type(self).__name__}([{','.join(f'{name}={getattr(self, name)}' for name in names)}])"


def _document(text, what):
    if not text:
        return None
    try:
        return json.loads(text)
    except Exception as error:
        raise Report("Runtime.LambdaContextUnmarshalError", f"Unable to parse {what} JSON: {error}") from None
