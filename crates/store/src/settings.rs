//! Values that people change while the program runs, by key. Does not know
//! what they mean.

use crate::{database::Database, entity::access::settings, error::Result};
use domain::time::Timestamp;
use sea_orm::{EntityTrait, IntoActiveModel, sea_query::OnConflict};
use serde_json::Value;

/// Values by key.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    pub(crate) db: &'a Database,
}

impl Settings<'_> {
    /// The value of `key`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, key: &str) -> Result<Option<Value>> {
        Ok(settings::Entity::find_by_id(key).one(&self.db.reader).await?.map(|row| row.value))
    }

    /// Sets the value of `key`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put(&self, key: &str, value: &Value, now: Timestamp) -> Result<()> {
        let row = settings::Model { key: key.to_owned(), value: value.clone(), updated: now.0 };
        let replace = OnConflict::column(settings::Column::Key)
            .update_columns([settings::Column::Value, settings::Column::Updated])
            .to_owned();
        settings::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&self.db.writer)
            .await?;
        Ok(())
    }
}
