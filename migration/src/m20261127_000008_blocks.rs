//! Counts by blocks of 32 days, so that sums of a year read few rows.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbErr},
};

/// 3 is the block, 2 the day; a block begins at a multiple of its length.
const UP: &str = "INSERT INTO aggregate_bins \
    (deployment_id, resolution, metric, bucket_start, model_version_id, bin, count) \
    SELECT deployment_id, 3, metric, bucket_start - bucket_start % 2764800000, model_version_id, bin, \
    CAST(SUM(count) AS BIGINT) FROM aggregate_bins WHERE resolution = 2 \
    GROUP BY deployment_id, metric, bucket_start - bucket_start % 2764800000, model_version_id, bin";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000008_blocks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }
}
