//! What a guest can import, and the state behind it.
//!
//! Files, clocks, environment variables, standard streams, name resolution, connections to Hearth's endpoint and the bodies that guests
//! write are Hearth's own; randomness, terminals, exit and other sockets come from `wasmtime-wasi`, `wasi:io` from `wasmtime-wasi-io` and the rest of
//! `wasi:http` from `wasmtime-wasi-http`. A guest sees no file, variable or address of the host but what is put into its
//! [`State`].

mod clocks;
mod http;
mod names;
mod network;
mod process;
mod runtime;
mod sockets;

use std::sync::Arc;

use hearth_engine::{clock::Clock, port::NetworkPolicy};
use wasmtime::{
    Result,
    component::{HasData, Linker, ResourceTable},
};
use wasmtime_wasi::{
    WasiCtx, WasiCtxView, WasiView,
    cli::{WasiCli, WasiCliView},
    p2::bindings::{cli, clocks as wasi_clocks, random, sockets as wasi_sockets},
    random::WasiRandom,
    sockets::{WasiSockets, WasiSocketsView},
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

pub(crate) use self::process::{Capture, Input, Output, Variables};
use self::{
    clocks::Clocks,
    names::{Known, Names},
    network::OutboundHttp,
    process::Process,
    sockets::Wired,
};
use crate::{
    fs::{self, FileSystem, FileSystemView, HasFileSystem},
    memory::MemoryLimiter,
};

/// Resources that one guest may hold at once: streams, pollables, sockets, requests. Open files have a limit of their own.
const MAX_RESOURCES: usize = 16_384;

/// Everything behind one store.
pub(crate) struct State {
    pub(crate) files: FileSystem,
    pub(crate) memory: MemoryLimiter,
    table: ResourceTable,
    clock: Clock,
    process: Process,
    names: Names,
    wired: Wired,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: OutboundHttp,
}

/// What a [`State`] is made of.
pub(crate) struct Fittings {
    pub(crate) files: FileSystem,
    pub(crate) memory: MemoryLimiter,
    pub(crate) clock: Clock,
    pub(crate) variables: Arc<Variables>,
    pub(crate) stdin: Input,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    pub(crate) network: NetworkPolicy,
}

impl State {
    pub(crate) fn new(fittings: Fittings) -> Self {
        let Fittings { files, memory, clock, variables, stdin, stdout, stderr, network } = fittings;
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_RESOURCES);
        let known = Known::default();
        Self {
            files,
            memory,
            table,
            process: Process { variables, stdin, stdout, stderr },
            wired: Wired::new(&network),
            wasi: network::wasi(&network, &known),
            names: Names::new(&network.open, known),
            http: WasiHttpCtx::new(),
            outbound: OutboundHttp::new(&network, clock.clone()),
            clock,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

impl HasFileSystem for State {
    fn file_system(&mut self) -> FileSystemView<'_> {
        FileSystemView { table: &mut self.table, files: &mut self.files }
    }
}

/// `wasi:io` works on the resource table alone.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Adds everything that a guest may import.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    use wasmtime_wasi_io::bindings::wasi::io;

    let table: fn(&mut State) -> &mut ResourceTable = |state| &mut state.table;
    io::error::add_to_linker::<State, Io>(linker, table)?;
    io::poll::add_to_linker::<State, Io>(linker, table)?;
    io::streams::add_to_linker::<State, Io>(linker, table)?;

    wasi_clocks::wall_clock::add_to_linker::<State, Clocks>(linker, Clocks::of)?;
    wasi_clocks::monotonic_clock::add_to_linker::<State, Clocks>(linker, Clocks::of)?;

    fs::add_to_linker(linker)?;

    cli::environment::add_to_linker::<State, Process>(linker, Process::of)?;
    cli::stdin::add_to_linker::<State, Process>(linker, Process::of)?;
    cli::stdout::add_to_linker::<State, Process>(linker, Process::of)?;
    cli::stderr::add_to_linker::<State, Process>(linker, Process::of)?;
    cli::exit::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;

    random::random::add_to_linker::<State, WasiRandom>(linker, |state| state.wasi.random())?;
    random::insecure::add_to_linker::<State, WasiRandom>(linker, |state| state.wasi.random())?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(linker, |state| state.wasi.random())?;

    let options = wasi_sockets::network::LinkOptions::default();
    wasi_sockets::network::add_to_linker::<State, WasiSockets>(linker, &options, State::sockets)?;
    wasi_sockets::instance_network::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    wasi_sockets::ip_name_lookup::add_to_linker::<State, Names>(linker, Names::of)?;
    wasi_sockets::tcp_create_socket::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    wasi_sockets::tcp::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    sockets::add_to_linker(linker)?;
    wasi_sockets::udp_create_socket::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;
    wasi_sockets::udp::add_to_linker::<State, WasiSockets>(linker, State::sockets)?;

    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    http::add_to_linker(linker)?;
    runtime::add_to_linker(linker)
}
