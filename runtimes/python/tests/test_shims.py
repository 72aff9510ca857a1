"""The stand-ins, as far as they can be seen outside of a sandbox."""

import asyncio
import concurrent.futures
import hashlib
import pathlib
import socket
import sys
import types
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "src"))

from _hearth.shims import anyio, hashing, sockets, ssl, threads


class Threads(unittest.TestCase):
    def test_work_is_done_when_submit_returns(self):
        done = []
        with mock.patch.object(concurrent.futures.ThreadPoolExecutor, "submit", threads._submit):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                self.assertTrue(pool.submit(done.append, 1).done())
                self.assertEqual(list(pool.map(str, range(3))), ["0", "1", "2"])
                self.assertIsInstance(pool.submit(int, "x").exception(), ValueError)
            with self.assertRaisesRegex(RuntimeError, "after shutdown"):
                pool.submit(int)
        self.assertEqual(done, [1])

    def test_a_thread_runs_at_once_and_its_errors_stay_its_own(self):
        import threading

        alive = []
        with mock.patch.multiple(threading.Thread, start=threads._start, join=threads._join, is_alive=threads._is_alive):
            thread = threading.Thread(target=lambda: alive.append(thread.is_alive()))
            with self.assertRaisesRegex(RuntimeError, "before it is started"):
                thread.join()
            thread.start()
            self.assertEqual((alive, thread.is_alive()), ([True], False))
            thread.join()
            with self.assertRaisesRegex(RuntimeError, "only be started once"):
                thread.start()
            with mock.patch.object(threading, "excepthook") as hook:
                threading.Thread(target=lambda: 1 / 0).start()
            self.assertIs(hook.call_args.args[0].exc_type, ZeroDivisionError)

    def test_waiting_for_nobody_is_an_error(self):
        import threading

        condition = threading.Condition()
        with condition, self.assertRaisesRegex(RuntimeError, "would wait for ever"):
            threads._wait(threading.Condition.wait)(condition)
        with condition:
            self.assertFalse(threads._wait(threading.Condition.wait)(condition, timeout=0))


class Hashing(unittest.TestCase):
    def test_it_is_that_of_openssl(self):
        for arguments in [("sha256", b"password", b"salt", 3), ("sha1", b"", b"", 1, 50), ("sha512", b"x" * 200, b"y", 2, 7)]:
            self.assertEqual(hashing.pbkdf2_hmac(*arguments), hashlib.pbkdf2_hmac(*arguments))


class Sockets(unittest.TestCase):
    def test_addresses_are_found_and_names_are_not(self):
        stream = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 4566))
        for host in ("127.0.0.1", "localhost", "bucket.s3.localhost", b"localhost"):
            self.assertEqual(sockets.getaddrinfo(host, "4566", type=socket.SOCK_STREAM), [stream])
        self.assertEqual(sockets.getaddrinfo("::1", 80)[0][4], ("::1", 80, 0, 0))
        with self.assertRaisesRegex(socket.gaierror, "resolves no names: 'example.com'"):
            sockets.getaddrinfo("example.com", 80)


class Tls(unittest.TestCase):
    def test_it_has_what_libraries_look_up(self):
        import ssl as real

        constants = {name for name in dir(real) if name.startswith(("CERT_", "PROTOCOL_", "VERIFY_"))}
        unknown = {name for name in constants - set(dir(ssl)) if not name.startswith("VERIFY_ALLOW")}
        self.assertEqual(unknown, set())

    def test_contexts_can_be_made_and_connections_say_what_is_missing(self):
        context = ssl.create_default_context()
        context.load_verify_locations("/nowhere")
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with self.assertRaisesRegex(ssl.SSLError, "no TLS in the Wasm Python runtime"):
            context.wrap_socket(None, server_hostname="example.com")

    def test_certificates_change_their_form(self):
        self.assertEqual(ssl.PEM_cert_to_DER_cert(ssl.DER_cert_to_PEM_cert(b"\x30\x82")), b"\x30\x82")


class Anyio(unittest.TestCase):
    def test_work_for_a_thread_is_done_at_once(self):
        module = types.ModuleType("anyio.to_thread")
        anyio.patch(module)
        self.assertEqual(asyncio.run(module.run_sync(lambda a, b: a + b, 1, 2, limiter=None)), 3)


if __name__ == "__main__":
    unittest.main()
