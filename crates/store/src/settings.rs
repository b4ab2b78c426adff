//! Values that people change while the program runs, by key. Does not know
//! what they mean.

use crate::{audit::Act, database::Database, entity::access::settings, error::Result};
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

    /// Sets the value of `key`, or takes it away, with the record of the act.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set(&self, key: &str, value: Option<&Value>, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        settings::Entity::delete_by_id(key.to_owned()).exec(&tx).await?;
        if let Some(value) = value {
            let row = settings::Model { key: key.to_owned(), value: value.clone(), updated: act.by.at.0 };
            settings::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
        }
        act.record(&tx, key).await?;
        Ok(tx.commit().await?)
    }

    /// The value of `key`; `first` becomes it where there is none. Of several
    /// who ask at the same time, all get the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_or_put(&self, key: &str, first: &Value, now: Timestamp) -> Result<Value> {
        if let Some(value) = self.find(key).await? {
            return Ok(value);
        }
        let row = settings::Model { key: key.to_owned(), value: first.clone(), updated: now.0 };
        let keep = OnConflict::column(settings::Column::Key).do_nothing().to_owned();
        settings::Entity::insert(row.into_active_model())
            .on_conflict(keep)
            .exec_without_returning(&self.db.writer)
            .await?;
        // From the writer: a reader may not see yet what was written just now.
        let stored = settings::Entity::find_by_id(key).one(&self.db.writer).await?;
        Ok(stored.map_or_else(|| first.clone(), |row| row.value))
    }
}
