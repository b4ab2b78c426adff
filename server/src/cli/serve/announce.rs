//! What a server says once it listens.

use crate::{cli::output, compose::Composed, http};
use std::net::SocketAddr;
use url::Url;

/// Addresses beside the one for the pages.
pub(super) struct Also {
    pub figures: Option<SocketAddr>,
    pub grpc: Option<SocketAddr>,
}

/// Says where to go. Scripts look for `setup?secret=`.
pub(super) async fn announce(
    data: &Composed,
    addr: SocketAddr,
    public: Option<&Url>,
    also: Also,
) -> anyhow::Result<()> {
    if !http::has_site() {
        output::note(
            "This build carries no site: pages come without style and script. Build with: cargo xtask build",
        );
    }
    output::line(&format!("Fovea listens on http://{addr}"));
    if let Some(figures) = also.figures {
        output::line(&format!("Figures for Prometheus: http://{figures}/metrics"));
    }
    if let Some(grpc) = also.grpc {
        output::line(&format!("gRPC (Open Inference Protocol): {grpc}"));
    }
    let base =
        public.map_or_else(|| format!("http://{addr}"), |url| url.as_str().trim_end_matches('/').to_owned());
    if let Some(link) = data.service.people().setup_link(service::Anyone).await? {
        output::line(&format!(
            "There is no admin yet. Make the first account here (the link works once):\n{base}/setup?secret={}",
            link.secret
        ));
    }
    Ok(())
}
