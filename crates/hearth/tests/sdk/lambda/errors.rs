//! Refusals, as the SDK's types.

use aws_sdk_lambda::{
    operation::{create_function::CreateFunctionError, invoke::InvokeError},
    primitives::Blob,
    types::{FunctionCode, Runtime, ThrottleReason},
};

use super::{deploy, new_function};
use crate::hearth::Hearth;

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_invocation_says_why() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "off", "echo").await;
    let none = client.put_function_concurrency().function_name("off").reserved_concurrent_executions(0);
    none.send().await.unwrap();
    let refused = client.invoke().function_name("off").send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 429);
    let InvokeError::TooManyRequestsException(throttled) = refused.into_service_error() else {
        panic!("another error")
    };
    assert_eq!(throttled.reason(), Some(&ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded));
    assert_eq!((throttled.message(), throttled.r#type()), (Some("Rate Exceeded."), Some("User")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_checked() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "echo", "echo").await;
    let invoke = |payload: Vec<u8>| client.invoke().function_name("echo").payload(Blob::new(payload)).send();
    let broken = invoke(b"{nope}".to_vec()).await.unwrap_err().into_service_error();
    assert!(broken.is_invalid_request_content_exception(), "{broken:?}");
    let large = invoke(vec![b'1'; 6_291_557]).await.unwrap_err().into_service_error();
    assert!(large.is_request_too_large_exception(), "{large:?}");

    let taken = new_function(&client, "echo", "echo").send().await.unwrap_err().into_service_error();
    let CreateFunctionError::ResourceConflictException(taken) = taken else { panic!("{taken:?}") };
    assert_eq!(taken.message(), Some("Function already exist: echo"));

    let not_a_zip = FunctionCode::builder().zip_file(Blob::new("print('hello')")).build();
    let refused = new_function(&client, "python", "echo").code(not_a_zip).send().await.unwrap_err();
    let refused = refused.into_service_error();
    assert!(refused.is_invalid_parameter_value_exception(), "{refused:?}");
    let unzip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    assert_eq!(refused.meta().message(), Some(unzip));

    let unknown = new_function(&client, "cobol", "echo").runtime(Runtime::from("cobol85")).send().await;
    assert_eq!(
        unknown.unwrap_err().into_service_error().meta().code(),
        Some("InvalidParameterValueException")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_revision_is_refused() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "orders", "echo").await;
    let change = client.update_function_configuration().function_name("orders").revision_id("stale");
    let refused = change.description("new").send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 412);
    assert!(refused.into_service_error().is_precondition_failed_exception());
}
