//! Views of a deployment's predictions that people keep, and what they asked
//! lately. An owner is a text that names an account or a token.

use crate::{
    database::Database,
    error::{Result, StoreError},
    sql::{Arg, Fragment},
};
use domain::{
    ids::{DeploymentId, SavedViewId},
    listing::{SaveView, SavedView},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Past queries of a person and deployment; older ones are deleted as new ones
/// come.
const REMEMBERED: i64 = 50;
const COLUMNS: &str =
    "SELECT id, name, query, sort, state, owner_name, owner, shared, updated, deployment_id";

/// Kept views and past queries.
#[derive(Clone, Copy, Debug)]
pub struct Views<'a> {
    pub(crate) db: &'a Database,
}

/// Who keeps a view.
#[derive(Clone, Copy, Debug)]
pub struct ViewOwner<'o> {
    /// Never changes.
    pub key: &'o str,
    /// As people are named.
    pub name: &'o str,
}

impl Views<'_> {
    /// An owner's views and those that others share, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, deployment: DeploymentId, owner: &str) -> Result<Vec<SavedView>> {
        let statement = Fragment::new(COLUMNS).then(Fragment::with(
            " FROM saved_views WHERE deployment_id = ? AND (owner = ? OR shared) ORDER BY name, id LIMIT 500",
            [Arg::Id(deployment.0), Arg::from(owner)],
        ));
        let rows = self.db.reader.query_all_raw(statement.into_statement(self.db.backend())).await?;
        rows.iter().map(|row| to_view(row, owner)).collect()
    }

    /// A view as `owner` sees it, and its deployment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: SavedViewId, owner: &str) -> Result<Option<(SavedView, DeploymentId)>> {
        let statement =
            Fragment::new(COLUMNS).then(Fragment::with(" FROM saved_views WHERE id = ?", [Arg::Id(id.0)]));
        let row = self.db.reader.query_one_raw(statement.into_statement(self.db.backend())).await?;
        row.map(|row| Ok((to_view(&row, owner)?, DeploymentId(row.try_get_by_index(9)?)))).transpose()
    }

    /// Keeps a view; one of the same owner and name is replaced, and keeps its id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(
        &self,
        id: SavedViewId,
        deployment: DeploymentId,
        owner: ViewOwner<'_>,
        view: &SaveView,
        now: Timestamp,
    ) -> Result<SavedView> {
        let text = "INSERT INTO saved_views (id, deployment_id, owner, owner_name, name, query, sort, state, \
                    shared, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ? = 1, ?) \
                    ON CONFLICT (deployment_id, owner, name) DO UPDATE SET query = excluded.query, \
                    sort = excluded.sort, state = excluded.state, shared = excluded.shared, \
                    owner_name = excluded.owner_name, updated = excluded.updated RETURNING id";
        let values = [
            Arg::Id(id.0),
            Arg::Id(deployment.0),
            Arg::from(owner.key),
            Arg::from(owner.name),
            Arg::from(&view.name),
            Arg::from(&view.q),
            Arg::Text(view.sort.to_string()),
            Arg::from(&view.state),
            Arg::Int(i64::from(view.shared)),
            Arg::Int(now.0),
        ];
        let statement = Fragment::with(text, values).into_statement(self.db.backend());
        let row = self.db.writer.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("a view that was just saved"))?;
        let id: Uuid = row.try_get_by_index(0)?;
        Ok(SavedView {
            id: SavedViewId(id),
            name: view.name.clone(),
            q: view.q.clone(),
            sort: view.sort,
            state: view.state.clone(),
            owner: owner.name.to_owned(),
            mine: true,
            shared: view.shared,
            updated: now,
        })
    }

    /// Changes a view.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when its owner has another one of that name.
    pub async fn change(&self, id: SavedViewId, view: &SaveView, now: Timestamp) -> Result<()> {
        let text = "UPDATE saved_views SET name = ?, query = ?, sort = ?, state = ?, shared = (? = 1), \
                    updated = ? WHERE id = ?";
        let values = [
            Arg::from(&view.name),
            Arg::from(&view.q),
            Arg::Text(view.sort.to_string()),
            Arg::from(&view.state),
            Arg::Int(i64::from(view.shared)),
            Arg::Int(now.0),
            Arg::Id(id.0),
        ];
        let taken = crate::error::taken(|| format!("there is a view named {:?} already", view.name));
        let statement = Fragment::with(text, values).into_statement(self.db.backend());
        let changed = self.db.writer.execute_raw(statement).await.map_err(taken)?;
        if changed.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
    }

    /// Forgets a view.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, id: SavedViewId) -> Result<()> {
        let statement = Fragment::with("DELETE FROM saved_views WHERE id = ?", [Arg::Id(id.0)]);
        let deleted = self.db.writer.execute_raw(statement.into_statement(self.db.backend())).await?;
        if deleted.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
    }

    /// What somebody asked lately, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(&self, deployment: DeploymentId, owner: &str) -> Result<Vec<String>> {
        let text = "SELECT query FROM query_history WHERE deployment_id = ? AND owner = ? \
                    ORDER BY at DESC, text_hash LIMIT ?";
        let values = [Arg::Id(deployment.0), Arg::from(owner), Arg::Int(REMEMBERED)];
        let statement = Fragment::with(text, values).into_statement(self.db.backend());
        let rows = self.db.reader.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Remembers what somebody asked; older ones beyond fifty are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remember(
        &self,
        deployment: DeploymentId,
        owner: &str,
        q: &str,
        now: Timestamp,
    ) -> Result<()> {
        let hash = hex::encode(Sha256::digest(q.as_bytes()));
        let text = "INSERT INTO query_history (deployment_id, owner, text_hash, query, at) VALUES (?, ?, ?, ?, ?) \
                    ON CONFLICT (deployment_id, owner, text_hash) DO UPDATE SET at = excluded.at";
        let (id, owner) = (Arg::Id(deployment.0), Arg::from(owner));
        let values = [id.clone(), owner.clone(), Arg::Text(hash), Arg::from(q), Arg::Int(now.0)];
        let tx = self.db.begin().await?;
        tx.execute_raw(Fragment::with(text, values).into_statement(self.db.backend())).await?;
        let text = "DELETE FROM query_history WHERE deployment_id = ? AND owner = ? AND text_hash NOT IN \
                    (SELECT text_hash FROM query_history WHERE deployment_id = ? AND owner = ? \
                    ORDER BY at DESC, text_hash LIMIT ?)";
        let values = [id.clone(), owner.clone(), id, owner, Arg::Int(REMEMBERED)];
        tx.execute_raw(Fragment::with(text, values).into_statement(self.db.backend())).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets what somebody asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, deployment: DeploymentId, owner: &str) -> Result<()> {
        let text = "DELETE FROM query_history WHERE deployment_id = ? AND owner = ?";
        let statement = Fragment::with(text, [Arg::Id(deployment.0), Arg::from(owner)]);
        self.db.writer.execute_raw(statement.into_statement(self.db.backend())).await?;
        Ok(())
    }
}

fn to_view(row: &QueryResult, owner: &str) -> Result<SavedView> {
    let sort: String = row.try_get_by_index(3)?;
    let of: String = row.try_get_by_index(6)?;
    Ok(SavedView {
        id: SavedViewId(row.try_get_by_index(0)?),
        name: row.try_get_by_index(1)?,
        q: row.try_get_by_index(2)?,
        sort: sort.parse().map_err(|_| StoreError::corrupt(format!("the order {sort:?} of a view")))?,
        state: row.try_get_by_index(4)?,
        owner: row.try_get_by_index(5)?,
        mine: of == owner,
        shared: row.try_get_by_index(7)?,
        updated: Timestamp(row.try_get_by_index(8)?),
    })
}

fn missing(id: SavedViewId) -> StoreError {
    StoreError::not_found(format!("saved view {id}"))
}
