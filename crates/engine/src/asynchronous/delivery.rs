//! How the end of an event is told.

use std::sync::Arc;

use bytes::Bytes;
use hearth_model::{
    asynchronous::{Condition, Ending},
    destination::{DeadLetterAttributes, Destination, InvocationRecord, LastResponse},
    reference::Qualifier,
};
use serde_json::value::RawValue;

use super::{AsynchronousRequest, events::Response};
use crate::{
    engine::Engine,
    function::Function,
    port::{Delivery, DeliveryContent, DeliveryError},
    timeline::EventKind,
    work::WorkKind,
};

impl Engine {
    /// Counts an event's end and tells it to whom it is to be told.
    pub(super) fn end_event(
        &self,
        engine: &Arc<Self>,
        function: Arc<Function>,
        ending: Ending,
        request: Arc<AsynchronousRequest>,
        last: Option<&Response>,
    ) {
        if ending.condition != Condition::Success {
            let recursive = u64::from(ending.condition == Condition::RecursiveInvocation);
            function.count(&request.resource(), self.clock().wall(), |activity| {
                activity.events_dropped += 1;
                activity.recursive_invocations_dropped += recursive;
            });
        }
        if ending.is_dropped() {
            self.record_event(&function, ending.id, EventKind::Dropped { condition: ending.condition });
        }
        let mut deliveries = Vec::new();
        if let Some(destination) = &ending.record_to {
            let record = self.record_of(&function, &ending, &request, last);
            deliveries.push((Arc::clone(destination), DeliveryContent::Record(record)));
        }
        if let Some(destination) = &ending.dead_letter_to {
            let payload = last.map(Response::json);
            let attributes =
                DeadLetterAttributes::new(&ending, last_response(last, payload.as_deref()).as_ref());
            let letter = DeliveryContent::DeadLetter { event: request.event.clone(), attributes };
            deliveries.push((Arc::clone(destination), letter));
        }
        if deliveries.is_empty() {
            return;
        }
        let engine = Arc::clone(engine);
        self.work().spawn(WorkKind::Delivery, async move {
            for (destination, content) in deliveries {
                engine.deliver(&function, &ending, &request, destination, content).await;
            }
            engine.record_told(&function, ending.id);
        });
    }

    fn record_of(
        &self,
        function: &Function,
        ending: &Ending,
        request: &AsynchronousRequest,
        last: Option<&Response>,
    ) -> Bytes {
        let qualifier = request.qualifier.as_ref().unwrap_or(&Qualifier::LATEST);
        let arn = format!("{}:{qualifier}", function.arn());
        let (event, payload) = (json(&request.event), last.map(Response::json));
        let last = last_response(last, payload.as_deref());
        let record = InvocationRecord::new(ending, self.clock().wall(), &arn, &event, last.as_ref());
        serde_json::to_vec(&record).expect("a record can always be written").into()
    }

    async fn deliver(
        &self,
        function: &Function,
        ending: &Ending,
        request: &AsynchronousRequest,
        destination: Arc<Destination>,
        content: DeliveryContent,
    ) {
        let dead_letter = matches!(content, DeliveryContent::DeadLetter { .. });
        let delivery = Delivery {
            destination: Arc::clone(&destination),
            partition: function.partition().clone(),
            condition: ending.condition,
            content,
            trace_header: request.trace_header.clone(),
        };
        let sink = self.connections().get().and_then(|connections| connections.destinations.upgrade());
        let delivered = match sink {
            Some(sink) => sink.deliver(delivery).await,
            None => Err(DeliveryError { reason: "nobody delivers to destinations".to_owned() }),
        };
        let (destination, condition) = (destination.as_str().into(), ending.condition);
        let kind = match delivered {
            Ok(()) => EventKind::Delivered { destination, condition },
            Err(DeliveryError { reason }) => {
                function.count(&request.resource(), self.clock().wall(), |activity| {
                    let failures = if dead_letter {
                        &mut activity.dead_letter_failures
                    } else {
                        &mut activity.destination_failures
                    };
                    *failures += 1;
                });
                EventKind::DeliveryFailed { destination, condition, reason: reason.into() }
            }
        };
        self.record_event(function, ending.id, kind);
    }
}

impl Response {
    fn json(&self) -> Box<RawValue> {
        match self {
            Self::Function { payload, .. } => json(payload),
            Self::Refused { .. } => RawValue::NULL.to_owned(),
        }
    }
}

fn last_response<'a>(
    response: Option<&'a Response>,
    payload: Option<&'a RawValue>,
) -> Option<LastResponse<'a>> {
    Some(match response? {
        Response::Function { version, error_message, payload: _ } => LastResponse::Function {
            version: *version,
            error_message: error_message.as_deref(),
            payload: payload?,
        },
        Response::Refused { status, message } => LastResponse::Refused { status: *status, message },
    })
}

/// What is no JSON, which only a handler can have answered, is told as text.
fn json(bytes: &[u8]) -> Box<RawValue> {
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(bytes);
        serde_json::value::to_raw_value(&text).expect("a text can always be written")
    })
}
