//! Versions, uploads and parts as they are written.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::journal::Unreadable;
use hearth_model::{bucket_notification::Sequencer, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    kept::unreadable,
    s3::{
        Attributes, Checksum, ChecksumAlgorithm, ChecksumType, Content, ETag, Encryption, Entry, Object,
        ObjectPart, Part, StorageClass, Tagged, Tags, Upload, UploadId, Version, VersionId,
        storage::{Earlier, FileName, KeptPiece},
    },
};

#[derive(Serialize, Deserialize)]
pub(super) enum VersionDocument<'a> {
    #[serde(borrow)]
    V1(VersionV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct VersionV1<'a> {
    /// None is `null`.
    id: Option<&'a str>,
    modified: i64,
    /// None is a delete marker.
    #[serde(borrow)]
    object: Option<ObjectV1<'a>>,
    tags: TagsV1,
}

#[derive(Serialize, Deserialize)]
pub(super) enum UploadDocument<'a> {
    #[serde(borrow)]
    V1(UploadV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct UploadV1<'a> {
    id: &'a str,
    initiated: i64,
    #[serde(borrow)]
    attributes: AttributesV1<'a>,
    tags: TagsV1,
    /// Algorithm and type.
    checksum: Option<(&'a str, &'a str)>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum PartDocument<'a> {
    #[serde(borrow)]
    V1(PartV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct PartV1<'a> {
    content: Vec<PieceV1>,
    etag: ([u8; 16], u32),
    #[serde(borrow)]
    checksum: ChecksumV1<'a>,
    modified: i64,
}

#[derive(Serialize, Deserialize)]
struct ObjectV1<'a> {
    content: Vec<PieceV1>,
    etag: ([u8; 16], u32),
    #[serde(borrow)]
    checksum: Option<ChecksumV1<'a>>,
    parts: Vec<ObjectPartV1<'a>>,
    attributes: AttributesV1<'a>,
}

/// A part of a file.
#[derive(Serialize, Deserialize)]
struct PieceV1 {
    shelf: u64,
    number: u32,
    start: u64,
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct ObjectPartV1<'a> {
    number: u32,
    bytes: u64,
    #[serde(borrow)]
    checksum: Option<ChecksumV1<'a>>,
}

/// As headers have it.
#[derive(Serialize, Deserialize)]
struct ChecksumV1<'a> {
    algorithm: &'a str,
    value: String,
}

#[derive(Serialize, Deserialize)]
struct AttributesV1<'a> {
    cache_control: Option<&'a str>,
    content_disposition: Option<&'a str>,
    content_encoding: Option<&'a str>,
    content_language: Option<&'a str>,
    content_type: Option<&'a str>,
    expires: Option<i64>,
    website_redirect: Option<&'a str>,
    metadata: BTreeMap<&'a str, &'a str>,
    storage_class: &'a str,
    encryption: EncryptionV1,
}

#[derive(Serialize, Deserialize)]
pub(super) enum EncryptionV1 {
    S3,
    Kms { key: Option<String>, dual_layer: bool, bucket_key: bool },
}

/// The content of an object or a part, as entries name it.
pub(super) struct KeptContent {
    pub(super) pieces: Vec<KeptPiece>,
    /// The MD5, and of how many parts' it is one; 0 if it is one of the content.
    pub(super) etag: ([u8; 16], u32),
    /// How large the parts are in which it came.
    pub(super) parts: Vec<u64>,
}

/// Keys and values.
pub(super) type TagsV1 = Vec<(String, String)>;

impl<'a> VersionV1<'a> {
    pub(super) fn of(version: &'a Version) -> Self {
        Self {
            id: version.id.named(),
            modified: version.modified.as_unix_nanos(),
            object: version.object().map(|object| ObjectV1::of(object)),
            tags: tags_v1(&version.tags),
        }
    }

    /// Where its content is; none if it is a delete marker.
    pub(super) fn content(&self) -> Option<KeptContent> {
        self.object.as_ref().map(|object| KeptContent {
            pieces: object.content.iter().map(PieceV1::read).collect(),
            etag: object.etag,
            parts: object.parts.iter().map(|part| part.bytes).collect(),
        })
    }

