//! `fovea worker`.

use super::{global::GlobalOptions, output, serve::stop_signal};
use crate::{background::BackgroundHealth, courier::HttpCourier, jobs};
use clap::Args;
use tokio_util::sync::CancellationToken;

/// Does background work only; run as many as you like beside `fovea serve`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  fovea worker --database-url postgres://fovea@db/fovea --storage-url s3://fovea"
)]
pub(super) struct Worker {
    /// Webhooks may be at private and local addresses.
    #[arg(long, env = "FOVEA_ALLOW_PRIVATE_WEBHOOKS")]
    allow_private_webhooks: bool,
    /// Days that the log of acts is kept; 0 for ever.
    #[arg(long, default_value_t = service::AUDIT_DAYS, value_name = "DAYS", env = "FOVEA_AUDIT_DAYS")]
    audit_days: u32,
}

impl Worker {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let data = global.open().await?;
        let shutdown = CancellationToken::new();
        let stopping = shutdown.clone();
        tokio::spawn(async move {
            stop_signal().await;
            stopping.cancel();
        });
        output::line("Waiting for work.");
        let courier = HttpCourier { allow_private: self.allow_private_webhooks };
        let health = BackgroundHealth::default();
        let worked = jobs::run(data.clone(), courier, self.audit_days, health, shutdown).await;
        data.store.close().await?;
        worked
    }
}
