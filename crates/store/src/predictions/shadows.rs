//! What a shadow said of images that were predicted before, and how many of
//! them it has seen.

use super::{NewShadow, Predictions};
use crate::{
    aggregates::{
        self,
        bins::{Bins, Counted},
    },
    boxes::{self, BoxOwner},
    entity::prediction::{predictions, shadow_predictions},
    error::{Result, StoreError, taken},
    monitoring,
    reviews::locked,
    sql,
};
use domain::{
    event::Event,
    ids::{DeploymentId, ModelVersionId, PredictionId},
    prediction::Origin,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Value, sea_query::Expr,
};
use uuid::Uuid;

/// How many predictions a shadow has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// With its boxes.
    pub seen: u64,
    /// In all.
    pub all: u64,
    /// With its boxes, of those that arrived earlier.
    pub earlier: u64,
}

/// A stored image that a replay comes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayable {
    /// Which.
    pub id: PredictionId,
    /// Nothing is to be done: the model has seen it, has made the prediction
    /// itself, or a review began with another shadow's boxes, which must stay.
    pub settled: bool,
}

impl Predictions<'_> {
    /// Adds what a shadow said, later than the champion.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when there is a shadow already.
    pub async fn attach_shadow(&self, id: PredictionId, shadow: &NewShadow) -> Result<()> {
        self.write_shadow(id, shadow, false).await
    }

    /// Adds what a shadow said, in the place of what another one said. What
    /// dashboards counted of that stays counted.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn replace_shadow(&self, id: PredictionId, shadow: &NewShadow) -> Result<()> {
        self.write_shadow(id, shadow, true).await
    }

    async fn write_shadow(&self, id: PredictionId, shadow: &NewShadow, replace: bool) -> Result<()> {
        let shadow = shadow.clone().sound();
        let ids = self.labels.ids(self.db, shadow.boxes.iter().map(|predicted| &predicted.label)).await?;
        let stored = boxes::of_model(&shadow.boxes, &ids)?;
        let tx = self.db.begin().await?;
        let row = locked(&tx, id).await?;
        let owner = BoxOwner {
            deployment_id: row.deployment_id,
            prediction_id: id.0,
            origin: Origin::Shadow,
            revision: 0,
        };
        if replace {
            shadow_predictions::Entity::delete_by_id(id.0).exec(&tx).await?;
            owner.remove(&tx).await?;
        }
        let new = shadow_predictions::Model {
            prediction_id: id.0,
            model_version_id: shadow.model_version_id.map(|version| version.0),
            latency_ms: shadow.latency_ms,
        };
        shadow_predictions::Entity::insert(new.into_active_model())
            .exec_without_returning(&tx)
            .await
            .map_err(taken(|| format!("prediction {id} has a shadow already")))?;
        owner.write(&tx, &stored, row.threshold).await?;
        if let Some(model_version_id) = shadow.model_version_id {
            let deployment_id = DeploymentId(row.deployment_id);
            let counted = Counted { deployment_id, model_version_id, received: Timestamp(row.received) };
            let mut bins = Bins::default();
            bins.count_shadow(counted, shadow.latency_ms);
            aggregates::add(&tx, &bins).await?;
        }
        predictions::Entity::update_many()
            .col_expr(predictions::Column::ShadowDisagreement, Expr::value(shadow.disagreement))
            .filter(predictions::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        monitoring::rematch(&tx, id).await?;
        tx.publish(Event::PredictionChanged { deployment_id: DeploymentId(row.deployment_id), id });
        Ok(tx.commit().await?)
    }

    /// How many of the predictions that arrived since `since` a model has
    /// seen as a shadow, and how many of those before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn coverage(
        &self,
        deployment: DeploymentId,
        shadow: ModelVersionId,
        since: Timestamp,
    ) -> Result<Coverage> {
        let text = "SELECT COUNT(s.prediction_id) AS seen, COUNT(*) AS every, \
                    (SELECT COUNT(*) FROM shadow_predictions e JOIN predictions q ON q.id = e.prediction_id \
                    WHERE e.model_version_id = ? AND q.deployment_id = ? AND q.received < ? \
                    AND q.deletion_id IS NULL) AS earlier FROM predictions p \
                    LEFT JOIN shadow_predictions s ON s.prediction_id = p.id AND s.model_version_id = ? \
                    WHERE p.deployment_id = ? AND p.received >= ? AND p.deletion_id IS NULL";
        let one = [shadow.0.into(), deployment.0.into(), since.0.into()];
        let values: Vec<Value> = [one.clone(), one].concat();
        let row = self.db.reader.query_one_raw(sql::statement(self.db.backend(), text, values)).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("a count"))?;
        let number = |name| row.try_get::<i64>("", name).map(i64::unsigned_abs);
        Ok(Coverage { seen: number("seen")?, all: number("every")?, earlier: number("earlier")? })
    }

    /// The latest `limit` predictions before `before` that have a stored
    /// image, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replayable(
        &self,
        deployment: DeploymentId,
        model: ModelVersionId,
        before: Option<PredictionId>,
        limit: u32,
    ) -> Result<Vec<Replayable>> {
        let text = "SELECT p.id, CASE WHEN p.model_version_id = ? OR s.model_version_id = ? OR EXISTS \
                    (SELECT 1 FROM reviews r WHERE r.prediction_id = p.id AND r.started_from = 'shadow') \
                    THEN 1 ELSE 0 END AS settled \
                    FROM predictions p LEFT JOIN shadow_predictions s ON s.prediction_id = p.id \
                    WHERE p.deployment_id = ? AND p.id < ? AND p.image IS NOT NULL AND p.deletion_id IS NULL \
                    ORDER BY p.id DESC LIMIT ?";
        let before = before.map_or(Uuid::max(), |id| id.0);
        let values =
            vec![model.0.into(), model.0.into(), deployment.0.into(), before.into(), i64::from(limit).into()];
        let rows = self.db.reader.query_all_raw(sql::statement(self.db.backend(), text, values)).await?;
        rows.iter()
            .map(|row| {
                let settled = row.try_get::<i32>("", "settled")? != 0;
                Ok(Replayable { id: PredictionId(row.try_get("", "id")?), settled })
            })
            .collect()
    }
}
