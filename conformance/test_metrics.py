"""CloudWatch's metrics: those of Lambda, and those that users put; the page for Prometheus."""

import datetime
import json
import urllib.request

import botocore.session
import pytest
from aws import refusal

HOUR = datetime.timedelta(hours=1)


def around():
    """An hour before and after now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"StartTime": now - HOUR, "EndTime": now + HOUR}


def query(identifier, name, statistic, namespace="AWS/Lambda", period=86400, **dimensions):
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs(dimensions)}
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def pairs(dimensions):
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def values(client, *queries):
    results = client.get_metric_data(MetricDataQueries=list(queries), **around())["MetricDataResults"]
    assert all(result["StatusCode"] == "Complete" for result in results)
    return {result["Id"]: result["Values"] for result in results}


def test_what_functions_do_is_counted(aws):
    aws.deploy("hello", "misbehave")
    aws.lambda_.publish_version(FunctionName="hello")
    aws.lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
    for _ in range(3):
        aws.invoke("hello", {"action": "sleep", "ms": 20})
    failing = json.dumps({"action": "error", "error_type": "Oops", "message": "on purpose"})
    reply = aws.lambda_.invoke(FunctionName="hello", Qualifier="live", Payload=failing)
    assert reply["FunctionError"] == "Unhandled"
    cloudwatch = aws.client("cloudwatch")
    counted = values(
        cloudwatch,
        query("invocations", "Invocations", "Sum", FunctionName="hello"),
        query("errors", "Errors", "Sum", FunctionName="hello"),
        query("rate", "Errors", "Average", FunctionName="hello"),
        query("live", "Invocations", "Sum", FunctionName="hello", Resource="hello:live"),
        query("executed", "Errors", "Sum", FunctionName="hello", Resource="hello:live", ExecutedVersion="1"),
        query("account", "Invocations", "Sum"),
        query("concurrency", "ConcurrentExecutions", "Maximum"),
        query("cold", "ColdStarts", "Sum", namespace="Hearth", FunctionName="hello"),
        query("nobody", "Invocations", "Sum", FunctionName="nobody"),
    )
    assert counted == {
        "invocations": [4], "errors": [1], "rate": [0.25], "live": [1], "executed": [1], "account": [4],
        "concurrency": [1], "cold": [2], "nobody": [],
    }
    [p50], [longest] = values(
        cloudwatch,
        query("p50", "Duration", "p50", FunctionName="hello"),
        query("longest", "Duration", "Maximum", FunctionName="hello"),
    ).values()
    assert 15 < p50 <= longest < 10_000

    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/Lambda", MetricName="Invocations")
    dimensions = [metric["Dimensions"] for page in pages for metric in page["Metrics"]]
    assert pairs({"FunctionName": "hello", "Resource": "hello:live"}) in dimensions and [] in dimensions


# Clients of the two older protocols are still about; boto3 speaks them if the model says that there is no other.
@pytest.mark.parametrize("protocol", ["smithy-rpc-v2-cbor", "json", "query"])
def test_every_protocol(aws, protocol):
    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def one_protocol(service, kind, api_version=None):
        model = load(service, kind, api_version)
        if service == "cloudwatch" and kind == "service-2":
            metadata = model["metadata"] | {"protocol": protocol, "protocols": [protocol]}
            if protocol == "query":
                metadata.pop("awsQueryCompatible")
            model = model | {"metadata": metadata}
        return model

    loader.load_service_model = one_protocol
    client = session.create_client(
        "cloudwatch", region_name=aws.region, endpoint_url=aws.endpoint, **aws.credentials
    )
    assert client.meta.service_model.resolved_protocol == protocol
    shop = pairs({"Shop": "1"})
    client.put_metric_data(
        Namespace="Shop",
        MetricData=[
            {"MetricName": "Orders", "Dimensions": shop, "Values": [1.0, 5.0], "Counts": [3.0, 1.0], "Unit": "Count"}
        ],
    )
    # Large enough that the client compresses it.
    client.put_metric_data(
        Namespace="Shop",
        MetricData=[{"MetricName": "Many", "Values": list(map(float, range(150)))} for _ in range(50)],
    )
    [metric] = client.list_metrics(Namespace="Shop", MetricName="Orders")["Metrics"]
    assert metric == {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": shop}
    metric = {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": shop, "Period": 86400, **around()}
    everything = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
    [datapoint] = client.get_metric_statistics(Statistics=everything, **metric)["Datapoints"]
    assert datapoint.pop("Timestamp") == metric["StartTime"].replace(second=0, microsecond=0)
    assert datapoint == {
        "SampleCount": 4, "Average": 2, "Sum": 8, "Minimum": 1, "Maximum": 5, "Unit": "Count",
    }
    [datapoint] = client.get_metric_statistics(ExtendedStatistics=["p50", "p99"], **metric)["Datapoints"]
    assert datapoint["ExtendedStatistics"] == {"p50": 1, "p99": 5}
    assert values(client, query("many", "Many", "SampleCount", namespace="Shop")) == {"many": [7500]}

    with pytest.raises(client.exceptions.InvalidParameterValueException) as caught:
        client.put_metric_data(Namespace="AWS/Lambda", MetricData=[{"MetricName": "Errors", "Value": 1}])
    error = caught.value.response["Error"]
    assert (error["Code"], error["Type"]) == ("InvalidParameterValue", "Sender")
    assert error["Message"] == "The value AWS/ for parameter Namespace is invalid."


def test_the_cli(aws):
    put = ["cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-name", "Orders"]
    aws.cli(*put, "--value", "2", "--unit", "Count")
    aws.cli(*put, "--value", "3", "--unit", "Count")
    [metric] = aws.cli("cloudwatch", "list-metrics", "--namespace", "Shop")["Metrics"]
    assert metric["MetricName"] == "Orders"
    times = [text for name, at in zip(["--start-time", "--end-time"], around().values()) for text in (name, at.isoformat())]
    statistics = aws.cli(
        "cloudwatch", "get-metric-statistics", "--namespace", "Shop", "--metric-name", "Orders",
        "--period", "86400", "--statistics", "Sum", *times,
    )  # fmt: skip
    assert [datapoint["Sum"] for datapoint in statistics["Datapoints"]] == [5]


def test_what_is_not_there_is_refused(aws):
    client = aws.client("cloudwatch")
    for operation, parameters in [
        (client.describe_alarms, {}),
        (client.get_metric_data, {"MetricDataQueries": [{"Id": "a", "Expression": "1 + 1"}], **around()}),
    ]:
        assert refusal("NotImplemented", operation, **parameters).status == 501


def test_prometheus(aws):
    aws.deploy("scraped", "echo")
    aws.invoke("scraped", {})
    request = urllib.request.Request(f"{aws.endpoint}/_hearth/metrics", headers={"Accept": "text/plain;version=0.0.4"})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        lines = answer.read().decode().splitlines()
    labels = f'account="{aws.account}",region="us-east-1",function="scraped",version="$LATEST"'
    assert f"hearth_invocations_total{{{labels}}} 1" in lines
    assert f'hearth_invocation_duration_seconds_bucket{{{labels},le="+Inf"}} 1' in lines
