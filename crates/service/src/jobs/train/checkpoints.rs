//! The checkpoints of trainings: files of this machine from which the next
//! attempt goes on. Knows nothing of what is in them. On another machine, or
//! where they were lost, a training begins at step 0.

use crate::{Result, base::Base, jobs::JobContext};
use domain::{ids::ExperimentId, training::Checkpoints};
use std::path::{Path, PathBuf};

/// The one whose curve is stored: what a later attempt goes on from.
const CONFIRMED: &str = "confirmed.checkpoint";

fn checkpoint_folder(base: &Base, id: ExperimentId) -> Option<PathBuf> {
    Some(base.trainer().checkpoints()?.join(id.to_string()))
}

/// Where a training leaves its checkpoints, and the one it goes on from.
pub(super) async fn checkpoints_of(base: &Base, id: ExperimentId) -> Option<Checkpoints> {
    let folder = checkpoint_folder(base, id)?;
    if let Err(error) = prepare(&folder).await {
        tracing::warn!(%error, folder = %folder.display(), "a training leaves no checkpoints");
        return None;
    }
    let confirmed = folder.join(CONFIRMED);
    let resume = tokio::fs::try_exists(&confirmed).await.unwrap_or(false).then_some(confirmed);
    Some(Checkpoints { folder, every_s: base.limits().checkpoint_every.as_secs(), resume })
}

/// Lets a later attempt go on from a checkpoint. Its curve must be stored
/// up to there: an attempt never tells a step that an earlier one told.
pub(super) async fn confirm_checkpoint(
    context: &JobContext<'_>,
    id: ExperimentId,
    written: &Path,
) -> Result<()> {
    let Some(folder) = checkpoint_folder(context.service().base(), id) else { return Ok(()) };
    match tokio::fs::rename(written, folder.join(CONFIRMED)).await {
        Ok(()) => context.through_outage(|| context.came_further()).await,
        Err(error) => {
            tracing::warn!(%error, experiment = %id, "a checkpoint is lost; the one before it stays");
            Ok(())
        }
    }
}

/// Deletes the checkpoints of an experiment that has ended.
pub(crate) async fn remove_checkpoints(base: &Base, id: ExperimentId) {
    let Some(folder) = checkpoint_folder(base, id) else { return };
    match tokio::fs::remove_dir_all(&folder).await {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, folder = %folder.display(), "checkpoints stay for now"),
    }
}

/// Deletes those of experiments that ended elsewhere, or are not there.
pub(crate) async fn delete_old_checkpoints(base: &Base) {
    let Some(folder) = base.trainer().checkpoints() else { return };
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else { return };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<ExperimentId>().ok()) else {
            continue;
        };
        match base.store().experiments().find(id).await {
            Ok(Some(experiment)) if !experiment.state.is_final() => {}
            Ok(_) => remove_checkpoints(base, id).await,
            // Whether it has ended is not known.
            Err(error) => tracing::debug!(%error, experiment = %id, "checkpoints stay for now"),
        }
    }
}

/// An empty folder but for the confirmed one: what a killed process wrote and
/// nobody confirmed is of no use.
async fn prepare(folder: &Path) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_name() != CONFIRMED {
            tokio::fs::remove_file(entry.path()).await?;
        }
    }
    Ok(())
}
