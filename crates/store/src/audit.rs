//! The log of acts: only ever appended to.

use crate::{cursor, database::Database, entity::access::audit, error::Result};
use domain::{
    access::AuditEntry,
    page::{Page, PageRequest},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

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
    let row = audit::ActiveModel {
        id: NotSet,
        at: Set(entry.at.0),
        actor: Set(entry.actor),
        action: Set(entry.action),
        subject: Set(entry.subject),
        detail: Set(entry.detail),
    };
    audit::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
