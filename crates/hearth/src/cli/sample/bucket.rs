//! `hearth event s3`.

use clap::{Args, ValueEnum};
use hearth_model::{identity::Partition, time::Timestamp};
use hearth_services::s3::{BucketName, ObjectKey, SampleChange, SampleEvent, sample_test_event};

use crate::cli::error::CommandError;

/// What happened to an object, as a bucket tells it to a function or a queue.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hearth event s3 put                                          an object was put
  hearth event s3 put --bucket photos --key 'uploads/red cat.jpg' --size 24576
  hearth event s3 delete --key uploads/cat.jpg                 it was deleted
  hearth event s3 test --bucket photos                         what a queue gets when a rule for it is made
  hearth event s3 put | hearth invoke thumbnail -e -           straight to a function
  hearth event s3 put --send-to thumbnail                      on a running `hearth up`, as S3 does it")]
pub(super) struct S3 {
    /// What happened
    #[arg(value_name = "WHAT")]
    what: What,
    /// The bucket
    #[arg(long, value_name = "NAME", default_value = "photos", value_parser = bucket)]
    bucket: BucketName,
    /// The object's key, as it is [default: uploads/photo.jpg]
    #[arg(long, value_parser = key)]
    key: Option<ObjectKey>,
    /// How large the object is [default: 1024]
    #[arg(long, value_name = "BYTES")]
    size: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// An object was put
    Put,
    /// An object was posted with a form
    Post,
    /// An object was copied here
    Copy,
    /// An object was put together of the parts of an upload
    Multipart,
    /// An object was deleted for good
    Delete,
    /// An object was deleted in a bucket with versions
    DeleteMarker,
    /// A rule for a queue was made
    Test,
}

impl S3 {
    pub(super) fn event(self, partition: &Partition, now: Timestamp) -> Result<String, CommandError> {
        let Self { what, bucket, key, size } = self;
        let bytes = size.unwrap_or(1_024);
        let change = match what {
            What::Put => SampleChange::Put { bytes },
            What::Post => SampleChange::Post { bytes },
            What::Copy => SampleChange::Copy { bytes },
            What::Multipart => SampleChange::CompleteMultipartUpload { bytes },
            What::Delete | What::DeleteMarker | What::Test if size.is_some() => {
                return Err(CommandError::Usage("only an object that is there has a `--size`".to_owned()));
            }
            What::Delete => SampleChange::Delete,
            What::DeleteMarker => SampleChange::CreateDeleteMarker,
            What::Test if key.is_some() => {
                return Err(CommandError::Usage(
                    "a test event is about no object: it has no `--key`".to_owned(),
                ));
            }
            What::Test => return Ok(sample_test_event(&bucket, now)),
        };
        let key = key.unwrap_or_else(|| ObjectKey::parse("uploads/photo.jpg").expect("it is short"));
        Ok(SampleEvent { bucket, key, change }.document(partition, now))
    }
}

fn bucket(text: &str) -> Result<BucketName, String> {
    BucketName::parse(text).map_err(|refusal| refusal.to_string())
}

fn key(text: &str) -> Result<ObjectKey, String> {
    ObjectKey::parse(text).map_err(|_| "a key has 1 to 1,024 bytes".to_owned())
}
