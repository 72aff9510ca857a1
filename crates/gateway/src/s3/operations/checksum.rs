//! Checksums, which documents have in a member for each algorithm.

use hearth_services::s3::{Checksum, ChecksumAlgorithm, ChecksumType, Refusal};
use s3s::dto;

use super::Answer;

/// Sets the member of the checksum's algorithm.
macro_rules! set_checksum {
    ($document:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            let text = Some(checksum.to_string());
            match checksum.algorithm {
                hearth_services::s3::ChecksumAlgorithm::Crc32 => $document.checksum_crc32 = text,
                hearth_services::s3::ChecksumAlgorithm::Crc32c => $document.checksum_crc32c = text,
                hearth_services::s3::ChecksumAlgorithm::Crc64Nvme => $document.checksum_crc64nvme = text,
                hearth_services::s3::ChecksumAlgorithm::Sha1 => $document.checksum_sha1 = text,
                hearth_services::s3::ChecksumAlgorithm::Sha256 => $document.checksum_sha256 = text,
            }
        }
    };
}

/// The checksum in whichever member has one.
macro_rules! checksum_of {
    ($document:expr) => {
        $crate::s3::operations::checksum::read([
            (hearth_services::s3::ChecksumAlgorithm::Crc32, &$document.checksum_crc32),
            (hearth_services::s3::ChecksumAlgorithm::Crc32c, &$document.checksum_crc32c),
            (hearth_services::s3::ChecksumAlgorithm::Crc64Nvme, &$document.checksum_crc64nvme),
            (hearth_services::s3::ChecksumAlgorithm::Sha1, &$document.checksum_sha1),
            (hearth_services::s3::ChecksumAlgorithm::Sha256, &$document.checksum_sha256),
        ])
    };
}

pub(super) use {checksum_of, set_checksum};

/// The first one that is there.
pub(super) fn read(members: [(ChecksumAlgorithm, &Option<String>); 5]) -> Answer<Option<Checksum>> {
    let given = members.into_iter().find_map(|(algorithm, text)| Some((algorithm, text.as_deref()?)));
    let Some((algorithm, text)) = given else { return Ok(None) };
    let checksum = Checksum::parse(algorithm, text).ok_or_else(|| {
        let message = format!("Value for Checksum{} is invalid.", algorithm.name());
        Refusal::InvalidRequest(message.into())
    })?;
    Ok(Some(checksum))
}

/// Reads an algorithm's name.
pub(super) fn algorithm(given: Option<&dto::ChecksumAlgorithm>) -> Answer<Option<ChecksumAlgorithm>> {
    let Some(given) = given else { return Ok(None) };
    let algorithm = ChecksumAlgorithm::parse(given.as_str()).ok_or_else(|| {
        let message =
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, \
             CRC64NVME, SHA1, SHA256]";
        Refusal::InvalidRequest(message.into())
    })?;
    Ok(Some(algorithm))
}

/// Reads a type's name.
pub(super) fn kind(given: Option<&dto::ChecksumType>) -> Answer<Option<ChecksumType>> {
    let Some(given) = given else { return Ok(None) };
    let kind = ChecksumType::parse(given.as_str())
        .ok_or_else(|| Refusal::InvalidRequest("Value for x-amz-checksum-type header is invalid.".into()))?;
    Ok(Some(kind))
}

pub(super) fn algorithm_name(algorithm: ChecksumAlgorithm) -> dto::ChecksumAlgorithm {
    dto::ChecksumAlgorithm::from_static(algorithm.name())
}

pub(super) fn kind_name(kind: ChecksumType) -> dto::ChecksumType {
    dto::ChecksumType::from_static(kind.name())
}
