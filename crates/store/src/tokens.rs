//! Bearer tokens, by the hash of their secret.

use crate::{
    audit::Act,
    database::Database,
    entity::access::{tokens, users},
    error::{Result, StoreError, taken},
};
use domain::{
    access::{Role, Token, TokenOwner},
    ids::{TokenId, UserId},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr};

/// A token with what its owner may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedToken {
    /// The token.
    pub token: Token,
    /// The role of its owner; `None` when there is none, or when they are
    /// disabled or gone.
    pub owner_role: Option<Role>,
}

/// Bearer tokens.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    pub(crate) db: &'a Database,
}

impl Tokens<'_> {
    /// Adds a token.
    ///
    /// # Errors
    /// `Conflict` when the hash is there already.
    pub async fn insert(&self, token: &Token, secret_hash: &str, act: Act) -> Result<()> {
        let row = tokens::Model {
            id: token.id.0,
            name: token.name.clone(),
            secret_hash: secret_hash.to_owned(),
            role: token.role.as_str().to_owned(),
            created: token.created.0,
            last_used: token.last_used.map(|at| at.0),
            owner_id: token.owner.as_ref().map(|owner| owner.id.0),
            owner_name: token.owner.as_ref().map(|owner| owner.email.clone()),
            expires: token.expires.map(|at| at.0),
        };
        let tx = self.db.begin().await?;
        tokens::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await
            .map_err(taken(|| "there is already such a token".to_owned()))?;
        act.record(&tx, &token.name).await?;
        Ok(tx.commit().await?)
    }

    /// The token whose secret has this hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_hash(&self, secret_hash: &str) -> Result<Option<OwnedToken>> {
        let query = tokens::Entity::find().filter(tokens::Column::SecretHash.eq(secret_hash));
        let Some(row) = query.one(&self.db.reader).await? else { return Ok(None) };
        let owner = match row.owner_id {
            Some(id) => users::Entity::find_by_id(id).one(&self.db.reader).await?,
            None => None,
        };
        let owner_role = owner.filter(|owner| !owner.disabled).map(|owner| owner.role.parse());
        let owner_role = owner_role.transpose().map_err(|_| StoreError::corrupt("the role of an owner"))?;
        Ok(Some(OwnedToken { token: to_token(row)?, owner_role }))
    }

    /// The token of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: TokenId) -> Result<Option<Token>> {
        tokens::Entity::find_by_id(id.0).one(&self.db.reader).await?.map(to_token).transpose()
    }

    /// All of them, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<Token>> {
        let query = tokens::Entity::find().order_by_desc(tokens::Column::Id);
        query.all(&self.db.reader).await?.into_iter().map(to_token).collect()
    }

    /// Revokes a token for good.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, id: TokenId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        if tokens::Entity::delete_by_id(id.0).exec(&tx).await?.rows_affected == 0 {
            return Err(StoreError::not_found(format!("token {id}")));
        }
        act.record(&tx, &id.to_string()).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that a token was used at `now`; nothing happens when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch(&self, id: TokenId, now: Timestamp) -> Result<()> {
        tokens::Entity::update_many()
            .col_expr(tokens::Column::LastUsed, Expr::value(now.0))
            .filter(tokens::Column::Id.eq(id.0))
            .exec(&self.db.writer)
            .await?;
        Ok(())
    }
}

fn to_token(row: tokens::Model) -> Result<Token> {
    let owner =
        row.owner_id.map(|id| TokenOwner { id: UserId(id), email: row.owner_name.unwrap_or_default() });
    Ok(Token {
        id: TokenId(row.id),
        role: row.role.parse().map_err(|_| StoreError::corrupt(format!("role of token {}", row.id)))?,
        name: row.name,
        created: Timestamp(row.created),
        last_used: row.last_used.map(Timestamp),
        owner,
        expires: row.expires.map(Timestamp),
    })
}
