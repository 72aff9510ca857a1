"""What is reported when a handler cannot be had, or fails.

The types and words are those of Lambda's own runtime. Hearth writes the line about it into the log.
"""

import traceback

#: Where the runtime's own frames come from; nobody wants to see them in a stack trace.
_OWN_FILES = ("hearth_runtime.py", "/_hearth/contract.py")


class Report(Exception):
    """A failure as the caller of the function sees it: `errorType`, `errorMessage` and `stackTrace`."""

    def __init__(self, error_type, message, stack_trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.stack_trace = list(stack_trace)

    @classmethod
    def of(cls, error):
        """What an exception of the user's code is reported as."""
        return cls(type(error).__name__, _text(error), _frames(error))


def _text(error):
    try:
        return str(error)
    except Exception as broken:
        return f"<the exception's own __str__ failed: {type(broken).__name__}>"


def _frames(error):
    frames = traceback.extract_tb(error.__traceback__)
    first = next((number for number, frame in enumerate(frames) if not frame.filename.endswith(_OWN_FILES)), 0)
    return traceback.format_list(frames[first:])
