//! People: the first account, invitations, passwords, roles.

use crate::{
    Admin, Anyone, As, People, Result, ServiceError, Viewer,
    people::secrets::{check_new_password, hash_password, new_secret, secret_hash, verify_password},
};
use domain::{
    access::{Actor, Principal, Role, User},
    ids::UserId,
    name::is_hidden,
    time::Timestamp,
};
use serde_json::json;
use store::{Act, Credentials, Link};

/// Time to reach somebody in another time zone; whoever finds the link later
/// finds nothing behind it.
const LINK_LIFETIME_MS: i64 = 24 * 3_600_000;

/// A person as a session knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// Rises when the password, the role or the block changes: a session that
    /// began in an earlier epoch is over.
    pub epoch: i64,
}

impl From<Credentials> for SignedIn {
    fn from(credentials: Credentials) -> Self {
        Self { user: credentials.user, epoch: credentials.session_epoch }
    }
}

/// A link that sets a password, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupLink {
    /// What proves it; shown once, stored as a hash.
    pub secret: String,
    /// From then on it is worth nothing.
    pub expires: Timestamp,
}

impl People {
    /// The person of a session; `None` when the account is gone or disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in(&self, _: Anyone, id: UserId) -> Result<Option<SignedIn>> {
        let credentials = self.base.store().users().credentials(id).await?;
        Ok(credentials.map(SignedIn::from).filter(|person| !person.user.disabled))
    }

    /// Whether there is an admin who may sign in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_admin(&self, _: Anyone) -> Result<bool> {
        Ok(self.base.store().users().has_admin().await?)
    }

    /// A fresh link for the first admin's account; `None` when there is an
    /// admin. It replaces a former link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setup_link(&self, _: Anyone) -> Result<Option<SetupLink>> {
        if self.has_admin(Anyone).await? {
            return Ok(None);
        }
        let (link, secret) = self.fresh_link(None)?;
        self.base.store().users().put_link(&link).await?;
        Ok(Some(SetupLink { secret, expires: link.expires }))
    }

    /// Uses a link up: makes the first account (an admin's) with `email`, or
    /// sets the password of the person it was made for.
    ///
    /// # Errors
    /// A link that was used or is too old, a password that is too short, an
    /// email that is none.
    pub async fn redeem_setup(
        &self,
        _: Anyone,
        secret: &str,
        email: &str,
        password: &str,
    ) -> Result<SignedIn> {
        check_new_password(password)?;
        let (hash, now) = (secret_hash(secret), self.base.now());
        let Some(link) = self.base.store().users().find_link(&hash, now).await? else {
            let advice = "The link was used, replaced, or is too old. Ask for a new one: restart the server \
                          if there is no admin yet, or ask an admin.";
            return Err(ServiceError::not_found(advice));
        };
        let user = match link.user_id {
            Some(id) => self.known_user(id).await?,
            None => self.new_user(email, Role::Admin)?,
        };
        let password = password.to_owned();
        let password_hash = self.hashing.run(move || hash_password(&password)).await?;
        let act = Act::new(self.base.by(&Actor::user(&user)), "user.set_password", json!({}));
        if link.user_id.is_some() {
            return Ok(self
                .base
                .store()
                .users()
                .redeem_password(&hash, now, &password_hash, act)
                .await?
                .into());
        }
        self.base.store().users().redeem_first(&hash, now, &user, &password_hash, act).await?;
        Ok(SignedIn { user, epoch: 0 })
    }

    /// Everybody, by email.
    ///
    /// # Errors
    /// Admins only.
    pub async fn users(&self, _: &As<Admin>) -> Result<Vec<User>> {
        Ok(self.base.store().users().list().await?)
    }

    /// Adds a person, and makes the link by which they set their password.
    ///
    /// # Errors
    /// Admins only; an email that is none or has an account.
    pub async fn add_user(&self, actor: &As<Admin>, email: &str, role: Role) -> Result<(User, SetupLink)> {
        let user = self.new_user(email, role)?;
        let (link, secret) = self.fresh_link(Some(user.id))?;
        let act = Act::new(self.base.by(actor), "user.add", json!({ "role": role }));
        self.base.store().users().insert(&user, None, Some(&link), act).await?;
        Ok((user, SetupLink { secret, expires: link.expires }))
    }

    /// A fresh link by which a person sets a new password.
    ///
    /// # Errors
    /// Admins only; nobody of this id.
    pub async fn reset_link(&self, actor: &As<Admin>, id: UserId) -> Result<SetupLink> {
        self.known_user(id).await?;
        let (link, secret) = self.fresh_link(Some(id))?;
        let act = Act::new(self.base.by(actor), "user.reset_link", json!({}));
        self.base.store().users().reset_link(id, &link, act).await?;
        Ok(SetupLink { secret, expires: link.expires })
    }

    /// Changes a person's role, or keeps them from signing in or lets them
    /// again, or both; ends their sessions.
    ///
    /// # Errors
    /// Admins only; nobody of this id; the last admin stays one and may sign in.
    pub async fn change_user(
        &self,
        actor: &As<Admin>,
        id: UserId,
        role: Option<Role>,
        disabled: Option<bool>,
    ) -> Result<User> {
        self.known_user(id).await?;
        let act = |action, detail| Act::new(self.base.by(actor), action, detail);
        let role = role.map(|role| (role, act("user.set_role", json!({ "role": role }))));
        let disabled =
            disabled.map(|disabled| (disabled, act("user.disable", json!({ "disabled": disabled }))));
        if role.is_none() && disabled.is_none() {
            return Err(ServiceError::invalid_at("body", "Nothing to change: give role or disabled."));
        }
        Ok(self.base.store().users().change(id, role, disabled).await?)
    }

    /// Changes one's own password; all sessions but a new one are over.
    ///
    /// # Errors
    /// When the former password is wrong or the new one too short; tokens and
    /// the command line have none.
    pub async fn change_password(&self, actor: &As<Viewer>, old: &str, new: &str) -> Result<SignedIn> {
        let Principal::User { id, .. } = &actor.who else {
            return Err(ServiceError::invalid("Only a signed-in person has a password."));
        };
        check_new_password(new)?;
        let former = self.base.store().users().credentials(*id).await?;
        let former = former.filter(|credentials| !credentials.user.disabled);
        let former = former.and_then(|credentials| credentials.password_hash);
        let (old, new) = (old.to_owned(), new.to_owned());
        let change = move || {
            if verify_password(&old, former.as_deref())? {
                return hash_password(&new);
            }
            Err(ServiceError::invalid_at("old", "The former password is wrong."))
        };
        let hash = self.hashing.run(change).await?;
        let act = Act::new(self.base.by(actor), "user.set_password", json!({}));
        Ok(self.base.store().users().set_password(*id, &hash, act).await?.into())
    }

    fn new_user(&self, email: &str, role: Role) -> Result<User> {
        let email = email.trim().to_lowercase();
        let well_formed = email.len() <= 254
            && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !email.chars().any(|c| c.is_whitespace() || is_hidden(c));
        if !well_formed {
            return Err(ServiceError::invalid_at("email", format!("{email:?} is not an email address.")));
        }
        Ok(User { id: self.base.new_id(), email, role, created: self.base.now(), disabled: false })
    }

    fn fresh_link(&self, user_id: Option<UserId>) -> Result<(Link, String)> {
        let secret = new_secret("")?;
        let created = self.base.now();
        let expires = created.plus_ms(LINK_LIFETIME_MS);
        Ok((Link { secret_hash: secret_hash(&secret), user_id, created, expires }, secret))
    }

    async fn known_user(&self, id: UserId) -> Result<User> {
        let user = self.base.store().users().find(id).await?;
        user.ok_or_else(|| ServiceError::not_found(format!("There is no user {id}.")))
    }
}
