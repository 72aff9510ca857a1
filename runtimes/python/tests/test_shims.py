"""The stand-ins, as far as they can be seen outside of a sandbox."""

import asyncio
import concurrent.futures
import hashlib
import os
import pathlib
import socket
import subprocess
import sys
import types
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "src"))

from _hearth.shims import anyio, hashing, local_time, sockets, ssl, threads


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


    def test_a_lock_that_nobody_will_release_says_so(self):
        lock = threads.Lock()
        with lock:
            self.assertTrue(lock.locked())
            self.assertFalse(lock.acquire(blocking=False))
            self.assertFalse(lock.acquire(timeout=0))
            with self.assertRaisesRegex(RuntimeError, "would wait for ever"):
                lock.acquire()
        self.assertFalse(lock.locked())
        with self.assertRaises(RuntimeError):
            lock.release()


class LocalTime(unittest.TestCase):
    """What the C library makes of a zone, where it knows zones, and what the stand-in makes of it."""

    SCRIPT = """
import datetime, sys, time
if sys.argv[1:]:
    sys.path.insert(0, sys.argv[1])
    import os
    zone = os.environ.pop("TZ")
    time.tzset()
    from datetime import datetime as before
    before.fromtimestamp(0), before.now(), time.localtime(0)
    os.environ["TZ"] = zone
    from _hearth.shims import local_time
    local_time.patch()
    assert time.tzset()
seen = [time.tzname, time.timezone, time.altzone, time.daylight]
# An hour that is skipped in spring, one that comes twice in autumn, and times far from them.
for start in (1774746000, 1792888200, 0, 1782864000):
    for seconds in range(start, start + 7200, 1800):
        moment = time.localtime(seconds)
        naive = datetime.datetime.fromtimestamp(seconds)
        seen += [
            moment, moment.tm_zone, moment.tm_gmtoff, time.mktime(moment), time.strftime("%H %z %Z %%Z", moment), time.ctime(seconds),
            time.asctime(moment), naive, naive.fold, naive.timestamp(), naive.astimezone(), naive.astimezone().tzinfo,
            naive.astimezone(datetime.timezone.utc), datetime.date.fromtimestamp(seconds),
            datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).astimezone(),
            datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).timestamp(),
        ]
class Own(datetime.datetime):
    pass
seen += [type(Own.now()).__name__, type(Own.fromtimestamp(5)).__name__, Own.fromtimestamp(5)]
now = time.time()
for local in (datetime.datetime.now(), datetime.datetime.today(), Own.now()):
    assert abs(local.timestamp() - now) < 60
assert datetime.datetime.now(datetime.timezone.utc).tzinfo is datetime.timezone.utc
assert abs(time.mktime(time.localtime()) - now) < 60 and time.strftime("%z") in ("+0100", "+0200", "+0900", "+0000")
print(*seen, sep="\\n")
"""

    def seen(self, zone, *arguments):
        environment = {**os.environ, "TZ": zone, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", self.SCRIPT, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def test_it_is_that_of_the_c_library(self):
        sources = str(pathlib.Path(__file__).resolve().parent.parent / "src")
        for zone in ("CET-1CEST,M3.5.0,M10.5.0/3", "JST-9", "UTC"):
            with self.subTest(zone):
                self.assertEqual(self.seen(zone, sources), self.seen(zone))

    def test_an_unknown_zone_is_utc(self):
        for zone in ("Nowhere/Land", "X", "/etc/passwd", "UTC\n1"):
            with self.subTest(zone), mock.patch.dict(os.environ, TZ=zone):
                self.assertFalse(local_time.tzset())
        for zone in ("", ":UTC", "Etc/UTC"):
            with self.subTest(zone), mock.patch.dict(os.environ, TZ=zone):
                self.assertTrue(local_time.tzset())


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
        self.assertEqual(sockets.gethostbyname("localhost"), "127.0.0.1")
        self.assertEqual(sockets.gethostbyname_ex("192.0.2.1"), ("192.0.2.1", [], ["192.0.2.1"]))
        refused = mock.patch.object(sockets, "_resolve", side_effect=socket.gaierror(socket.EAI_FAIL, "refused"))
        with refused, self.assertRaisesRegex(socket.gaierror, r'network = \["db.example.com:80"\]') as raised:
            sockets.getaddrinfo("db.example.com", 80)
        self.assertEqual(raised.exception.errno, socket.EAI_FAIL)
        with refused, self.assertRaisesRegex(socket.gaierror, "there is no TLS"):
            sockets.getaddrinfo("example.com", 443)

    def test_a_refusal_says_what_would_open_the_way(self):
        client = socket.socket()
        with client, mock.patch.object(sockets, "_connect", side_effect=PermissionError(13, "Permission denied")):
            for host, place in (("192.0.2.1", "192.0.2.1:80"), ("::1", r"\[::1\]:80")):
                with self.assertRaisesRegex(PermissionError, rf'may not connect to {place}: .*network = \["{place}"\]'):
                    sockets.connect(client, (host, 80))


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
