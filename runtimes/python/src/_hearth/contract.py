"""Finding the user's handler and calling it: the course of Lambda's own Python runtime."""

import importlib
import os
import sys

from _hearth import context, logs, marshal
from _hearth.failures import Report


class Runtime:
    """One environment. `exit` ends it with a status, as a process ends."""

    def __init__(self, exit):
        self._exit = exit
        self._handler = None
        self._function = None

    def init(self, name):
        """Imports the handler that `name` names. Raises `Report` if there is none."""
        self._function = context.of_function()
        self._handler = self._guarded(lambda: find(name))

    def handle(self, event, invocation):
        """Answers one event. Raises `Report` if the handler fails, or its answer is none."""
        logs.begin(invocation.request_id)
        _set_trace(invocation.trace_header)
        return self._guarded(lambda: self._answer(event, invocation))

    def _answer(self, event, invocation):
        told = context.LambdaContext(invocation, self._function)
        return marshal.write_answer(self._handler(marshal.read_event(event), told))

    def _guarded(self, call):
        try:
            return call()
        except Report:
            raise
        except SystemExit as leaving:
            self._leave(leaving)
        except BaseException as error:
            raise Report.of(error) from None
        finally:
            _flush()

    def _leave(self, leaving):
        """What the interpreter does with a `SystemExit` that nobody catches."""
        status = leaving.code
        if status is None:
            status = 0
        elif not isinstance(status, int):
            print(status, file=sys.stderr)
            status = 1
        _flush()
        self._exit(status & 0xFF)


def find(name):
    """The handler that a setting such as `app.lambda_handler` names."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        reason = "not enough values to unpack (expected 2, got 1)"
        raise Report("Runtime.MalformedHandlerName", f"Bad handler '{name}': {reason}")
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise Report("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise Report("Runtime.ImportModuleError", message) from None
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Report("Runtime.UserCodeSyntaxError", message, trace) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Report("Runtime.HandlerNotFound", message) from None


def _set_trace(header):
    if header is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = header


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # The user's code may have closed it, or put something else in its place.
            pass
