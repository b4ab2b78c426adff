//! People, and from where they sign in.

mod links;

use crate::{
    audit::Act,
    database::Database,
    entity::access::{audit, users},
    error::{Result, StoreError, taken},
};
use domain::{
    access::{Role, User},
    ids::UserId,
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

pub use links::Link;
use links::put_link;

/// The latest sign-ins of a person: enough for somebody who travels.
const LOOKED_AT: u64 = 200;

/// A person with what proves them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub user: User,
    /// An opaque hash of the password; `None` until one was set.
    pub password_hash: Option<String>,
    /// Rises when the password, the role or the block changes; a session of an
    /// earlier epoch is over.
    pub session_epoch: i64,
}

/// People and their one-time links.
#[derive(Clone, Copy, Debug)]
pub struct Users<'a> {
    pub(crate) db: &'a Database,
}

impl Users<'_> {
    /// Adds a person, with the link by which they set their password.
    ///
    /// # Errors
    /// `Conflict` when the email has an account.
    pub async fn insert(
        &self,
        user: &User,
        password_hash: Option<&str>,
        link: Option<&Link>,
        act: Act,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        insert(&tx, user, password_hash).await?;
        if let Some(link) = link {
            put_link(&tx, link).await?;
        }
        act.record(&tx, &user.email).await?;
        Ok(tx.commit().await?)
    }

    /// The person of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.credentials(id).await?.map(|credentials| credentials.user))
    }

    /// The person of this id, with the password's hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, id: UserId) -> Result<Option<Credentials>> {
        users::Entity::find_by_id(id.0).one(&self.db.reader).await?.map(to_credentials).transpose()
    }

    /// The person of this email (lower case), with the password's hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials_by_email(&self, email: &str) -> Result<Option<Credentials>> {
        let query = users::Entity::find().filter(users::Column::Email.eq(email));
        query.one(&self.db.reader).await?.map(to_credentials).transpose()
    }

    /// Everybody, by email.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<User>> {
        let rows = users::Entity::find().order_by_asc(users::Column::Email).all(&self.db.reader).await?;
        rows.into_iter().map(|row| Ok(to_credentials(row)?.user)).collect()
    }

    /// Whether there is an admin who may sign in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_admin(&self) -> Result<bool> {
        has_admin(&self.db.reader).await
    }

    /// Changes what a person may do, or whether they may sign in, or both, and
    /// begins a new epoch; each of it with an act of its own.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for the last admin who may sign in.
    pub async fn change(
        &self,
        id: UserId,
        role: Option<(Role, Act)>,
        disabled: Option<(bool, Act)>,
    ) -> Result<User> {
        let (role, by_role) = role.unzip();
        let (disabled, by_disabled) = disabled.unzip();
        let acts = by_role.into_iter().chain(by_disabled);
        let change = |row: &mut users::ActiveModel| {
            if let Some(role) = role {
                row.role = Set(role.as_str().to_owned());
            }
            if let Some(disabled) = disabled {
                row.disabled = Set(disabled);
            }
        };
        Ok(self.update(id, acts, change).await?.user)
    }

    /// Replaces the password's hash, and begins a new epoch.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_password(&self, id: UserId, password_hash: &str, act: Act) -> Result<Credentials> {
        self.update(id, [act], |row| row.password_hash = Set(Some(password_hash.to_owned()))).await
    }

    async fn update(
        &self,
        id: UserId,
        acts: impl IntoIterator<Item = Act>,
        change: impl FnOnce(&mut users::ActiveModel),
    ) -> Result<Credentials> {
        let tx = self.db.begin().await?;
        // Two admins who demote each other at the same moment wait here for
        // one another: the second finds that it would be the last.
        let admins = enabled_admins().lock_exclusive().order_by_asc(users::Column::Id).all(&tx).await?;
        let changed = update(&tx, id, change).await?;
        let was_admin = admins.iter().any(|row| row.id == id.0);
        if was_admin && !has_admin(&tx).await? {
            return Err(StoreError::conflict("This is the last admin: make somebody else an admin first."));
        }
        for act in acts {
            act.record(&tx, &changed.user.email).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Records that a person signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in(&self, user: &User, act: Act) -> Result<()> {
        act.record(&self.db.writer, &user.email).await
    }

    /// Whether a person signed in from this address since a moment, as the
    /// log of acts has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in_from(&self, email: &str, address: &str, since: Timestamp) -> Result<bool> {
        let entries: Vec<String> = audit::Entity::find()
            .filter(audit::Column::Action.eq("user.sign_in"))
            .filter(audit::Column::Subject.eq(email))
            .filter(audit::Column::At.gte(since.0))
            .order_by_desc(audit::Column::At)
            .limit(LOOKED_AT)
            .select_only()
            .column(audit::Column::Detail)
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        let from = |detail: &String| {
            serde_json::from_str(detail).is_ok_and(|detail: serde_json::Value| detail["address"] == address)
        };
        Ok(entries.iter().any(from))
    }
}

async fn insert(db: &impl ConnectionTrait, user: &User, password_hash: Option<&str>) -> Result<()> {
    let row = users::Model {
        id: user.id.0,
        email: user.email.clone(),
        role: user.role.as_str().to_owned(),
        password_hash: password_hash.map(str::to_owned),
        disabled: user.disabled,
        created: user.created.0,
        session_epoch: 0,
    };
    users::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .map_err(taken(|| format!("{} has an account already", user.email)))?;
    Ok(())
}

fn enabled_admins() -> Select<users::Entity> {
    users::Entity::find()
        .filter(users::Column::Role.eq(Role::Admin.as_str()))
        .filter(users::Column::Disabled.eq(false))
}

async fn has_admin(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(enabled_admins().count(db).await? > 0)
}

async fn update(
    db: &impl ConnectionTrait,
    id: UserId,
    change: impl FnOnce(&mut users::ActiveModel),
) -> Result<Credentials> {
    let row = users::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    let row = row.ok_or_else(|| StoreError::not_found(format!("user {id}")))?;
    let epoch = row.session_epoch + 1;
    let mut row = row.into_active_model();
    change(&mut row);
    row.session_epoch = Set(epoch);
    to_credentials(row.update(db).await?)
}

fn to_credentials(row: users::Model) -> Result<Credentials> {
    let role = row.role.parse().map_err(|_| StoreError::corrupt(format!("role of user {}", row.id)))?;
    let user = User {
        id: UserId(row.id),
        email: row.email,
        role,
        created: Timestamp(row.created),
        disabled: row.disabled,
    };
    Ok(Credentials { user, password_hash: row.password_hash, session_epoch: row.session_epoch })
}
