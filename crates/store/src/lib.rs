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
//! after the commit.

mod aggregates;
mod audit;
mod backup;
mod blobs;
mod cards;
mod consistency;
mod convert;
mod cursor;
mod database;
mod datasets;
mod deployments;
mod entity;
mod error;
mod experiments;
mod feedback;
mod fingerprint;
mod labels;
mod learning;
mod models;
mod monitoring;
mod names;
mod options;
mod packed;
mod predictions;
mod retention;
mod reviews;
mod sessions;
mod settings;
mod sql;
mod timed;
mod tokens;
mod transient;
mod users;
mod views;
mod work;

pub use aggregates::{Aggregates, Exemplar, HEAT_COLUMNS, HEAT_ROWS, Metric, RangeTotals};
pub use audit::{Audit, NewAudit};
pub use blobs::{BlobKind, BlobStream, Blobs};
pub use database::{DatabaseKind, QueuePool};
pub use datasets::{Datasets, NewDatasetVersion};
pub use deployments::{DeployedRole, Deployments, NewDeployment, RoleChange, RoleSpan};
pub use error::{Result, StoreError};
pub use experiments::{Experiments, NewExperiment};
pub use feedback::{Candidate, Feedback};
pub use fingerprint::ContentFingerprint;
pub use learning::{FrozenStart, Launch, Learning, NewLaunch, OpenRound};
pub use models::{Models, NewModelVersion};
pub use monitoring::{ArrivedImage, DriftStep, DueDelivery, Monitoring, NewReference, Outgoing, StoredRule};
pub use options::{Durability, StoreOptions};
pub use predictions::{
    Coverage, Deleted, Hidden, Idempotency, NewPrediction, NewShadow, Outlier, Predictions, Replayable,
    Stored, Tagged, Tallies, Tally, condition_sql,
};
pub use retention::Retentions;
pub use reviews::{By, Claim, Holder, NewRevision, Reviews};
pub use sessions::{SessionRow, Sessions};
pub use settings::Settings;
pub use tokens::Tokens;
pub use users::{Credentials, Link, Users};
pub use views::{ViewOwner, Views};
pub use work::{Claimed, Enqueued, NewWork, Work};

use database::Database;
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
        let writer = Writer::start(db.clone());
        let inner = Inner { db, blobs, labels: LabelBook::default(), names: ModelNames::default(), writer };
        Ok(Self { inner: Arc::new(inner) })
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

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.inner.db.reader.ping().await?)
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

    /// People and their one-time links.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users { db: &self.inner.db }
    }

    /// Signed-in browsers.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { db: &self.inner.db }
    }

    /// Bearer tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { db: &self.inner.db }
    }

    /// The log of acts.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit { db: &self.inner.db }
    }

    /// Values that people change.
    #[must_use]
    pub fn settings(&self) -> Settings<'_> {
        Settings { db: &self.inner.db }
    }

    /// Datasets, versions and assets.
    #[must_use]
    pub fn datasets(&self) -> Datasets<'_> {
        Datasets { db: &self.inner.db }
    }

    /// Models and their versions.
    #[must_use]
    pub fn models(&self) -> Models<'_> {
        Models { db: &self.inner.db }
    }

    /// Training runs.
    #[must_use]
    pub fn experiments(&self) -> Experiments<'_> {
        Experiments { db: &self.inner.db }
    }

    /// Deployments.
    #[must_use]
    pub fn deployments(&self) -> Deployments<'_> {
        Deployments { db: &self.inner.db }
    }

    /// Predictions of all deployments.
    #[must_use]
    pub fn predictions(&self) -> Predictions<'_> {
        let Inner { db, labels, names, writer, .. } = &*self.inner;
        Predictions { db, labels, names, writer }
    }

    /// How long what arrives is kept.
    #[must_use]
    pub fn retention(&self) -> Retentions<'_> {
        Retentions { db: &self.inner.db }
    }

    /// What people made of predictions.
    #[must_use]
    pub fn reviews(&self) -> Reviews<'_> {
        Reviews { db: &self.inner.db, labels: &self.inner.labels }
    }

    /// Feedback loops and what went into them.
    #[must_use]
    pub fn feedback(&self) -> Feedback<'_> {
        Feedback { db: &self.inner.db, labels: &self.inner.labels }
    }

    /// The learning loop.
    #[must_use]
    pub fn learning(&self) -> Learning<'_> {
        Learning { db: &self.inner.db }
    }

    /// Kept views of predictions, and past queries.
    #[must_use]
    pub fn views(&self) -> Views<'_> {
        Views { db: &self.inner.db }
    }

    /// Counts in time buckets.
    #[must_use]
    pub fn aggregates(&self) -> Aggregates<'_> {
        Aggregates { db: &self.inner.db, labels: &self.inner.labels }
    }

    /// What deployments are compared with, and what came of it.
    #[must_use]
    pub fn monitoring(&self) -> Monitoring<'_> {
        let Inner { db, labels, names, .. } = &*self.inner;
        Monitoring { db, labels, names }
    }

    /// Long work.
    #[must_use]
    pub fn work(&self) -> Work<'_> {
        Work { db: &self.inner.db }
    }

    /// Images, thumbnails and weights.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }
}
