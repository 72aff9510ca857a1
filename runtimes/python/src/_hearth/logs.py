"""What `logging` writes, as Lambda formats it: text, or JSON if the function's log format says so.

Source: "Log and monitor Python Lambda functions" in the Lambda developer guide.
"""

import json
import logging
import os
import sys
import time
import traceback

_JSON_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"

#: What every record has; whatever else it has came from the user's `extra`, and belongs into the document.
_OWN_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime"}

#: The invocation that runs, for all that is logged meanwhile.
_request_id = ""


def set_up():
    """Gives the root logger Lambda's handler. After this the user's code comes, and may change all of it."""
    # What the runtime's own imports may have left is of the time when the component was made.
    logging._startTime = time.time_ns()
    logging.Formatter.converter = time.gmtime
    root = logging.getLogger()
    root.handlers.clear()
    handler = _LambdaHandler()
    handler.setFormatter(_JsonFormatter() if _is_json() else logging.Formatter(_TEXT, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(_with_request_id)
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = "DEBUG" if level == "TRACE" else level
    if level in logging.getLevelNamesMapping():
        root.setLevel(level)


def begin(request_id):
    """From now on, what is logged belongs to this invocation."""
    global _request_id
    _request_id = request_id


def _is_json():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


def _with_request_id(record):
    record.aws_request_id = _request_id
    return True


class _LambdaHandler(logging.Handler):
    # Its name is what libraries look for that want to know whether they run on Lambda.
    def emit(self, record):
        sys.stdout.write(self.format(record))


_LambdaHandler.__name__ = _LambdaHandler.__qualname__ = "LambdaLoggerHandler"


class _JsonFormatter(logging.Formatter):
    def __init__(self):
        super().__init__(datefmt=_JSON_TIME)

    def format(self, record):
        own_document = isinstance(record.msg, dict) and not record.args
        document = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": logging.getLevelName(min(max(record.levelno, 0), logging.CRITICAL) // 10 * 10),
            "message": record.msg if own_document else record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            kind, error, trace = record.exc_info
            document["stackTrace"] = traceback.format_tb(trace)
            document["errorType"] = kind.__name__ if kind else None
            document["errorMessage"] = str(error) if kind else None
            document["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        document["requestId"] = record.aws_request_id
        extra = {name: value for name, value in vars(record).items() if name not in _OWN_ATTRIBUTES}
        document = {name: value for name, value in (extra | document).items() if value is not None}
        return json.dumps(document, ensure_ascii=False, default=str) + "\n"
