//! The X-Ray trace header of the invocation that runs. Requests carry it on, and what follows from them: by it Lambda finds
//! functions that invoke themselves. AWS's SDKs do the same with `_X_AMZN_TRACE_ID`.

use std::cell::RefCell;

thread_local! {
    static HEADER: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Begins an invocation with this header.
pub(crate) fn begin(header: Option<&str>) {
    HEADER.set(header.map(str::to_owned));
}

/// The header of the invocation that runs.
pub(crate) fn header() -> Option<String> {
    HEADER.with_borrow(Clone::clone)
}
