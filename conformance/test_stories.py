"""Functions that call services: from an upload to a thumbnail, from a webhook to a message."""

import datetime
import hashlib
import hmac
import urllib.error
import urllib.request
from pathlib import Path

from aws import eventually

PHOTOGRAPH = Path(__file__).resolve().parent.parent / "fixtures" / "astronaut.jpg"


def notify(aws, bucket, function, **rule):
    """Lets what is put into a bucket invoke a function, as its owner has to."""
    aws.lambda_.add_permission(
        FunctionName=function,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
    )
    configuration = {"LambdaFunctionArn": aws.function_arn(function), "Events": ["s3:ObjectCreated:*"], **rule}
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )


def keys(aws, bucket):
    return [entry["Key"] for entry in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def dropped(aws, function):
    """How often a loop of the function was stopped, as CloudWatch tells."""
    now = datetime.datetime.now(datetime.UTC)
    statistics = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="RecursiveInvocationsDropped",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(hours=1),
        Period=86400,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in statistics["Datapoints"])


def test_an_upload_makes_a_thumbnail(other_region):
    aws, bucket = other_region, f"photos-{other_region.account}"
    aws.cli("s3", "mb", f"s3://{bucket}")
    aws.deploy("thumbnail", sample="thumbnail", MemorySize=512)
    prefix = {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}
    notify(aws, bucket, "thumbnail", Filter={"Key": prefix})
    aws.cli("s3", "cp", PHOTOGRAPH, f"s3://{bucket}/uploads/a red suit.jpg")
    eventually(lambda: "thumbnails/a red suit.jpg" in keys(aws, bucket))
    thumbnail = aws.client("s3").get_object(Bucket=bucket, Key="thumbnails/a red suit.jpg")
    assert thumbnail["ContentType"] == "image/jpeg"
    assert thumbnail["Body"].read().startswith(b"\xff\xd8\xff")
    assert dropped(aws, "thumbnail") == 0


def test_a_loop_is_stopped_after_sixteen_turns(aws):
    bucket = f"loop-{aws.account}"
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.deploy("thumbnail", sample="thumbnail", MemorySize=512)
    notify(aws, bucket, "thumbnail")
    aws.client("s3").upload_file(str(PHOTOGRAPH), bucket, "photo.jpg")
    eventually(lambda: dropped(aws, "thumbnail") == 1)
    assert len(keys(aws, bucket)) == 1 + 16


def test_a_webhook_becomes_a_message(aws):
    queue = aws.client("sqs").create_queue(QueueName="deliveries")["QueueUrl"]
    variables = {"WEBHOOK_SECRET": "tea", "QUEUE_URL": queue}
    aws.deploy("webhook", sample="webhook", Environment={"Variables": variables})
    aws.lambda_.add_permission(
        FunctionName="webhook",
        StatementId="everybody",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    url = aws.lambda_.create_function_url_config(FunctionName="webhook", AuthType="NONE")["FunctionUrl"]
    path = f"{aws.endpoint}/_hearth/url/{url.removeprefix('http://').split('.')[0]}/"

    def deliver(payload, secret):
        signature = hmac.new(secret, payload, hashlib.sha256).hexdigest()
        # Such a body comes as base64.
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            return urllib.request.urlopen(urllib.request.Request(path, payload, headers)).status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    assert deliver(b"payload=%7B%7D", b"coffee") == 401
    assert deliver(b"payload=%7B%7D", b"tea") == 202
    received = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)
    assert [message["Body"] for message in received["Messages"]] == ["payload=%7B%7D"]
