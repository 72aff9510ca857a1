"""The managed runtime python3.14: what the component exports.

While the component is made, componentize-py imports this module, and what is in memory afterwards is where every environment
starts. So everything that handlers commonly import is imported here, once, and costs a cold start nothing (`_hearth.preload`).
At run time `init` imports the user's handler from /var/task, and `handle` calls it.
"""

import sys

_at_first = frozenset(sys.modules)

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.handler import FunctionError
from wit_world.imports import process

from _hearth import bytecode, contract, environment, preload
from _hearth.failures import Report

_runtime = contract.Runtime(exit=process.exit)


class Handler(exports.Handler):
    """The contract of handlers, `hearth:lambda/handler`."""

    def init(self, handler):
        environment.enter()
        _reporting(_runtime.init, handler)

    def handle(self, event, context):
        return _reporting(_runtime.handle, event, context)


class Compiler(exports.Compiler):
    """What makes bytecode at deployment, `hearth:runtime/compiler`."""

    def compile(self, path, source):
        return bytecode.compile_source(path, source)


def _reporting(call, *arguments):
    try:
        return call(*arguments)
    except Report as report:
        failure = FunctionError(report.error_type, report.message, report.stack_trace)
    # Not inside the `except`: the caller's error has no other one behind it.
    raise Err(failure)


# Lambda's own runtime has imported what is in memory now before it looks for a handler, so that no file in /var/task hides it.
environment.keep_modules(frozenset(sys.modules) - _at_first)
preload.run()
