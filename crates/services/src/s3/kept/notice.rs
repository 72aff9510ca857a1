//! Events of which nobody has been told yet, as they are written.

use hearth_model::{bucket_notification::Target, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::s3::notify::Notice;

#[derive(Serialize, Deserialize)]
pub(super) enum NoticeDocument<'a> {
    #[serde(borrow)]
    V1(NoticeV1<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct NoticeV1<'a> {
    target: TargetV1,
    arn: &'a str,
    document: &'a str,
    trace_header: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
enum TargetV1 {
    Function,
    Queue,
}

impl<'a> NoticeV1<'a> {
    pub(super) fn of(notice: &'a Notice) -> Self {
        Self {
            target: match notice.target {
                Target::Function => TargetV1::Function,
                Target::Queue => TargetV1::Queue,
            },
            arn: &notice.arn,
            document: &notice.document,
            trace_header: notice.trace_header.as_deref(),
        }
    }

    pub(super) fn read(self, id: u128, at: Timestamp) -> Notice {
        Notice {
            id,
            at,
            target: match self.target {
                TargetV1::Function => Target::Function,
                TargetV1::Queue => Target::Queue,
            },
            arn: self.arn.to_owned(),
            document: self.document.to_owned(),
            trace_header: self.trace_header.map(str::to_owned),
            change: None,
        }
    }
}
