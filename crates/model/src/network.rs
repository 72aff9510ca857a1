//! What functions may connect to besides Hearth's own endpoint.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use thiserror::Error;

/// Destinations that are open to functions: `HOST:PORT`, of which either may be `*`.
///
/// The host is an address, which is not looked up, or a name, which covers exactly that name. `localhost` is all addresses of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    host: Host,
    /// All ports if there is none.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    Local,
    Address(IpAddr),
    /// In lower case.
    Name(String),
}

/// Text that names no destination.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{text}` is no destination: write HOST:PORT, such as `db.example.com:5432`, `127.0.0.1:6379`, `[::1]:80` or `*:8080`"
)]
pub struct InvalidDestination {
    text: String,
}

const LOCAL: &str = "localhost";
const ANY: &str = "*";

impl Destination {
    /// Whether this address is covered, whatever name it has.
    #[must_use]
    pub fn covers(&self, address: SocketAddr) -> bool {
        let host_fits = match &self.host {
            Host::Any => true,
            Host::Local => address.ip().is_loopback(),
            Host::Address(own) => *own == address.ip().to_canonical(),
            Host::Name(_) => false,
        };
        host_fits && self.covers_port(address.port())
    }

    /// Whether this port of a host of this name is covered.
    #[must_use]
    pub fn covers_named(&self, name: &str, port: u16) -> bool {
        self.covers_name(name) && self.covers_port(port)
    }

    /// Whether some port of a host of this name is covered: the name may be looked up.
    #[must_use]
    pub fn covers_name(&self, name: &str) -> bool {
        match &self.host {
            Host::Any => true,
            Host::Local => name.eq_ignore_ascii_case(LOCAL),
            Host::Address(_) => false,
            Host::Name(own) => name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case(own),
        }
    }

    fn covers_port(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }
}

impl FromStr for Destination {
    type Err = InvalidDestination;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| InvalidDestination { text: text.to_owned() })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Any => f.write_str(ANY)?,
            Host::Local => f.write_str(LOCAL)?,
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
            Host::Name(name) => f.write_str(name)?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => write!(f, ":{ANY}"),
        }
    }
}

fn parse(text: &str) -> Option<Destination> {
    let (host, port) = text.rsplit_once(':')?;
    let port = match port {
        ANY => None,
        port => Some(port.parse().ok().filter(|port| *port != 0)?),
    };
    let host = match host {
        ANY => Host::Any,
        LOCAL => Host::Local,
        host => match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(address) => Host::Address(address.parse::<Ipv6Addr>().ok()?.to_canonical()),
            None => host
                .parse()
                .map_or_else(|_| name(host), |address| Some(Host::Address(IpAddr::V4(address))))?,
        },
    };
    Some(Destination { host, port })
}

fn name(text: &str) -> Option<Host> {
    let fits = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let text = text.strip_suffix('.').unwrap_or(text);
    // What has only digits at its end is meant as an address, and is none.
    let is_name =
        text.split('.').all(fits) && text.rsplit('.').next()?.bytes().any(|byte| !byte.is_ascii_digit());
    is_name.then(|| Host::Name(text.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(text: &str) -> Destination {
        text.parse().expect(text)
    }

    fn covers(text: &str, address: &str) -> bool {
        destination(text).covers(address.parse().expect(address))
    }

    #[test]
    fn addresses_are_covered_with_their_ports() {
        assert!(covers("127.0.0.1:6379", "127.0.0.1:6379"));
        assert!(covers("127.0.0.1:*", "127.0.0.1:1"));
        assert!(covers("*:80", "192.0.2.1:80"));
        assert!(covers("*:*", "[2001:db8::1]:9"));
        assert!(covers("[::1]:80", "[::1]:80"));
        assert!(covers("192.0.2.1:80", "[::ffff:192.0.2.1]:80"));
        assert!(covers("localhost:5432", "127.0.0.1:5432") && covers("localhost:5432", "[::1]:5432"));
        for (text, address) in [
            ("127.0.0.1:6379", "127.0.0.1:6380"),
            ("127.0.0.1:6379", "127.0.0.2:6379"),
            ("localhost:80", "192.0.2.1:80"),
            ("*:80", "192.0.2.1:81"),
            ("db.example.com:80", "192.0.2.1:80"),
        ] {
            assert!(!covers(text, address), "{text} {address}");
        }
    }

    #[test]
    fn names_are_covered_as_they_are() {
        let own = destination("DB.example.com:5432");
        assert!(own.covers_named("db.Example.com.", 5432) && own.covers_name("db.example.com"));
        assert!(!own.covers_named("db.example.com", 80));
        assert!(!own.covers_name("x.db.example.com") && !own.covers_name("example.com"));
        assert!(destination("*:443").covers_named("anything", 443));
        assert!(destination("localhost:1").covers_name("LOCALHOST"));
        assert!(!destination("127.0.0.1:1").covers_name("127.0.0.1"));
    }

    #[test]
    fn what_is_none_is_refused_and_what_is_one_reads_as_it_was_written() {
        for text in [
            "",
            "db",
            "db:",
            ":80",
            "db:0",
            "db:65536",
            "db:http",
            "http://db:80",
            "1.2.3:80",
            "::1:80",
            "[::1",
            "a b:1",
            "a..b:1",
            "*.example.com:443",
        ] {
            assert!(text.parse::<Destination>().is_err(), "{text}");
        }
        for text in ["db.example.com:5432", "127.0.0.1:6379", "[::1]:80", "*:*", "localhost:*"] {
            assert_eq!(destination(text).to_string(), text);
        }
    }
}
