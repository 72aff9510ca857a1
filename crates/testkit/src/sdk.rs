//! Clients of the AWS SDK.

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::{SdkConfig, region::Region, sdk_config::RetryConfig};

use crate::hearth::Hearth;

impl Hearth {
    /// What clients of any service are made with: account 000000000000 in us-east-1. Errors are seen at once: nothing is tried
    /// again by the client.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "hearth");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(self.url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .build()
    }

    /// A client of AWS Lambda.
    #[cfg(feature = "lambda")]
    #[must_use]
    pub fn lambda(&self) -> aws_sdk_lambda::Client {
        aws_sdk_lambda::Client::new(&self.sdk_config())
    }

    /// A client of Amazon S3. Buckets stand in the path.
    #[cfg(feature = "s3")]
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk_config()).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A client of Amazon SQS.
    #[cfg(feature = "sqs")]
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.sdk_config())
    }
}
