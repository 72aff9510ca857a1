"""What buckets tell functions and queues: the records and refusals that are recorded of AWS."""

import json
import urllib.request

import pytest
from aws import refusal

KEY = "my key@b"
ENCODED = "my+key%40b"


class Queue:
    """A queue that a bucket tells what happens."""

    def __init__(self, aws, name):
        self.sqs = aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{aws.region}:{aws.account}:{name}"

    def messages(self, count):
        """The next messages, in their order."""
        received = []
        while len(received) < count:
            parameters = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 10, "AttributeNames": ["All"]}
            batch = self.sqs.receive_message(QueueUrl=self.url, **parameters).get("Messages", [])
            assert batch, f"{len(received)} of {count} messages: {received}"
            received += batch
        assert len(received) == count
        return received

    def records(self, count):
        return [json.loads(message["Body"])["Records"][0] for message in self.messages(count)]


@pytest.fixture
def listen(aws, s3, bucket):
    """Tells a queue of a bucket's events."""

    def listen(*events):
        queue = Queue(aws, "events")
        rules = {"QueueConfigurations": [{"Id": "my-rule", "QueueArn": queue.arn, "Events": list(events)}]}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=rules)
        [test] = queue.messages(1)
        test = json.loads(test["Body"])
        assert set(test) == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}
        assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", bucket)
        return queue

    return listen


def check(record, aws, bucket, event, seen, version="2.1"):
    """Whether a record is as recorded: `seen` is what it says of the object, beside what differs each time."""
    found = json.loads(json.dumps(record))
    for changing in ("sequencer", "versionId"):
        if changing in found["s3"]["object"]:
            found["s3"]["object"][changing] = "any"
    ids = [found["responseElements"], found["userIdentity"], found["s3"]["bucket"]["ownerIdentity"]]
    assert all(text for holder in ids for text in holder.values())
    for holder in ids:
        holder.update(dict.fromkeys(holder, "any"))
    assert found.pop("eventTime").endswith("Z")
    assert found == {
        "awsRegion": aws.region,
        "eventName": event,
        "eventSource": "aws:s3",
        "eventVersion": version,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-id-2": "any", "x-amz-request-id": "any"},
        "s3": {
            "bucket": {"arn": f"arn:aws:s3:::{bucket}", "name": bucket, "ownerIdentity": {"principalId": "any"}},
            "configurationId": "my-rule",
            "object": seen,
            "s3SchemaVersion": "1.0",
        },
        "userIdentity": {"principalId": "any"},
    }


def written(etag, size, key=ENCODED, **more):
    return {"eTag": etag, "key": key, "sequencer": "any", "size": size, **more}


SOMETHING = ("437b930db84b8079c2dd804a71936b5f", 9)


def test_put_copy_and_delete(aws, s3, bucket, listen):
    queue = listen("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    put = s3.put_object(Bucket=bucket, Key=KEY, Body=b"something")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": KEY})
    s3.delete_object(Bucket=bucket, Key=KEY)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "missing"}]})
    records = queue.records(4)
    for record, (event, seen) in zip(
        records,
        [
            ("ObjectCreated:Put", written(*SOMETHING)),
            ("ObjectCreated:Copy", written(*SOMETHING, key="copy")),
            ("ObjectRemoved:Delete", {"key": ENCODED, "sequencer": "any"}),
            ("ObjectRemoved:Delete", {"key": "copy", "sequencer": "any"}),
        ],
        strict=True,
    ):
        check(record, aws, bucket, event, seen)
    sequencers = [record["s3"]["object"]["sequencer"] for record in records]
    assert sequencers == sorted(sequencers), "they order"
    assert records[0]["responseElements"]["x-amz-request-id"] == put["ResponseMetadata"]["RequestId"]


def test_parts_that_become_an_object(aws, s3, bucket, listen):
    queue = listen("s3:ObjectCreated:*")
    upload = {"Bucket": bucket, "Key": KEY}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"\0" * 6144)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    etag = s3.complete_multipart_upload(**upload, MultipartUpload=parts)["ETag"].strip('"')
    [record] = queue.records(1)
    check(record, aws, bucket, "ObjectCreated:CompleteMultipartUpload", written(etag, 6144))


