//! Finds predictions with several boxes of a label by their number: the key of
//! `box_counts` is in the order of predictions.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbErr},
};

/// One box is what most queries ask for, and the key answers it.
const UP: &str = "CREATE INDEX box_counts_many ON box_counts \
    (deployment_id, label_id, origin, visible, prediction_id) WHERE visible >= 2";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000007_many_boxes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }
}
