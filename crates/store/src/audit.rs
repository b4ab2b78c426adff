//! The log of acts. An entry is written in the transaction of the change that
//! it tells of, so that neither is there without the other.

use crate::{
    cursor,
    database::Database,
    entity::access::audit,
    error::Result,
    outgoing::{Outgoing, enqueue},
};
use domain::{
    access::AuditEntry,
    page::{Page, PageRequest},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::Value;

/// Who does something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// As people read it.
    pub actor: String,
    /// The account or token, whatever it is called by now.
    pub person: String,
    /// When.
    pub at: Timestamp,
}

/// An act to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAudit {
    /// When.
    pub at: Timestamp,
    /// Who, as people read it.
    pub actor: String,
    /// What, as `area.verb`.
    pub action: String,
    /// On what: a name or an id.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
}

/// What a change is called in the log, by whom it is made, and who is told.
/// Each store function that takes one writes it in the transaction of its
/// change, and names what was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// By whom, and when.
    pub by: By,
    /// `area.verb`.
    pub action: String,
    /// More about it.
    pub detail: Value,
    /// The event that goes out to webhooks with the change.
    pub outgoing: Option<Outgoing>,
}

impl Act {
    /// An act that no webhook is told of.
    #[must_use]
    pub fn new(by: By, action: &str, detail: Value) -> Self {
        Self { by, action: action.to_owned(), detail, outgoing: None }
    }

    /// The same with one more thing said in its detail, which only the
    /// transaction knows.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(detail) = self.detail.as_object_mut() {
            detail.insert(key.to_owned(), value);
        }
        self
    }

    /// Writes the entry and the deliveries, as part of the transaction `db`.
    pub(crate) async fn record(self, db: &impl ConnectionTrait, subject: &str) -> Result<()> {
        if let Some(outgoing) = &self.outgoing {
            enqueue(db, outgoing).await?;
        }
        append(db, self.into_entry(subject)).await
    }

    /// As it is logged.
    #[must_use]
    pub fn into_entry(self, subject: &str) -> NewAudit {
        NewAudit {
            at: self.by.at,
            actor: self.by.actor,
            action: self.action,
            subject: subject.to_owned(),
            detail: self.detail.to_string(),
        }
    }
}

/// The log of acts.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'a> {
    pub(crate) db: &'a Database,
}

impl Audit<'_> {
    /// Records an act.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn append(&self, entry: NewAudit) -> Result<()> {
        append(&self.db.writer, entry).await
    }

    /// Records an act that may be repeated within moments, and gives the
    /// number of its entry for [`Audit::repeat`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, entry: NewAudit) -> Result<i64> {
        Ok(audit::Entity::insert(to_row(entry)).exec(&self.db.writer).await?.last_insert_id)
    }

    /// Writes into an entry that its act was repeated.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repeat(&self, id: i64, detail: &Value) -> Result<()> {
        audit::Entity::update_many()
            .col_expr(audit::Column::Detail, Expr::value(detail.to_string()))
            .filter(audit::Column::Id.eq(id))
            .exec(&self.db.writer)
            .await?;
        Ok(())
    }

    /// The latest first.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(&self, request: &PageRequest) -> Result<Page<AuditEntry>> {
        let mut query = audit::Entity::find().order_by_desc(audit::Column::Id).limit(cursor::fetch(request));
        if let Some(after) = cursor::parse_number(request)? {
            query = query.filter(audit::Column::Id.lt(after));
        }
        let rows = query.all(&self.db.reader).await?;
        Ok(cursor::page(rows, request.limit(), |row| row.id.to_string()).map(|row| AuditEntry {
            id: row.id,
            at: Timestamp(row.at),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
        }))
    }
}

/// Records an act, in the transaction that it is part of.
pub(crate) async fn append(db: &impl ConnectionTrait, entry: NewAudit) -> Result<()> {
    audit::Entity::insert(to_row(entry)).exec_without_returning(db).await?;
    Ok(())
}

fn to_row(entry: NewAudit) -> audit::ActiveModel {
    audit::ActiveModel {
        id: NotSet,
        at: Set(entry.at.0),
        actor: Set(entry.actor),
        action: Set(entry.action),
        subject: Set(entry.subject),
        detail: Set(entry.detail),
    }
}
