//! The arrows of docs/ARCHITECTURE.md: who may depend on whom.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The crates of the house and those of them that each may name.
const ARROWS: [(&str, &[&str]); 8] = [
    ("hearth-model", &[]),
    ("hearth-engine", &["hearth-model"]),
    ("hearth-sandbox", &["hearth-engine", "hearth-model"]),
    ("hearth-services", &["hearth-engine", "hearth-model"]),
    ("hearth-store", &["hearth-engine"]),
    ("hearth-gateway", &["hearth-services", "hearth-engine", "hearth-model"]),
    (
        "hearth",
        &[
            "hearth-gateway",
            "hearth-sandbox",
            "hearth-services",
            "hearth-store",
            "hearth-engine",
            "hearth-model",
        ],
    ),
    ("hearth-testkit", &["hearth", "hearth-sandbox", "hearth-engine", "hearth-model"]),
];

/// Measures the whole beside bare wasmtime. Nothing depends on it.
const BENCH: &str = "hearth-bench";

/// What the model may use: values, and nothing that does I/O.
const VALUES: [&str; 10] =
    ["base64", "bytes", "http", "jiff", "regex-lite", "serde", "serde_json", "slab", "thiserror", "uuid"];

/// Names that only the sandbox may know.
const SANDBOX_ONLY: [&str; 4] = ["wasmtime", "cranelift", "wasi-", "wit-component"];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata")
}

/// What a crate is made of; its tests and benchmarks may use more.
fn dependencies(package: &Package) -> impl Iterator<Item = &str> {
    let normal =
        package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    normal.map(|dependency| dependency.name.as_str())
}

#[test]
fn every_crate_has_its_place() {
    let metadata = metadata();
    let found: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let expected: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).chain([BENCH]).collect();
    assert_eq!(found, expected, "a new crate needs a place in docs/ARCHITECTURE.md and in this test");
}

#[test]
fn arrows_point_inward() {
    let metadata = metadata();
    let own: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    for package in metadata.packages.iter().filter(|package| package.name.as_str() != BENCH) {
        let allowed =
            ARROWS.iter().find(|(name, _)| *name == package.name.as_str()).map_or(&[][..], |(_, to)| to);
        for dependency in dependencies(package).filter(|dependency| own.contains(dependency)) {
            assert!(allowed.contains(&dependency), "{} must not depend on {dependency}", package.name);
        }
    }
}

#[test]
fn tests_of_the_inner_crates_need_no_wasmtime() {
    let metadata = metadata();
    let inner = ["hearth-model", "hearth-engine", "hearth-services"];
    for package in metadata.packages.iter().filter(|package| inner.contains(&package.name.as_str())) {
        let forbidden = |name: &str| is_sandbox_only(name) || name == "hearth-sandbox";
        let names = package.dependencies.iter().map(|dependency| dependency.name.as_str());
        let found: Vec<&str> = names.filter(|name| forbidden(name)).collect();
        assert!(found.is_empty(), "{}, tests included, must not need {found:?}", package.name);
    }
}

#[test]
fn only_the_sandbox_knows_wasmtime() {
    for package in &metadata().packages {
        if ["hearth-sandbox", BENCH].contains(&package.name.as_str()) {
            continue;
        }
        let known: Vec<&str> =
            dependencies(package).filter(|dependency| is_sandbox_only(dependency)).collect();
        assert!(known.is_empty(), "{} must not depend on {known:?}", package.name);
    }
}

#[test]
fn the_model_is_made_of_values() {
    let metadata = metadata();
    let model =
        metadata.packages.iter().find(|package| package.name.as_str() == "hearth-model").expect("it exists");
    let others: Vec<&str> = dependencies(model).filter(|dependency| !VALUES.contains(dependency)).collect();
    assert!(others.is_empty(), "the model must not depend on {others:?}: it does no I/O");
}

fn is_sandbox_only(dependency: &str) -> bool {
    SANDBOX_ONLY.iter().any(|prefix| dependency.starts_with(prefix))
}
