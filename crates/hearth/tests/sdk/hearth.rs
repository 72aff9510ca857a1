//! A world of its own for each test, and clients for it.

use std::{fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use aws_sdk_lambda::{
    config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig},
    primitives::Blob,
};
use aws_types::SdkConfig;
use hearth::{World, WorldOptions, manifest::Manifest};
use hearth_services::lambda::{Code, package};
use tokio::task::JoinSet;

/// A running world without any function; it ends with this.
pub(crate) struct Hearth {
    address: SocketAddr,
    _world: World,
    _serving: JoinSet<()>,
}

impl Hearth {
    pub(crate) async fn start() -> Self {
        let options = WorldOptions {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            // Compiled once for all tests.
            cache_folder: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("hearth-cache")),
            max_environments: Some(32),
            ..WorldOptions::default()
        };
        let mut world = World::start(&Manifest::default(), options).await.unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(world.serve(std::future::pending::<()>(), Duration::ZERO).unwrap());
        Self { address: world.address().unwrap(), _world: world, _serving: serving }
    }

    /// What clients of all services are made with: account 000000000000 in us-east-1. Errors are seen at once, instead of
    /// after the SDK's own retries.
    pub(crate) fn sdk(&self) -> SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "tests");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(format!("http://{}", self.address))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .build()
    }

    pub(crate) fn lambda(&self) -> aws_sdk_lambda::Client {
        aws_sdk_lambda::Client::new(&self.sdk())
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.sdk())
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.sdk())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A sample of Hearth's as a zip.
pub(crate) fn sample(name: &str) -> Blob {
    let wasm = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../functions/{name}/{name}.wasm"));
    assert!(fs::exists(&wasm).unwrap(), "there is no sample `{name}`");
    Blob::new(Code::of(Arc::new(package::read(&wasm).unwrap())).zip())
}