    pub(super) fn read(self, order: Sequencer, files: &mut Earlier) -> Result<Version, Unreadable> {
        let entry = match self.object {
            Some(object) => Entry::Object(Arc::new(object.read(files)?)),
            None => Entry::DeleteMarker,
        };
        let id = self.id.unwrap_or("null");
        Ok(Version {
            id: VersionId::parse(id).map_err(|_| unreadable(format!("`{id}` is no version")))?,
            modified: Timestamp::from_unix_nanos(self.modified),
            entry,
            tags: tags(Tagged::Object, self.tags)?,
            order,
        })
    }
}

impl<'a> UploadV1<'a> {
    pub(super) fn of(upload: &'a Upload) -> Self {
        Self {
            id: upload.id.as_str(),
            initiated: upload.initiated.as_unix_nanos(),
            attributes: AttributesV1::of(&upload.attributes),
            tags: tags_v1(&upload.tags),
            checksum: upload.checksum.map(|(algorithm, kind)| (algorithm.name(), kind.name())),
        }
    }

    pub(super) fn read(self, order: Sequencer) -> Result<Upload, Unreadable> {
        let checksum = self.checksum.map(|(algorithm_name, kind)| {
            let kind = ChecksumType::parse(kind).ok_or_else(|| unreadable(format!("`{kind}` is no type")))?;
            Ok((algorithm(algorithm_name)?, kind))
        });
        Ok(Upload {
            id: UploadId::new(self.id),
            initiated: Timestamp::from_unix_nanos(self.initiated),
            attributes: self.attributes.read()?,
            tags: tags(Tagged::Object, self.tags)?,
            checksum: checksum.transpose()?,
            parts: BTreeMap::new(),
            order,
        })
    }
}

impl<'a> PartV1<'a> {
    pub(super) fn of(part: &'a Part) -> Self {
        Self {
            content: pieces(&part.content),
            etag: part.etag.to_raw(),
            checksum: ChecksumV1::of(&part.checksum),
            modified: part.modified.as_unix_nanos(),
        }
    }

    /// Where its content is.
    pub(super) fn content(&self) -> KeptContent {
        let pieces = self.content.iter().map(PieceV1::read).collect();
        KeptContent { pieces, etag: self.etag, parts: Vec::new() }
    }

    pub(super) fn read(self, files: &mut Earlier) -> Result<Part, Unreadable> {
        Ok(Part {
            content: content(&self.content, files)?,
            etag: ETag::from_raw(self.etag),
            checksum: self.checksum.read()?,
            modified: Timestamp::from_unix_nanos(self.modified),
        })
    }
}

impl<'a> ObjectV1<'a> {
    fn of(object: &'a Object) -> Self {
        let part = |part: &'a ObjectPart| ObjectPartV1 {
            number: part.number,
            bytes: part.bytes,
            checksum: part.checksum.as_ref().map(ChecksumV1::of),
        };
        Self {
            content: pieces(&object.content),
            etag: object.etag.to_raw(),
            checksum: object.checksum.as_ref().map(ChecksumV1::of),
            parts: object.parts.iter().map(part).collect(),
            attributes: AttributesV1::of(&object.attributes),
        }
    }

    fn read(self, files: &mut Earlier) -> Result<Object, Unreadable> {
        let part = |part: ObjectPartV1<'_>| {
            let checksum = part.checksum.map(ChecksumV1::read).transpose()?;
            Ok(ObjectPart { number: part.number, bytes: part.bytes, checksum })
        };
        let (content, bytes) =
            (content(&self.content, files)?, sum(self.parts.iter().map(|part| part.bytes))?);
        if !self.parts.is_empty() && bytes != content.bytes() {
            return Err(unreadable("its parts are not its content"));
        }
        Ok(Object {
            content,
            etag: ETag::from_raw(self.etag),
            checksum: self.checksum.map(ChecksumV1::read).transpose()?,
            parts: self.parts.into_iter().map(part).collect::<Result<_, _>>()?,
            attributes: self.attributes.read()?,
        })
    }
}

