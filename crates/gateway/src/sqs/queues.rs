//! Queues and their attributes.

use std::collections::BTreeMap;

use hearth_model::sqs::QueueAddress;
use hearth_services::sqs::{AttributeMap, Page, PageRequest};
use serde::{Deserialize, Serialize};

use super::{
    missing,
    url::{self, QueueUrl},
};
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateDocument {
    queue_name: Option<String>,
    #[serde(alias = "Attribute")]
    attributes: AttributeMap,
    #[serde(rename = "tags", alias = "Tag", alias = "Tags")]
    tags: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FindDocument {
    queue_name: Option<String>,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ListDocument {
    queue_url: QueueUrl,
    queue_name_prefix: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AttributeNamesDocument {
    queue_url: QueueUrl,
    #[serde(alias = "AttributeName")]
    attribute_names: Vec<String>,
}

/// Attributes that are given.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SetDocument {
    queue_url: QueueUrl,
    #[serde(alias = "Attribute")]
    attributes: AttributeMap,
}

/// Attributes that are told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttributesDocument {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: AttributeMap,
}

/// A request that says no more than which queue it is for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct QueueDocument {
    queue_url: QueueUrl,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UrlDocument {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UrlsDocument {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// The same with its member spelt small, and always there.
#[derive(Serialize)]
struct SourceUrlsDocument {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let document: CreateDocument = call.document()?;
    let name = document.queue_name.ok_or_else(|| missing("QueueName"))?;
    let queue =
        call.gateway.queues().create_queue(&call.partition, &name, &document.attributes, document.tags)?;
    call.answer(&UrlDocument { queue_url: url::render(call, &queue) })
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let QueueDocument { queue_url } = call.document()?;
    call.gateway.queues().delete_queue(&queue_url.queue(call)?)?;
    call.done()
}

pub(super) fn url(call: &Call<'_>) -> Answer {
    let document: FindDocument = call.document()?;
    let name = document.queue_name.ok_or_else(|| missing("QueueName"))?;
    let queue = call.gateway.queues().find_queue(&call.partition, &name, document.owner.as_deref())?;
    call.answer(&UrlDocument { queue_url: url::render(call, &queue) })
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let ListDocument { queue_name_prefix, max_results, next_token, .. } = call.document()?;
    let page = PageRequest { max_results, next_token };
    let page = call.gateway.queues().list_queues(&call.partition, &queue_name_prefix, &page)?;
    let (queue_urls, next_token) = urls(call, page);
    call.answer(&UrlsDocument { queue_urls, next_token })
}

pub(super) fn dead_letter_sources(call: &Call<'_>) -> Answer {
    let ListDocument { queue_url, max_results, next_token, .. } = call.document()?;
    let page = PageRequest { max_results, next_token };
    let page = call.gateway.queues().dead_letter_sources(&queue_url.queue(call)?, &page)?;
    let (queue_urls, next_token) = urls(call, page);
    call.answer(&SourceUrlsDocument { queue_urls, next_token })
}

pub(super) fn attributes(call: &Call<'_>) -> Answer {
    let AttributeNamesDocument { queue_url, attribute_names } = call.document()?;
    let attributes = call.gateway.queues().attributes(&queue_url.queue(call)?, &attribute_names)?;
    call.answer(&AttributesDocument { attributes })
}

pub(super) fn set_attributes(call: &Call<'_>) -> Answer {
    let SetDocument { queue_url, attributes } = call.document()?;
    call.gateway.queues().set_attributes(&queue_url.queue(call)?, &attributes)?;
    call.done()
}

pub(super) fn purge(call: &Call<'_>) -> Answer {
    let QueueDocument { queue_url } = call.document()?;
    call.gateway.queues().purge(&queue_url.queue(call)?)?;
    call.done()
}

fn urls(call: &Call<'_>, page: Page<QueueAddress>) -> (Vec<String>, Option<String>) {
    (page.items.iter().map(|queue| url::render(call, queue)).collect(), page.next_token)
}
