//! Hearth put together in this process, as `hearth up` does it, for what no manifest can ask for.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hearth_engine::{
    Engine, EngineOptions, Function,
    clock::Clock,
    package::{Package, PackageFile, PackagePath},
    port::Sandbox,
};
use hearth_gateway::{Entrance, Gateway, Listener};
use hearth_model::{
    function::{FunctionConfiguration, Timeout},
    identity::{FunctionName, Partition},
    limits,
    pool::PoolPolicy,
};
use hearth_sandbox::{SandboxOptions, WasmSandbox};
use hearth_services::Services;

use crate::guest;

/// An engine with one function, `echo`.
pub(crate) struct Assembly {
    pub(crate) engine: Arc<Engine>,
    pub(crate) function: Arc<Function>,
    services: Arc<Services>,
}

impl Assembly {
    /// Puts it together around a sandbox; each account may have that many concurrent executions.
    ///
    /// # Errors
    /// If the function cannot be deployed.
    pub(crate) async fn new(
        sandbox: Arc<dyn Sandbox>,
        pool: PoolPolicy,
        concurrency: u32,
    ) -> io::Result<Self> {
        let options = EngineOptions { pool, account_concurrency: concurrency, ..EngineOptions::default() };
        let engine = Engine::new(options, sandbox, Clock::real());
        let services = Services::new(Arc::clone(&engine));
        let name = FunctionName::parse("echo").expect("it follows the pattern");
        let timeout = Timeout::try_from(*limits::TIMEOUT_S.end()).expect("it is the longest");
        let configuration = FunctionConfiguration { timeout, ..FunctionConfiguration::new(name) };
        let deployed =
            services.functions().deploy(&Partition::default(), configuration, package(), Vec::new()).await;
        let function = deployed.map_err(io::Error::other)?;
        Ok(Self { engine, function, services })
    }

    /// Answers requests on a free port of the loopback address until the process is ended. `ready` learns the port.
    ///
    /// # Errors
    /// If no port is to be had.
    pub(crate) async fn serve(self, ready: impl FnOnce(u16) -> io::Result<()>) -> io::Result<()> {
        let listener =
            Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(io::Error::other)?;
        ready(listener.address().port())?;
        let entrance = Entrance::to(Gateway::new(self.services));
        listener.serve(entrance, std::future::pending(), Duration::ZERO).await;
        Ok(())
    }
}

/// A sandbox for that many live environments, with a cache for compiled code.
///
/// # Errors
/// If the address space cannot be had.
pub(crate) fn sandbox(max_environments: u32, cache_folder: PathBuf) -> io::Result<WasmSandbox> {
    let options =
        SandboxOptions { cache_folder: Some(cache_folder), max_environments, ..SandboxOptions::default() };
    WasmSandbox::new(options).map_err(io::Error::other)
}

/// A policy by which environments end with the invocation that made them, as fast as the machine makes them.
pub(crate) fn nothing_is_reused() -> PoolPolicy {
    PoolPolicy { idle_lifetime: Duration::ZERO, scaling_burst: u32::MAX, ..PoolPolicy::default() }
}

/// The code of `echo`.
pub(crate) fn package() -> Arc<Package> {
    let path = PackagePath::parse("echo.wasm").expect("it is relative");
    let file = PackageFile { content: Bytes::from(guest::component(0)) };
    Arc::new(Package::new(BTreeMap::from([(path, file)])).expect("one file is no folder"))
}
