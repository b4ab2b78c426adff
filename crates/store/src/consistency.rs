//! Recounting what is kept counted, and looking whether what belongs together
//! is together. For tests, and for who doubts a database.

use crate::{Store, error::Result, sql};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Each statement gives the rows that are wrong, in one column each; its
/// words say what is wrong with them.
const WRONG: [(&str, &str); 23] = [
    (
        "a kept count of predictions differs from counting them",
        "SELECT COALESCE(k.status, c.status) AS what FROM \
         (SELECT deployment_id, status, COUNT(*) AS n FROM predictions WHERE deletion_id IS NULL GROUP BY deployment_id, status) c \
         FULL JOIN (SELECT * FROM prediction_counts WHERE count <> 0) k \
         ON k.deployment_id = c.deployment_id AND k.status = c.status \
         WHERE k.count IS NULL OR c.n IS NULL OR k.count <> c.n",
    ),
    (
        "a prediction names another revision than its latest",
        "SELECT p.id AS what FROM predictions p WHERE p.revision <> \
         COALESCE((SELECT MAX(r.revision) FROM reviews r WHERE r.prediction_id = p.id), 0)",
    ),
    (
        "a prediction is reviewed without a revision, or names another reviewer",
        "SELECT p.id AS what FROM predictions p LEFT JOIN reviews r \
         ON r.prediction_id = p.id AND r.revision = p.revision \
         WHERE (p.status IN ('reviewed', 'submitted') AND r.reviewer IS NULL) \
         OR (r.reviewer IS NOT NULL AND (p.reviewed_by IS NULL OR p.reviewed_by <> r.reviewer))",
    ),
    (
        "a revision has other boxes than it says",
        "SELECT r.prediction_id AS what FROM reviews r WHERE r.box_count <> (SELECT COUNT(*) FROM boxes b \
         WHERE b.prediction_id = r.prediction_id AND b.origin = 2 AND b.revision = r.revision)",
    ),
    (
        "the counts of reviewed boxes differ from counting them",
        "SELECT COALESCE(k.prediction_id, c.prediction_id) AS what FROM \
         (SELECT b.prediction_id, b.label_id, SUM(CASE WHEN b.ignored THEN 0 ELSE 1 END) AS seen, COUNT(*) AS n \
         FROM boxes b JOIN predictions p ON p.id = b.prediction_id AND p.revision = b.revision \
         WHERE b.origin = 2 GROUP BY b.prediction_id, b.label_id) c \
         FULL JOIN (SELECT * FROM box_counts WHERE origin = 2) k \
         ON k.prediction_id = c.prediction_id AND k.label_id = c.label_id \
         WHERE k.stored IS NULL OR c.n IS NULL OR k.stored <> c.n OR k.visible <> c.seen",
    ),
    (
        "a prediction is skipped without a reason's row, or the other way round",
        "SELECT p.id AS what FROM predictions p LEFT JOIN review_skips s ON s.prediction_id = p.id \
         WHERE (p.status = 'skipped') <> (s.prediction_id IS NOT NULL)",
    ),
    (
        "a prediction is submitted without a submission, or the other way round",
        "SELECT p.id AS what FROM predictions p LEFT JOIN submissions s ON s.prediction_id = p.id \
         WHERE (p.status = 'submitted') <> (s.prediction_id IS NOT NULL)",
    ),
    (
        "a submission's boxes are not those of the latest revision",
        "SELECT s.prediction_id AS what FROM submissions s JOIN predictions p ON p.id = s.prediction_id \
         JOIN reviews r ON r.prediction_id = p.id AND r.revision = p.revision \
         WHERE s.revision <> p.revision OR s.boxes <> r.box_count",
    ),
    (
        "a submission's image is not in its dataset version",
        "SELECT s.prediction_id AS what FROM submissions s LEFT JOIN assets a ON a.id = s.asset_id \
         WHERE a.id IS NULL OR a.version_id <> s.version_id OR a.pixel_hash <> s.pixel_hash",
    ),
    (
        "a submission stands on another side than its image",
        "SELECT s.prediction_id AS what FROM submissions s JOIN assets a ON a.id = s.asset_id \
         LEFT JOIN feedback_sides f ON f.pixel_hash = s.pixel_hash \
         WHERE f.side IS NULL OR f.side <> s.side OR (s.side = 'holdout') <> (a.split = 'test')",
    ),
    (
        "a near duplicate stands on another side than the first of its group",
        "SELECT f.pixel_hash AS what FROM feedback_sides f JOIN feedback_sides leader \
         ON leader.pixel_hash = f.follows WHERE leader.side <> f.side",
    ),
    (
        "a dataset version counts other images than it has",
        "SELECT v.id AS what FROM dataset_versions v WHERE v.images <> \
         (SELECT COUNT(*) FROM assets a WHERE a.version_id = v.id)",
    ),
    (
        "a submission was taken by a training that is not there",
        "SELECT s.prediction_id AS what FROM submissions s LEFT JOIN experiments e ON e.id = s.consumed_by \
         WHERE s.consumed_by IS NOT NULL AND e.id IS NULL",
    ),
    (
        "an experiment is under way and no work is",
        "SELECT e.id AS what FROM experiments e WHERE e.state IN ('queued', 'running', 'cancelling') \
         AND NOT EXISTS (SELECT 1 FROM work_items w WHERE w.id = e.id \
         AND w.state IN ('queued', 'running', 'cancelling'))",
    ),
    (
        "an experiment and its work are under way in different states",
        "SELECT e.id AS what FROM experiments e JOIN work_items w ON w.id = e.id WHERE e.state <> w.state \
         AND (e.state IN ('queued', 'running', 'cancelling') OR w.state IN ('queued', 'running', 'cancelling'))",
    ),
    (
        "a reference is being made and no work is under way",
        "SELECT r.id AS what FROM training_references r WHERE r.state = 'building' \
         AND NOT EXISTS (SELECT 1 FROM work_items w WHERE w.id = r.id \
         AND w.state IN ('queued', 'running', 'cancelling'))",
    ),
    (
        "an experiment made two models, or says that it made another",
        "SELECT e.id AS what FROM experiments e WHERE \
         (SELECT COUNT(*) FROM model_versions v WHERE v.experiment_id = e.id) > 1 OR (e.model_version_id IS NOT NULL AND \
         NOT EXISTS (SELECT 1 FROM model_versions v WHERE v.experiment_id = e.id AND v.id = e.model_version_id))",
    ),
    (
        "a model version is said to be of another trainer than its experiment",
        "SELECT v.id AS what FROM model_versions v JOIN experiments e ON e.id = v.experiment_id \
         WHERE COALESCE(v.trainer, '') <> COALESCE(e.trainer, '')",
    ),
    (
        "files are kept beside a model version that has no weights",
        "SELECT f.model_version_id AS what FROM model_files f JOIN model_versions v ON v.id = f.model_version_id \
         WHERE v.weights_sha256 IS NULL",
    ),
    (
        "a snapshot is still open, or lacks an image that was frozen into it",
        "SELECT f.version_id AS what FROM frozen_feedback f JOIN dataset_versions v ON v.id = f.version_id \
         LEFT JOIN assets a ON a.id = f.asset_id AND a.version_id = f.version_id WHERE v.open OR a.id IS NULL",
    ),
    (
        "a round took other submissions than its snapshot holds",
        "SELECT l.id AS what FROM learning_rounds l WHERE l.submissions > \
         (SELECT COUNT(*) FROM frozen_feedback f WHERE f.version_id = l.snapshot_id)",
    ),
    (
        "a round ended with a verdict and has no evidence, or the other way round",
        "SELECT l.id AS what FROM learning_rounds l LEFT JOIN comparisons c ON c.id = l.comparison_id \
         WHERE (l.state = 'done') <> (c.id IS NOT NULL) OR (c.id IS NOT NULL AND c.verdict <> l.verdict)",
    ),
    (
        "a deployment has not one champion, or a shadow that is the champion",
        "SELECT d.id AS what FROM deployments d WHERE (SELECT COUNT(DISTINCT p.model_version_id) \
         FROM deployment_models p WHERE p.deployment_id = d.id AND p.until IS NULL) <> (SELECT COUNT(*) \
         FROM deployment_models p WHERE p.deployment_id = d.id AND p.until IS NULL) OR NOT EXISTS (SELECT 1 \
         FROM deployment_models p WHERE p.deployment_id = d.id AND p.until IS NULL AND p.role = 'champion')",
    ),
];

impl Store {
    /// Everything that is not as it must be, in sentences; nothing when all
    /// is well. Reads whole tables.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inconsistencies(&self) -> Result<Vec<String>> {
        let db = &self.inner.db;
        let mut inconsistencies = Vec::new();
        for (wrong, text) in WRONG {
            let rows = db.reader.query_all_raw(sql::statement(db.backend(), text, Vec::new())).await?;
            let which = rows.iter().map(named).collect::<Result<BTreeSet<String>>>()?;
            if !which.is_empty() {
                let first: Vec<String> = which.iter().take(3).cloned().collect();
                inconsistencies.push(format!("{wrong}: {} of {}", first.join(", "), which.len()));
            }
        }
        Ok(inconsistencies)
    }
}

/// Ids are bytes, all else is a word.
fn named(row: &QueryResult) -> Result<String> {
    match row.try_get::<Uuid>("", "what") {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Ok(row.try_get::<String>("", "what")?),
    }
}
