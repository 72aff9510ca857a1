//! CloudWatch's metrics in each of its protocols.

use std::io::Write;

use ciborium::Value as Cbor;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{client::Answer, world::World};

impl World {
    /// Calls an operation in AWS JSON.
    async fn cloudwatch(&self, operation: &str, document: &Value) -> Answer {
        let target = format!("GraniteServiceVersion20100801.{operation}");
        let headers = [("x-amz-target", &*target), ("content-type", "application/x-amz-json-1.0")];
        self.client().await.call("POST /", &headers, &document.to_string()).await
    }

    async fn answered(&self, operation: &str, document: &Value) -> Value {
        let answer = self.cloudwatch(operation, document).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Calls an operation, and compares the refusal.
    async fn cloudwatch_refuses(&self, operation: &str, document: &Value, code: &str, message: &str) {
        let answer = self.cloudwatch(operation, document).await;
        let given = answer.json();
        let query_error = answer.header("x-amzn-query-error").unwrap_or_default();
        let (query_code, fault) = query_error.split_once(';').expect("a code and a fault");
        let expect_fault = if answer.status == 400 { "Sender" } else { "Receiver" };
        assert_eq!((query_code, fault), (code, expect_fault), "{document}");
        assert_eq!(given["message"], message, "{document}");
    }

    /// Calls an operation in RPC v2 CBOR.
    async fn cbor(&self, operation: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let line = format!("POST /service/GraniteServiceVersion20100801/operation/{operation}");
        let protocol = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
        self.client().await.call_with_bytes(&line, &[&protocol, headers].concat(), body).await
    }

    /// Calls an action in the Query protocol.
    async fn form(&self, action: &str, parameters: &str) -> Answer {
        let form = format!("Action={action}&Version=2010-08-01&{parameters}");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.client().await.call("POST /", &headers, &form).await
    }
}

fn datum(changes: &Value) -> Value {
    let mut datum = json!({"MetricName": "Orders", "Value": 1});
    let members = datum.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    members.retain(|_, value| !value.is_null());
    json!({"Namespace": "Shop", "MetricData": [datum]})
}

fn orders_query() -> Value {
    let metric = json!({"Namespace": "Shop", "MetricName": "Orders"});
    json!({"Id": "orders", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}})
}

/// The first ten minutes of the world.
fn data(queries: &Value) -> Value {
    json!({"MetricDataQueries": queries, "StartTime": 0, "EndTime": 600})
}

fn bytes(document: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(document, &mut bytes).expect("it is written");
    bytes
}

fn member<'a>(value: &'a Cbor, name: &str) -> &'a Cbor {
    let members = value.as_map().expect("a map").iter();
    members.into_iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value).expect(name)
}

#[tokio::test]
async fn what_is_put_in_one_protocol_is_had_in_another() {
    let world = World::new().await;
    let put = world.cloudwatch("PutMetricData", &datum(&json!({"Value": 1.5}))).await;
    assert_eq!((put.status, &*put.body), (200, ""));
    let dimensions = json!([{"Name": "Shop", "Value": "1"}]);
    let put = world.cbor("PutMetricData", &[], &bytes(&datum(&json!({"Dimensions": dimensions})))).await;
    assert_eq!((put.status, put.bytes.len(), put.header("content-type")), (200, 0, None));
    assert_eq!(put.header("smithy-protocol"), Some("rpc-v2-cbor"));
    let put = world
        .form("PutMetricData", "Namespace=Shop&MetricData.member.1.MetricName=Orders&MetricData.member.1.Value=2&MetricData.member.1.Timestamp=1970-01-01T00%3A01%3A30Z")
        .await;
    assert_eq!(put.status, 200, "{}", put.body);
    assert!(put.body.contains("<PutMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><ResponseMetadata><RequestId>"), "{}", put.body);

    // JSON
    let result = json!({
        "Id": "orders",
        "Label": "Orders",
        "Timestamps": [60.0, 0.0],
        "Values": [2.0, 1.5],
        "StatusCode": "Complete",
    });
    let expect = json!({"MetricDataResults": [result], "Messages": []});
    assert_eq!(world.answered("GetMetricData", &data(&json!([orders_query()]))).await, expect);

    // CBOR
    let answer = world.cbor("GetMetricData", &[], &bytes(&data(&json!([orders_query()])))).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/cbor")));
    let document: Cbor = ciborium::from_reader(&answer.bytes[..]).expect("CBOR");
    let result = &member(&document, "MetricDataResults").as_array().expect("a list")[0];
    let moment = |seconds: f64| Cbor::Tag(1, Box::new(Cbor::Float(seconds)));
    assert_eq!(member(result, "Timestamps").as_array(), Some(&vec![moment(60.0), moment(0.0)]));
    assert_eq!(member(result, "Values").as_array(), Some(&vec![Cbor::Float(2.0), Cbor::Float(1.5)]));

    // Query
    let answer = world
        .form("GetMetricStatistics", "Namespace=Shop&MetricName=Orders&StartTime=1970-01-01T00:00:00Z&EndTime=1970-01-01T00:10:00Z&Period=60&Statistics.member.1=Sum&Statistics.member.2=SampleCount")
        .await;
    let expect = "<GetMetricStatisticsResult><Label>Orders</Label><Datapoints>\
        <member><Timestamp>1970-01-01T00:00:00Z</Timestamp><SampleCount>1.0</SampleCount><Sum>1.5</Sum><Unit>None</Unit></member>\
        <member><Timestamp>1970-01-01T00:01:00Z</Timestamp><SampleCount>1.0</SampleCount><Sum>2.0</Sum><Unit>None</Unit></member>\
        </Datapoints></GetMetricStatisticsResult>";
    assert!(answer.body.contains(expect), "{}", answer.body);
    let answer = world
        .form("GetMetricStatistics", "Namespace=Shop&MetricName=Orders&StartTime=1970-01-01T00:00:00Z&EndTime=1970-01-01T00:01:00Z&Period=60&ExtendedStatistics.member.1=p99")
        .await;
    let expect = "<ExtendedStatistics><entry><key>p99</key><value>1.5</value></entry></ExtendedStatistics>";
    assert!(answer.body.contains(expect), "{}", answer.body);
    let answer = world.form("ListMetrics", "Dimensions.member.1.Name=Shop").await;
    let expect = "<ListMetricsResult><Metrics><member><Namespace>Shop</Namespace><MetricName>Orders</MetricName>\
        <Dimensions><member><Name>Shop</Name><Value>1</Value></member></Dimensions></member></Metrics></ListMetricsResult>";
    assert!(answer.body.contains(expect), "{}", answer.body);
}

