//! Checksums of objects and parts.
//!
//! Source: "Checking object integrity in Amazon S3" in the S3 user guide.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use crc_fast::CrcAlgorithm;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The algorithms that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME; what S3 takes if nobody asks for another one.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// What a checksum is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumType {
    /// The whole object.
    FullObject,
    /// The checksums of its parts.
    Composite,
}

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// How it was computed.
    pub algorithm: ChecksumAlgorithm,
    /// The bytes, the most significant one first.
    bytes: Vec<u8>,
    /// Of how many parts' checksums it is one; none if it is one of the content.
    parts: Option<u32>,
}

/// Computes a checksum.
pub(super) enum ChecksumHasher {
    Crc(ChecksumAlgorithm, crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl ChecksumAlgorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name, as in `x-amz-sdk-checksum-algorithm`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == text)
    }

    /// What a multipart upload has of this algorithm if it does not say.
    #[must_use]
    pub const fn default_type(self) -> ChecksumType {
        match self {
            Self::Crc64Nvme => ChecksumType::FullObject,
            Self::Crc32 | Self::Crc32c | Self::Sha1 | Self::Sha256 => ChecksumType::Composite,
        }
    }

    /// Whether a multipart upload can have this.
    #[must_use]
    pub const fn has(self, kind: ChecksumType) -> bool {
        match (self, kind) {
            (Self::Crc32 | Self::Crc32c, _)
            | (Self::Crc64Nvme, ChecksumType::FullObject)
            | (Self::Sha1 | Self::Sha256, ChecksumType::Composite) => true,
            (Self::Crc64Nvme, ChecksumType::Composite)
            | (Self::Sha1 | Self::Sha256, ChecksumType::FullObject) => false,
        }
    }

    pub(super) fn hasher(self) -> ChecksumHasher {
        match self.crc() {
            Some(crc) => ChecksumHasher::Crc(self, crc_fast::Digest::new(crc)),
            None if self == Self::Sha1 => ChecksumHasher::Sha1(Sha1::new()),
            None => ChecksumHasher::Sha256(Sha256::new()),
        }
    }

    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

impl ChecksumType {
    /// The name, as in `x-amz-checksum-type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite].into_iter().find(|kind| kind.name() == text)
    }
}

impl Checksum {
    /// Reads what a header has: base64, and behind it `-` and a number if it is one of parts.
    #[must_use]
    pub fn parse(algorithm: ChecksumAlgorithm, text: &str) -> Option<Self> {
        let (encoded, parts) = match text.split_once('-') {
            Some((encoded, parts)) => (encoded, Some(parts.parse().ok()?)),
            None => (text, None),
        };
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        (bytes.len() == algorithm.bytes()).then_some(Self { algorithm, bytes, parts })
    }

    /// What it is one of.
    #[must_use]
    pub const fn kind(&self) -> ChecksumType {
        if self.parts.is_some() { ChecksumType::Composite } else { ChecksumType::FullObject }
    }

    /// Without the number of parts, which some requests leave out.
    pub(super) fn same_bytes(&self, other: &Self) -> bool {
        (self.algorithm, &self.bytes) == (other.algorithm, &other.bytes)
    }

    /// The checksum of the checksums of parts.
    pub(super) fn composite<'a>(
        algorithm: ChecksumAlgorithm,
        parts: impl IntoIterator<Item = &'a Self>,
    ) -> Self {
        let mut hasher = algorithm.hasher();
        let mut count = 0;
        for part in parts {
            hasher.update(&part.bytes);
            count += 1;
        }
        Self { parts: Some(count), ..hasher.finish() }
    }

    /// The checksum of what stands behind each other, from the checksums of the pieces and the sizes of them. `None` if
    /// the algorithm does not allow that, or there is no piece.
    pub(super) fn joined<'a>(
        algorithm: ChecksumAlgorithm,
        pieces: impl IntoIterator<Item = (&'a Self, u64)>,
    ) -> Option<Self> {
        let crc = algorithm.crc()?;
        let number = |piece: &Self| piece.bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let joined = pieces.into_iter().map(|(piece, bytes)| (number(piece), bytes)).reduce(
            |(before, length), (next, bytes)| {
                (crc_fast::checksum_combine(crc, before, next, bytes), length + bytes)
            },
        );
        Some(Self::of_number(algorithm, joined?.0))
    }

    fn of_number(algorithm: ChecksumAlgorithm, number: u64) -> Self {
        let bytes = number.to_be_bytes();
        Self { algorithm, bytes: bytes[bytes.len() - algorithm.bytes()..].to_vec(), parts: None }
    }
}

impl ChecksumHasher {
    pub(super) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc(_, digest) => digest.update(data),
            Self::Sha1(digest) => digest.update(data),
            Self::Sha256(digest) => digest.update(data),
        }
    }

    pub(super) fn finish(self) -> Checksum {
        let whole = |algorithm, bytes: &[u8]| Checksum { algorithm, bytes: bytes.to_vec(), parts: None };
        match self {
            Self::Crc(algorithm, digest) => Checksum::of_number(algorithm, digest.finalize()),
            Self::Sha1(digest) => whole(ChecksumAlgorithm::Sha1, &digest.finalize()),
            Self::Sha256(digest) => whole(ChecksumAlgorithm::Sha256, &digest.finalize()),
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(&self.bytes))?;
        match self.parts {
            Some(parts) => write!(f, "-{parts}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(algorithm: ChecksumAlgorithm, data: &[u8]) -> Checksum {
        let mut hasher = algorithm.hasher();
        hasher.update(data);
        hasher.finish()
    }

    /// The check values of the catalogue of CRCs, and of FIPS 180.
    #[test]
    fn checksums_are_those_of_the_algorithms() {
        let check = |algorithm, data: &[u8], expected: &str| {
            assert_eq!(checksum(algorithm, data).to_string(), expected);
        };
        check(ChecksumAlgorithm::Crc32, b"123456789", "y/Q5Jg==");
        check(ChecksumAlgorithm::Crc32c, b"123456789", "4waSgw==");
        check(ChecksumAlgorithm::Crc64Nvme, b"123456789", "rosUhgp5mIg=");
        check(ChecksumAlgorithm::Sha1, b"abc", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
        check(ChecksumAlgorithm::Sha256, b"abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn headers_are_read() {
        for algorithm in ChecksumAlgorithm::ALL {
            assert_eq!(ChecksumAlgorithm::parse(algorithm.name()), Some(algorithm));
            let whole = checksum(algorithm, b"hello");
            assert_eq!(Checksum::parse(algorithm, &whole.to_string()), Some(whole.clone()));
            let composite = Checksum::composite(algorithm, [&whole, &whole]);
            assert!(composite.to_string().ends_with("-2"));
            assert_eq!(Checksum::parse(algorithm, &composite.to_string()), Some(composite));
        }
        for text in ["", "nonsense!", "y/Q5", "y/Q5Jg==-x"] {
            assert_eq!(Checksum::parse(ChecksumAlgorithm::Crc32, text), None, "{text}");
        }
    }

    #[test]
    fn checksums_of_pieces_join() {
        let data: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c, ChecksumAlgorithm::Crc64Nvme] {
            let pieces: Vec<_> =
                data.chunks(3_333).map(|piece| (checksum(algorithm, piece), piece.len())).collect();
            let pieces = pieces.iter().map(|(piece, bytes)| (piece, *bytes as u64));
            assert_eq!(Checksum::joined(algorithm, pieces), Some(checksum(algorithm, &data)));
        }
        assert_eq!(Checksum::joined(ChecksumAlgorithm::Sha1, []), None);
    }
}
