"""The AWS CLI and buckets: files up and down, as a user types it."""

import json
import urllib.request

import pytest


@pytest.fixture
def bucket(aws):
    name = f"cli-{aws.account}"
    assert aws.cli("s3", "mb", f"s3://{name}") == f"make_bucket: {name}\n"
    return name


@pytest.fixture
def tree(aws):
    folder = aws.folder / "tree"
    for name, content in {"a.txt": "a", "dir/b.txt": "bb", "dir/ä c.txt": "ccc"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def listed(aws, url):
    """Sizes and names of what is below a URL."""
    lines = aws.cli("s3", "ls", "--recursive", url).splitlines()
    return {name: int(size) for _, _, size, name in (line.split(maxsplit=3) for line in lines)}


def test_files_go_up_and_down(aws, bucket, tree):
    url = f"s3://{bucket}"
    aws.cli("s3", "cp", tree / "a.txt", f"{url}/one.txt", "--metadata", "colour=blue")
    head = aws.cli("s3api", "head-object", "--bucket", bucket, "--key", "one.txt")
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"colour": "blue"})
    assert aws.cli("s3", "cp", f"{url}/one.txt", "-") == "a"
    aws.cli("s3", "cp", "--recursive", tree, f"{url}/tree/")
    assert listed(aws, url) == {"one.txt": 1, "tree/a.txt": 1, "tree/dir/b.txt": 2, "tree/dir/ä c.txt": 3}
    folders = aws.cli("s3", "ls", f"{url}/tree/")
    assert "PRE dir/" in folders and "a.txt" in folders and "b.txt" not in folders
    assert bucket in aws.cli("s3", "ls")

    aws.cli("s3", "mv", f"{url}/one.txt", f"{url}/moved.txt")
    aws.cli("s3", "cp", "--recursive", f"{url}/tree/", f"{url}/copy/")
    aws.cli("s3", "rm", "--recursive", f"{url}/tree/")
    assert listed(aws, url) == {"copy/a.txt": 1, "copy/dir/b.txt": 2, "copy/dir/ä c.txt": 3, "moved.txt": 1}
    aws.cli("s3", "cp", "--recursive", f"{url}/copy/", aws.folder / "down")
    assert (aws.folder / "down/dir/ä c.txt").read_text() == "ccc"

    refused = aws.run_cli("s3", "rb", url)
    assert refused.returncode != 0
    assert "(BucketNotEmpty) when calling the DeleteBucket operation" in refused.stderr
    aws.cli("s3", "rb", "--force", url)
    gone = aws.run_cli("s3", "ls", url)
    assert "(NoSuchBucket) when calling the ListObjectsV2 operation" in gone.stderr


def test_folders_are_kept_in_step(aws, bucket, tree):
    url = f"s3://{bucket}/mirror"
    assert aws.cli("s3", "sync", tree, url).count("upload:") == 3
    assert aws.cli("s3", "sync", tree, url) == "", "nothing has changed"
    (tree / "dir/b.txt").write_text("changed")
    (tree / "a.txt").unlink()
    changes = aws.cli("s3", "sync", "--delete", tree, url)
    assert (changes.count("upload:"), changes.count("delete:")) == (1, 1)
    assert listed(aws, url) == {"mirror/dir/b.txt": 7, "mirror/dir/ä c.txt": 3}
    aws.cli("s3", "sync", url, aws.folder / "down")
    assert (aws.folder / "down/dir/b.txt").read_text() == "changed"


def test_large_files_go_in_parts(aws, bucket):
    (aws.folder / "large").write_bytes(bytes(range(256)) * 65_536)
    aws.cli("s3", "cp", "--no-progress", aws.folder / "large", f"s3://{bucket}/large")
    head = aws.cli("s3api", "head-object", "--bucket", bucket, "--key", "large")
    assert (head["ContentLength"], head["ETag"][-3:]) == (16_777_216, '-2"')
    aws.cli("s3", "cp", "--no-progress", f"s3://{bucket}/large", aws.folder / "down")
    assert (aws.folder / "down").read_bytes() == (aws.folder / "large").read_bytes()


def test_a_presigned_url(aws, bucket, tree):
    aws.cli("s3", "cp", tree / "dir/ä c.txt", f"s3://{bucket}/ä c.txt")
    url = aws.cli("s3", "presign", f"s3://{bucket}/ä c.txt", "--expires-in", 60).strip()
    with urllib.request.urlopen(url) as download:
        assert download.read() == b"ccc"


def test_operations_one_by_one(aws, bucket, tree):
    def s3api(operation, *arguments):
        return aws.cli("s3api", operation, "--bucket", bucket, *arguments)

    aws.cli("s3api", "wait", "bucket-exists", "--bucket", bucket)
    s3api("put-bucket-versioning", "--versioning-configuration", "Status=Enabled")
    first = s3api("put-object", "--key", "key", "--body", tree / "a.txt", "--tagging", "a=1")
    second = s3api("put-object", "--key", "key", "--body", tree / "dir/b.txt", "--checksum-algorithm", "SHA256")
    assert second["ChecksumSHA256"]
    versions = s3api("list-object-versions", "--query", "Versions[].[VersionId,IsLatest]")
    assert versions == [[second["VersionId"], True], [first["VersionId"], False]]
    out = aws.folder / "out"
    got = s3api("get-object", "--key", "key", "--version-id", first["VersionId"], "--range", "bytes=0-0", out)
    assert (out.read_text(), got["ContentRange"], got["TagCount"]) == ("a", "bytes 0-0/1", 1)
    taken = aws.run_cli("s3api", "put-object", "--bucket", bucket, "--key", "key", "--if-none-match", "*")
    assert "(PreconditionFailed) when calling the PutObject operation" in taken.stderr
    attributes = s3api("get-object-attributes", "--key", "key", "--object-attributes", "ObjectSize", "ETag")
    assert attributes["ObjectSize"] == 2
    page = s3api("list-objects-v2", "--max-items", 1, "--query", "Contents[].Key")
    assert page == ["key"]
    objects = [{"Key": "key", "VersionId": put["VersionId"]} for put in (first, second)]
    deleted = s3api("delete-objects", "--delete", json.dumps({"Objects": objects}))
    assert len(deleted["Deleted"]) == 2
    assert s3api("get-bucket-acl")["Grants"][0]["Permission"] == "FULL_CONTROL"
    assert s3api("get-bucket-location") == {"LocationConstraint": None}
    s3api("delete-bucket")
