"""The course of Lambda's runtime: handlers that are found, answer, fail and leave."""

import contextlib
import decimal
import io
import json
import logging
import os
import pathlib
import sys
import tempfile
import time
import types
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "src"))

from _hearth import bytecode, contract, environment, logs, marshal, preload
from _hearth.context import LambdaContext, of_function
from _hearth.failures import Report


def invocation(**changed):
    values = {
        "request_id": "8f507cfc-example",
        "invoked_function_arn": "arn:aws:lambda:us-east-1:000000000000:function:orders",
        "deadline_ms": int(time.time() * 1000) + 3000,
        "trace_header": None,
        "client_context": None,
        "identity": None,
    }
    return types.SimpleNamespace(**values | changed)


class Left(Exception):
    pass


class WithModules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        sys.path.insert(0, folder.name)
        self.addCleanup(sys.path.remove, folder.name)
        before = set(sys.modules)
        self.addCleanup(lambda: [sys.modules.pop(name) for name in set(sys.modules) - before])

    def module(self, name, source):
        (self.folder / f"{name}.py").write_text(source)

    def runtime(self, source, handler="function_under_test.handler"):
        self.module("function_under_test", source)

        def leave(status):
            raise Left(status)

        runtime = contract.Runtime(exit=leave)
        runtime.init(handler)
        return runtime

    def fails(self, call):
        with self.assertRaises(Report) as caught:
            call()
        return caught.exception


