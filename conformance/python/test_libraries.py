"""What handlers are made of: boto3 against Hearth, and frameworks from PyPI."""

import json

import pytest
from sources import SAMPLES, files_of


def request(method, path, body=None, query=""):
    """An event of payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example.com", "content-type": "application/json"},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "domainName": "api.example.com",
            "stage": "$default",
            "requestId": "id",
            "time": "21/Nov/2026:12:00:00 +0000",
            "timeEpoch": 0,
        },
        "body": body if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def test_s3_sqs_and_lambda_from_inside(aws, deploy):
    source = """
import io, json
import boto3
from botocore.exceptions import ClientError
s3, sqs, functions = boto3.client("s3"), boto3.client("sqs"), boto3.client("lambda")
def lambda_handler(event, context):
    bucket = event["bucket"]
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="small", Body=b"hello")
    s3.upload_fileobj(io.BytesIO(b"x" * 12_000_000), bucket, "large")
    large = io.BytesIO()
    s3.download_fileobj(bucket, "large", large)
    try:
        s3.get_object(Bucket=bucket, Key="absent")
    except ClientError as error:
        code = error.response["Error"]["Code"]
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="an order")
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    other = functions.invoke(FunctionName="other", Payload=json.dumps({"a": 1}))
    return [s3.get_object(Bucket=bucket, Key="small")["Body"].read().decode(), large.tell(), code, message["Body"],
            json.load(other["Payload"])]
"""
    deploy("other", "def lambda_handler(event, context): return event")
    deploy("f", source, MemorySize=512)
    answer = aws.invoke("f", {"bucket": f"inside-{aws.account}"})
    assert answer == ["hello", 12_000_000, "NoSuchKey", "an order", {"a": 1}]


def test_models_that_are_not_warm_are_there(aws, deploy):
    source = "import boto3\ndef lambda_handler(e, c): return boto3.client('ec2').meta.service_model.service_name"
    deploy("f", source)
    assert aws.invoke("f") == "ec2"


def test_mangum_with_starlette(aws, deploy, libraries):
    code = files_of(SAMPLES / "web")
    requirements = code.pop("requirements.txt").decode().split()
    deploy("web", code | libraries(*requirements), "app.handler")
    assert aws.invoke("web", request("GET", "/"))["body"] == "Hello from Starlette"
    greeted = aws.invoke("web", request("GET", "/greet/Ada", query="a=1"))
    assert json.loads(greeted["body"]) == {"hello": "Ada", "query": {"a": "1"}}
    assert json.loads(aws.invoke("web", request("GET", "/blocking"))["body"]) == {"blocking": True}
    echoed = aws.invoke("web", request("POST", "/echo", [1]))
    assert (echoed["statusCode"], json.loads(echoed["body"])) == (201, {"got": [1]})
    assert aws.invoke("web", request("GET", "/nowhere"))["statusCode"] == 404


def test_fastapi_with_pure_pydantic(aws, deploy, libraries):
    source = """
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel
class Item(BaseModel):
    name: str
    price: float
app = FastAPI()
@app.get("/items/{number}")
def show(number: int):
    return {"number": number}
@app.post("/items")
async def create(item: Item):
    return item
handler = Mangum(app, lifespan="off")
"""
    needs = (
        "anyio==4.16.0", "fastapi==0.99.1", "idna==3.20", "mangum==0.22.0", "pydantic==1.10.27", "sniffio==1.3.1",
        "starlette==0.27.0", "typing_extensions==4.16.0",
    )  # fmt: skip
    deploy("api", {"app.py": source} | libraries(*needs, options=("--no-binary", "pydantic")), "app.handler")
    assert json.loads(aws.invoke("api", request("GET", "/items/7"))["body"]) == {"number": 7}
    assert aws.invoke("api", request("GET", "/items/seven"))["statusCode"] == 422
    item = {"name": "lamp", "price": 3.5}
    assert json.loads(aws.invoke("api", request("POST", "/items", item))["body"]) == item


def test_powertools(aws, deploy, libraries):
    source = """
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.metrics import MetricUnit
logger, tracer, metrics = Logger(), Tracer(disabled=True), Metrics(namespace="shop")
app = APIGatewayHttpResolver()
@app.get("/orders/<number>")
@tracer.capture_method
def order(number):
    metrics.add_metric(name="seen", unit=MetricUnit.Count, value=1)
    logger.info("an order")
    return {"number": number}
@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event, context):
    return app.resolve(event, context)

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
processor = BatchProcessor(event_type=EventType.SQS)
def batch(event, context):
    def one(record):
        if record.body == "bad":
            raise ValueError
    return process_partial_response(event=event, record_handler=one, processor=processor, context=context)

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer, DataRecord
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError, IdempotencyItemNotFoundError
class Memory(BasePersistenceLayer):
    def __init__(self):
        self.records = {}
        super().__init__()
    def _get_record(self, idempotency_key):
        if idempotency_key not in self.records:
            raise IdempotencyItemNotFoundError
        return self.records[idempotency_key]
    def _put_record(self, data_record):
        if data_record.idempotency_key in self.records:
            raise IdempotencyItemAlreadyExistsError
        self.records[data_record.idempotency_key] = data_record
    def _update_record(self, data_record):
        self.records[data_record.idempotency_key] = data_record
    def _delete_record(self, data_record):
        self.records.pop(data_record.idempotency_key, None)
calls = 0
@idempotent(persistence_store=Memory(), config=IdempotencyConfig())
def once(event, context):
    global calls
    calls += 1
    return calls
"""
    # wrapt is machine code with a substitute in Python.
    needs = (
        "aws-lambda-powertools==3.37.0", "aws-xray-sdk==2.15.0", "jmespath==1.1.0", "typing_extensions==4.16.0", "wrapt==2.5.2",
    )  # fmt: skip
    files = {"app.py": source} | libraries(*needs)
    variables = {"Variables": {"POWERTOOLS_SERVICE_NAME": "shop"}}
    deploy("orders", files, Environment=variables)
    answer = aws.invoke("orders", request("GET", "/orders/7"))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"number": "7"})
    deploy("batch", files, "app.batch", Environment=variables)
    record = {"messageId": "m", "receiptHandle": "r", "eventSource": "aws:sqs", "messageAttributes": {}, "attributes": {}}
    records = [record | {"messageId": body, "body": body} for body in ("good", "bad")]
    assert aws.invoke("batch", {"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    deploy("once", files, "app.once", Environment=variables)
    assert [aws.invoke("once", {"order": number}) for number in (1, 1, 2)] == [1, 1, 2]


def test_native_wheels_are_refused_with_their_files(aws, deploy):
    files = {"app.py": "", "pydantic_core/_pydantic_core.cpython-314-x86_64-linux-gnu.so": "\x7fELF"}
    with pytest.raises(aws.lambda_.exceptions.InvalidParameterValueException) as refused:
        deploy("f", files)
    assert "`/var/task/pydantic_core/_pydantic_core.cpython-314-x86_64-linux-gnu.so`" in str(refused.value)
