//! The one-time links by which people set a password.

use super::{Credentials, Users, has_admin, insert, update};
use crate::{
    audit::Act,
    entity::access::{links, users},
    error::{Result, StoreError},
};
use domain::{access::User, ids::UserId, time::Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// A link that works once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Hash of the link's secret; the secret itself is not stored.
    pub secret_hash: String,
    /// Whose password it sets; `None` for the first administrator's account.
    pub user_id: Option<UserId>,
    /// When it was made.
    pub created: Timestamp,
    /// From then on it is worth nothing.
    pub expires: Timestamp,
}

impl Users<'_> {
    /// Stores a link; a former one for the same purpose works no more.
    ///
    /// # Errors
    /// When the database fails, or the user is not there.
    pub async fn put_link(&self, link: &Link) -> Result<()> {
        let tx = self.db.begin().await?;
        put_link(&tx, link).await?;
        Ok(tx.commit().await?)
    }

    /// Stores a link by which a person sets another password; a former one
    /// works no more.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn reset_link(&self, id: UserId, link: &Link, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let row = users::Entity::find_by_id(id.0).one(&tx).await?;
        let row = row.ok_or_else(|| StoreError::not_found(format!("user {id}")))?;
        put_link(&tx, link).await?;
        act.record(&tx, &row.email).await?;
        Ok(tx.commit().await?)
    }

    /// The link of this secret's hash, if it still works at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_link(&self, secret_hash: &str, now: Timestamp) -> Result<Option<Link>> {
        let query = links::Entity::find_by_id(secret_hash).filter(links::Column::Expires.gt(now.0));
        Ok(query.one(&self.db.reader).await?.map(|row| Link {
            secret_hash: row.secret_hash,
            user_id: row.user_id.map(UserId),
            created: Timestamp(row.created),
            expires: Timestamp(row.expires),
        }))
    }

    /// Makes the first account by its link, which is used up.
    ///
    /// # Errors
    /// `NotFound` when the link does not work, `Conflict` when somebody has an
    /// account already; nothing is changed then.
    pub async fn redeem_first(
        &self,
        secret_hash: &str,
        now: Timestamp,
        user: &User,
        password_hash: &str,
        act: Act,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        if use_up(&tx, secret_hash, now).await?.is_some() {
            return Err(StoreError::not_found("link for the first account with this secret"));
        }
        if has_admin(&tx).await? {
            return Err(StoreError::conflict("the first account was already made: sign in"));
        }
        insert(&tx, user, Some(password_hash)).await?;
        act.record(&tx, &user.email).await?;
        Ok(tx.commit().await?)
    }

    /// Sets a person's password by a link, which is used up.
    ///
    /// # Errors
    /// `NotFound` when the link does not work; nothing is changed then.
    pub async fn redeem_password(
        &self,
        secret_hash: &str,
        now: Timestamp,
        password_hash: &str,
        act: Act,
    ) -> Result<Credentials> {
        let tx = self.db.begin().await?;
        let id = use_up(&tx, secret_hash, now)
            .await?
            .ok_or_else(|| StoreError::not_found("link for a password with this secret"))?;
        let changed = update(&tx, id, |row| row.password_hash = Set(Some(password_hash.to_owned()))).await?;
        act.record(&tx, &changed.user.email).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

pub(super) async fn put_link(db: &impl ConnectionTrait, link: &Link) -> Result<()> {
    let same = match link.user_id {
        Some(id) => links::Column::UserId.eq(id.0),
        None => links::Column::UserId.is_null(),
    };
    links::Entity::delete_many().filter(same).exec(db).await?;
    let row = links::Model {
        secret_hash: link.secret_hash.clone(),
        user_id: link.user_id.map(|id| id.0),
        created: link.created.0,
        expires: link.expires.0,
    };
    links::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Deletes a working link and says whose it was.
async fn use_up(db: &impl ConnectionTrait, secret_hash: &str, now: Timestamp) -> Result<Option<UserId>> {
    let missing = || StoreError::not_found("link with this secret: it was used, replaced, or is too old");
    let live = || links::Entity::find_by_id(secret_hash).filter(links::Column::Expires.gt(now.0));
    let link = live().one(db).await?.ok_or_else(missing)?;
    let deleted = links::Entity::delete_by_id(secret_hash).exec(db).await?;
    if deleted.rows_affected == 0 {
        return Err(missing());
    }
    Ok(link.user_id.map(UserId))
}
