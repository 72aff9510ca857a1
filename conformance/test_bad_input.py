"""What is refused: broken packages, settings out of range, requests that make no sense."""

import io
import json
import stat
import urllib.error
import urllib.request
import zipfile

import pytest
from aws import DEFAULTS, package, refusal, zip_of

INVALID = "InvalidParameterValueException"
VALIDATION = "ValidationException"
BROKEN = "Could not unzip uploaded file. Please check your file, then try to upload again."
NON_EMPTY = "Uploaded file must be a non-empty zip"


def zip_with_link():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        writer.writestr(link, "/etc/passwd")
    return archive.getvalue()


def bomb():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as writer:
        with writer.open("bootstrap", "w") as entry:
            for _ in range(251):
                entry.write(bytes(1 << 20))
    return archive.getvalue()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param(lambda: b"", NON_EMPTY, id="nothing"),
        pytest.param(lambda: b"print('hello')", BROKEN, id="no zip"),
        pytest.param(lambda: package("echo")[:-10], BROKEN, id="cut short"),
        pytest.param(lambda: zip_of({}), NON_EMPTY, id="empty zip"),
        pytest.param(bomb, "Unzipped size must be smaller than 262144000 bytes", id="bomb"),
        pytest.param(lambda: bytes(52_428_801), "Zipped size must be smaller than 52428800 bytes", id="large"),
        pytest.param(lambda: zip_of({"/etc/passwd": ""}), "it is absolute", id="absolute path"),
        pytest.param(lambda: zip_of({"a/../../b": ""}), "it has a `.` or `..` segment", id="path that leaves"),
        pytest.param(zip_with_link, "`link` of `ZipFile` is a symbolic link", id="symbolic link"),
        pytest.param(
            lambda: zip_of({"bootstrap": b"\x7fELF\x02\x01\x01" + bytes(64)}),
            "`bootstrap` is a native Linux program (ELF), not WebAssembly",
            id="native program",
        ),
        pytest.param(lambda: zip_of({"bootstrap": "#!/bin/sh\n"}), "`bootstrap` is a script", id="script"),
        pytest.param(lambda: zip_of({"bootstrap": b"\0asm\1\0\0\0bad"}), "`bootstrap` is damaged", id="damaged"),
        pytest.param(lambda: zip_of({"app.py": ""}), "the package has no WebAssembly", id="no WebAssembly"),
    ],
)
def test_code_that_is_none(aws, code, message):
    create = {"FunctionName": "bad", "Code": {"ZipFile": code()}, **DEFAULTS}
    refused = refusal(INVALID, aws.lambda_.create_function, **create)
    assert (refused.status, refused.document["Type"]) == (400, "User")
    assert message in refused.message
    assert aws.lambda_.list_functions()["Functions"] == []


@pytest.mark.parametrize(
    ("setting", "code", "message"),
    [
        (
            {"Runtime": "cobol85"},
            INVALID,
            "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ",
        ),
        ({"Runtime": "java21"}, INVALID, "Hearth does not have the runtime `java21`: "),
        ({"Handler": "a b"}, VALIDATION, "Value 'a b' at 'handler' failed to satisfy constraint: "),
        ({"Role": "admin"}, VALIDATION, "Value 'admin' at 'role' failed to satisfy constraint: "),
        ({"Timeout": 901}, VALIDATION, "at 'timeout' failed to satisfy constraint: Member must have value less than"),
        ({"MemorySize": 10_241}, VALIDATION, "Value '10241' at 'memorySize' failed to satisfy constraint: "),
        (
            {"EphemeralStorage": {"Size": 10_241}},
            VALIDATION,
            "Value '10241' at 'ephemeralStorage.size' failed to satisfy constraint: ",
        ),
        ({"Description": "x" * 257}, VALIDATION, "at 'description' failed to satisfy constraint: "),
        ({"Architectures": ["mips"]}, VALIDATION, "Value '[mips]' at 'architectures' failed to satisfy constraint: "),
        ({"FunctionName": "a b"}, VALIDATION, "Value 'a b' at 'functionName' failed to satisfy constraint: "),
        ({"FunctionName": "x" * 65}, VALIDATION, "Member must have length less than or equal to 64"),
        (
            {"Environment": {"Variables": {"BIG": "x" * 4096}}},
            INVALID,
            "the environment variables you have provided exceeded the 4KB limit. String measured: ",
        ),
        (
            {"Environment": {"Variables": {"_HANDLER": "x"}}},
            INVALID,
            "Reserved keys used in this request: _HANDLER",
        ),
        ({"Environment": {"Variables": {"1ST": "x"}}}, VALIDATION, "Value '***' at 'environment.variables' failed"),
        ({"Tags": {str(key): "x" for key in range(51)}}, INVALID, "Number of tags exceeds resource tag limit."),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, INVALID, "`VpcConfig` is not part of Hearth"),
        ({"PackageType": "Image"}, INVALID, "`PackageType` is not part of Hearth"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_settings_that_cannot_be(aws, setting, code, message):
    create = {"FunctionName": "bad", "Code": {"ZipFile": package("echo")}, **DEFAULTS, **setting}
    refused = refusal(code, aws.lambda_.create_function, **create)
    assert refused.status == 400
    assert message in refused.message
    assert aws.lambda_.list_functions()["Functions"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "functions", "{nope", 400, "InvalidRequestContentException"),
        ("POST", "functions", "[]", 400, "InvalidRequestContentException"),
        ("POST", "functions", '{"FunctionName": 7}', 400, "InvalidRequestContentException"),
        ("DELETE", "functions", None, 405, "MethodNotAllowedException"),
        ("GET", "nothing", None, 404, "UnknownOperationException"),
    ],
)
def test_requests_that_make_no_sense(endpoint, method, path, body, status, code):
    data = body and body.encode()
    request = urllib.request.Request(f"{endpoint}/2015-03-31/{path}", data, method=method)
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    answer = raised.value
    assert (answer.code, answer.headers["x-amzn-errortype"]) == (status, code)
    assert json.load(answer)["Type"] == "User"
