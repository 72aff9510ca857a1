"""Extract, transform, load: three functions, each of which invokes the next, and files in a bucket."""

import csv
import io
import json
import os

import boto3

s3 = boto3.client("s3")
functions = boto3.client("lambda")
BUCKET = os.environ["BUCKET"]


def extract(event, context):
    text = s3.get_object(Bucket=BUCKET, Key=event["key"])["Body"].read().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    print(f"extracted {len(rows)} rows")
    return call("transform", {"rows": rows, "target": event["target"]})


def transform(event, context):
    totals = {}
    for row in event["rows"]:
        totals[row["item"]] = totals.get(row["item"], 0) + int(row["quantity"]) * float(row["price"])
    return call("load", {"totals": totals, "target": event["target"]})


def load(event, context):
    s3.put_object(Bucket=BUCKET, Key=event["target"], Body=json.dumps(event["totals"]).encode())
    return {"loaded": len(event["totals"]), "target": event["target"]}


def call(function, event):
    answer = functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(f"{function} failed: {payload['errorMessage']}")
    return payload
