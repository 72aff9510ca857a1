//! Ranges of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{InvalidPattern, error::refuse};

/// What `cidr` accepts: the addresses from the one that is named to the network's last, as AWS does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    first: IpAddr,
    last: IpAddr,
}

impl Network {
    /// Reads `address/bits`.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let Some((address, bits)) = text.split_once('/').filter(|(_, bits)| !bits.contains('/')) else {
            return refuse("Malformed CIDR, one '/' required");
        };
        let Ok(bits) = bits.parse::<i32>() else {
            return refuse("Malformed CIDR, mask bits must be an integer");
        };
        let Ok(bits) = u32::try_from(bits) else {
            return refuse("Malformed CIDR, mask bits must not be negative");
        };
        let Ok(first) = address.parse::<IpAddr>() else {
            let kind = if looks_like_address(address) { "Invalid" } else { "Nonstandard" };
            return refuse(format!("{kind} IP address: {address}"));
        };
        let last = match first {
            IpAddr::V4(_) if bits > 31 => return refuse("IPv4 mask bits must be < 32"),
            IpAddr::V6(_) if bits > 127 => return refuse("IPv6 mask bits must be < 128"),
            IpAddr::V4(first) => IpAddr::V4(Ipv4Addr::from_bits(first.to_bits() | (u32::MAX >> bits))),
            IpAddr::V6(first) => IpAddr::V6(Ipv6Addr::from_bits(first.to_bits() | (u128::MAX >> bits))),
        };
        Ok(Self { first, last })
    }

    pub(super) fn contains(self, text: &str) -> bool {
        // Addresses of one kind are before all of the other.
        text.parse().is_ok_and(|address: IpAddr| (self.first..=self.last).contains(&address))
    }
}

fn looks_like_address(text: &str) -> bool {
    let numbers = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (parts, dotted) = (text.split('.').count(), text.split('.').all(numbers));
    let colons = text.contains(':') && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    colons || parts == 4 && dotted
}
