//! Who owns buckets, and who asks.

use std::net::{IpAddr, Ipv4Addr};

use hearth_model::identity::{AccountId, Partition};
use sha2::{Digest, Sha256};

/// Who asks for something.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account and region of the request.
    pub partition: Partition,
    /// Where the request came from.
    pub source_ip: IpAddr,
    /// The request's id.
    pub request_id: String,
    /// The request's other id.
    pub host_id: String,
    /// The X-Ray trace header, which tells what led to the request.
    pub trace_header: Option<String>,
}

impl Caller {
    /// Hearth itself, on behalf of a bucket's owner.
    #[must_use]
    pub fn hearth(partition: Partition) -> Self {
        Self {
            partition,
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            request_id: "0000000000000000".to_owned(),
            host_id: String::new(),
            trace_header: None,
        }
    }

    /// As records name the caller.
    pub(super) fn principal(&self) -> String {
        principal(self.partition.account)
    }
}

/// An account as records name whoever did something.
pub(super) fn principal(account: AccountId) -> String {
    format!("AWS:{account}")
}

/// The canonical id of an account, as lists and grants have it.
#[must_use]
pub fn canonical_id(account: AccountId) -> String {
    Sha256::digest(account.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An account as records name the owner of a bucket.
pub(super) fn owner_principal(account: AccountId) -> String {
    format!("A{}", canonical_id(account)[..13].to_ascii_uppercase())
}