impl PieceV1 {
    fn of(KeptPiece { file: FileName { shelf, number }, start, bytes }: KeptPiece) -> Self {
        Self { shelf, number, start, bytes }
    }

    fn read(&self) -> KeptPiece {
        let &Self { shelf, number, start, bytes } = self;
        KeptPiece { file: FileName { shelf, number }, start, bytes }
    }
}

impl<'a> ChecksumV1<'a> {
    fn of(checksum: &'a Checksum) -> Self {
        Self { algorithm: checksum.algorithm.name(), value: checksum.to_string() }
    }

    fn read(self) -> Result<Checksum, Unreadable> {
        let checksum = Checksum::parse(algorithm(self.algorithm)?, &self.value);
        checksum.ok_or_else(|| unreadable(format!("`{}` is no checksum", self.value)))
    }
}

impl<'a> AttributesV1<'a> {
    fn of(attributes: &'a Attributes) -> Self {
        Self {
            cache_control: attributes.cache_control.as_deref(),
            content_disposition: attributes.content_disposition.as_deref(),
            content_encoding: attributes.content_encoding.as_deref(),
            content_language: attributes.content_language.as_deref(),
            content_type: attributes.content_type.as_deref(),
            expires: attributes.expires.map(Timestamp::as_unix_nanos),
            website_redirect: attributes.website_redirect.as_deref(),
            metadata: attributes.metadata.iter().map(|(name, value)| (&**name, &**value)).collect(),
            storage_class: attributes.storage_class.name(),
            encryption: EncryptionV1::of(&attributes.encryption),
        }
    }

    fn read(self) -> Result<Attributes, Unreadable> {
        let class = self.storage_class;
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(Attributes {
            cache_control: self.cache_control.map(Box::from),
            content_disposition: self.content_disposition.map(Box::from),
            content_encoding: self.content_encoding.map(Box::from),
            content_language: self.content_language.map(Box::from),
            content_type: self.content_type.map(Box::from),
            expires: self.expires.map(Timestamp::from_unix_nanos),
            website_redirect: self.website_redirect.map(Box::from),
            metadata: self.metadata.into_iter().map(owned).collect(),
            storage_class: StorageClass::parse(class)
                .ok_or_else(|| unreadable(format!("`{class}` is no storage class")))?,
            encryption: self.encryption.read(),
        })
    }
}

impl EncryptionV1 {
    pub(super) fn of(encryption: &Encryption) -> Self {
        match encryption {
            Encryption::S3 => Self::S3,
            Encryption::Kms { key, dual_layer, bucket_key } => Self::Kms {
                key: key.as_deref().map(str::to_owned),
                dual_layer: *dual_layer,
                bucket_key: *bucket_key,
            },
        }
    }

    pub(super) fn read(self) -> Encryption {
        match self {
            Self::S3 => Encryption::S3,
            Self::Kms { key, dual_layer, bucket_key } => {
                Encryption::Kms { key: key.map(String::into_boxed_str), dual_layer, bucket_key }
            }
        }
    }
}

pub(super) fn tags_v1(tags: &Tags) -> TagsV1 {
    tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

pub(super) fn tags(tagged: Tagged, tags: TagsV1) -> Result<Tags, Unreadable> {
    Tags::new(tagged, tags).map_err(|refusal| unreadable(refusal.to_string()))
}

fn pieces(content: &Content) -> Vec<PieceV1> {
    content.pieces().map(PieceV1::of).collect()
}

fn content(pieces: &[PieceV1], files: &mut Earlier) -> Result<Content, Unreadable> {
    sum(pieces.iter().map(|piece| piece.bytes))?;
    Ok(files.content(pieces.iter().map(PieceV1::read)))
}

fn sum(sizes: impl IntoIterator<Item = u64>) -> Result<u64, Unreadable> {
    let sum = sizes.into_iter().try_fold(0_u64, u64::checked_add);
    sum.ok_or_else(|| unreadable("it is larger than anything can be"))
}

fn algorithm(name: &str) -> Result<ChecksumAlgorithm, Unreadable> {
    ChecksumAlgorithm::parse(name).ok_or_else(|| unreadable(format!("`{name}` is no checksum's algorithm")))
}
