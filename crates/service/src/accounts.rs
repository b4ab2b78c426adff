//! People: the first account, invitations, signing in, roles.

use crate::{
    Result, Service, ServiceError, blocking, require,
    secrets::{check_new_password, hash_password, new_secret, secret_hash, verify_password},
};
use domain::{
    access::{Actor, Principal, Role, User},
    ids::UserId,
    time::Timestamp,
};
use serde_json::json;
use store::{Credentials, Link};

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

impl Service {
    /// Who signs in with this email and password.
    ///
    /// # Errors
    /// `Unauthenticated` without saying which of the two was wrong; it takes
    /// the same work when there is no such account.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn> {
        let email = email.trim().to_lowercase();
        let found = self.store().users().credentials_by_email(&email).await?;
        let hash = found.as_ref().and_then(|credentials| credentials.password_hash.clone());
        let password = password.to_owned();
        let matches = blocking(move || verify_password(&password, hash.as_deref())).await?;
        match found {
            Some(credentials) if matches && !credentials.user.disabled => Ok(credentials.into()),
            _ => Err(ServiceError::unauthenticated("The email or the password is wrong.")),
        }
    }

    /// The person of a session; `None` when the account is gone or disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in(&self, id: UserId) -> Result<Option<SignedIn>> {
        let found = self.store().users().credentials(id).await?;
        Ok(found.map(SignedIn::from).filter(|person| !person.user.disabled))
    }

    /// Whether there is an admin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_admin(&self) -> Result<bool> {
        Ok(self.store().users().has_admin().await?)
    }

    /// A fresh link for the first admin's account; `None` when there is an
    /// admin. It replaces a former link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setup_link(&self) -> Result<Option<SetupLink>> {
        if self.has_admin().await? {
            return Ok(None);
        }
        self.new_link(None).await.map(Some)
    }

    /// Uses a link up: makes the first account (an admin's) with `email`, or
    /// sets the password of the person it was made for.
    ///
    /// # Errors
    /// A link that was used or is too old, a password that is too short, an
    /// email that is none.
    pub async fn redeem_setup(&self, secret: &str, email: &str, password: &str) -> Result<SignedIn> {
        check_new_password(password)?;
        let (hash, now) = (secret_hash(secret), self.now());
        let Some(link) = self.store().users().find_link(&hash, now).await? else {
            let advice = "The link was used, replaced, or is too old. Ask for a new one: restart the server \
                          if there is no admin yet, or ask an admin.";
            return Err(ServiceError::not_found(advice));
        };
        let password = password.to_owned();
        let password_hash = blocking(move || hash_password(&password)).await?;
        let person: SignedIn = if link.user_id.is_some() {
            self.store().users().redeem_password(&hash, now, &password_hash).await?.into()
        } else {
            let user = self.new_user(email, Role::Admin)?;
            self.store().users().redeem_first(&hash, now, &user, &password_hash).await?;
            SignedIn { user, epoch: 0 }
        };
        let user = &person.user;
        self.record(&Actor::user(user), "user.set_password", &user.email, json!({})).await?;
        Ok(person)
    }

    /// Everybody, by email.
    ///
    /// # Errors
    /// Admins only.
    pub async fn users(&self, actor: &Actor) -> Result<Vec<User>> {
        require(actor, Role::Admin)?;
        Ok(self.store().users().list().await?)
    }

    /// Adds a person, and makes the link by which they set their password.
    ///
    /// # Errors
    /// Admins only; an email that is none or has an account.
    pub async fn add_user(&self, actor: &Actor, email: &str, role: Role) -> Result<(User, SetupLink)> {
        require(actor, Role::Admin)?;
        let user = self.new_user(email, role)?;
        self.store().users().insert(&user, None).await?;
        self.record(actor, "user.add", &user.email, json!({ "role": role })).await?;
        let link = self.new_link(Some(user.id)).await?;
        Ok((user, link))
    }

    /// A fresh link by which a person sets a new password.
    ///
    /// # Errors
    /// Admins only; nobody of this id.
    pub async fn reset_link(&self, actor: &Actor, id: UserId) -> Result<SetupLink> {
        require(actor, Role::Admin)?;
        let user = self.known_user(id).await?;
        self.record(actor, "user.reset_link", &user.email, json!({})).await?;
        self.new_link(Some(id)).await
    }

    /// Changes what a person may do; whoever is signed in as them must do so
    /// again.
    ///
    /// # Errors
    /// Admins only; nobody of this id; the last admin cannot be demoted.
    pub async fn set_role(&self, actor: &Actor, id: UserId, role: Role) -> Result<User> {
        require(actor, Role::Admin)?;
        if role != Role::Admin {
            self.keep_an_admin(id).await?;
        }
        let user = self.store().users().set_role(id, role).await?;
        self.record(actor, "user.set_role", &user.email, json!({ "role": role })).await?;
        Ok(user)
    }

    /// Keeps a person from signing in, or lets them again; ends their sessions.
    ///
    /// # Errors
    /// Admins only; nobody of this id; the last admin cannot be disabled.
    pub async fn disable_user(&self, actor: &Actor, id: UserId, disabled: bool) -> Result<User> {
        require(actor, Role::Admin)?;
        if disabled {
            self.keep_an_admin(id).await?;
        }
        let user = self.store().users().set_disabled(id, disabled).await?;
        self.record(actor, "user.disable", &user.email, json!({ "disabled": disabled })).await?;
        Ok(user)
    }

    /// Changes one's own password; all sessions but a new one are over.
    ///
    /// # Errors
    /// When the former password is wrong or the new one too short; tokens and
    /// the command line have none.
    pub async fn change_password(&self, actor: &Actor, old: &str, new: &str) -> Result<SignedIn> {
        let Principal::User { id, email } = &actor.who else {
            return Err(ServiceError::invalid("Only a signed-in person has a password."));
        };
        check_new_password(new)?;
        self.sign_in(email, old).await.map_err(|error| match error {
            ServiceError::Caller(_) => ServiceError::invalid_at("old", "The former password is wrong."),
            other => other,
        })?;
        let new = new.to_owned();
        let hash = blocking(move || hash_password(&new)).await?;
        let person = self.store().users().set_password(*id, &hash).await?.into();
        self.record(actor, "user.set_password", email, json!({})).await?;
        Ok(person)
    }

    fn new_user(&self, email: &str, role: Role) -> Result<User> {
        let email = email.trim().to_lowercase();
        let well_formed = email.len() <= 254
            && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !email.chars().any(|c| c.is_whitespace() || c.is_control());
        if !well_formed {
            return Err(ServiceError::invalid_at("email", format!("{email:?} is not an email address.")));
        }
        Ok(User { id: self.new_id(), email, role, created: self.now(), disabled: false })
    }

    async fn new_link(&self, user_id: Option<UserId>) -> Result<SetupLink> {
        let secret = new_secret("")?;
        let created = self.now();
        let expires = created.plus_ms(LINK_LIFETIME_MS);
        let link = Link { secret_hash: secret_hash(&secret), user_id, created, expires };
        self.store().users().put_link(&link).await?;
        Ok(SetupLink { secret, expires })
    }

    async fn known_user(&self, id: UserId) -> Result<User> {
        let found = self.store().users().find(id).await?;
        found.ok_or_else(|| ServiceError::not_found(format!("There is no user {id}.")))
    }

    async fn keep_an_admin(&self, id: UserId) -> Result<()> {
        self.known_user(id).await?;
        let others = self.store().users().list().await?;
        if others.iter().any(|user| user.id != id && user.role == Role::Admin && !user.disabled) {
            return Ok(());
        }
        Err(ServiceError::conflict("This is the last admin: make somebody else an admin first."))
    }
}
