"""Reads the size of each image that comes into a bucket, and puts what it found beside the image as JSON."""

import json
import struct
import urllib.parse

import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    found = []
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        image = s3.get_object(Bucket=bucket, Key=key)
        content = image["Body"].read()
        kind, width, height = size(content)
        metadata = {"key": key, "kind": kind, "width": width, "height": height, "bytes": len(content)}
        s3.put_object(
            Bucket=bucket,
            Key=f"metadata/{key.rpartition('/')[2]}.json",
            Body=json.dumps(metadata).encode(),
            ContentType="application/json",
        )
        found.append(metadata)
    return found


def size(content):
    """The kind, width and height of a PNG or JPEG."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png", *struct.unpack(">II", content[16:24])
    if content.startswith(b"\xff\xd8"):
        position = 2
        while position + 9 < len(content):
            marker, length = struct.unpack(">xBH", content[position : position + 4])
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                height, width = struct.unpack(">HH", content[position + 5 : position + 9])
                return "jpeg", width, height
            position += 2 + length
    raise ValueError("neither a PNG nor a JPEG")
