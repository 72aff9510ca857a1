//! Name resolution: only names that the manifest opens, and whose addresses may then be connected to.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use hearth_model::network::Destination;
use parking_lot::Mutex;
use wasmtime::{
    Result,
    component::{HasData, Resource},
};
use wasmtime_wasi::{
    p2::{
        SocketError,
        bindings::sockets::{
            ip_name_lookup::{Host, HostResolveAddressStream, ResolveAddressStream},
            network::{self, ErrorCode, IpAddress, Network},
        },
    },
    sockets::WasiSocketsCtxView,
};
use wasmtime_wasi_io::{bindings::wasi::io::error::Error, poll::DynPollable};

use super::State;

/// Addresses that are remembered; a guest that has looked up more looks up again.
const MOST_REMEMBERED: usize = 256;

/// What a guest may look up, and what it has.
pub(super) struct Names {
    open: Arc<[Destination]>,
    /// The names behind streams of addresses that the guest has open.
    asked: HashMap<u32, String>,
    known: Known,
}

/// Names with addresses that were found for them, the latest last.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<VecDeque<(String, IpAddr)>>>);

pub(super) struct NamesView<'a> {
    names: &'a mut Names,
    sockets: WasiSocketsCtxView<'a>,
}

impl Names {
    pub(super) fn new(open: &Arc<[Destination]>, known: Known) -> Self {
        Self { open: Arc::clone(open), asked: HashMap::new(), known }
    }

    pub(super) fn of(state: &mut State) -> NamesView<'_> {
        let sockets = WasiSocketsCtxView { ctx: state.wasi.sockets(), table: &mut state.table };
        NamesView { names: &mut state.names, sockets }
    }
}

impl HasData for Names {
    type Data<'a> = NamesView<'a>;
}

impl network::Host for NamesView<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> Result<ErrorCode> {
        self.sockets.convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<Error>) -> Result<Option<ErrorCode>> {
        self.sockets.network_error_code(error)
    }
}

impl network::HostNetwork for NamesView<'_> {
    fn drop(&mut self, network: Resource<Network>) -> Result<()> {
        network::HostNetwork::drop(&mut self.sockets, network)
    }
}

impl Host for NamesView<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        if !self.names.open.iter().any(|open| open.covers_name(&name)) {
            return Err(ErrorCode::AccessDenied.into());
        }
        let stream = self.sockets.resolve_addresses(network, name.clone())?;
        self.names.asked.insert(stream.rep(), name);
        Ok(stream)
    }
}

impl HostResolveAddressStream for NamesView<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let number = stream.rep();
        let address = self.sockets.resolve_next_address(stream)?;
        if let (Some(address), Some(name)) = (&address, self.names.asked.get(&number)) {
            self.names.known.remember(name, ip(address));
        }
        Ok(address)
    }

    fn subscribe(&mut self, stream: Resource<ResolveAddressStream>) -> Result<Resource<DynPollable>> {
        self.sockets.subscribe(stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> Result<()> {
        self.names.asked.remove(&stream.rep());
        HostResolveAddressStream::drop(&mut self.sockets, stream)
    }
}

fn ip(address: &IpAddress) -> IpAddr {
    match *address {
        IpAddress::Ipv4((a, b, c, d)) => [a, b, c, d].into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => [a, b, c, d, e, f, g, h].into(),
    }
}

impl Known {
    /// Whether an address was found for a name that is open at its port.
    pub(super) fn cover(&self, open: &[Destination], address: SocketAddr) -> bool {
        let found = self.0.lock();
        let mut names = found.iter().filter(|(_, known)| *known == address.ip().to_canonical());
        names.any(|(name, _)| open.iter().any(|open| open.covers_named(name, address.port())))
    }

    fn remember(&self, name: &str, address: IpAddr) {
        let mut found = self.0.lock();
        if found.iter().any(|(known, of_it)| known == name && *of_it == address) {
            return;
        }
        if found.len() == MOST_REMEMBERED {
            found.pop_front();
        }
        found.push_back((name.to_owned(), address));
    }
}
