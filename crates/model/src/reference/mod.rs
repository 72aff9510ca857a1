//! How callers of the API name functions, versions and aliases.
//!
//! | form | example |
//! | --- | --- |
//! | name | `orders`, `orders:live` |
//! | partial ARN | `123456789012:function:orders`, `123456789012:function:orders:7` |
//! | ARN | `arn:aws:lambda:eu-west-1:123456789012:function:orders:$LATEST` |
//!
//! A second place for the qualifier is the `Qualifier` parameter; if both are given, they must be the same.
//!
//! Source: the API's published model (2015-03-31), and which of the patterns' odd cases AWS accepts in recorded answers.

mod function;
mod qualifier;
mod shape;

pub use function::{FunctionReference, InvalidReference};
pub use qualifier::{AliasName, Qualifier};
pub use shape::NameShape;
