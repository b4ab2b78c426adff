//! What dashboards show.

use crate::{Result, Service, ServiceError, require};
use domain::{
    access::{Actor, Role},
    monitor::{Dashboard, Range, Resolution},
};

const DAY_MS: i64 = 86_400_000;
const LONGEST_RANGE_MS: i64 = 2 * 366 * DAY_MS;

/// Which stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DashboardRequest {
    /// From when to when; `None` for the last `last_ms`.
    pub range: Option<Range>,
    /// So many milliseconds up to now; `None` for a day.
    pub last_ms: Option<i64>,
    /// How wide a bucket; `None` for what suits the range.
    pub resolution: Option<Resolution>,
}

impl Service {
    /// The figures of a deployment over a stretch of time, from counts that
    /// were kept as predictions arrived.
    ///
    /// # Errors
    /// No such deployment; a range that is empty, longer than two years, or
    /// has too many buckets.
    pub async fn dashboard(
        &self,
        actor: &Actor,
        deployment: &str,
        request: DashboardRequest,
    ) -> Result<Dashboard> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let now = self.now();
        let range = request.range.unwrap_or_else(|| {
            let length = request.last_ms.unwrap_or(DAY_MS);
            // Up to the next millisecond, so that what arrives now is in it.
            Range { from: now.plus_ms(-length), to: now.plus_ms(1) }
        });
        let length = range.to.since_ms(range.from);
        if length <= 0 {
            return Err(ServiceError::invalid_at("from", "The range is empty: `from` must lie before `to`."));
        }
        if length > LONGEST_RANGE_MS {
            return Err(ServiceError::invalid_at("from", "The range is longer than two years."));
        }
        let resolution = request.resolution.unwrap_or_else(|| Resolution::for_range(length));
        Ok(self.store().aggregates().dashboard(deployment.id, range, resolution, now).await?)
    }
}
