//! Who may do what.

use crate::{
    ids::{TokenId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a person or a token may do; each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Also predicts, reports, reviews and submits.
    Reviewer,
    /// Also imports, trains, deploys, and manages people and tokens.
    Admin,
}

impl Role {
    /// The word used in the command line, the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a role: use admin, reviewer or viewer")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "viewer" => Ok(Self::Viewer),
            "reviewer" => Ok(Self::Reviewer),
            "admin" => Ok(Self::Admin),
            other => Err(UnknownRole(other.to_owned())),
        }
    }
}

/// Who asks: every use case takes one and checks its role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Who it is.
    pub who: Principal,
    /// What they may do.
    pub role: Role,
}

/// Where an act came from, as the audit log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A signed-in person.
    User {
        /// Whose account.
        id: UserId,
        /// As it was when they signed in.
        email: String,
    },
    /// A bearer token.
    Token {
        /// Which token.
        id: TokenId,
        /// The name it was given.
        name: String,
    },
    /// The command line on the data folder itself, or Fovea's own workers.
    System,
}

impl Principal {
    /// The account's or the token's id; `None` for the system itself.
    #[must_use]
    pub fn id(&self) -> Option<uuid::Uuid> {
        match self {
            Self::User { id, .. } => Some(id.0),
            Self::Token { id, .. } => Some(id.0),
            Self::System => None,
        }
    }
}

impl Actor {
    /// The command line on the data folder, and the workers.
    #[must_use]
    pub fn system() -> Self {
        Self { who: Principal::System, role: Role::Admin }
    }

    /// A signed-in person.
    #[must_use]
    pub fn user(user: &User) -> Self {
        Self { who: Principal::User { id: user.id, email: user.email.clone() }, role: user.role }
    }

    /// How the audit log and the history of a review name them.
    #[must_use]
    pub fn display_name(&self) -> String {
        match &self.who {
            Principal::User { email, .. } => email.clone(),
            Principal::Token { name, .. } => format!("token {name}"),
            Principal::System => "system".to_owned(),
        }
    }
}

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Identity.
    pub id: UserId,
    /// Lower-case; unique.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created: Timestamp,
    /// Kept from signing in, without losing what they did.
    pub disabled: bool,
}

/// A bearer token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Identity.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
    /// Who made it; `None` when the command line did. Without its owner's
    /// role behind it a token is refused.
    pub owner: Option<TokenOwner>,
    /// From then on it is refused; `None` for never.
    pub expires: Option<Timestamp>,
}

/// Who made a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenOwner {
    /// Whose account.
    pub id: UserId,
    /// As it was when the token was made.
    pub email: String,
}

/// One act, as it was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Rising number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who, as [`Actor::display_name`].
    pub actor: String,
    /// What, as `area.verb`: `deployment.create`.
    pub action: String,
    /// On what: a name or an id.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
}
