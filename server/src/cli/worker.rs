//! `fovea worker`.

use super::{WrongUse, global::GlobalOptions, output, serve::stop_signal};
use crate::{background::BackgroundHealth, jobs, messages::MessageOptions, trainers::TrainerOptions};
use clap::Args;
use engine::InferenceOptions;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Does background work only; run as many as you like beside `fovea serve`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  fovea worker --database-url postgres://fovea@db/fovea --storage-url s3://fovea"
)]
pub(super) struct Worker {
    #[command(flatten)]
    trainers: TrainerOptions,
    #[command(flatten)]
    messages: MessageOptions,
    /// Days that the log of acts is kept; 0 for ever.
    #[arg(long, default_value_t = service::AUDIT_DAYS, value_name = "DAYS", env = "FOVEA_AUDIT_DAYS")]
    audit_days: u32,
}

impl Worker {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let sender = Arc::new(self.messages.sender().map_err(WrongUse)?);
        global.open_device()?;
        let data = global.open_with(InferenceOptions::default(), &self.trainers).await?;
        let shutdown = CancellationToken::new();
        let stopping = shutdown.clone();
        tokio::spawn(async move {
            stop_signal().await;
            stopping.cancel();
        });
        output::line("Waiting for work.");
        let health = BackgroundHealth::default();
        let worked = jobs::run(data.clone(), sender, self.audit_days, health, shutdown).await;
        data.store.close().await?;
        worked
    }
}
