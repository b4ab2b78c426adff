//! What a server says once it listens.

use crate::{cli::output, compose::Composed, http};
use std::net::SocketAddr;
use url::Url;

/// Says where to go. Scripts look for `setup?secret=`.
pub(super) async fn announce(
    data: &Composed,
    addr: SocketAddr,
    public: Option<&Url>,
    figures: Option<SocketAddr>,
) -> anyhow::Result<()> {
    if !http::has_site() {
        output::note(
            "This build carries no site: pages come without style and script. Build with: cargo xtask build",
        );
    }
    output::line(&format!("Fovea listens on http://{addr}"));
    if let Some(figures) = figures {
        output::line(&format!("Figures for Prometheus: http://{figures}/metrics"));
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
