//! Bearer tokens, by the hash of their secret.

use crate::{
    database::Database,
    entity::access::tokens,
    error::{Result, StoreError, taken},
};
use domain::{access::Token, ids::TokenId, time::Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr};

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
    pub async fn insert(&self, token: &Token, secret_hash: &str) -> Result<()> {
        let row = tokens::Model {
            id: token.id.0,
            name: token.name.clone(),
            secret_hash: secret_hash.to_owned(),
            role: token.role.as_str().to_owned(),
            created: token.created.0,
            last_used: token.last_used.map(|at| at.0),
        };
        tokens::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.db.writer)
            .await
            .map_err(taken(|| "there is already such a token".to_owned()))?;
        Ok(())
    }

    /// The token whose secret has this hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_hash(&self, secret_hash: &str) -> Result<Option<Token>> {
        let query = tokens::Entity::find().filter(tokens::Column::SecretHash.eq(secret_hash));
        query.one(&self.db.reader).await?.map(to_token).transpose()
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
    pub async fn delete(&self, id: TokenId) -> Result<()> {
        match tokens::Entity::delete_by_id(id.0).exec(&self.db.writer).await?.rows_affected {
            0 => Err(StoreError::not_found(format!("token {id}"))),
            _ => Ok(()),
        }
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
    Ok(Token {
        id: TokenId(row.id),
        role: row.role.parse().map_err(|_| StoreError::corrupt(format!("role of token {}", row.id)))?,
        name: row.name,
        created: Timestamp(row.created),
        last_used: row.last_used.map(Timestamp),
    })
}
