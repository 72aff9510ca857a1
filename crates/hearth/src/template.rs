//! What `hearth new` begins a project with.
//!
//! The sources are those of the samples in `functions/`, whose tests and builds are thereby those of the templates.
//! A project works before its first build: the sample's prebuilt `.wasm` lies where that build will put its own.

use std::borrow::Cow;

use hearth_model::identity::FunctionName;

/// A language, and the way functions are written in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Template {
    /// A component in Rust
    Rust,
    /// A WASI command in C
    C,
}

/// A file of a template. `{{name}}` stands for the function's name, `{{artifact}}` for what cargo makes of it.
struct File {
    path: &'static str,
    content: &'static [u8],
}

macro_rules! file {
    ($path:literal, $source:literal) => {
        File { path: $path, content: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $source)) }
    };
}

const RUST: &[File] = &[
    file!("hearth.toml", "templates/rust/hearth.toml.template"),
    file!("README.md", "templates/rust/README.md.template"),
    file!("Cargo.toml", "templates/rust/Cargo.toml.template"),
    file!(".cargo/config.toml", "templates/rust/config.toml.template"),
    file!("src/lib.rs", "../../functions/hello/src/lib.rs"),
    file!("events/hello.json", "../../functions/hello/events/hello.json"),
    file!("target/wasm32-wasip2/release/{{artifact}}.wasm", "../../functions/hello/hello.wasm"),
    file!("hearth-lambda/Cargo.toml", "templates/rust/hearth-lambda.toml.template"),
    file!("hearth-lambda/README.md", "../../functions/hearth-lambda/README.md"),
    file!("hearth-lambda/src/lib.rs", "../../functions/hearth-lambda/src/lib.rs"),
    file!("hearth-lambda/src/aws.rs", "../../functions/hearth-lambda/src/aws.rs"),
    file!("hearth-lambda/src/connections.rs", "../../functions/hearth-lambda/src/connections.rs"),
    file!("hearth-lambda/src/context.rs", "../../functions/hearth-lambda/src/context.rs"),
    file!("hearth-lambda/src/error.rs", "../../functions/hearth-lambda/src/error.rs"),
    file!("hearth-lambda/src/http.rs", "../../functions/hearth-lambda/src/http.rs"),
    file!("hearth-lambda/src/runtime.rs", "../../functions/hearth-lambda/src/runtime.rs"),
    file!("hearth-lambda/src/s3.rs", "../../functions/hearth-lambda/src/s3.rs"),
    file!("hearth-lambda/src/sqs.rs", "../../functions/hearth-lambda/src/sqs.rs"),
    file!("hearth-lambda/src/trace.rs", "../../functions/hearth-lambda/src/trace.rs"),
    file!("hearth-lambda/wit/hearth-lambda.wit", "../../wit/hearth-lambda.wit"),
];

const C: &[File] = &[
    file!("hearth.toml", "templates/c/hearth.toml.template"),
    file!("README.md", "templates/c/README.md.template"),
    file!("{{name}}.c", "../../functions/hello-command/hello-command.c"),
    file!("events/hello.json", "../../functions/hello-command/events/hello.json"),
    file!("{{name}}.wasm", "../../functions/hello-command/hello-command.wasm"),
];

/// Names that the project's own crate cannot have, because its dependencies have them.
const CRATES: [&str; 5] = ["hearth-lambda", "serde", "serde_json", "wasip2", "wit-bindgen"];

impl Template {
    /// Why a function of this name cannot begin with this template.
    pub(crate) fn refuse(self, name: &FunctionName) -> Option<&'static str> {
        let name = name.as_str();
        match self {
            Self::Rust if !name.starts_with(|first: char| first.is_ascii_alphabetic()) => {
                Some("a Rust crate's name begins with a letter")
            }
            Self::Rust if CRATES.contains(&name) => Some("a crate that the project needs has this name"),
            Self::Rust | Self::C => None,
        }
    }

    /// The files of a project with one function: path, with `/`, and content.
    pub(crate) fn files(self, name: &FunctionName) -> impl Iterator<Item = (String, Cow<'static, [u8]>)> {
        let files = match self {
            Self::Rust => RUST,
            Self::C => C,
        };
        let name = name.as_str().to_owned();
        let artifact = name.replace('-', "_");
        let fill = move |text: &str| text.replace("{{name}}", &name).replace("{{artifact}}", &artifact);
        files.iter().map(move |file| {
            let content = match std::str::from_utf8(file.content) {
                Ok(text) => Cow::Owned(fill(&relocated(file.path, text)).into_bytes()),
                Err(_) => Cow::Borrowed(file.content),
            };
            (fill(file.path), content)
        })
    }
}

/// The guest crate finds its WIT package beside itself, and not at the root of Hearth's checkout.
fn relocated<'t>(path: &str, text: &'t str) -> Cow<'t, str> {
    match path {
        "hearth-lambda/src/lib.rs" => Cow::Owned(text.replace("\"../../wit\"", "\"wit\"")),
        "hearth-lambda/README.md" => Cow::Owned(text.replace("[Hearth](../../README.md)", "Hearth")),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::manifest::Manifest;

    fn name(text: &str) -> FunctionName {
        FunctionName::parse(text).expect(text)
    }

    #[test]
    fn manifests_are_right_and_name_what_is_there() {
        for template in [Template::Rust, Template::C] {
            let files: Vec<_> = template.files(&name("my-function")).collect();
            let content = |path: &str| {
                let file = files.iter().find(|(known, _)| known == path);
                &file.unwrap_or_else(|| panic!("{template:?} has no {path}")).1
            };
            let text = String::from_utf8(content("hearth.toml").to_vec()).expect("text");
            let manifest = Manifest::parse(Path::new("hearth.toml"), text).expect("a manifest");
            let code = &manifest.function("my-function").expect("declared").code.path;
            assert!(content(code.to_str().expect("text")).starts_with(b"\0asm"));
            assert!(serde_json::from_slice::<serde_json::Value>(content("events/hello.json")).is_ok());
        }
    }

    #[test]
    fn no_placeholder_is_left() {
        for template in [Template::Rust, Template::C] {
            for (path, content) in template.files(&name("a")) {
                assert!(!path.contains("{{"), "{path}");
                let text = String::from_utf8_lossy(&content);
                assert!(!text.contains("{{name}}") && !text.contains("{{artifact}}"), "{path}");
                assert!(!text.contains("../.."), "{path} points out of the project");
            }
        }
    }

    #[test]
    fn the_guest_crate_is_complete() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/hearth-lambda/src");
        let there: BTreeSet<String> = fs::read_dir(source)
            .expect("the guest crate")
            .map(|entry| format!("hearth-lambda/src/{}", entry.expect("an entry").file_name().display()))
            .collect();
        let name = name("a");
        let files = Template::Rust.files(&name).map(|(path, _)| path);
        let embedded: BTreeSet<String> =
            files.filter(|path| path.starts_with("hearth-lambda/src/")).collect();
        assert_eq!(embedded, there);
    }

    #[test]
    fn names_that_cargo_refuses_are_refused_before() {
        assert!(Template::Rust.refuse(&name("1st")).is_some());
        assert!(Template::Rust.refuse(&name("serde")).is_some());
        assert!(Template::Rust.refuse(&name("hello-world_2")).is_none());
        assert!(Template::C.refuse(&name("1st")).is_none());
    }
}
