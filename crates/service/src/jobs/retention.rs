//! Predictions that are too old or too many to be kept.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Lets go what deployments keep no longer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct ApplyRetention;

impl Job for ApplyRetention {
    const KIND: &'static str = "retention";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(300));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let removed = context.service().catalogue().apply_retention(Internal).await?;
        if removed > 0 {
            tracing::info!(removed, "predictions let go, as retention has it");
        }
        Ok(Ended::done())
    }
}
