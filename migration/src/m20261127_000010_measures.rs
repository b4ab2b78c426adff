//! Finds predictions by a number in their metadata: `prediction_metadata_value`
//! has the values as texts.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbErr},
};

const UP: &str = "CREATE INDEX prediction_metadata_number ON prediction_metadata \
    (deployment_id, key, number, prediction_id) WHERE number IS NOT NULL";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000010_measures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }
}
