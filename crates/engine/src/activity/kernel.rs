//! Quiet while both ends of a connection are in this process, and what goes from one to the other is in the kernel's hands.
//!
//! What is sent to this machine is delivered before the sending returns, and the kernel tells of deliveries in their order. So
//! once nothing is busy, a datagram is sent to oneself: when that has come, whoever was to be woken by something earlier has been.
//! That is as certain as the order of the kernel's news, which no system promises across its processors, and wasmtime's sockets
//! connect and send in tasks of their own, which nobody watches either. Hence several times: it is likely then, and not certain.
//!
//! All of it runs in a task that nobody watches, because a watched one would be busy by asking.

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, atomic::Ordering},
};

use tokio::{net::UdpSocket, task::JoinSet};

use super::{Shared, Waiting};

/// Datagrams that come in a row without anything having happened.
const TURNS: usize = 8;

/// Waits until nothing is busy, and nothing is on its way. Cancel safe.
pub(super) async fn quiet(shared: &Arc<Shared>) {
    let mut asking = JoinSet::new();
    let shared = Arc::clone(shared);
    asking.spawn(async move {
        let _waiting = Waiting::new(&shared);
        loop {
            shared.not_busy().await;
            let begun = shared.begun.load(Ordering::SeqCst);
            // A machine that has no socket left cannot be asked.
            let asked = turns().await;
            let nothing_began = shared.begun.load(Ordering::SeqCst) == begun;
            if asked.is_err() || (nothing_began && shared.busy.all() == 0) {
                return;
            }
        }
    });
    asking.join_next().await;
}

async fn turns() -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let own = socket.local_addr()?;
    for _ in 0..TURNS {
        // Nothing is there: so that tokio asks the kernel again, and does not go by what it heard before.
        let _nothing = socket.try_recv_from(&mut [0]);
        socket.send_to(&[0], own).await?;
        socket.recv_from(&mut [0]).await?;
    }
    Ok(())
}
