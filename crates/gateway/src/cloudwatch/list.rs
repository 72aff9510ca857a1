//! `ListMetrics`.

use hearth_services::cloudwatch::{MetricFilter, Refusal};
use serde::{Deserialize, Serialize};

use super::parameter::{self, DimensionDocument, at};
use crate::rpc::{Answer, Call};

const MOST_FILTERS: usize = 10;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Vec<DimensionDocument>,
    next_token: Option<String>,
    recently_active: Option<String>,
    include_linked_accounts: bool,
    owning_account: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    metrics: Vec<MetricDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owning_accounts: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDocument {
    namespace: String,
    metric_name: String,
    dimensions: Vec<DimensionDocument>,
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let request: Request = call.document()?;
    let active = match request.recently_active.as_deref() {
        None => false,
        Some("PT3H") => true,
        Some(other) => {
            let message = format!(
                "1 validation error detected: Value '{other}' at 'recentlyActive' failed to satisfy constraint: Member \
                 must satisfy enum value set: [PT3H]"
            );
            return Err(Refusal::Validation(message.into()).into());
        }
    };
    let account = call.partition.account.to_string();
    if request.owning_account.is_some_and(|owner| owner != account) {
        // Accounts are not linked to each other here: nobody else's metrics are in sight.
        return call.answer(&List { metrics: Vec::new(), next_token: None, owning_accounts: None });
    }
    let filter = MetricFilter {
        namespace: request.namespace,
        name: request.metric_name,
        dimensions: filters(request.dimensions)?,
    };
    let page =
        call.gateway.metrics().list(&call.partition, &filter, active, request.next_token.as_deref())?;
    let owning_accounts = request.include_linked_accounts.then(|| vec![account; page.metrics.len()]);
    let metrics = page.metrics.into_iter().map(|metric| MetricDocument {
        namespace: metric.namespace,
        metric_name: metric.name,
        dimensions: parameter::dimension_documents(metric.dimensions),
    });
    call.answer(&List { metrics: metrics.collect(), next_token: page.next_token, owning_accounts })
}

fn filters(given: Vec<DimensionDocument>) -> Result<Vec<(String, Option<String>)>, Refusal> {
    parameter::at_most(given.len(), MOST_FILTERS, at("", "Dimensions"))?;
    let filter = |(position, filter): (usize, DimensionDocument)| {
        let place = format!("Dimensions.member.{}.", position + 1);
        Ok((parameter::required(filter.name, at(&place, "Name"))?, filter.value))
    };
    given.into_iter().enumerate().map(filter).collect()
}
