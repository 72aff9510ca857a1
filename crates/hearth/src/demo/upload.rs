//! (2) An upload makes a thumbnail: a bucket, its event, and a handler that reads and writes over HTTP.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::timeline::{EventKind, Outcome};
use hearth_model::{
    bucket_notification::{EventPattern, Filter, Rule, Target},
    function::FunctionConfiguration,
    identity::Partition,
};
use hearth_services::s3::{Caller, NewBucket, NewNotification};
use http::{Method, StatusCode};

use super::{
    stage::{PHOTOGRAPH, Stage, THUMBNAIL, memory, unexpected},
    stages::Thumbnail,
};

/// What became of an upload.
pub(super) struct Upload {
    pub(super) photograph_bytes: usize,
    pub(super) thumbnail_bytes: usize,
    /// From the request to upload it until the function was done. It may begin before that request is answered.
    pub(super) took: Duration,
    /// What the handler took of that.
    pub(super) handler: Duration,
}

impl Upload {
    pub(super) const BUCKET: &str = "photos";
    pub(super) const PHOTOGRAPH: &str = "uploads/astronaut.jpg";
    pub(super) const THUMBNAIL: &str = "thumbnails/astronaut.jpg";

    pub(super) async fn play(stage: &mut Stage) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let configuration = Self::prepare(stage).await?;
        let engine = Arc::clone(stage.services().engine());
        let clock = engine.clock();

        let began = clock.now();
        Self::request(stage, Method::PUT, Self::PHOTOGRAPH, PHOTOGRAPH).await?;
        engine.work().idle().await;
        let took = clock.now() - began;

        let thumbnail = Self::request(stage, Method::GET, Self::THUMBNAIL, b"").await?;
        let last = engine.timeline().snapshot().into_iter().rev().find_map(|event| match event.kind {
            EventKind::Ended { outcome: Outcome::Success, duration, billed } => Some((duration, billed)),
            _ => None,
        });
        let (handler, billed) = last.ok_or_else(|| unexpected("upload", "the function did not run"))?;
        stage.pay(&configuration, billed);
        Ok(Self { photograph_bytes: PHOTOGRAPH.len(), thumbnail_bytes: thumbnail.len(), took, handler })
    }

    /// A bucket, and a function that gets the events of what is put into its `uploads/`.
    async fn prepare(stage: &Stage) -> Result<FunctionConfiguration, Box<dyn Error + Send + Sync>> {
        let (services, partition) = (stage.services(), Partition::default());
        let mut configuration = THUMBNAIL.configuration();
        configuration.memory = memory(Thumbnail::MEMORY_MIB);
        let (functions, package) = (services.functions(), THUMBNAIL.package());
        let function = functions.deploy(&partition, configuration, package, Vec::new()).await?;
        let owner = Caller::hearth(partition);
        services.buckets().create(&owner, Self::BUCKET, &NewBucket::default())?;
        let rule = Rule {
            id: "thumbnails".to_owned(),
            target: Target::Function,
            arn: function.arn().to_string(),
            events: EventPattern::parse("s3:ObjectCreated:*").into_iter().collect(),
            filter: Some(Filter { prefix: Some("uploads/".to_owned()), suffix: None }),
        };
        let new = NewNotification { rules: vec![rule], skip_validation: true };
        services.buckets().set_notification(&owner, Self::BUCKET, new)?;
        Ok(function.configuration())
    }

    async fn request(
        stage: &Stage,
        method: Method,
        key: &str,
        body: &'static [u8],
    ) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
        let path = format!("/{}/{key}", Self::BUCKET);
        let answer = stage.endpoint().send(method, &path, &[], Bytes::from_static(body)).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.into_body()),
            status => Err(unexpected("upload", &format!("{path} was answered with {status}"))),
        }
    }
}
