//! Files whose rows are gone for a while.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Removes files that nothing names any more.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct RemoveUnusedFiles;

impl Job for RemoveUnusedFiles {
    const KIND: &'static str = "unused_files";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(30));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let removed = context.service().catalogue().remove_unused_files(Internal).await?;
        if removed > 0 {
            tracing::info!(removed, "files removed that nothing names any more");
        }
        Ok(Ended::done())
    }
}
