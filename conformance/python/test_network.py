"""What handlers reach besides Hearth: what the manifest opens."""

import http.server
import json
import socket
import threading

import pytest

SOURCE = """
import asyncio, socket, urllib.request
def fetch(event, context):
    with urllib.request.urlopen(event["url"], timeout=5) as answer:
        return answer.read().decode()
def connect(event, context):
    with socket.create_connection((event["host"], event["port"]), timeout=5):
        return "connected"
def connect_async(event, context):
    async def main():
        _reader, writer = await asyncio.open_connection(event["host"], event["port"])
        writer.close()
        return "connected"
    return asyncio.run(main())
"""


class Greeter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from outside")

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def outside():
    """A server on this machine that is not Hearth's; its port."""
    with http.server.HTTPServer(("127.0.0.1", 0), Greeter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def opened(served, outside, tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    (folder / "app.py").write_text(SOURCE)
    # A name that machines know without a name server.
    manifest = [f'network = ["localhost:{outside}", "{socket.gethostname()}:1"]']
    for name in ("fetch", "connect", "connect_async"):
        manifest += [f"[functions.{name}]", 'code = "."', 'runtime = "python3.14"', f'handler = "app.{name}"', "timeout_s = 20"]
    (folder / "hearth.toml").write_text("\n".join(manifest))
    return served(folder)


def failure(aws, name, event):
    reply = aws.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    assert reply["FunctionError"] == "Unhandled"
    document = json.load(reply["Payload"])
    return document["errorType"], document["errorMessage"]


def test_what_is_open_is_reached(opened, outside):
    assert opened.invoke("fetch", {"url": f"http://localhost:{outside}/"}) == "hello from outside"
    for name in ("connect", "connect_async"):
        assert opened.invoke(name, {"host": "127.0.0.1", "port": outside}) == "connected"


def test_what_is_not_open_is_refused_with_the_setting(opened, outside):
    for name in ("connect", "connect_async"):
        error_type, message = failure(opened, name, {"host": "192.0.2.1", "port": 80})
        assert error_type == "PermissionError"
        assert "functions may not connect to 192.0.2.1:80" in message and 'network = ["192.0.2.1:80"]' in message
    error_type, message = failure(opened, "connect", {"host": "db.example.com", "port": 5432})
    assert error_type == "gaierror" and 'network = ["db.example.com:5432"]' in message
    error_type, message = failure(opened, "fetch", {"url": f"https://localhost:{outside}/"})
    assert error_type == "URLError" and "there is no TLS" in message


def test_names_that_are_open_are_looked_up(opened):
    """The name is known and nobody listens there: that is another error than a refusal."""
    error_type, _message = failure(opened, "connect", {"host": socket.gethostname(), "port": 1})
    assert error_type == "ConnectionRefusedError"
    error_type, message = failure(opened, "connect", {"host": socket.gethostname(), "port": 2})
    assert error_type == "PermissionError" and ":2" in message
