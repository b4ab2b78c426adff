//! Bearer tokens of the API. A token is worth what its owner is: it is refused
//! once it has expired, or its owner is gone, disabled, or may do less than
//! it.

use crate::{
    Admin, Anyone, As, People, Result, ServiceError,
    people::secrets::{new_secret, secret_hash},
};
use domain::{
    access::{Actor, Principal, Role, Token, TokenOwner},
    ids::TokenId,
    lifetime::end_of,
    name::is_hidden,
    time::Timestamp,
};
use serde_json::json;
use store::{Act, OwnedToken};

/// How often a token's last use is written down.
const TOUCH_EVERY_MS: i64 = 60_000;
const LONGEST_NAME: usize = 128;
/// Ten years: what lives longer is not meant to expire.
const LONGEST_LIFE_MS: i64 = 3_653 * 24 * 3_600_000;

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// How long it works, or until when: see [`domain::lifetime::end_of`];
    /// `None` for ever.
    pub expires: Option<String>,
}

/// A token with its secret: shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What is kept.
    pub token: Token,
    /// What opens the door; only its hash is stored.
    pub secret: String,
}

impl People {
    /// Who comes with this bearer token.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such token, or it is refused by now.
    pub async fn authenticate_token(&self, _: Anyone, secret: &str) -> Result<Actor> {
        let known = self.base.store().tokens().find_by_hash(&secret_hash(secret)).await?;
        let Some(owned) = known else {
            return Err(ServiceError::unauthenticated("The token is unknown or was revoked."));
        };
        let now = self.base.now();
        if let Some(why) = refused(&owned, now) {
            return Err(ServiceError::unauthenticated(why));
        }
        let token = owned.token;
        if token.last_used.is_none_or(|last| now.since_ms(last) > TOUCH_EVERY_MS)
            && let Err(error) = self.base.store().tokens().touch(token.id, now).await
        {
            // Whoever only reads need not wait for a database that can write.
            tracing::warn!(%error, "the last use of a token cannot be noted");
        }
        Ok(Actor { who: Principal::Token { id: token.id, name: token.name }, role: token.role })
    }

    /// Makes a token. Its owner is whoever asks, or the owner of the token
    /// that asks; one of the command line has none.
    ///
    /// # Errors
    /// Admins only; a name that is empty or longer than 128 characters; an
    /// expiry that is over, in more than ten years, or after that of the
    /// token that asks.
    pub async fn create_token(&self, actor: &As<Admin>, request: TokenRequest) -> Result<NewToken> {
        let TokenRequest { name, role, expires } = request;
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(is_hidden) {
            return Err(ServiceError::invalid_at("name", "Name the token in 1 to 128 characters."));
        }
        let (owner, latest) = self.owner_of_tokens(actor).await?;
        let now = self.base.now();
        let expires = expires.map(|text| end_of(&text, now)).transpose();
        let expires = expires.map_err(|error| ServiceError::invalid_at("expires", error.to_string()))?;
        if expires.is_some_and(|at| at <= now || at.since_ms(now) > LONGEST_LIFE_MS) {
            let message = "It must lie in the future, and within ten years.";
            return Err(ServiceError::invalid_at("expires", message));
        }
        if let Some(latest) = latest
            && expires.is_none_or(|at| at > latest)
        {
            let message =
                format!("The token that makes it expires at {latest}: what it makes must expire by then.");
            return Err(ServiceError::invalid_at("expires", message));
        }
        let secret = new_secret("fovea_")?;
        let token =
            Token { id: self.base.new_id(), name, role, created: now, last_used: None, owner, expires };
        let detail = json!({ "id": token.id, "role": role, "expires": expires });
        let act = Act::new(self.base.by(actor), "token.create", detail);
        self.base.store().tokens().insert(&token, &secret_hash(&secret), act).await?;
        Ok(NewToken { token, secret })
    }

    /// All tokens, the newest first.
    ///
    /// # Errors
    /// Admins only.
    pub async fn tokens(&self, _: &As<Admin>) -> Result<Vec<Token>> {
        Ok(self.base.store().tokens().list().await?)
    }

    /// Revokes a token for good.
    ///
    /// # Errors
    /// Admins only; no token of this id.
    pub async fn revoke_token(&self, actor: &As<Admin>, id: TokenId) -> Result<()> {
        let act = Act::new(self.base.by(actor), "token.revoke", json!({}));
        Ok(self.base.store().tokens().delete(id, act).await?)
    }

    /// Who owns the tokens that an actor makes, and when they must expire.
    async fn owner_of_tokens(&self, actor: &Actor) -> Result<(Option<TokenOwner>, Option<Timestamp>)> {
        match &actor.who {
            Principal::User { id, email } => Ok((Some(TokenOwner { id: *id, email: email.clone() }), None)),
            Principal::System => Ok((None, None)),
            Principal::Token { id, .. } => match self.base.store().tokens().find(*id).await? {
                Some(maker) => Ok((maker.owner, maker.expires)),
                None => Err(ServiceError::unauthenticated("The token was revoked.")),
            },
        }
    }
}

/// Why a token opens nothing at `now`, if so.
fn refused(owned: &OwnedToken, now: Timestamp) -> Option<&'static str> {
    let OwnedToken { token, owner_role } = owned;
    if token.expires.is_some_and(|at| at <= now) {
        return Some("The token has expired.");
    }
    token.owner.as_ref()?;
    match owner_role {
        None => Some("The account that made the token is disabled or gone."),
        Some(role) if *role < token.role => {
            Some("The account that made the token may do less than it by now.")
        }
        Some(_) => None,
    }
}
