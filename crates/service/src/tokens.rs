//! Bearer tokens of the API.

use crate::{
    Result, Service, ServiceError, require,
    secrets::{new_secret, secret_hash},
};
use domain::{
    access::{Actor, Principal, Role, Token},
    ids::TokenId,
};
use serde_json::json;

/// How often a token's last use is written down.
const TOUCH_EVERY_MS: i64 = 60_000;

/// A token with its secret: shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What is kept.
    pub token: Token,
    /// What opens the door; only its hash is stored.
    pub secret: String,
}

impl Service {
    /// Who comes with this bearer token.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such token.
    pub async fn authenticate_token(&self, secret: &str) -> Result<Actor> {
        let found = self.store().tokens().find_by_hash(&secret_hash(secret)).await?;
        let Some(token) = found else {
            return Err(ServiceError::unauthenticated("The token is unknown or was revoked."));
        };
        let now = self.now();
        if token.last_used.is_none_or(|last| now.since_ms(last) > TOUCH_EVERY_MS) {
            // A disk that is full must not keep anybody from reading.
            if let Err(error) = self.store().tokens().touch(token.id, now).await {
                tracing::warn!(%error, "when a token was last used cannot be noted");
            }
        }
        Ok(Actor { who: Principal::Token { id: token.id, name: token.name }, role: token.role })
    }

    /// Makes a token.
    ///
    /// # Errors
    /// Admins only; a name that is empty or longer than 128 characters.
    pub async fn create_token(&self, actor: &Actor, name: &str, role: Role) -> Result<NewToken> {
        require(actor, Role::Admin)?;
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 128 || name.chars().any(char::is_control) {
            return Err(ServiceError::invalid_at("name", "Name the token in 1 to 128 characters."));
        }
        let secret = new_secret("fovea_")?;
        let token = Token { id: self.new_id(), name, role, created: self.now(), last_used: None };
        self.store().tokens().insert(&token, &secret_hash(&secret)).await?;
        self.record(actor, "token.create", &token.name, json!({ "role": role })).await?;
        Ok(NewToken { token, secret })
    }

    /// All tokens, the newest first.
    ///
    /// # Errors
    /// Admins only.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<Token>> {
        require(actor, Role::Admin)?;
        Ok(self.store().tokens().list().await?)
    }

    /// Revokes a token for good.
    ///
    /// # Errors
    /// Admins only; no token of this id.
    pub async fn revoke_token(&self, actor: &Actor, id: TokenId) -> Result<()> {
        require(actor, Role::Admin)?;
        self.store().tokens().delete(id).await?;
        self.record(actor, "token.revoke", &id.to_string(), json!({})).await
    }
}
