//! Who is at the other end of a connection.

use std::net::IpAddr;

use http::HeaderValue;

/// The address that a connection's requests come from, written once for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    text: String,
    value: HeaderValue,
}

impl Peer {
    pub(crate) fn new(address: IpAddr) -> Self {
        let text = address.to_string();
        let value = HeaderValue::from_str(&text).expect("an address has no control characters");
        Self { address, text, value }
    }

    pub(crate) const fn address(&self) -> IpAddr {
        self.address
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, as a header has it.
    pub(crate) const fn value(&self) -> &HeaderValue {
        &self.value
    }
}
