//! What can be seen of the town from outside.

use serde_json::Value;

use crate::{
    numbered::numbered,
    town::{QUEUES, Town},
};

impl Town {
    /// All that its APIs tell, line by line; identifiers that are drawn by chance are numbered.
    pub(crate) async fn records(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for path in ["clock", "faults", "schedules", "environments", "metrics", "timeline"] {
            lines.push(in_order(&self.get(&format!("/_hearth/{path}")).await));
        }
        for (target, input) in [
            ("AmazonSQS.ListQueues", "{}"),
            ("Logs_20140328.DescribeLogGroups", "{}"),
            ("AWSEvents.ListRules", "{}"),
            ("GraniteServiceVersion20100801.ListMetrics", "{}"),
        ] {
            lines.push(self.operation(target, input).await);
        }
        for queue in QUEUES {
            let url = self.hearth.queue_url(queue);
            let attributes = self.sqs.get_queue_attributes().queue_url(url);
            let attributes = attributes.attribute_names("All".into()).send().await.expect("there is a queue");
            let mut attributes: Vec<_> = attributes.attributes.unwrap_or_default().into_iter().collect();
            attributes.sort();
            lines.push(format!("{queue}: {attributes:?}"));
        }
        for path in [
            "/2015-03-31/functions",
            "/2015-03-31/functions/worker",
            "/2015-03-31/functions/worker/versions",
            "/2015-03-31/functions/worker/aliases",
            "/2019-09-25/functions/worker/event-invoke-config/list",
            "/2019-09-30/functions/clerk/concurrency",
            "/2015-03-31/event-source-mappings",
            "/v2/apis",
        ] {
            lines.push(in_order(&self.get(path).await));
        }
        let s3 = &self.s3;
        let buckets = s3.list_buckets().send().await.expect("buckets");
        let objects = s3.list_objects_v2().bucket("photos").send().await.expect("objects");
        let uploads = s3.list_multipart_uploads().bucket("photos").send().await.expect("uploads");
        let rules = s3.get_bucket_notification_configuration().bucket("photos").send().await.expect("rules");
        lines.push(format!("{:?} {:?} {:?}", buckets.buckets(), objects.contents(), uploads.uploads()));
        lines.push(format!("{:?}", rules.lambda_function_configurations()));
        let address = self.address();
        let port = address.strip_prefix("127.0.0.1").expect("an address");
        numbered(lines.into_iter().map(|line| line.replace(port, ":PORT")))
    }
}

/// A document without an order that identifiers decide, which are drawn by chance.
fn in_order(document: &str) -> String {
    let mut document: Value = serde_json::from_str(document).expect("a document");
    if let Some(mappings) = document.get_mut("EventSourceMappings").and_then(Value::as_array_mut) {
        mappings.sort_by_key(|mapping| mapping["EventSourceArn"].to_string());
    }
    document.to_string()
}
