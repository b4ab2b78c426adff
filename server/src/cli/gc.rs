//! `fovea gc`.

use super::{WrongUse, global::GlobalOptions, output};
use crate::{clock::SystemClock, compose};
use clap::Args;
use domain::{time::Clock as _, words::counted};
use serde_json::json;
use store::{Act, By};

/// Removes files that no row names; a server may run meanwhile.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea gc --dry-run\n  fovea gc --database-url postgres://fovea@db/fovea --storage-url s3://pictures/fovea"
)]
pub(super) struct Gc {
    /// Only say what would be removed.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Gc {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        if global.names_a_server() {
            let message = "This command works on the data itself: leave --url (and FOVEA_URL) out.";
            return Err(WrongUse(message.to_owned()).into());
        }
        let location = global.location()?;
        compose::require_data(&location)?;
        let store = compose::open_store(&location).await?;
        let now = SystemClock.now();
        let cut_off: Vec<String> = if self.dry_run {
            let imports = store.datasets().imports().await?;
            imports.into_iter().filter(|import| import.until <= now).map(|import| import.name).collect()
        } else {
            compose::remove_copies(&location.data_dir);
            let by = By { actor: "system".to_owned(), person: "system".to_owned(), at: now };
            let act = Act::new(by, "dataset.discard", json!({ "reason": "import cut off" }));
            let discarded = store.datasets().discard_cut_off(&act).await?;
            store.files().sweep(now).await?;
            discarded
        };
        let collected = store.files().collect(now, self.dry_run).await?;
        store.close().await?;
        if self.json {
            return output::json(&json!({
                "files": collected.files, "bytes": collected.bytes, "dry_run": self.dry_run,
                "held_by_backup": collected.held, "discarded": cut_off,
            }));
        }
        for version in cut_off {
            let what = if self.dry_run { "would be discarded" } else { "is discarded" };
            output::line(&format!("{version} {what}: its import was cut off"));
        }
        let what = if self.dry_run { "would be removed" } else { "removed" };
        let files = counted(collected.files, "file", "files");
        output::line(&format!("{files} without a row, {} bytes, {what}", collected.bytes));
        if collected.held {
            output::note(
                "A backup is at work, or was killed a few minutes ago: no file is removed until then.",
            );
        }
        Ok(())
    }
}
