"""What a browser lets pages of other origins do: headless Chromium, with its preflights, before function URLs and HTTP APIs."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import threading

import pytest

PATIENCE_S = 60
NAMES = ("chromium-headless-shell", "chromium", "google-chrome")

# Sends what it is told to, and reports what it was let see.
PAGE = """<!doctype html><script>
const attempt = async ({url, headers, ...options}) => {
  try {
    const answer = await fetch(url, {headers, ...options});
    return {status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text()};
  } catch (error) {
    return {error: String(error)};
  }
};
(async () => {
  const results = [];
  for (const request of REQUESTS) results.push(await attempt(request));
  await fetch("/results", {method: "POST", body: JSON.stringify(results)});
})();
</script>"""


class Pages(http.server.BaseHTTPRequestHandler):
    """Answers every name of this machine with the same page, and takes what it reports."""

    def do_GET(self):
        page = PAGE.replace("REQUESTS", json.dumps(self.server.requests)).encode()
        self.answer(page if self.path == "/" else b"", "text/html")

    def do_POST(self):
        self.server.results.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.answer(b"", "text/plain")

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def pages():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.results = queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [path for path in map(shutil.which, NAMES) if path]
    assert found, f"these tests need a Chromium: one of {', '.join(NAMES)}, or the one that $CHROMIUM names"
    return found[0]


@pytest.fixture
def visit(pages, chromium, tmp_path):
    """Lets a page of an origin send requests; returns what it sees of each answer."""

    def visit(origin, requests):
        pages.requests = requests
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={tmp_path}/profile", origin]
        with (tmp_path / "browser").open("w+") as output:
            browser = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            try:
                return pages.results.get(timeout=PATIENCE_S)
            except queue.Empty:
                pytest.fail(f"the page reported nothing: {(tmp_path / 'browser').read_text()}")
            finally:
                browser.kill()
                browser.wait()

    return visit


@pytest.fixture
def origins(pages):
    """An origin that is allowed, and one that is not. Chromium finds all names below `localhost` on this machine."""
    port = pages.server_address[1]
    return f"http://shop.localhost:{port}", f"http://stranger.localhost:{port}"


def invocations(aws, function):
    events = aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}", filterPattern="START")
    return len(events["events"])


def asked(url, **options):
    """A request that a browser does not send before it has asked."""
    headers = {"content-type": "application/json", "x-token": "secret"}
    return {"url": url, "method": "PUT", "body": '{"n": 1}', "headers": headers, **options}


def check(aws, url, own_header, visit, origins):
    """The page of one origin gets its answers, that of the other does not, and no function ever sees a preflight."""
    shop, stranger = origins
    forbidden = asked(url, headers={"x-other": "1"})
    answered, refused_header, refused_method, simple = visit(
        shop, [asked(url), forbidden, asked(url, method="DELETE"), {"url": url}]
    )
    assert answered["status"] == 200, answered
    event = json.loads(answered["body"])
    seen = event["requestContext"]["http"]["method"], event["body"], event["headers"]["x-token"]
    assert seen == ("PUT", '{"n": 1}', "secret")
    assert event["headers"]["origin"] == shop
    assert own_header in answered["headers"], "it is exposed"
    assert "date" not in answered["headers"], "it is not"
    assert "Failed to fetch" in refused_header["error"] and "Failed to fetch" in refused_method["error"]
    assert simple["status"] == 200
    # Those that were refused did not arrive: the browser asked before it sent them, and no function answered that.
    assert invocations(aws, "echo") == 2

    refused, simple = visit(stranger, [asked(url), {"url": url}])
    assert "Failed to fetch" in refused["error"]
    assert "Failed to fetch" in simple["error"], "it may be sent, and its answer may not be seen"
    assert invocations(aws, "echo") == 3


def test_pages_use_a_function_url(aws, visit, origins):
    aws.deploy("echo")
    permission = {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"}
    aws.lambda_.add_permission(FunctionName="echo", StatementId="url", **permission)
    cors = {
        "AllowOrigins": [origins[0]],
        "AllowMethods": ["GET", "PUT"],
        "AllowHeaders": ["content-type", "x-token"],
        "ExposeHeaders": ["x-amzn-requestid"],
        "MaxAge": 60,
    }
    created = aws.lambda_.create_function_url_config(FunctionName="echo", AuthType="NONE", Cors=cors)
    check(aws, created["FunctionUrl"], "x-amzn-requestid", visit, origins)


def test_pages_use_an_http_api(aws, visit, origins):
    aws.deploy("echo")
    permission = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    aws.lambda_.add_permission(FunctionName="echo", StatementId="api", **permission)
    cors = {
        "AllowOrigins": [origins[0]],
        "AllowMethods": ["GET", "PUT"],
        "AllowHeaders": ["content-type", "x-token"],
        "ExposeHeaders": ["apigw-requestid"],
        "MaxAge": 60,
    }
    created = aws.client("apigatewayv2").create_api(
        Name="shop", ProtocolType="HTTP", Target=aws.function_arn("echo"), CorsConfiguration=cors
    )
    check(aws, f"{created['ApiEndpoint']}/orders", "apigw-requestid", visit, origins)
