//! Everything that is kept, as one file.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hearth_engine::{journal::NotKept, port::BoxFuture};
use http::{
    HeaderValue, Response,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use hyper::body::{Body, Frame};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
};

/// Gives everything that is kept away: whoever made the services that a gateway leads to.
pub trait Export: Send + Sync + 'static {
    /// Everything that is kept, as it is at one moment after this call: what had been acknowledged by then is in it.
    fn export(&self) -> BoxFuture<'static, Result<Archive, NotExported>>;
}

/// An archive, piece by piece. An error says that the rest cannot be had; the channel ends after the last piece. Who drops it has
/// no use for the rest.
pub type Archive = mpsc::Receiver<io::Result<Bytes>>;

/// Why there is no archive.
#[derive(Debug, Error)]
pub enum NotExported {
    /// Nothing is kept.
    #[error("this Hearth keeps no state that could be exported: it was started with `--ephemeral`")]
    Ephemeral,
    /// What was acknowledged cannot be kept just now.
    #[error(transparent)]
    NotKept(#[from] NotKept),
    /// What is kept cannot be read.
    #[error("{reason}")]
    Unreadable {
        /// What is wrong, and what to do about it.
        reason: String,
    },
}

pub(super) async fn export(gateway: &Gateway) -> Result<Response<AnswerBody>, ApiError> {
    let export = gateway.export().ok_or(NotExported::Ephemeral)?;
    let archive = ArchiveBody(export.export().await?);
    let mut response = Response::new(AnswerBody::Content(s3s::Body::http_body(archive)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"hearth.zip\""));
    Ok(response)
}

impl From<NotExported> for ApiError {
    fn from(error: NotExported) -> Self {
        let code = match error {
            NotExported::Ephemeral => ErrorCode::InvalidParameterValue,
            NotExported::NotKept(_) => ErrorCode::ServiceUnavailable,
            NotExported::Unreadable { .. } => ErrorCode::Service,
        };
        Self::new(code, error.to_string())
    }
}

/// Sends an archive as it comes. If it breaks off, so does the connection: nobody takes a part for the whole.
struct ArchiveBody(Archive);

impl Body for ArchiveBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
