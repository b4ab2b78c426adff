//! What the store keeps, each kind by a handle of its own.

use crate::{
    Aggregates, Audit, Blobs, Datasets, DeploymentSettings, Deployments, Events, Experiments, Feedback,
    Files, ForeignRecords, Inner, Learning, Lineages, Models, Monitoring, Predictions, Pruning, Retentions,
    Reviews, Sessions, Settings, StagedModels, Store, Tokens, Uploads, Users, Views, Work,
};

impl Store {
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

    /// Files that are being sent, or wait to be used.
    #[must_use]
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads { db: &self.inner.db }
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

    /// What changes, as it changes, in whichever process.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events { db: &self.inner.db }
    }

    /// Values that people change.
    #[must_use]
    pub fn settings(&self) -> Settings<'_> {
        Settings { db: &self.inner.db }
    }

    /// Datasets, versions and assets.
    #[must_use]
    pub fn datasets(&self) -> Datasets<'_> {
        Datasets { db: &self.inner.db, blobs: &self.inner.blobs }
    }

    /// Models and their versions.
    #[must_use]
    pub fn models(&self) -> Models<'_> {
        Models { db: &self.inner.db, blobs: &self.inner.blobs }
    }

    /// What is kept for programs of other tools.
    #[must_use]
    pub fn foreign_records(&self) -> ForeignRecords<'_> {
        ForeignRecords { db: &self.inner.db, blobs: &self.inner.blobs }
    }

    /// Files that are about to be imported as models.
    #[must_use]
    pub fn staged_models(&self) -> StagedModels<'_> {
        StagedModels { db: &self.inner.db, blobs: &self.inner.blobs }
    }

    /// What model versions learned from.
    #[must_use]
    pub fn lineages(&self) -> Lineages<'_> {
        Lineages { db: &self.inner.db }
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

    /// What is set on deployments.
    #[must_use]
    pub fn deployment_settings(&self) -> DeploymentSettings<'_> {
        DeploymentSettings { db: &self.inner.db }
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

    /// What is forgotten after a time.
    #[must_use]
    pub fn pruning(&self) -> Pruning<'_> {
        Pruning { db: &self.inner.db }
    }

    /// Long work.
    #[must_use]
    pub fn work(&self) -> Work<'_> {
        Work { db: &self.inner.db }
    }

    /// Which files may go, and which are not as they must be.
    #[must_use]
    pub fn files(&self) -> Files<'_> {
        Files { db: &self.inner.db, blobs: &self.inner.blobs }
    }

    /// Images, thumbnails and weights.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }
}
