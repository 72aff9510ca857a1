//! A request of the protocol.

use bytes::Bytes;
use hearth_model::identity::RequestId;
use http::{HeaderMap, Method, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    parameters::Parameters,
    service::{QueryService, is_form},
    xml,
};
use crate::{percent, rpc::RpcError};

/// A request that names a service and one of its actions.
pub(crate) struct QueryRequest {
    pub(super) service: QueryService,
    pub(super) action: String,
    parameters: Parameters,
}

/// Whether a request is one of this protocol: a form, or a query string that names an action.
pub(crate) fn is_query(head: &Parts) -> bool {
    match head.method {
        Method::POST => is_form(&head.headers),
        Method::GET => percent::parameter(head.uri.query(), "Action").is_some_and(|action| action.is_some()),
        _ => false,
    }
}

impl QueryRequest {
    /// Reads the action, and whose it is. An error comes with the service, if it is known.
    pub(super) fn read(
        headers: &HeaderMap,
        query: Option<&str>,
        body: &[u8],
    ) -> Result<Self, (Option<QueryService>, RpcError)> {
        let malformed = |message: String| (None, RpcError::new("MalformedQueryString", message));
        let form = str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
        let parameters = Parameters::parse([query.unwrap_or_default(), form]);
        let parameters = parameters.map_err(|error| malformed(error.to_string()))?;
        let Some(service) = QueryService::of(headers, &parameters) else {
            return Err(malformed(
                "the request is for no service that speaks the Query protocol here: Hearth has CloudWatch (Version \
                 2010-08-01), SQS (Version 2012-11-05) and STS (Version 2011-06-15), and tells them apart by the \
                 signature's scope or by Version"
                    .to_owned(),
            ));
        };
        let Some(action) = parameters.text("Action").map(str::to_owned) else {
            let message = "The request must contain the parameter Action.";
            return Err((Some(service), RpcError::new("MissingAction", message)));
        };
        Ok(Self { service, action, parameters })
    }

    /// The parameters as the action's document.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, RpcError> {
        self.parameters.document().map_err(|error| RpcError::new("MalformedInput", error.to_string()))
    }

    /// The body of the answer, which is a document, or nothing at all if that is `()`.
    pub(crate) fn answer(&self, id: RequestId, document: &impl Serialize) -> Bytes {
        xml::answer(self.service, &self.action, id, document)
    }
}
