//! The address for gRPC.

use crate::{
    http::{self, AppState},
    listener::{self, Limits, Protocol},
};
use anyhow::Context as _;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Connections of gRPC: each of them carries many requests.
const CONNECTIONS: usize = 256;

/// The limits of the pages' address, and the socket for gRPC where one is
/// wanted.
///
/// # Errors
/// When its address cannot be listened on.
pub(super) async fn beside(
    limits: Limits,
    addr: Option<SocketAddr>,
) -> anyhow::Result<(Limits, Option<Listening>)> {
    let Some(addr) = addr else { return Ok((limits, None)) };
    let listener = TcpListener::bind(addr).await;
    let listener = listener.with_context(|| format!("{addr} cannot be listened on"))?;
    let addr = listener.local_addr()?;
    let (rest, limits) = shared(limits);
    Ok((rest, Some(Listening { listener, addr, limits })))
}

/// The limits of both addresses, which share the number of connections.
fn shared(limits: Limits) -> (Limits, Limits) {
    let for_grpc = (limits.connections / 4).clamp(1, CONNECTIONS);
    let rest = limits.connections.saturating_sub(for_grpc).max(1);
    (Limits { connections: rest, ..limits }, Limits { connections: for_grpc, for_health: 0, ..limits })
}

/// A socket that is bound.
pub(super) struct Listening {
    listener: TcpListener,
    addr: SocketAddr,
    limits: Limits,
}

impl Listening {
    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

/// Serves until the server stops, and then what is open to its end.
pub(super) async fn serve(at: Option<Listening>, state: AppState) {
    let Some(Listening { listener, limits, .. }) = at else { return };
    let shutdown = state.shutdown.clone();
    listener::serve_as(Protocol::Http2, listener, http::grpc_app(state), limits, shutdown).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_addresses_have_connections_and_together_no_more_than_there_may_be() {
        let check = |connections, expected| {
            let (pages, grpc) = shared(Limits { connections, ..Limits::default() });
            assert_eq!((pages.connections, grpc.connections), expected, "{connections}");
        };
        check(1024, (768, 256));
        check(8, (6, 2));
        check(10_000, (9_744, 256));
        check(1, (1, 1));
    }
}
