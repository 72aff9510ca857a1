//! A client of a bucket with versions.

use std::net::SocketAddr;

use super::bucket::{Bucket, content, elements, text};
use crate::{client::Client, http::Unknown, random::Random};

/// The only client of its bucket, in which it writes one key.
pub(super) struct Versions {
    bucket: Bucket,
    random: Random,
    last: u64,
    /// What is there, oldest first.
    known: Vec<Version>,
    /// What became of the last operation, if nobody knows.
    unknown: Option<Last>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    id: String,
    /// What it says; nothing if it is a delete marker.
    number: Option<u64>,
}

/// What may have happened.
enum Last {
    /// There is another version.
    Written(Option<u64>),
    /// This one is gone.
    Deleted(String),
}

const KEY: &str = "/key";

/// Each check looks at all of them.
const MOST: usize = 15;

impl Versions {
    pub(super) fn new(client: usize, random: Random) -> Self {
        let bucket = Bucket { name: format!("versions-{client}") };
        Self { bucket, random, last: 0, known: Vec::new(), unknown: None }
    }

    /// Writes a version, or a delete marker.
    fn write(&mut self, server: SocketAddr, number: Option<u64>) -> Result<(), Unknown> {
        self.unknown = Some(Last::Written(number));
        let answer = match number {
            Some(number) => self.bucket.expect(server, "PUT", KEY, &[], &content(number))?,
            None => self.bucket.expect(server, "DELETE", KEY, &[], &[])?,
        };
        let id = answer.header("x-amz-version-id").expect("it has versions").to_owned();
        self.known.push(Version { id, number });
        self.unknown = None;
        Ok(())
    }

    fn delete(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let index = self.random.below(self.known.len() as u64);
        let index = usize::try_from(index).expect("small");
        let id = self.known[index].id.clone();
        self.unknown = Some(Last::Deleted(id.clone()));
        self.bucket.expect(server, "DELETE", &format!("{KEY}?versionId={id}"), &[], &[])?;
        self.known.remove(index);
        self.unknown = None;
        Ok(())
    }

    /// Finds out what became of the last operation.
    fn find_out(&mut self, server: SocketAddr, versions: &[String], markers: &[String]) {
        match self.unknown.take() {
            None => {}
            Some(Last::Deleted(id)) => {
                let is_there = versions.contains(&id) || markers.contains(&id);
                self.known.retain(|version| is_there || version.id != id);
            }
            Some(Last::Written(number)) => {
                let listed = if number.is_some() { versions } else { markers };
                // The newest is the first.
                let newest = listed.first().filter(|id| self.known.iter().all(|version| version.id != **id));
                if let Some(id) = newest {
                    self.known.push(Version { id: id.clone(), number });
                }
            }
        }
        let current = self.bucket.read(server, KEY);
        assert_eq!(current, self.known.last().and_then(|version| version.number), "{}", self.bucket.name);
    }
}

impl Client for Versions {
    fn begin(&mut self, server: SocketAddr) {
        self.bucket.must(server, "PUT", "", &[]);
        let enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        self.bucket.must(server, "PUT", "?versioning", enabled);
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        self.last += 1;
        match self.random.below(6) {
            _ if self.known.len() >= MOST => self.delete(server),
            0 => self.write(server, None),
            1 if !self.known.is_empty() => self.delete(server),
            _ => self.write(server, Some(self.last)),
        }
    }

    fn check(&mut self, server: SocketAddr) {
        let list = text(&self.bucket.must(server, "GET", "?versions", &[]));
        let ids = |name: &str| -> Vec<String> {
            elements(&list, name).iter().flat_map(|listed| elements(listed, "VersionId")).collect()
        };
        let (versions, markers) = (ids("Version"), ids("DeleteMarker"));
        self.find_out(server, &versions, &markers);
        let known = |markers: bool| -> Vec<&String> {
            let kind = self.known.iter().rev().filter(|version| version.number.is_none() == markers);
            kind.map(|version| &version.id).collect()
        };
        let name = &self.bucket.name;
        assert_eq!(versions.iter().collect::<Vec<_>>(), known(false), "{name}: newest first, and no others");
        assert_eq!(markers.iter().collect::<Vec<_>>(), known(true), "{name}: newest first, and no others");
        for Version { id, number } in self.known.iter().filter(|version| version.number.is_some()) {
            assert_eq!(self.bucket.read(server, &format!("{KEY}?versionId={id}")), *number, "{name}");
        }
    }
}
