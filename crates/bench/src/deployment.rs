//! Many functions: how long it takes to create them, to list them, and what they occupy.

use std::{collections::BTreeMap, io, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_engine::package::{Package, PackageFile, PackagePath};
use hearth_services::lambda::Code;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    figures::Target,
    load::{Client, Sample},
    process,
    server::{Ground, Server},
    stopwatch::Stopwatch,
};

/// A handler of a common size: 100 KB.
const CODE: &[u8] = include_bytes!("../../../functions/hello/hello.wasm");

/// What was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Deployment {
    /// How many functions were created, one after the other.
    pub(crate) functions: usize,
    /// The code of each, unzipped.
    pub(crate) code_bytes: usize,
    /// `CreateFunction` once the code has been compiled.
    pub(crate) created: Sample,
    /// `ListFunctions`, all pages of 50, in milliseconds.
    pub(crate) listed_ms: f64,
    /// What each function occupies, its code included.
    pub(crate) kib_each: f64,
}

/// Creates that many functions of the same code on a Hearth of its own, and lists them.
///
/// # Errors
/// If the server does not start, refuses something, or lists another number.
pub(crate) async fn measure(ground: Ground<'_>, functions: usize) -> io::Result<Deployment> {
    let server = Server::hearth(ground, false).await?;
    let mut client = Client::connect(server.address).await?;
    let upload = BASE64_STANDARD.encode(zip());
    // Compiles; what is measured is what comes after it.
    client.call(&create_request("first", &upload)).await?;

    let before = process::memory(server.process)?;
    let mut latencies = Vec::with_capacity(functions);
    for number in 0..functions {
        let request = create_request(&format!("function-{number}"), &upload);
        let since_sent = Stopwatch::start();
        client.call(&request).await?;
        latencies.push(since_sent.elapsed());
    }
    let after = process::memory(server.process)?;

    let since_first_page = Stopwatch::start();
    let mut own = 0;
    let mut marker = String::new();
    loop {
        let page: Value = serde_json::from_slice(client.call(list_request(&marker).as_bytes()).await?)?;
        let names = page["Functions"].as_array().into_iter().flatten().map(|listed| &listed["FunctionName"]);
        own += names.filter(|name| name.as_str().is_some_and(|name| name.starts_with("function-"))).count();
        match page["NextMarker"].as_str() {
            Some(next) => next.clone_into(&mut marker),
            None => break,
        }
    }
    let listed_ms = since_first_page.elapsed().as_secs_f64() * 1e3;
    server.end().await?;
    if own != functions {
        return Err(io::Error::other(format!("{functions} functions were created, and {own} are listed")));
    }
    Ok(Deployment {
        functions,
        code_bytes: CODE.len(),
        created: Sample::in_sequence(latencies),
        listed_ms,
        kib_each: process::each_kib(after.resident_kib.saturating_sub(before.resident_kib), functions),
    })
}

fn zip() -> Bytes {
    let path = PackagePath::parse("bootstrap").expect("it is relative");
    let file = PackageFile { content: Bytes::from_static(CODE) };
    let package = Package::new(BTreeMap::from([(path, file)])).expect("one file is no folder");
    Code::of(Arc::new(package)).zip()
}

fn create_request(name: &str, upload: &str) -> Vec<u8> {
    let document = json!({
        "FunctionName": name,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": "arn:aws:iam::000000000000:role/bench",
        "Code": { "ZipFile": upload },
    });
    let document = document.to_string();
    format!(
        "POST /2015-03-31/functions HTTP/1.1\r\n\
         host: localhost\r\n\
         content-type: application/json\r\n\
         content-length: {}\r\n\r\n{document}",
        document.len()
    )
    .into_bytes()
}

fn list_request(marker: &str) -> String {
    format!("GET /2015-03-31/functions?MaxItems=50&Marker={marker} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

impl Deployment {
    /// The figures beside what is wanted.
    pub(crate) fn targets(&self) -> [Target; 3] {
        let Self { functions, created, listed_ms, kib_each, .. } = self;
        [
            Target::new(
                "creating a function from compiled code",
                format!("{:.2} ms (p99: {:.2})", created.median_us / 1e3, created.p99_us / 1e3),
                "at most 5 ms",
            ),
            Target::new(
                "functions deployed and listed",
                format!("{functions}, listed in {listed_ms:.0} ms"),
                "1000",
            ),
            Target::new("each function, with its code", format!("{kib_each:.0} KiB"), "no target"),
        ]
    }
}