def test_urls_and_forms(aws, s3, bucket, listen):
    queue = listen("s3:ObjectCreated:*")
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": KEY})
    urllib.request.urlopen(urllib.request.Request(url, b"something", {"Content-Type": ""}, method="PUT")).close()
    post = s3.generate_presigned_post(bucket, KEY)
    fields = "".join(
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**post["fields"], "file": "something"}.items()
    )
    headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
    urllib.request.urlopen(urllib.request.Request(post["url"], f"{fields}--xyz--\r\n".encode(), headers)).close()
    put, posted = queue.records(2)
    check(put, aws, bucket, "ObjectCreated:Put", written(*SOMETHING))
    check(posted, aws, bucket, "ObjectCreated:Post", written(*SOMETHING))


def test_tags(aws, s3, bucket, listen):
    queue = listen("s3:ObjectTagging:*")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"something")
    s3.put_object_tagging(Bucket=bucket, Key=KEY, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object_tagging(Bucket=bucket, Key=KEY)
    for record, event in zip(queue.records(2), ["ObjectTagging:Put", "ObjectTagging:Delete"], strict=True):
        check(record, aws, bucket, event, {"eTag": SOMETHING[0], "key": ENCODED}, version="2.3")


def test_versions(aws, s3, bucket, listen):
    queue = listen("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key=KEY, Body=b"something")
    marker = s3.delete_object(Bucket=bucket, Key=KEY)
    assert marker["DeleteMarker"]
    removed = s3.delete_object(Bucket=bucket, Key=KEY, VersionId=first["VersionId"])
    assert "DeleteMarker" not in removed
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key=KEY, Body=b"something")
    assert s3.delete_object(Bucket=bucket, Key=KEY, VersionId=marker["VersionId"])["DeleteMarker"]
    records = queue.records(5)
    gone = {"key": ENCODED, "versionId": "any", "sequencer": "any"}
    nothing = {"eTag": "d41d8cd98f00b204e9800998ecf8427e"}
    for record, (event, seen) in zip(
        records,
        [
            ("ObjectCreated:Put", written(*SOMETHING, versionId="any")),
            ("ObjectRemoved:DeleteMarkerCreated", gone | nothing),
            ("ObjectRemoved:Delete", gone),
            ("ObjectCreated:Put", written(*SOMETHING)),
            ("ObjectRemoved:Delete", gone),
        ],
        strict=True,
    ):
        check(record, aws, bucket, event, seen)
    versions = [record["s3"]["object"].get("versionId") for record in records]
    assert versions == [first["VersionId"], marker["VersionId"], first["VersionId"], None, marker["VersionId"]]


def test_what_led_to_it_is_passed_on(s3, bucket, listen):
    queue = listen("s3:ObjectCreated:*")
    trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
    s3.meta.events.register("before-send.s3", lambda request, **_: request.headers.update({"X-Amzn-Trace-Id": trace}))
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"something")
    [message] = queue.messages(1)
    assert message["Attributes"]["AWSTraceHeader"] == trace


def test_filters_come_back_as_aws_writes_them(aws, s3, bucket):
    queue = Queue(aws, "events")

    def set_and_get(**rule):
        rules = {"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"], **rule}]}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=rules)
        [shown] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
        assert shown["Id"]
        return shown.get("Filter", {}).get("Key", {}).get("FilterRules")

    def key(*rules):
        return {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}

    named = [{"Name": "Prefix", "Value": "notif-"}, {"Name": "Suffix", "Value": ".txt"}]
    assert set_and_get(Filter=key(("pReFiX", "notif-"), ("SUFFIX", ".txt"))) == named
    assert set_and_get(Filter=key(("suffix", ""))) == [{"Name": "Suffix", "Value": ""}]
    assert set_and_get() is None
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    empty = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert set(empty) == {"ResponseMetadata"}