#[tokio::test]
async fn each_protocol_has_its_errors() {
    let world = World::new().await;
    let (code, message) =
        ("InvalidParameterValueException", "The value AWS/ for parameter Namespace is invalid.");
    let datum = json!({"Namespace": "AWS/Lambda", "MetricData": [{"MetricName": "Errors", "Value": 0}]});
    let answer = world.cloudwatch("PutMetricData", &datum).await;
    assert_eq!((answer.status, answer.json()), (400, json!({"__type": code, "message": message})));
    assert_eq!(answer.header("x-amzn-query-error"), Some("InvalidParameterValue;Sender"));

    let answer = world.cbor("PutMetricData", &[], &bytes(&datum)).await;
    let document: Cbor = ciborium::from_reader(&answer.bytes[..]).expect("CBOR");
    assert_eq!(member(&document, "__type").as_text(), Some(code));
    assert_eq!(member(&document, "message").as_text(), Some(message));
    assert_eq!(
        (answer.status, answer.header("x-amzn-query-error")),
        (400, Some("InvalidParameterValue;Sender"))
    );

    let answer = world.form("PutMetricData", "Namespace=AWS/Lambda").await;
    let expect = format!(
        "<Error><Type>Sender</Type><Code>InvalidParameterValue</Code><Message>{message}</Message></Error>"
    );
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains(&expect), "{}", answer.body);

    for (service, operation) in
        [("GraniteServiceVersion20100801", "Nothing"), ("Logs_20140328", "CreateLogGroup")]
    {
        let line = format!("POST /service/{service}/operation/{operation}");
        let answer = world.client().await.call(&line, &[("smithy-protocol", "rpc-v2-cbor")], "").await;
        let document: Cbor = ciborium::from_reader(&answer.bytes[..]).expect("CBOR");
        assert_eq!(member(&document, "__type").as_text(), Some("UnknownOperationException"), "{operation}");
    }
    let answer = world.cbor("ListMetrics", &[], b"\xa1").await;
    let document: Cbor = ciborium::from_reader(&answer.bytes[..]).expect("CBOR");
    assert_eq!(member(&document, "__type").as_text(), Some("SerializationException"));
    let answer = world.form("Nothing", "").await;
    assert!(
        answer.body.contains(
            "<Code>InvalidAction</Code><Message>Could not find operation Nothing for version 2010-08-01<"
        ),
        "{}",
        answer.body
    );
    let answer = world.cloudwatch("PutMetricAlarm", &json!({})).await;
    assert_eq!((answer.status, &answer.json()["__type"]), (501, &json!("NotImplementedException")));
}

