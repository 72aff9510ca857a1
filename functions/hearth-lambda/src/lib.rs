#![doc = include_str!("../README.md")]

mod aws;
pub mod connections;
mod context;
mod error;
pub mod http;
#[doc(hidden)]
pub mod runtime;
pub mod s3;
pub mod sqs;
mod trace;

pub use context::Context;
pub use error::Error;

/// Generated from `wit/hearth-lambda.wit`; [`handler!`] is the way to it.
#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        world: "function",
        path: "../../wit",
        pub_export_macro: true,
        export_macro_name: "export_function",
        default_bindings_module: "hearth_lambda::bindings",
    });
}

/// Makes a function the handler of this component.
///
/// The handler is a `fn(T, &Context) -> Result<R, E>`, where `T` can be read from JSON
/// ([`serde::de::DeserializeOwned`]), `R` can be written as JSON ([`serde::Serialize`]), and `E` becomes an [`Error`]:
/// every error type of Rust does.
///
/// With `init = function`, a `fn() -> Result<(), E>`, that function runs once per environment, before the first event.
///
/// ```
/// use std::{io, sync::OnceLock};
///
/// use hearth_lambda::{Context, Error, handler};
/// use serde_json::{Value, json};
///
/// static GREETING: OnceLock<String> = OnceLock::new();
///
/// fn load() -> io::Result<()> {
///     let greeting = std::fs::read_to_string("/var/task/greeting.txt")?;
///     GREETING.get_or_init(|| greeting);
///     Ok(())
/// }
///
/// fn greet(event: Value, context: &Context) -> Result<Value, Error> {
///     let name = event["name"].as_str().ok_or_else(|| Error::new("ValidationError", "the event has no `name`"))?;
///     Ok(json!({ "greeting": GREETING.get(), "name": name, "request": context.request_id }))
/// }
///
/// handler!(greet, init = load);
/// ```
#[macro_export]
macro_rules! handler {
    ($handle:path) => {
        $crate::handler!(@export $handle, || ::core::result::Result::<(), $crate::Error>::Ok(()));
    };
    ($handle:path, init = $init:path) => {
        $crate::handler!(@export $handle, $init);
    };
    (@export $handle:path, $init:expr) => {
        const _: () = {
            struct Function;

            impl $crate::bindings::exports::hearth::lambda::handler::Guest for Function {
                fn init(
                    _handler: ::std::string::String,
                ) -> ::core::result::Result<(), $crate::bindings::exports::hearth::lambda::handler::FunctionError>
                {
                    $crate::runtime::init($init)
                }

                fn handle(
                    event: ::std::vec::Vec<u8>,
                    context: $crate::bindings::exports::hearth::lambda::handler::Context,
                ) -> ::core::result::Result<
                    ::std::vec::Vec<u8>,
                    $crate::bindings::exports::hearth::lambda::handler::FunctionError,
                > {
                    $crate::runtime::handle($handle, &event, context)
                }
            }

            $crate::bindings::export_function!(Function with_types_in $crate::bindings);
        };
    };
}
