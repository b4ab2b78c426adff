//! How often one address may try to sign in. Of IPv6 a whole network counts as
//! one: whoever has an address has 2^64 of them.

use crate::http::{base_path::at, forwarded};
use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};
use http::Request as HttpRequest;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tower_governor::{
    GovernorError, GovernorLayer, governor::GovernorConfigBuilder, key_extractor::KeyExtractor,
};

/// Tries at once.
const BURST: u32 = 20;
/// One more try comes back after this.
const PERIOD: Duration = Duration::from_secs(3);

/// The address that counts: the peer's, or behind a trusted proxy the one
/// that the proxy added last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress {
    /// Whether `X-Forwarded-For` or `Forwarded` is written by a proxy of ours.
    pub trust_proxy: bool,
}

impl ClientAddress {
    /// Without a known peer (in tests) all share one address.
    pub(super) fn of<T>(self, request: &HttpRequest<T>) -> IpAddr {
        let forwarded = || forwarded::client(request.headers());
        let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = if self.trust_proxy { forwarded().or_else(peer) } else { peer() };
        address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl KeyExtractor for ClientAddress {
    type Key = IpAddr;

    fn extract<T>(&self, request: &HttpRequest<T>) -> Result<IpAddr, GovernorError> {
        Ok(service::network(self.of(request)))
    }
}

/// Where a request to sign in comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct ComesFrom(pub IpAddr);

/// Puts the limit before `routes`. Who is over it lands on the sign-in page,
/// which says so.
pub(super) fn limited<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    client: ClientAddress,
) -> Router<S> {
    let config =
        GovernorConfigBuilder::default().period(PERIOD).burst_size(BURST).key_extractor(client).finish();
    let Some(config) = config.map(Arc::new) else { return routes };
    let limiter = Arc::clone(config.limiter());
    let forget_old = middleware::from_fn(move |mut request: Request, next: Next| {
        // Addresses that have not tried lately need no memory.
        limiter.retain_recent();
        let from = ComesFrom(client.of(&request));
        request.extensions_mut().insert(from);
        next.run(request)
    });
    let layer = GovernorLayer::new(config).error_handler(refused);
    routes.layer(layer).layer(forget_old)
}

fn refused(error: GovernorError) -> Response {
    let GovernorError::TooManyRequests { wait_time, .. } = error else {
        return error.into_response().map(axum::body::Body::from);
    };
    let mut response = Redirect::to(&at("/sign-in?error=limited")).into_response();
    response.headers_mut().insert(http::header::RETRY_AFTER, wait_time.into());
    response
}
