//! Signed-in browsers. Does not know what a session holds.

use crate::{database::Database, entity::access::sessions, error::Result};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};

/// One session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Secret; unique.
    pub id: String,
    /// Opaque.
    pub data: Vec<u8>,
    /// From then on it is not found any more.
    pub expires: Timestamp,
}

/// Signed-in browsers.
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'a> {
    pub(crate) db: &'a Database,
}

impl Sessions<'_> {
    /// Adds a session; `false` when its id is taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, session: &SessionRow) -> Result<bool> {
        let nothing = OnConflict::column(sessions::Column::Id).do_nothing().to_owned();
        let insert = sessions::Entity::insert(to_row(session)).on_conflict(nothing);
        Ok(insert.exec_without_returning(&self.db.writer).await? == 1)
    }

    /// Adds or replaces a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(&self, session: &SessionRow) -> Result<()> {
        let replace = OnConflict::column(sessions::Column::Id)
            .update_columns([sessions::Column::Data, sessions::Column::Expires])
            .to_owned();
        sessions::Entity::insert(to_row(session))
            .on_conflict(replace)
            .exec_without_returning(&self.db.writer)
            .await?;
        Ok(())
    }

    /// The session of this id, if it lives at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&self, id: &str, now: Timestamp) -> Result<Option<SessionRow>> {
        let query = sessions::Entity::find_by_id(id).filter(sessions::Column::Expires.gt(now.0));
        Ok(query.one(&self.db.reader).await?.map(|row| SessionRow {
            id: row.id,
            data: row.data,
            expires: Timestamp(row.expires),
        }))
    }

    /// Ends a session; nothing happens when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: &str) -> Result<()> {
        sessions::Entity::delete_by_id(id).exec(&self.db.writer).await?;
        Ok(())
    }

    /// Forgets the sessions that ended by `now`, and says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        let ended = sessions::Entity::delete_many().filter(sessions::Column::Expires.lte(now.0));
        Ok(ended.exec(&self.db.writer).await?.rows_affected)
    }
}

fn to_row(session: &SessionRow) -> sessions::ActiveModel {
    sessions::Model { id: session.id.clone(), data: session.data.clone(), expires: session.expires.0 }
        .into_active_model()
}
