//! `fovea export`.

use super::{global::GlobalOptions, import::FormatWord, output};
use clap::Args;
use domain::{access::Actor, name::VersionRef};
use std::path::PathBuf;

/// Writes a dataset version as files; images are copied byte for byte.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea export --format yolo --dataset cells/v1 --out cells-yolo")]
pub(super) struct Export {
    /// The form of the annotations.
    #[arg(long, value_enum)]
    format: FormatWord,
    /// The dataset version.
    #[arg(long, value_name = "NAME/VERSION")]
    dataset: VersionRef,
    /// A folder that is empty or not there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Export {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let data = global.open().await?;
        data.service.export(&Actor::system(), &self.dataset, self.format.into(), &self.out).await?;
        data.store.close().await?;
        output::line(&format!("{} is in {}", self.dataset, self.out.display()));
        Ok(())
    }
}