#[tokio::test]
async fn large_requests_may_be_compressed() {
    let world = World::new().await;
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("finished")
    };
    let headers = [("content-encoding", "gzip")];
    let put = world.cbor("PutMetricData", &headers, &gzip(&bytes(&datum(&json!({}))))).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let list = world.answered("ListMetrics", &json!({})).await;
    assert_eq!(list["Metrics"][0]["MetricName"], "Orders");

    let bomb = world.cbor("PutMetricData", &headers, &gzip(&vec![0; 8 * 1024 * 1024 + 1])).await;
    assert_eq!(bomb.status, 413);
    assert_eq!(world.cbor("PutMetricData", &headers, b"\xa0").await.status, 400);
    assert_eq!(world.cbor("PutMetricData", &[("content-encoding", "br")], b"\xa0").await.status, 400);
}

#[tokio::test]
async fn what_is_put_is_checked() {
    let world = World::new().await;
    let value = "InvalidParameterValue";
    for (changes, code, message) in [
        (
            json!({"MetricName": null}),
            "MissingParameter",
            "The parameter MetricData.member.1.MetricName is required.",
        ),
        (json!({"Value": "NaN"}), value, "The value NaN for parameter MetricData.member.1.Value is invalid."),
        (
            json!({"Value": "-Infinity"}),
            value,
            "The value -inf for parameter MetricData.member.1.Value is invalid.",
        ),
        (
            json!({"Unit": "Apples"}),
            value,
            "The value Apples for parameter MetricData.member.1.Unit is invalid.",
        ),
        (
            json!({"StorageResolution": 30}),
            value,
            "The value 30 for parameter MetricData.member.1.StorageResolution is invalid.",
        ),
        (
            json!({"Values": [1]}),
            "InvalidParameterCombination",
            "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.",
        ),
        (
            json!({"Value": null, "Values": [1, 2], "Counts": [1]}),
            value,
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
        ),
        (
            json!({"Value": null, "StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}}),
            value,
            "The parameter MetricData.member.1.StatisticValues.Maximum must be greater than MetricData.member.1.StatisticValues.Minimum.",
        ),
        (
            json!({"Value": null, "StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2}}),
            "MissingParameter",
            "The parameter MetricData.member.1.StatisticValues.Maximum is required.",
        ),
        (
            json!({"Dimensions": [{"Name": "a"}]}),
            "MissingParameter",
            "The parameter MetricData.member.1.Dimensions.member.1.Value is required.",
        ),
        (
            json!({"Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}]}),
            value,
            "No metric may specify the same dimension name twice.",
        ),
        (
            json!({"Timestamp": 86_400}),
            value,
            "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.",
        ),
    ] {
        world.cloudwatch_refuses("PutMetricData", &datum(&changes), code, message).await;
    }
    for (document, code, message) in [
        (json!({}), "MissingParameter", "The parameter Namespace is required."),
        (json!({"Namespace": "Shop"}), "MissingParameter", "The parameter MetricData is required."),
        (json!({"Namespace": ":"}), value, "The value : for parameter Namespace is invalid."),
        (
            json!({"Namespace": "Hearth"}),
            value,
            "The namespace Hearth has the metrics that Hearth itself reports: choose another one",
        ),
        (
            json!({"Namespace": "Shop", "EntityMetricData": [{}]}),
            "NotImplemented",
            "Hearth has no entities: use MetricData",
        ),
    ] {
        world.cloudwatch_refuses("PutMetricData", &document, code, message).await;
    }
    assert_eq!(world.answered("ListMetrics", &json!({})).await, json!({"Metrics": []}), "nothing was kept");

    let counted = json!({"Value": null, "Values": [1, 5], "Counts": [3, 1]});
    assert_eq!(world.cloudwatch("PutMetricData", &datum(&counted)).await.status, 200);
    let statistics = json!({"SampleCount": 2, "Sum": 8, "Minimum": 2, "Maximum": 6});
    let statistics = json!({"Value": null, "StatisticValues": statistics, "Unit": "Seconds"});
    assert_eq!(world.cloudwatch("PutMetricData", &datum(&statistics)).await.status, 200);
    let request = json!({
        "Namespace": "Shop", "MetricName": "Orders", "StartTime": 0, "EndTime": 60, "Period": 60,
        "Statistics": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"],
    });
    let counted = json!({
        "Timestamp": 0.0, "SampleCount": 4.0, "Average": 2.0, "Sum": 8.0, "Minimum": 1.0, "Maximum": 5.0, "Unit": "None",
    });
    let statistics = json!({
        "Timestamp": 0.0, "SampleCount": 2.0, "Average": 4.0, "Sum": 8.0, "Minimum": 2.0, "Maximum": 6.0, "Unit": "Seconds",
    });
    let expect = json!({"Label": "Orders", "Datapoints": [counted, statistics]});
    assert_eq!(world.answered("GetMetricStatistics", &request).await, expect);
}

#[tokio::test]
async fn what_is_asked_is_checked() {
    let world = World::new().await;
    let with = |base: &Value, changes: &Value| {
        let mut document = base.clone();
        let members = document.as_object_mut().expect("an object");
        members.extend(changes.as_object().expect("an object").clone());
        document
    };
    let statistics = json!({
        "Namespace": "Shop", "MetricName": "Orders", "StartTime": 0, "EndTime": 60, "Period": 60, "Statistics": ["Sum"],
    });
    let value = "InvalidParameterValue";
    for (changes, code, message) in [
        (json!({"Period": null}), "MissingParameter", "The parameter Period is required."),
        (
            json!({"Period": 90}),
            value,
            "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60 up to 86400.",
        ),
        (json!({"EndTime": 0}), value, "The parameter StartTime must be less than the parameter EndTime."),
        (
            json!({"Statistics": ["p99"]}),
            value,
            "The value p99 for parameter Statistics.member.1 is invalid.",
        ),
        (
            json!({"Statistics": []}),
            "MissingParameter",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ),
        (
            json!({"ExtendedStatistics": ["p99"]}),
            "InvalidParameterCombination",
            "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.",
        ),
        (
            json!({"Statistics": [], "ExtendedStatistics": ["tm99"]}),
            "NotImplemented",
            "ExtendedStatistics.member.1: Hearth has the statistics SampleCount, Average, Sum, Minimum, Maximum and \
             percentiles such as p99.9",
        ),
    ] {
        let document = with(&statistics, &changes);
        world.cloudwatch_refuses("GetMetricStatistics", &document, code, message).await;
    }
    let validation = "ValidationError";
    for (changes, code, message) in [
        (
            json!({"Id": "Orders"}),
            validation,
            "The value Orders for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
        ),
        (
            json!({"MetricStat": null}),
            "MissingParameter",
            "The parameter MetricDataQueries.member.1.MetricStat is required.",
        ),
        (
            json!({"Expression": "a/b"}),
            "NotImplemented",
            "MetricDataQueries.member.1.Expression: Hearth has no metric math and no Metrics Insights; ask for the metrics and calculate with what comes back",
        ),
        (
            json!({"Label": "${MAX}"}),
            "NotImplemented",
            "MetricDataQueries.member.1.Label: Hearth has no dynamic labels",
        ),
        (
            json!({"AccountId": "111111111111"}),
            "NotImplemented",
            "MetricDataQueries.member.1.AccountId: Hearth has no metrics of linked accounts",
        ),
    ] {
        let document = data(&json!([with(&orders_query(), &changes)]));
        world.cloudwatch_refuses("GetMetricData", &document, code, message).await;
    }
    for (changes, code, message) in [
        (
            json!({"MetricDataQueries": []}),
            "MissingParameter",
            "The parameter MetricDataQueries is required.",
        ),
        (
            json!({"MetricDataQueries": [orders_query(), orders_query()]}),
            validation,
            "The values for parameter id in MetricDataQueries are not unique: orders.",
        ),
        (json!({"StartTime": 600}), validation, "The parameter StartTime must not equal parameter EndTime."),
        (json!({"MaxDatapoints": 0}), value, "The value 0 for parameter MaxDatapoints is invalid."),
        (json!({"ScanBy": "Time"}), value, "The value Time for parameter ScanBy is invalid."),
        (json!({"NextToken": "x"}), "InvalidNextToken", "The specified nextToken is invalid."),
    ] {
        let document = with(&data(&json!([orders_query()])), &changes);
        world.cloudwatch_refuses("GetMetricData", &document, code, message).await;
    }
    let document = json!({"RecentlyActive": "PT1H"});
    let message = "1 validation error detected: Value 'PT1H' at 'recentlyActive' failed to satisfy constraint: Member must \
                   satisfy enum value set: [PT3H]";
    world.cloudwatch_refuses("ListMetrics", &document, validation, message).await;
}

#[tokio::test]
async fn accounts_are_not_linked() {
    let world = World::new().await;
    assert_eq!(world.cloudwatch("PutMetricData", &datum(&json!({}))).await.status, 200);
    let own = "000000000000";
    let metrics = json!([{"Namespace": "Shop", "MetricName": "Orders", "Dimensions": []}]);
    let list =
        world.answered("ListMetrics", &json!({"IncludeLinkedAccounts": true, "OwningAccount": own})).await;
    assert_eq!(list, json!({"Metrics": metrics, "OwningAccounts": [own]}));
    let list = world.answered("ListMetrics", &json!({"OwningAccount": "111111111111"})).await;
    assert_eq!(list, json!({"Metrics": []}));
    let not_returned =
        data(&json!([{"Id": "a", "MetricStat": orders_query()["MetricStat"], "ReturnData": false}]));
    let answer = world.answered("GetMetricData", &not_returned).await;
    assert_eq!(answer, json!({"MetricDataResults": [], "Messages": []}));
}
