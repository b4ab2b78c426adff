//! A migration that is nothing but statements.

use crate::dialect::statements;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbErr},
};

/// Statements in the words of [`crate::dialect`].
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// The script of that name beside this file.
macro_rules! script {
    ($name:literal) => {
        Box::new($crate::script::Script { name: $name, text: include_str!(concat!($name, ".sql")) })
    };
}
pub(crate) use script;

impl MigrationName for Script {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Script {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in statements(self.text, manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
