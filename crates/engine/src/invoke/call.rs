//! The two kinds of calls: with a payload, and with an HTTP request.

use bytes::Bytes;
use http::{Request, Response};

use super::message;

/// What a handler is called with: a payload, JSON, or, for code that [takes requests](crate::port::Contract::Http), an HTTP
/// request, boxed because it is moved often. There is no other kind.
pub trait Event: sealed::Event<Answered = Self::Answer> + Clone + Send + Sync + 'static {
    /// What a handler answers: a payload to a payload, a response to a request.
    type Answer: sealed::Answer + Send + 'static;

    /// How large it is.
    fn bytes(&self) -> usize;
}

impl Event for Bytes {
    type Answer = Self;

    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Event for Box<Request<Bytes>> {
    type Answer = Response<Bytes>;

    fn bytes(&self) -> usize {
        message::bytes(self)
    }
}

/// What only the engine does with events and answers.
pub(crate) mod sealed {
    use std::collections::VecDeque;

    use bytes::Bytes;
    use hearth_model::outcome::Failure;
    use http::{Request, Response};

    use crate::{
        invoke::message,
        port::{BoxFuture, Environment, InvocationContext},
        recording::RecordedEvent,
    };

    pub trait Event {
        type Answered;

        /// Calls the handler.
        fn call<'a>(
            self,
            environment: &'a mut dyn Environment,
            context: &'a InvocationContext,
        ) -> BoxFuture<'a, Result<Self::Answered, Failure>>;

        /// Copies it behind others, as many bytes as it has.
        fn copy(&self, to: &mut VecDeque<u8>);

        /// Reads a copy.
        fn read(copy: Bytes) -> RecordedEvent;

        /// The event itself, shared.
        fn share(&self) -> RecordedEvent;
    }

    pub trait Answer {
        /// How large it is; a response without its head.
        fn bytes(&self) -> usize;
    }

    impl Event for Bytes {
        type Answered = Self;

        fn call<'a>(
            self,
            environment: &'a mut dyn Environment,
            context: &'a InvocationContext,
        ) -> BoxFuture<'a, Result<Self, Failure>> {
            environment.invoke(self, context)
        }

        fn copy(&self, to: &mut VecDeque<u8>) {
            to.extend(&**self);
        }

        fn read(copy: Bytes) -> RecordedEvent {
            RecordedEvent::Payload(copy)
        }

        fn share(&self) -> RecordedEvent {
            RecordedEvent::Payload(self.clone())
        }
    }

    impl Event for Box<Request<Bytes>> {
        type Answered = Response<Bytes>;

        fn call<'a>(
            self,
            environment: &'a mut dyn Environment,
            context: &'a InvocationContext,
        ) -> BoxFuture<'a, Result<Response<Bytes>, Failure>> {
            environment.answer(self, context)
        }

        fn copy(&self, to: &mut VecDeque<u8>) {
            message::copy(self, to);
        }

        fn read(copy: Bytes) -> RecordedEvent {
            RecordedEvent::Request(Box::new(message::read(copy)))
        }

        fn share(&self) -> RecordedEvent {
            RecordedEvent::Request(self.clone())
        }
    }

    impl Answer for Bytes {
        fn bytes(&self) -> usize {
            self.len()
        }
    }

    impl Answer for Response<Bytes> {
        fn bytes(&self) -> usize {
            self.body().len()
        }
    }
}
