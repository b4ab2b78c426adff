//! `fovea export`.

use super::{
    global::{GlobalOptions, Target},
    import::FormatWord,
    output, remote_export,
};
use clap::Args;
use domain::name::VersionRef;
use serde_json::json;
use service::As;
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
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let format = self.format.into();
        let report = match global.target().await? {
            Target::Data(data) => {
                let report =
                    data.service.catalogue().export(&As::system(), &self.dataset, format, &self.out).await?;
                data.store.close().await?;
                report
            }
            Target::Server(server) => {
                remote_export::export(&server, &self.dataset, format, self.out.clone()).await?
            }
        };
        let (name, folder) = (self.dataset.to_string(), self.out.display());
        for (old, new) in &report.renamed {
            output::note(&format!("{old:?} is called {new} there"));
        }
        for note in &report.notes {
            output::note(note);
        }
        if self.json {
            return output::json(&json!({
                "dataset": name, "folder": self.out, "images": report.images, "boxes": report.boxes,
                "notes": report.notes,
            }));
        }
        output::line(&format!("{name} is in {folder}: {} images, {} boxes", report.images, report.boxes));
        Ok(())
    }
}
