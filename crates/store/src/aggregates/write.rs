//! Adding counts inside a transaction.

use super::bins::Bins;
use crate::{error::Result, sql};
use sea_orm::{ConnectionTrait, Value};

const HEAD: &str = "INSERT INTO aggregate_bins \
    (deployment_id, resolution, metric, bucket_start, model_version_id, bin, count)";
const TAIL: &str = "ON CONFLICT (deployment_id, resolution, metric, bucket_start, model_version_id, bin) \
    DO UPDATE SET count = aggregate_bins.count + excluded.count";

/// Adds the counts to the stored ones.
pub(crate) async fn add(db: &impl ConnectionTrait, bins: &Bins) -> Result<()> {
    let rows = bins.rows().into_iter().map(|(key, count)| {
        [
            key.deployment_id.0.into(),
            key.resolution.into(),
            key.metric.into(),
            key.bucket_start.into(),
            key.model_version_id.0.into(),
            key.bin.into(),
            count.into(),
        ]
    });
    let values: Vec<Value> = rows.flatten().collect();
    sql::insert_rows(db, HEAD, 7, TAIL, values).await
}
