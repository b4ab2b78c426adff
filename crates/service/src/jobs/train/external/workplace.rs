//! Where a trainer works: a private folder beside the checkpoints of the
//! built-in one, named after the experiment. Whoever ends the experiment
//! removes it, and so does the hourly look for those that ended elsewhere.

use crate::{Result, base::Base};
use domain::ids::ExperimentId;
use std::path::{Path, PathBuf};

/// What an attempt works in; made anew by each.
const JOB: &str = "job";
/// Files that came from a bucket.
const FETCHED: &str = "fetched";
/// What the trainer keeps for the next attempt.
const CHECKPOINTS: &str = "kept";

/// The folders of an attempt.
pub(super) struct Workplace {
    job: PathBuf,
    fetched: PathBuf,
    checkpoints: PathBuf,
    /// Where nothing outlives the process.
    _temporary: Option<tempfile::TempDir>,
}

impl Workplace {
    /// Makes an empty folder for the attempt; what an earlier attempt kept
    /// stays.
    pub(super) async fn make(base: &Base, id: ExperimentId) -> Result<Self> {
        let (root, temporary) = match base.trainer().checkpoints() {
            Some(folder) => (folder.join(id.to_string()), None),
            None => {
                let folder = tempfile::tempdir_in(base.store().blobs().scratch_folder())?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        let made = Self {
            job: root.join(JOB),
            fetched: root.join(FETCHED),
            checkpoints: root.join(CHECKPOINTS),
            _temporary: temporary,
        };
        // A killed attempt may have left half of one.
        made.clear().await;
        for folder in [&root, &made.job, &made.fetched, &made.checkpoints] {
            make_private(folder).await?;
        }
        Ok(made)
    }

    /// With everything that the trainer is given, and where it leaves its model.
    pub(super) fn job(&self) -> &Path {
        &self.job
    }

    /// For files that are in a bucket otherwise.
    pub(super) fn fetched(&self) -> &Path {
        &self.fetched
    }

    /// Outlives the attempt.
    pub(super) fn checkpoints(&self) -> &Path {
        &self.checkpoints
    }

    /// Removes what only this attempt needs.
    pub(super) async fn clear(&self) {
        for folder in [&self.job, &self.fetched] {
            match tokio::fs::remove_dir_all(folder).await {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    tracing::warn!(%error, folder = %folder.display(), "the folder of a trainer stays for now");
                }
            }
        }
    }
}

/// Makes a folder that nobody but its owner may enter; one that is there is
/// made so.
async fn make_private(folder: &Path) -> Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        tokio::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).await?;
    }
    Ok(())
}
