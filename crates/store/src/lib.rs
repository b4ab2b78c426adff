//! Everything that is kept: rows in SQLite or PostgreSQL, files in a folder
//! or a bucket.
//!
//! [`Store::open`] gives a handle that is cheap to clone; its accessors
//! ([`Store::users`], [`Store::predictions`] …) take and return the types of
//! `domain`. Entities never leave this crate. Ids and the present moment are
//! arguments: the store makes no id and reads no clock. Who may do what is
//! not its business.
//!
//! Conventions: `find…` gives an `Option`; what changes something that is not
//! there is [`StoreError::NotFound`]; what clashes with what is there is
//! [`StoreError::Conflict`]. Every method that changes something returns
//! after the commit; when it fails nothing of its transaction is there.

// What integration tests share with those of this crate names it from outside.
#[cfg(test)]
extern crate self as store;

mod aggregates;
mod audit;
mod backup;
mod blobs;
mod boxes;
mod cards;
mod consistency;
mod convert;
mod cursor;
mod database;
mod datasets;
mod deployments;
mod entity;
mod error;
mod evaluations;
mod events;
mod experiments;
mod failure;
mod feedback;
mod files;
mod fingerprint;
#[cfg(test)]
#[path = "../tests/suite/fixtures.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the integration tests")]
mod fixtures;
mod foreign_records;
mod health;
mod inspection;
mod labels;
mod learning;
mod lineage;
mod lines;
mod migrations;
mod models;
mod monitoring;
mod names;
mod options;
mod outgoing;
mod packed;
mod predictions;
mod pruning;
mod repositories;
mod retention;
mod reviews;
mod sessions;
mod settings;
mod sql;
mod staged_models;
mod table;
#[cfg(test)]
mod tests;
mod timed;
mod tokens;
mod transaction;
mod transient;
mod uploads;
mod urls;
mod users;
mod views;
mod work;

pub use aggregates::{Aggregates, Exemplar, RangeTotals};
pub use audit::{Act, Audit, By, NewAudit};
pub use blobs::{BlobKind, BlobStream, Blobs};
pub use database::{DatabaseKind, QueuePool};
pub use datasets::{Datasets, IMPORT_MS, NewDatasetImport, NewDatasetVersion, OpenImport};
pub use deployments::{
    DeployedRole, DeploymentChange, DeploymentSettings, Deployments, NewDeployment, RoleChange, RoleSpan,
};
pub use error::{Result, StoreError};
pub use events::{Events, Follower, News};
pub use experiments::{Experiments, NewExperiment};
pub use feedback::{Candidate, Feedback};
pub use files::{Collected, FileAudit, FileFault, Files, HOLD_MS, REMOVAL_GRACE_MS};
pub use fingerprint::ContentFingerprint;
pub use foreign_records::ForeignRecords;
pub use health::NotReady;
pub use learning::{FrozenStart, Launch, Learning, NewLaunch, OpenRound};
pub use lineage::{Lineage, Lineages, Origin, TrainingSplits};
pub use lines::Line;
pub use migrations::SchemaState;
pub use models::{KeptFile, Models, NewModelVersion};
pub use monitoring::{ArrivedImage, DriftStep, DueDelivery, Monitoring, NewReference, StoredRule};
pub use options::{Durability, StoreOptions};
pub use outgoing::Outgoing;
pub use predictions::{
    Coverage, Hidden, Idempotency, NewPrediction, NewShadow, Outlier, Predictions, Replayable, Stored,
    Tagged, Tallies, Tally, condition_sql, rewritten_cursor,
};
pub use pruning::{Pruned, Pruning};
pub use retention::Retentions;
pub use reviews::{Claim, Holder, NewRevision, NewSubmission, Reviews};
pub use sessions::{SessionRow, Sessions};
pub use settings::Settings;
pub use staged_models::{Said, StagedModel, StagedModels, StagingLimits};
pub use tokens::{OwnedToken, Tokens};
pub use uploads::{StagedLimits, StagedUpload, Uploads};
pub use users::{Credentials, Link, Users};
pub use views::{ViewOwner, Views};
pub use work::{Claimed, Enqueued, NewWork, Work};

use database::Database;
use health::Readiness;
use labels::LabelBook;
use names::ModelNames;
use predictions::writer::Writer;
use std::sync::Arc;

/// Everything that is kept; clones share one set of connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Database,
    blobs: Blobs,
    labels: LabelBook,
    names: ModelNames,
    writer: Writer,
    readiness: Readiness,
}

impl Store {
    /// Connects, brings the schema up to date, and starts the writing task on
    /// the current tokio runtime.
    ///
    /// # Errors
    /// `Options` when a URL is none or a folder cannot be used, or the
    /// database's.
    pub async fn open(options: StoreOptions) -> Result<Self> {
        let blobs = Blobs::open(&options)?;
        let db = Database::open(&options).await?;
        db.migrate().await?;
        Ok(Self::of(db, blobs))
    }

    fn of(db: Database, blobs: Blobs) -> Self {
        let writer = Writer::start(db.clone(), blobs.clone());
        let (labels, names, readiness) = Default::default();
        Self { inner: Arc::new(Inner { db, blobs, labels, names, writer, readiness }) }
    }

    /// Stores what still waits and closes the connections. Calls that come
    /// later fail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close(&self) -> Result<()> {
        self.inner.writer.finish().await;
        self.inner.db.close().await
    }

    /// Which database it is.
    #[must_use]
    pub fn database_kind(&self) -> DatabaseKind {
        self.inner.db.kind
    }

    /// Connections for a job queue that keeps its own tables beside ours.
    #[must_use]
    pub fn queue_pool(&self) -> QueuePool {
        self.inner.db.queue.clone()
    }
}
