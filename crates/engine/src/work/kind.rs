//! Why something goes on.

/// What a piece of work is for. Whatever runs, waits for a thread or is woken says which of these it is, so that there is nothing that
/// goes on and has no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    /// A client's request is answered.
    Connection,
    /// An invocation, from its acceptance until its result is there.
    Invocation,
    /// An invocation whose client is gone.
    AbandonedInvocation,
    /// An attempt to give an event to its function.
    AsynchronousInvocation,
    /// An environment is made ahead of invocations.
    Provisioning,
    /// A record or a dead letter is brought where it belongs.
    Delivery,
    /// An event source mapping looks for messages.
    Poll,
    /// A batch of messages is given to a function.
    Batch,
    /// What a WebSocket's client says, or its end, is told to a function.
    SocketEvent,
    /// Files that nobody has any more are removed.
    Removal,
    /// A handler asks something over `wasi:http`.
    GuestRequest,
    /// Code is mapped, or compiled.
    Loading,
    /// Code that was uploaded is unpacked.
    Unpacking,
    /// What was changed is written to the disk.
    Journal,
    /// The contents of objects are written, read or removed.
    Content,
    /// Another program is asked for the keys of tokens.
    Document,
    /// Something that waits for work was woken: what is due is begun.
    Watcher,
}

impl WorkKind {
    /// All there are, in the order in which they are told.
    pub const ALL: [Self; 17] = [
        Self::Connection,
        Self::Invocation,
        Self::AbandonedInvocation,
        Self::AsynchronousInvocation,
        Self::Provisioning,
        Self::Delivery,
        Self::Poll,
        Self::Batch,
        Self::SocketEvent,
        Self::Removal,
        Self::GuestRequest,
        Self::Loading,
        Self::Unpacking,
        Self::Journal,
        Self::Content,
        Self::Document,
        Self::Watcher,
    ];

    /// What many of it are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connections",
            Self::Invocation => "invocations",
            Self::AbandonedInvocation => "abandoned_invocations",
            Self::AsynchronousInvocation => "asynchronous_invocations",
            Self::Provisioning => "provisionings",
            Self::Delivery => "deliveries",
            Self::Poll => "polls",
            Self::Batch => "batches",
            Self::SocketEvent => "socket_events",
            Self::Removal => "removals",
            Self::GuestRequest => "guest_requests",
            Self::Loading => "loadings",
            Self::Unpacking => "unpackings",
            Self::Journal => "journal_writes",
            Self::Content => "content_transfers",
            Self::Document => "documents",
            Self::Watcher => "watchers",
        }
    }

    /// What it does until it is over.
    pub(crate) const fn purpose(self) -> &'static str {
        match self {
            Self::Connection => "a client's request is being answered",
            Self::Invocation => "an invocation has no environment yet, or none any more",
            Self::AbandonedInvocation => "a handler runs on though its client is gone",
            Self::AsynchronousInvocation => "a handler is given an event that was accepted",
            Self::Provisioning => "an environment is made ahead of invocations",
            Self::Delivery => "a record or a dead letter is brought to its destination",
            Self::Poll => "a queue is asked for messages",
            Self::Batch => "a handler is given messages",
            Self::SocketEvent => "a handler is told what a WebSocket's client says, or its end",
            Self::Removal => "files that nobody has any more are removed",
            Self::GuestRequest => "a handler asks something over wasi:http",
            Self::Loading => "code is loaded, or compiled where that was not done before",
            Self::Unpacking => "code that was uploaded is unpacked",
            Self::Journal => "what was changed is written to the disk",
            Self::Content => "the contents of objects are written, read or removed",
            Self::Document => "another program is asked for the keys of tokens",
            Self::Watcher => "what is due is begun",
        }
    }
}
