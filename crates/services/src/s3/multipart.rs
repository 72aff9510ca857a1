//! Objects that come in parts.
//!
//! Source: "Uploading and copying objects using multipart upload" in the S3 user guide; the API reference.

use std::collections::BTreeMap;

use hearth_model::{bucket_notification::Sequencer, time::Timestamp};

use super::{
    Attributes, Checksum, ChecksumAlgorithm, ChecksumType, Content, ETag, Object, ObjectPart, Refusal, Tags,
    UploadId,
};

/// The least that a part has, unless it is the last one.
const LEAST_PART_BYTES: u64 = 5 * 1024 * 1024;

/// An upload that is under way.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name.
    pub id: UploadId,
    /// When it began.
    pub initiated: Timestamp,
    /// What the object's owner says of it.
    pub attributes: Attributes,
    /// What the object's owner tagged it with.
    pub tags: Tags,
    /// Which checksum the object shall have; S3 takes its own if none is named.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    /// The parts that came, by number.
    pub parts: BTreeMap<u32, Part>,
    /// Which of all uploads in its bucket: later ones have later ones.
    pub(super) order: Sequencer,
}

/// A part that came.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes.
    pub content: Content,
    /// What tells them from others.
    pub etag: ETag,
    /// Their checksum.
    pub checksum: Checksum,
    /// When it came.
    pub modified: Timestamp,
}

/// A part as it is named when an upload is completed.
#[derive(Clone, Debug, Default)]
pub struct NamedPart {
    /// Its number.
    pub number: u32,
    /// Its ETag.
    pub etag: String,
    /// Its checksum, if one is named.
    pub checksum: Option<Checksum>,
}

/// What is known of the object when an upload is completed.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    /// The parts that the object consists of, in order.
    pub parts: Vec<NamedPart>,
    /// The object's checksum.
    pub checksum: Option<Checksum>,
    /// The object's checksum is one of this type.
    pub checksum_type: Option<ChecksumType>,
    /// The object's size.
    pub bytes: Option<u64>,
}

impl Upload {
    /// Which checksum a part has to have that comes with one of `given`, or with none.
    pub(super) fn part_algorithm(
        &self,
        given: Option<ChecksumAlgorithm>,
    ) -> Result<ChecksumAlgorithm, Refusal> {
        match (self.checksum, given) {
            (Some((own, _)), Some(given)) if own != given => Err(Refusal::InvalidRequest(
                format!(
                    "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                    own.name().to_lowercase(),
                    given.name().to_lowercase()
                )
                .into(),
            )),
            (Some((own, _)), _) => Ok(own),
            (None, given) => Ok(given.unwrap_or(ChecksumAlgorithm::Crc64Nvme)),
        }
    }

    /// The object that the named parts make.
    pub(super) fn complete(&self, completion: &Completion) -> Result<Object, Refusal> {
        if completion.parts.is_empty() {
            return Err(Refusal::MalformedXml);
        }
        if !completion.parts.is_sorted_by(|before, next| before.number < next.number) {
            return Err(Refusal::InvalidPartOrder { upload: self.id.to_string() });
        }
        let parts: Vec<_> =
            completion.parts.iter().map(|named| self.named(named)).collect::<Result<_, _>>()?;
        for (number, part) in parts.iter().take(parts.len() - 1) {
            let bytes = part.content.bytes();
            if bytes < LEAST_PART_BYTES {
                let part = Some((*number, part.etag.to_string()));
                return Err(Refusal::EntityTooSmall { proposed: bytes, least: LEAST_PART_BYTES, part });
            }
        }
        let content = Content::joined(parts.iter().map(|(_, part)| &part.content));
        if let Some(announced) = completion.bytes.filter(|bytes| *bytes != content.bytes()) {
            return Err(Refusal::InvalidRequest(
                format!(
                    "The provided 'x-amz-mp-object-size' header value {announced} does not match what was computed: {}",
                    content.bytes()
                )
                .into(),
            ));
        }
        let checksum = self.joined_checksum(&parts);
        check_completion(completion, checksum.as_ref())?;
        let with_checksums = checksum.as_ref().is_some_and(|_| self.checksum.is_some());
        let object_part = |(number, part): &(u32, &Part)| ObjectPart {
            number: *number,
            bytes: part.content.bytes(),
            checksum: with_checksums.then(|| part.checksum.clone()),
        };
        Ok(Object {
            content,
            etag: ETag::of_parts(parts.iter().map(|(_, part)| &part.etag)),
            checksum,
            parts: parts.iter().map(object_part).collect(),
            attributes: self.attributes.clone(),
        })
    }

    fn named(&self, named: &NamedPart) -> Result<(u32, &Part), Refusal> {
        let invalid = || Refusal::InvalidPart {
            upload: self.id.to_string(),
            part: named.number,
            etag: named.etag.trim_matches('"').to_owned(),
        };
        let part = self.parts.get(&named.number).ok_or_else(invalid)?;
        if !part.etag.is(&named.etag) {
            return Err(invalid());
        }
        match &named.checksum {
            Some(checksum) if !checksum.same_bytes(&part.checksum) => return Err(invalid()),
            None if let Some((algorithm, ChecksumType::Composite)) = self.checksum => {
                return Err(Refusal::InvalidRequest(
                    format!(
                        "The upload was created using a {} checksum. The complete request must include the checksum for \
                         each part. It was missing for part {} in the request.",
                        algorithm.name().to_lowercase(),
                        named.number
                    )
                    .into(),
                ));
            }
            Some(_) | None => {}
        }
        Ok((named.number, part))
    }

    /// The checksum of the object; none if its parts came with different ones, or with none that can be joined.
    fn joined_checksum(&self, parts: &[(u32, &Part)]) -> Option<Checksum> {
        let algorithm = parts.first()?.1.checksum.algorithm;
        let checksums = parts.iter().map(|(_, part)| &part.checksum);
        if !checksums.clone().all(|checksum| checksum.algorithm == algorithm) {
            return None;
        }
        match self.checksum {
            Some((_, ChecksumType::Composite)) => Some(Checksum::composite(algorithm, checksums)),
            Some((_, ChecksumType::FullObject)) | None => {
                let sized = parts.iter().map(|(_, part)| (&part.checksum, part.content.bytes()));
                Checksum::joined(algorithm, sized)
            }
        }
    }
}

fn check_completion(completion: &Completion, checksum: Option<&Checksum>) -> Result<(), Refusal> {
    let Some(checksum) = checksum else { return Ok(()) };
    if let Some(kind) = completion.checksum_type.filter(|kind| *kind != checksum.kind()) {
        return Err(Refusal::InvalidRequest(
            format!(
                "The upload was created using the {} checksum mode. The complete request must use the same checksum mode, \
                 not {}.",
                checksum.kind().name(),
                kind.name()
            )
            .into(),
        ));
    }
    match &completion.checksum {
        Some(given) if !given.same_bytes(checksum) => {
            Err(Refusal::BadChecksum { algorithm: given.algorithm.name() })
        }
        Some(_) | None => Ok(()),
    }
}
