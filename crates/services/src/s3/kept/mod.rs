//! What of buckets survives the process: entries in the journal, and the buckets that they become again.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `s3.buckets` | bucket: what is set for it | the bucket's name |
//! | `s3.versions` | version: an object or a delete marker | the bucket's name, the key, the version's place among all |
//! | `s3.uploads` | upload that is under way | the bucket's name, the key, the upload's place among all |
//! | `s3.parts` | part of one | the same, the part's number |
//! | `s3.notices` | event of which nobody has been told yet | when it happened, its id |
//!
//! Content is in files beside the journal, which entries name: a file is on the disk before the entry is recorded, and goes when it is
//! kept that no entry names it. An event is recorded with the change that it tells of, and is there until its target
//! has recorded it: whatever ends the process, it comes at least once.
//!
//! All of it is kept where the journal has a folder, and nothing otherwise.

mod bucket;
mod inspection;
mod lifecycle;
mod notice;
mod object;
mod record;
mod restore;

use hearth_engine::journal::Stream;

const BUCKETS: Stream = Stream("s3.buckets");
const VERSIONS: Stream = Stream("s3.versions");
const UPLOADS: Stream = Stream("s3.uploads");
const PARTS: Stream = Stream("s3.parts");
const NOTICES: Stream = Stream("s3.notices");

/// The streams whose keys begin with the name of a bucket.
const OF_BUCKETS: [Stream; 3] = [VERSIONS, UPLOADS, PARTS];

pub use self::inspection::inspect_objects;
pub(super) use self::record::{Subject, Unrecorded};
