//! Checkpoints on this machine of trainings that ended elsewhere.

use super::{Ended, Job, JobContext, Lane, train::delete_old_checkpoints};
use crate::{Internal, Result, jobs::Jobs};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Deletes checkpoints from which no training goes on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct DeleteOldCheckpoints;

impl Job for DeleteOldCheckpoints {
    const KIND: &'static str = "old_checkpoints";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(3600));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        delete_old_checkpoints(context.service().base()).await;
        Ok(Ended::done())
    }
}

impl Jobs<'_> {
    /// Deletes the checkpoints on this machine of trainings that have ended or
    /// are not there.
    pub async fn delete_old_checkpoints(self, _: Internal) {
        delete_old_checkpoints(self.service.base()).await;
    }
}