@pytest.mark.parametrize("kind", ["Queue", "LambdaFunction"])
def test_targets_that_are_none(aws, s3, bucket, kind):
    service, name = {"Queue": ("sqs", "{}"), "LambdaFunction": ("lambda", "function:{}")}[kind]
    arns = [f"arn:aws:{service}:{aws.region}:{aws.account}:{name.format(one)}" for one in ("one", "two")]

    def rules(*arns, **more):
        events = [["s3:ObjectCreated:Put"], ["s3:ObjectRemoved:*"]]
        rules = [{f"{kind}Arn": arn, "Events": event} for arn, event in zip(arns, events, strict=False)]
        return {"Bucket": bucket, "NotificationConfiguration": {f"{kind}Configurations": rules}, **more}

    put = s3.put_bucket_notification_configuration
    for more in ({}, {"SkipDestinationValidation": True}):
        error = refusal("InvalidArgument", put, **rules("invalid", **more)).document["Error"]
        assert error["Message"] == "The ARN could not be parsed"
        argument = {"Queue": "Queue", "LambdaFunction": "CloudFunction"}[kind]
        assert (error["ArgumentName"], error["ArgumentValue"]) == (argument, "invalid")
    assert refusal("InvalidArgument", put, **rules(arns[0], "x")).document["Error"]["ArgumentValue"] == "x"

    error = refusal("InvalidArgument", put, **rules(*arns)).document["Error"]
    assert error["Message"] == "Unable to validate the following destination configurations"
    for number, arn in enumerate(arns, 1):
        expected = {
            "Queue": (arn, "The destination queue does not exist"),
            "LambdaFunction": (f"{arn}, null", f"Not authorized to invoke function [{arn}]"),
        }[kind]
        assert (error[f"ArgumentName{number}"], error[f"ArgumentValue{number}"]) == expected
    put(**rules(*arns, SkipDestinationValidation=True))
    shown = s3.get_bucket_notification_configuration(Bucket=bucket)[f"{kind}Configurations"]
    assert [rule[f"{kind}Arn"] for rule in shown] == arns


def test_rules_that_would_tell_two(aws, s3, bucket):
    queue = Queue(aws, "events")

    def put(rules):
        keys = [[{"Name": name, "Value": value} for name, value in key] for _, key in rules]
        rules = [
            {"QueueArn": queue.arn, "Events": [event], "Filter": {"Key": {"FilterRules": key}}}
            for (event, _), key in zip(rules, keys, strict=True)
        ]
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": rules}
        )

    put([("s3:ObjectCreated:*", [("prefix", "a/")]), ("s3:ObjectCreated:*", [("prefix", "b/")])])
    put([("s3:ObjectCreated:*", [("suffix", ".a")]), ("s3:ObjectCreated:Put", [("suffix", ".b")])])
    for overlapping in [
        [("s3:ObjectCreated:*", [("prefix", "a")]), ("s3:ObjectCreated:Put", [("prefix", "ab")])],
        [("s3:ObjectCreated:Put", [("prefix", "a")]), ("s3:ObjectCreated:*", [("suffix", ".b")])],
    ]:
        refused = refusal("InvalidArgument", put, rules=overlapping)
        assert "Configurations overlap" in refused.message or "same event type" in refused.message


def test_a_function_is_invoked(aws, s3, bucket):
    # What the function returns is what it got.
    results = Queue(aws, "results")
    function = aws.deploy("listener")["FunctionArn"]
    destination = {"OnSuccess": {"Destination": results.arn}}
    aws.lambda_.put_function_event_invoke_config(FunctionName="listener", DestinationConfig=destination)
    key = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]}}
    rule = {"Id": "my-rule", "LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"], "Filter": key}
    rules = {"Bucket": bucket, "NotificationConfiguration": {"LambdaFunctionConfigurations": [rule]}}
    refusal("InvalidArgument", s3.put_bucket_notification_configuration, **rules)
    permission = {"FunctionName": "listener", "StatementId": "s3", "Action": "lambda:InvokeFunction"}
    source = {"SourceArn": f"arn:aws:s3:::{bucket}", "SourceAccount": aws.account}
    aws.lambda_.add_permission(**permission, Principal="s3.amazonaws.com", **source)
    s3.put_bucket_notification_configuration(**rules)
    for name in ("in/text", "out/a.jpg", f"in/{KEY}.jpg"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"something")
    [result] = results.messages(1)
    [record] = json.loads(result["Body"])["responsePayload"]["Records"]
    check(record, aws, bucket, "ObjectCreated:Put", written(*SOMETHING, key=f"in/{ENCODED}.jpg"))
