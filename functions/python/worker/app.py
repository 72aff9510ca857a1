"""Works until its time is nearly up, remembers where it was, and asks for the rest to be done."""

import json
import os
import time

import boto3

s3 = boto3.client("s3")
BUCKET = os.environ["BUCKET"]
CHECKPOINT = "checkpoints/worker.json"

#: Time that is left for saving the checkpoint.
RESERVE_MS = 1_000


def lambda_handler(event, context):
    start = checkpoint() if event.get("resume") else 0
    for number in range(start, event["items"]):
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            save(number)
            return {"done": False, "next": number}
        work(event)
    save(event["items"])
    return {"done": True, "next": event["items"]}


def work(event):
    time.sleep(event.get("seconds_each", 0.1))


def checkpoint():
    try:
        return json.loads(s3.get_object(Bucket=BUCKET, Key=CHECKPOINT)["Body"].read())["next"]
    except s3.exceptions.NoSuchKey:
        return 0


def save(number):
    s3.put_object(Bucket=BUCKET, Key=CHECKPOINT, Body=json.dumps({"next": number}).encode())
