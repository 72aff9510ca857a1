"""S3: boto3, and plain HTTP where no SDK would send what is sent."""

import concurrent.futures
import hashlib
import http.client
import io
import os
import socket
import urllib.parse
import urllib.request
from pathlib import Path

import boto3.s3.transfer
import pytest
from aws import DEFAULTS, package, refusal

MIB = 1 << 20


@pytest.fixture
def send(aws):
    """Sends a request as plain HTTP; returns status, headers and body of the answer."""
    address = urllib.parse.urlsplit(aws.endpoint)

    def send(method, target, body=None, headers=()):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        try:
            target = target.removeprefix(aws.endpoint)
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    return send


@pytest.fixture
def names_of_localhost(monkeypatch):
    """Names below `localhost` are this machine, as in browsers (RFC 6761); not every resolver knows."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        return resolve("127.0.0.1" if host.endswith(".localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def read(s3, bucket, key, **parameters):
    return s3.get_object(Bucket=bucket, Key=key, **parameters)["Body"].read()


def keys(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_buckets_live_in_regions(aws, other_region, s3):
    name = f"there-{aws.account}"
    there = other_region.client("s3")
    constraint = {"LocationConstraint": other_region.region}
    refusal("IllegalLocationConstraintException", there.create_bucket, Bucket=name)
    there.create_bucket(Bucket=name, CreateBucketConfiguration=constraint)
    there.get_waiter("bucket_exists").wait(Bucket=name)
    assert there.get_bucket_location(Bucket=name)["LocationConstraint"] == other_region.region
    refusal("BucketAlreadyOwnedByYou", there.create_bucket, Bucket=name, CreateBucketConfiguration=constraint)
    assert [entry["Name"] for entry in s3.list_buckets()["Buckets"]] == [name]
    there.delete_bucket(Bucket=name)
    refusal("404", s3.head_bucket, Bucket=name)


def test_a_name_is_taken_for_all_accounts(other_account, bucket):
    refusal("BucketAlreadyExists", other_account.client("s3").create_bucket, Bucket=bucket)
    assert other_account.client("s3").list_buckets()["Buckets"] == []


def test_large_files_go_up_and_down_in_parts(aws, s3, bucket):
    content = os.urandom(20 * MIB)
    (aws.folder / "up").write_bytes(content)
    s3.upload_file(str(aws.folder / "up"), bucket, "large", ExtraArgs={"ContentType": "x/y", "Metadata": {"a": "b"}})
    head = s3.head_object(Bucket=bucket, Key="large", ChecksumMode="ENABLED")
    parts = [content[at : at + 8 * MIB] for at in range(0, len(content), 8 * MIB)]
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    assert head["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    assert (head["ContentType"], head["Metadata"], head["ContentLength"]) == ("x/y", {"a": "b"}, 20 * MIB)
    assert "ChecksumCRC32" in head, "boto3 sends one by default"
    s3.download_file(bucket, "large", str(aws.folder / "down"))
    assert (aws.folder / "down").read_bytes() == content

    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy")
    down = io.BytesIO()
    s3.download_fileobj(bucket, "copy", down)
    assert down.getvalue() == content
    assert s3.head_object(Bucket=bucket, Key="copy")["ETag"].endswith('-3"')
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_stream_without_an_end_in_sight_is_uploaded(s3, bucket):
    class Stream(io.RawIOBase):
        """What cannot be read twice, such as a pipe."""

        left = 9 * MIB

        def readable(self):
            return True

        def read(self, size=-1):
            size = min(self.left if size < 0 else size, self.left)
            self.left -= size
            return b"s" * size

    small_parts = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_fileobj(Stream(), bucket, "stream", Config=small_parts)
    assert read(s3, bucket, "stream") == b"s" * 9 * MIB


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls(aws, bucket, send, version):
    s3 = aws.new_client("s3", signature_version=version)
    put = {"Bucket": bucket, "Key": "p q/ä", "ContentType": "a/b"}
    url = s3.generate_presigned_url("put_object", put, ExpiresIn=60)
    assert send("PUT", url, b"presigned", {"Content-Type": "a/b"})[0] == 200
    # As the SDK for JavaScript does: the checksum of what is not there yet.
    of_nothing = f"{url}&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32"
    assert send("PUT", of_nothing, b"presigned", {"Content-Type": "a/b"})[0] == 200
    get = {"Bucket": bucket, "Key": "p q/ä", "ResponseContentType": "text/css"}
    status, headers, body = send("GET", s3.generate_presigned_url("get_object", get, ExpiresIn=60))
    assert (status, headers["Content-Type"], body) == (200, "text/css", b"presigned")
    assert s3.head_object(Bucket=bucket, Key="p q/ä")["ContentType"] == "a/b"
    url = s3.generate_presigned_url("delete_object", {"Bucket": bucket, "Key": "p q/ä"}, ExpiresIn=60)
    assert send("DELETE", url)[0] == 204

    expired = s3.generate_presigned_url("get_object", get, ExpiresIn=-1 if version == "s3" else 60)
    if version == "s3v4":
        expired = expired.replace("X-Amz-Date=20", "X-Amz-Date=19")
    status, _, body = send("GET", expired)
    assert status == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in body


def form(fields, content, name="photo.jpg"):
    """A form as browsers send it: its headers and body."""
    parts = [f'Content-Disposition: form-data; name="{field}"\r\n\r\n{value}' for field, value in fields.items()]
    file = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
    text = "".join(f"--xyz\r\n{part}\r\n" for part in parts) + f"--xyz\r\n{file}"
    body = text.encode() + content + b"\r\n--xyz--\r\n"
    return {"body": body, "headers": {"Content-Type": "multipart/form-data; boundary=xyz"}}


def test_browsers_upload_with_forms(s3, bucket, send):
    own = {"Content-Type": "text/plain", "success_action_status": "201", "x-amz-meta-a": "ä"}
    conditions = [{name: value} for name, value in own.items()] + [["content-length-range", 2, 4]]
    post = s3.generate_presigned_post(bucket, "in/${filename}", Fields=own, Conditions=conditions, ExpiresIn=60)
    status, _, body = send("POST", post["url"], **form(post["fields"], b"123"))
    assert status == 201, body
    assert b"<Key>in/photo.jpg</Key>" in body
    got = s3.get_object(Bucket=bucket, Key="in/photo.jpg")
    assert (got["Body"].read(), got["ContentType"]) == (b"123", "text/plain")
    assert got["Metadata"] == {"a": "=?UTF-8?B?w6Q=?="}, "forms are UTF-8"
    for fields, content, code in [
        (post["fields"], b"12345", b"EntityTooLarge"),
        (post["fields"], b"1", b"EntityTooSmall"),
        ({**post["fields"], "key": "out/x"}, b"123", b"AccessDenied"),
        ({**post["fields"], "other": "1"}, b"123", b"AccessDenied"),
        ({**post["fields"], "policy": "nonsense"}, b"123", b"InvalidPolicyDocument"),
    ]:
        status, _, body = send("POST", post["url"], **form(fields, content))
        assert status in (400, 403)
        assert b"<Code>%s</Code>" % code in body, body
    expired = s3.generate_presigned_post(bucket, "late", ExpiresIn=-1)
    status, _, body = send("POST", expired["url"], **form(expired["fields"], b"123"))
    assert (status, b"Policy expired" in body) == (403, True), body
    assert keys(s3, bucket) == ["in/photo.jpg"]


@pytest.mark.usefixtures("names_of_localhost")
@pytest.mark.parametrize("host", ["localhost", "s3.localhost", "s3.us-east-1.localhost"])
def test_a_bucket_is_a_host(aws, bucket, host):
    port = urllib.parse.urlsplit(aws.endpoint).port
    s3 = aws.new_client("s3", endpoint=f"http://{host}:{port}", s3={"addressing_style": "virtual"})
    urls = []
    s3.meta.events.register("before-send.s3", lambda request, **_: urls.append(request.url))
    s3.put_object(Bucket=bucket, Key="k/ä b", Body=b"virtual")
    assert read(s3, bucket, "k/ä b") == b"virtual"
    assert keys(s3, bucket) == ["k/ä b"]
    assert all(url.startswith(f"http://{bucket}.{host}:{port}/") for url in urls), urls
    signed = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k/ä b"})
    with urllib.request.urlopen(signed) as download:
        assert download.read() == b"virtual"


def test_only_one_of_many_creates_an_object(aws, bucket):
    # Connections that are open already, so that the requests come at once.
    s3 = aws.new_client("s3", max_pool_connections=16)

    def create(number):
        try:
            s3.put_object(Bucket=bucket, Key="lock", Body=str(number), IfNoneMatch="*")
        except s3.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return None
        return str(number).encode()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        winners = [won for won in pool.map(create, range(64)) if won]
    assert winners == [read(s3, bucket, "lock")]


def test_conditional_writes(s3, bucket):
    write = {"Bucket": bucket, "Key": "key"}
    first = s3.put_object(**write, Body=b"1", IfNoneMatch="*")["ETag"]
    taken = refusal("PreconditionFailed", s3.put_object, **write, Body=b"2", IfNoneMatch="*")
    assert (taken.status, taken.document["Error"]["Condition"]) == (412, "If-None-Match")
    s3.put_object(**write, Body=b"2", IfMatch=first)
    refusal("PreconditionFailed", s3.put_object, **write, Body=b"3", IfMatch=first)
    refusal("NotImplemented", s3.put_object, **write, Body=b"3", IfNoneMatch=first)
    refusal("NoSuchKey", s3.put_object, Bucket=bucket, Key="missing", Body=b"3", IfMatch=first)
    assert read(s3, bucket, "key") == b"2"


def test_browsers_ask_before_they_send(s3, bucket, send):
    ask = {"Origin": "https://a.example.org", "Access-Control-Request-Method": "PUT"}
    assert send("OPTIONS", f"/{bucket}/key", headers=ask)[0] == 403
    rule = {"AllowedOrigins": ["https://*.example.org"], "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": ["x-*"]}
    rule |= {"ExposeHeaders": ["ETag"], "MaxAgeSeconds": 30}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    asked = {**ask, "Access-Control-Request-Headers": "X-One, x-two"}
    status, headers, _ = send("OPTIONS", f"/{bucket}/key", headers=asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://a.example.org")
    assert headers["Access-Control-Allow-Methods"] == "PUT, GET"
    assert (headers["Access-Control-Allow-Headers"], headers["Access-Control-Max-Age"]) == ("x-one, x-two", "30")
    for other in [
        {"Origin": "https://example.com"},
        {"Access-Control-Request-Method": "DELETE"},
        {"Access-Control-Request-Headers": "content-type"},
    ]:
        status, headers, body = send("OPTIONS", f"/{bucket}/key", headers={**asked, **other})
        assert (status, "Access-Control-Allow-Origin" in headers) == (403, False), other
        assert b"<Code>AccessForbidden</Code>" in body
    put = send("PUT", f"/{bucket}/key", b"x", {"Origin": "https://a.example.org"})
    assert (put[0], put[1]["Access-Control-Expose-Headers"]) == (200, "ETag")
    missing = send("GET", f"/{bucket}/missing", headers={"Origin": "https://a.example.org"})
    assert (missing[0], missing[1]["Access-Control-Allow-Origin"]) == (404, "https://a.example.org")


def test_versioned_buckets(aws, s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket=bucket, Key="key", Body=body)["VersionId"] for body in (b"1", b"2", b"3")]
    assert read(s3, bucket, "key") == b"3"
    assert read(s3, bucket, "key", VersionId=versions[0]) == b"1"
    marker = s3.delete_object(Bucket=bucket, Key="key")
    assert marker["DeleteMarker"]
    gone = refusal("NoSuchKey", s3.get_object, Bucket=bucket, Key="key").document["ResponseMetadata"]["HTTPHeaders"]
    assert (gone["x-amz-delete-marker"], gone["x-amz-version-id"]) == ("true", marker["VersionId"])
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    listed = [entry["VersionId"] for page in pages for entry in page.get("DeleteMarkers", []) + page.get("Versions", [])]
    assert listed == [marker["VersionId"], *reversed(versions)]
    s3.delete_object(Bucket=bucket, Key="key", VersionId=marker["VersionId"])
    assert read(s3, bucket, "key") == b"3"
    refusal("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    every = [{"Key": "key", "VersionId": version} for version in versions]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": every})["Deleted"]) == 3
    s3.delete_bucket(Bucket=bucket)


def test_lists_of_many_keys_come_in_pages(s3, bucket):
    names = [f"{folder}/{number:02}" for folder in ("a", "ä b", "c") for number in range(7)]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name)
    for operation in ("list_objects", "list_objects_v2"):
        pages = list(s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 5}))
        assert [len(page["Contents"]) for page in pages] == [5, 5, 5, 5, 1]
        assert [entry["Key"] for page in pages for entry in page["Contents"]] == sorted(names)
        folded = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
        prefixes = [entry["Prefix"] for page in folded for entry in page.get("CommonPrefixes", [])]
        assert prefixes == ["a/", "c/", "ä b/"]


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums(s3, bucket, algorithm):
    stored = s3.put_object(Bucket=bucket, Key="key", Body=b"hello" * 1000, ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == stored[f"Checksum{algorithm}"]
    # boto3 compares it with what it reads.
    assert got["Body"].read() == b"hello" * 1000


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, "BadDigest"),
        ({"Content-MD5": "nonsense"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-sha1": "nonsense"}, "InvalidRequest"),
        ({"x-amz-checksum-xxhash3": "AAAAAAAAAAA="}, "NotImplemented"),
        ({"x-amz-content-sha256": "0" * 64}, "XAmzContentSHA256Mismatch"),
        ({"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": "5"}, "IncompleteBody"),
        ({"x-amz-sdk-checksum-algorithm": "CRC32"}, "InvalidRequest"),
    ],
)
def test_content_that_is_not_what_it_must_be(s3, bucket, send, headers, code):
    s3.put_object(Bucket=bucket, Key="key", Body=b"before")
    status, _, body = send("PUT", f"/{bucket}/key", b"hello", headers)
    assert (status, f"<Code>{code}</Code>".encode() in body) == (501 if code == "NotImplemented" else 400, True), body
    assert read(s3, bucket, "key") == b"before"


@pytest.mark.parametrize("announced", [1_000, 4_000_000])
@pytest.mark.parametrize("target", ["key", "key?partNumber=1&uploadId={upload}"])
def test_a_cut_upload_leaves_nothing(aws, s3, bucket, announced, target):
    s3.put_object(Bucket=bucket, Key="key", Body=b"before")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
    address = urllib.parse.urlsplit(aws.endpoint)
    head = f"PUT /{bucket}/{target.format(upload=upload)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {announced}\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=30) as cut:
        cut.sendall(head.encode() + b"x" * (announced - 1))
        cut.shutdown(socket.SHUT_WR)
        # Whatever Hearth does with it is done when it hangs up, too.
        while cut.recv(4096):
            pass
    assert read(s3, bucket, "key") == b"before"
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="key", UploadId=upload)


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "code"),
    [
        ("PUT", "?cors", b"<x", 400, "MalformedXML"),
        ("PUT", "?versioning", b"<VersioningConfiguration/>", 400, "MalformedXML"),
        ("PUT", "?tagging", b"<Tagging><TagSet><Tag/></TagSet></Tagging>", 400, "MalformedXML"),
        ("PUT", "?lifecycle", b"<LifecycleConfiguration/>", 400, "MalformedXML"),
        ("POST", "?delete", b"<Delete>", 400, "MalformedXML"),
        ("POST", "?delete", b"<Delete/>", 400, "MalformedXML"),
        ("POST", "", b"x", 412, "PreconditionFailed"),
        ("POST", "/key", b"x", 405, "MethodNotAllowed"),
        ("POST", "/key?nonsense", b"x", 405, "MethodNotAllowed"),
        ("PATCH", "", None, 405, "MethodNotAllowed"),
        ("PATCH", "/key", b"x", 405, "MethodNotAllowed"),
        ("DELETE", "?versioning", None, 405, "MethodNotAllowed"),
        ("DELETE", "?metadataConfiguration", None, 501, "NotImplemented"),
        ("GET", "?acl&cors", None, 400, "InvalidArgument"),
        ("GET", "/key?versions", None, 400, "InvalidRequest"),
        ("PUT", "/key?encryption", b"<ObjectEncryption/>", 501, "NotImplemented"),
        ("DELETE", "/key?annotation&annotationName=x", None, 501, "NotImplemented"),
        ("PUT", "/key?tagging", b"<x/>", 400, "MalformedXML"),
        ("GET", "/%ff", None, 400, "InvalidURI"),
        ("GET", "/missing", None, 404, "NoSuchKey"),
        ("GET", "?list-type=2&max-keys=x", None, 400, "InvalidArgument"),
        ("PUT", "/key?partNumber=0&uploadId=x", b"x", 400, "InvalidArgument"),
        ("PUT", "/key?partNumber=1&uploadId=x", b"x", 404, "NoSuchUpload"),
    ],
)
def test_requests_that_make_no_sense(s3, bucket, send, method, target, body, status, code):
    s3.put_object(Bucket=bucket, Key="key", Body=b"before")
    answer = send(method, f"/{bucket}{target}", body)
    assert (answer[0], f"<Code>{code}</Code>".encode() in answer[2]) == (status, True), answer[2]
    assert b"<RequestId>" + answer[1]["x-amz-request-id"].encode() + b"</RequestId>" in answer[2]
    assert answer[1]["Content-Type"] == "application/xml"
    assert read(s3, bucket, "key") == b"before"


def test_documents_are_checked_like_content(bucket, send):
    tags = b"<Tagging><TagSet/></Tagging>"
    _, _, body = send("PUT", f"/{bucket}?tagging", tags, {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    assert b"<Code>BadDigest</Code>" in body
    _, _, body = send("PUT", f"/{bucket}?policy", b"x" * (3 * MIB))
    assert b"<Code>MaxMessageLengthExceeded</Code>" in body


def test_keys_are_data(s3, bucket):
    names = ["..", ".", "/", "//x", "../../etc/passwd", "a//b", "a/../b", "sp ace", "ä\u0301\U0001f600", "100%", "%2e"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
    assert sorted(keys(s3, bucket)) == sorted(names)
    for name in names:
        assert read(s3, bucket, name) == name.encode()


def test_code_of_a_function_is_an_object(aws, s3, bucket):
    s3.put_object(Bucket=bucket, Key="code.zip", Body=package("echo"))
    code = {"S3Bucket": bucket, "S3Key": "code.zip"}
    aws.lambda_.create_function(FunctionName="from-bucket", Code=code, **DEFAULTS)
    aws.lambda_.get_waiter("function_active_v2").wait(FunctionName="from-bucket")
    assert aws.invoke("from-bucket", 7) == 7


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is measured as Linux tells it")
def test_content_is_never_all_in_memory(hearth, aws, s3, bucket):
    """Of what goes through, Hearth keeps a small part at a time."""
    process, _ = hearth
    content_mib, most_mib = 256, 48

    def in_memory(field):
        status = Path(f"/proc/{process.pid}/status").read_text()
        return int(status.split(f"{field}:")[1].split()[0]) / 1024

    def grows_by(action):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # forgets the peak so far
        before = in_memory("VmRSS")
        action()
        return in_memory("VmHWM") - before

    (aws.folder / "large").write_bytes(b"")
    os.truncate(aws.folder / "large", content_mib * MIB)

    def put():
        with (aws.folder / "large").open("rb") as content:
            s3.put_object(Bucket=bucket, Key="large", Body=content)

    def get():
        body = s3.get_object(Bucket=bucket, Key="large")["Body"]
        assert sum(len(chunk) for chunk in body.iter_chunks(MIB)) == content_mib * MIB

    def copy():
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "large"}, ChecksumAlgorithm="SHA256")

    for action in (put, get, copy):
        growth = grows_by(action)
        assert growth < most_mib, f"{action.__name__}: {growth} MiB of {content_mib}"
