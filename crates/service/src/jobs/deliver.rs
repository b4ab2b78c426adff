//! What goes out to addresses that asked for it.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Sends what is due.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Deliver;

impl Job for Deliver {
    const KIND: &'static str = "deliver";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(1));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        if let Some(sender) = &context.settings().sender {
            context.service().monitoring().deliver(Internal, sender.as_ref()).await?;
        }
        Ok(Ended::done())
    }
}