class Handlers(WithModules):
    def test_module_code_runs_once_and_globals_stay(self):
        runtime = self.runtime("count = 0\ndef handler(event, context):\n global count\n count += 1\n return [count, event]")
        self.assertEqual(runtime.handle(b'{"a": 1}', invocation()), b'[1, {"a": 1}]')
        self.assertEqual(runtime.handle(b"null", invocation()), b"[2, null]")

    def test_errors_have_type_message_and_the_users_frames(self):
        runtime = self.runtime("def handler(event, context):\n    raise KeyError('order')")
        report = self.fails(lambda: runtime.handle(b"{}", invocation()))
        self.assertEqual((report.error_type, report.message), ("KeyError", "'order'"))
        self.assertEqual(len(report.stack_trace), 1)
        self.assertIn("line 2, in handler\n    raise KeyError('order')\n", report.stack_trace[0])

    def test_an_error_whose_text_cannot_be_had_is_still_reported(self):
        source = "class Odd(Exception):\n def __str__(self): raise TypeError\ndef handler(event, context): raise Odd()"
        report = self.fails(lambda: self.runtime(source).handle(b"{}", invocation()))
        self.assertEqual(report.error_type, "Odd")

    def test_answers_that_are_no_json(self):
        runtime = self.runtime("def handler(event, context):\n    return {1, 2}")
        report = self.fails(lambda: runtime.handle(b"{}", invocation()))
        expected = "Unable to marshal response: Object of type set is not JSON serializable"
        self.assertEqual((report.error_type, report.message), ("Runtime.MarshalError", expected))
        self.assertEqual(report.stack_trace, [])

    def test_leaving_ends_the_process_with_its_status(self):
        for code, status in [("", 0), ("3", 3), ("True", 1), ("'gone'", 1), ("-1", 255)]:
            runtime = self.runtime(f"import sys\ndef handler(event, context): sys.exit({code})")
            with self.assertRaises(Left) as left, contextlib.redirect_stderr(io.StringIO()):
                runtime.handle(b"{}", invocation())
            self.assertEqual(left.exception.args, (status,), code)
            del sys.modules["function_under_test"]

    def test_the_trace_is_in_a_variable_while_there_is_one(self):
        runtime = self.runtime("import os\ndef handler(event, context): return os.environ.get('_X_AMZN_TRACE_ID')")
        self.assertEqual(runtime.handle(b"{}", invocation(trace_header="Root=1")), b'"Root=1"')
        self.assertEqual(runtime.handle(b"{}", invocation()), b"null")

    def test_handlers_that_cannot_be_had(self):
        self.module("broken", "def handler(:\n")
        self.module("needy", "import not_there_at_all")
        self.module("empty", "")
        for name, error_type, message in [
            ("handler", "Runtime.MalformedHandlerName", "Bad handler 'handler': not enough values to unpack (expected 2, got 1)"),
            ("sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
            ("nowhere.f", "Runtime.ImportModuleError", "Unable to import module 'nowhere': No module named 'nowhere'"),
            ("needy.f", "Runtime.ImportModuleError", "Unable to import module 'needy': No module named 'not_there_at_all'"),
            ("empty.f", "Runtime.HandlerNotFound", "Handler 'f' missing on module 'empty'"),
            ("broken.f", "Runtime.UserCodeSyntaxError", "Syntax error in module 'broken': invalid syntax (broken.py, line 1)"),
        ]:
            report = self.fails(lambda name=name: contract.find(name))
            self.assertEqual((report.error_type, report.message), (error_type, message))
        self.assertIn("broken.py\" Line 1\n    def handler(:", report.stack_trace[0])

    def test_handlers_in_folders(self):
        (self.folder / "package_under_test").mkdir()
        (self.folder / "package_under_test" / "orders.py").write_text("def handler(event, context): return 1")
        self.assertEqual(contract.find("package_under_test/orders.handler")({}, None), 1)

    def test_bytecode_is_loaded_without_a_look_at_its_source(self):
        compiled = bytecode.compile_source("/var/task/app.py", b"answer = 42")
        self.assertEqual(compiled[4:8], b"\x01\0\0\0")
        self.assertIsNone(bytecode.compile_source("/var/task/app.py", b"def f(:"))
        self.assertIsNone(bytecode.compile_source("/var/task/app.py", b"\0"))


class Context(unittest.TestCase):
    def test_all_fields(self):
        variables = {"AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"}
        client = '{"client": {"app_title": "shop"}, "custom": {"a": 1}, "env": {}}'
        identity = '{"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"}'
        with mock.patch.dict(os.environ, variables):
            context = LambdaContext(invocation(client_context=client, identity=identity), of_function())
        self.assertEqual((context.function_name, context.memory_limit_in_mb), ("orders", "128"))
        self.assertEqual((context.client_context.client.app_title, context.client_context.custom), ("shop", {"a": 1}))
        self.assertEqual((context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id), ("i", "p"))
        self.assertTrue(0 < context.get_remaining_time_in_millis() <= 3000)
        self.assertTrue(repr(context).startswith("LambdaContext([aws_request_id=8f507cfc-example,"))

    def test_what_is_not_there_is_none(self):
        context = LambdaContext(invocation(deadline_ms=0), {})
        self.assertIsNone(context.client_context)
        self.assertIsNone(context.identity.cognito_identity_id)
        self.assertEqual(context.get_remaining_time_in_millis(), 0)


class Json(unittest.TestCase):
    def test_text_stays_readable_and_decimals_keep_their_digits(self):
        value = {"ü": decimal.Decimal("1.10"), "n": [decimal.Decimal("1E+3"), 2.5]}
        self.assertEqual(marshal.to_json(value), '{"ü": 1.10, "n": [1E+3, 2.5]}')
        self.assertEqual(marshal.to_json(decimal.Decimal("-NaN")), "NaN")
        self.assertEqual(marshal.write_answer(b"raw"), b"raw")

    def test_text_without_utf_8_is_no_answer(self):
        with self.assertRaises(Report) as caught:
            marshal.write_answer("\ud800")
        self.assertEqual(caught.exception.error_type, "Runtime.MarshalError")


class Logs(unittest.TestCase):
    def written(self, variables, log):
        root = logging.getLogger()
        before = (root.handlers[:], root.level)
        out = io.StringIO()
        try:
            with mock.patch.dict(os.environ, variables), contextlib.redirect_stdout(out):
                logs.set_up()
                logs.begin("an-id")
                log(logging.getLogger("shop"))
        finally:
            root.handlers[:], root.level = before[0], before[1]
            root.setLevel(before[1])
        return out.getvalue()

    def test_text(self):
        text = self.written({}, lambda log: (log.info("unseen"), log.warning("careful: %d", 7)))
        self.assertRegex(text, r"^\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tan-id\tcareful: 7\n\Z")

    def test_json(self):
        def log(log):
            log.debug("unseen")
            try:
                raise ValueError("no")
            except ValueError:
                log.exception({"order": 7}, extra={"tenant": "a"})

        lines = self.written({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}, log)
        document = json.loads(lines)
        self.assertEqual(document["message"], {"order": 7})
        for name, value in {
            "level": "ERROR", "logger": "shop", "requestId": "an-id", "errorType": "ValueError", "errorMessage": "no", "tenant": "a",
        }.items():  # fmt: skip
            self.assertEqual(document[name], value)
        self.assertRegex(document["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class Modules(unittest.TestCase):
    def test_what_the_user_brings_hides_what_is_preloaded(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("botocore", "email", "html"):
                os.mkdir(f"{folder}/{name}")
            for name in ("botocore/__init__.py", "html/__init__.py", "queue.py", "notes.txt"):
                open(f"{folder}/{name}", "w").close()
            loaded = dict.fromkeys(
                ("boto3", "boto3.session", "botocore", "email", "html", "html.parser", "queue", "json", "notes"), types
            )
            with mock.patch.object(sys, "modules", loaded):
                provided = environment._provided([folder, "/nowhere"])
                environment.forget_hidden(provided)
            # A folder without `__init__.py` (of mail templates, say) hides nothing.
            self.assertEqual(sorted(loaded), ["email", "json", "notes"])

    def test_what_lambdas_runtime_has_imported_is_not_hidden(self):
        with mock.patch.object(sys, "modules", {"json": types}) as loaded:
            with mock.patch.object(environment, "_kept", frozenset({"json"})):
                environment.forget_hidden({"json"})
            self.assertIn("json", loaded)

    def test_tools_and_mains_are_not_preloaded(self):
        self.assertTrue(preload._is_left_out("idlelib.run"))
        self.assertTrue(preload._is_left_out("json.__main__"))
        self.assertFalse(preload._is_left_out("asyncio.base_events"))


if __name__ == "__main__":
    unittest.main()
