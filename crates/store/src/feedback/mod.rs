//! The way of reviewed images into an open dataset version. One transaction
//! moves the status, adds the asset, fixes the side and records who did it.

mod read;
mod sides;
mod submit;

pub(crate) use submit::{lock_loop, take_out};

use crate::{
    audit::{self, By, NewAudit},
    database::Database,
    datasets::require_open,
    deployments::{put_settings_in, settings_in},
    entity::{
        feedback::{feedback_loops, image_fingerprints},
        prediction::predictions,
    },
    error::{Result, StoreError},
    labels::LabelBook,
    sql::{Arg, Fragment, rows},
};
use domain::{
    event::Event,
    feedback::{FeedbackSettings, Fingerprint},
    ids::{AssetId, DatasetVersionId, DeploymentId, PredictionId},
    prediction::Status,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, sea_query::OnConflict};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// A prediction to be submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub prediction_id: PredictionId,
    /// What its image becomes.
    pub asset_id: AssetId,
    /// Of its image; `None` when that cannot be read.
    pub fingerprint: Option<Fingerprint>,
}

/// Feedback loops and what went into them.
#[derive(Clone, Copy, Debug)]
pub struct Feedback<'a> {
    pub(crate) db: &'a Database,
    pub(crate) labels: &'a LabelBook,
}

impl Feedback<'_> {
    /// The settings of a deployment's loop; off without a target where nobody
    /// set any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self, id: DeploymentId) -> Result<FeedbackSettings> {
        let row = feedback_loops::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        let submission = settings_in(&self.db.reader, id).await?;
        Ok(FeedbackSettings {
            enabled: row.as_ref().is_some_and(|row| row.enabled),
            target: row.and_then(|row| row.version_id).map(DatasetVersionId),
            submission,
        })
    }

    /// Sets them. What was submitted stays where it is.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when the target is frozen.
    pub async fn put_settings(&self, id: DeploymentId, settings: FeedbackSettings, by: &By) -> Result<()> {
        let tx = self.db.begin().await?;
        if let Some(target) = settings.target {
            require_open(&tx, target).await?;
        }
        let row = feedback_loops::Model {
            deployment_id: id.0,
            enabled: settings.enabled,
            version_id: settings.target.map(|target| target.0),
        };
        let replace = OnConflict::column(feedback_loops::Column::DeploymentId)
            .update_columns([feedback_loops::Column::Enabled, feedback_loops::Column::VersionId])
            .to_owned();
        feedback_loops::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&tx)
            .await?;
        put_settings_in(&tx, id, &settings.submission).await?;
        tx.publish(Event::DeploymentChanged { id });
        let detail = json!({
            "enabled": settings.enabled, "target": settings.target, "submission": settings.submission,
        });
        let entry = NewAudit {
            at: by.at,
            actor: by.actor.clone(),
            action: "feedback.settings".to_owned(),
            subject: id.to_string(),
            detail: detail.to_string(),
        };
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The images of those that may be submitted as far as their status goes:
    /// only these are worth decoding.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn images_to_submit(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
    ) -> Result<HashMap<PredictionId, String>> {
        let rows: Vec<(Uuid, String)> = predictions::Entity::find()
            .filter(predictions::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .filter(predictions::Column::DeploymentId.eq(deployment.0))
            .filter(predictions::Column::Status.eq(Status::Reviewed.as_str()))
            .filter(predictions::Column::Image.is_not_null())
            .filter(predictions::Column::DeletionId.is_null())
            .select_only()
            .columns([predictions::Column::Id, predictions::Column::Image])
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        Ok(rows.into_iter().map(|(id, image)| (PredictionId(id), image)).collect())
    }

    /// The fingerprints that are known of these images.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fingerprints(&self, images: &[String]) -> Result<HashMap<String, Fingerprint>> {
        let rows = image_fingerprints::Entity::find()
            .filter(image_fingerprints::Column::Image.is_in(images))
            .all(&self.db.reader)
            .await?;
        let known = rows.into_iter().map(|row| {
            let perceptual_hash = row.perceptual_hash.cast_unsigned();
            (row.image, Fingerprint { pixel_hash: row.pixel_hash, perceptual_hash })
        });
        Ok(known.collect())
    }

    /// Reviewed predictions of a deployment after `after` (from the first when
    /// `None`) whose image has no fingerprint yet, in the order of their ids:
    /// what a figure cannot tell apart from training images.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn without_fingerprint(
        &self,
        deployment: DeploymentId,
        after: Option<PredictionId>,
        most: u32,
    ) -> Result<Vec<(PredictionId, String)>> {
        let mut query = Fragment::with(
            "SELECT m.prediction_id, p.image FROM supervised_matches m \
             JOIN predictions p ON p.id = m.prediction_id \
             LEFT JOIN image_fingerprints f ON f.image = p.image \
             WHERE m.deployment_id = ? AND m.side = 0 AND p.image IS NOT NULL AND f.image IS NULL",
            [Arg::Id(deployment.0)],
        );
        if let Some(after) = after {
            query = query.say(" AND m.prediction_id > ").value(after.0);
        }
        let query = query.say(" ORDER BY m.prediction_id LIMIT ").value(i64::from(most));
        let images = rows(&self.db.reader, query).await?;
        images
            .iter()
            .map(|row| Ok((PredictionId(row.try_get_by_index(0)?), row.try_get_by_index(1)?)))
            .collect()
    }

    /// Keeps the fingerprint of an image; twice is once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_fingerprint(&self, image: &str, fingerprint: &Fingerprint) -> Result<()> {
        let row = image_fingerprints::Model {
            image: image.to_owned(),
            pixel_hash: fingerprint.pixel_hash.clone(),
            perceptual_hash: fingerprint.perceptual_hash.cast_signed(),
        };
        let nothing = OnConflict::column(image_fingerprints::Column::Image).do_nothing().to_owned();
        image_fingerprints::Entity::insert(row.into_active_model())
            .on_conflict(nothing)
            .exec_without_returning(&self.db.writer)
            .await?;
        Ok(())
    }
}

/// A side or a reason that is not one is damage.
fn damaged(what: &str) -> StoreError {
    StoreError::corrupt(format!("{what} of a submission"))
}
