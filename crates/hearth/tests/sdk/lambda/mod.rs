//! Lambda.

mod errors;
mod functions;
mod invoke;

use std::time::Duration;

use aws_sdk_lambda::{
    Client,
    client::Waiters,
    operation::create_function::builders::CreateFunctionFluentBuilder,
    types::{FunctionCode, Runtime},
};

use crate::hearth::sample;

/// Nothing takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A function that is still to be created.
fn new_function(client: &Client, name: &str, code: &str) -> CreateFunctionFluentBuilder {
    client
        .create_function()
        .function_name(name)
        .runtime(Runtime::Providedal2023)
        .handler("bootstrap")
        .role("arn:aws:iam::000000000000:role/test")
        .code(FunctionCode::builder().zip_file(sample(code)).build())
}

/// Creates a function from one of the samples, and waits until it is active.
pub(crate) async fn deploy(client: &Client, name: &str, code: &str) {
    new_function(client, name, code).send().await.unwrap();
    client.wait_until_function_active_v2().function_name(name).wait(PATIENCE).await.unwrap();
}
