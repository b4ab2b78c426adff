//! What model versions were measured to be worth.

use crate::{
    Models,
    audit::Act,
    convert::{from_json, to_json, to_label},
    entity::model::evaluations,
    error::{Result, StoreError},
};
use domain::{ids::ModelVersionId, model::Evaluation, time::Timestamp};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait,
    sea_query::OnConflict,
};
use std::collections::HashMap;

impl Models<'_> {
    /// Stores a measurement of the version called `name`; it replaces the one
    /// on the same split of the same dataset version.
    ///
    /// # Errors
    /// `Conflict` when the version is not there.
    pub async fn put_evaluation(
        &self,
        id: ModelVersionId,
        name: &str,
        evaluation: &Evaluation,
        act: Act,
    ) -> Result<()> {
        use evaluations::Column;
        let row = evaluations::ActiveModel {
            id: NotSet,
            model_version_id: Set(id.0),
            dataset: Set(evaluation.dataset.clone()),
            split: Set(evaluation.split.as_str().to_owned()),
            images: Set(evaluation.images.cast_signed()),
            boxes: Set(evaluation.boxes.cast_signed()),
            summary: Set(to_json(&evaluation.summary)?),
            per_label: Set(to_json(&evaluation.per_label)?),
            at: Set(evaluation.at.0),
            left_out: Set(evaluation.left_out.as_ref().map(to_json).transpose()?),
            fitted: Set(evaluation.fitted),
            best_threshold: Set(evaluation.best_threshold.as_ref().map(to_json).transpose()?),
            intervals: Set(evaluation.intervals.as_ref().map(to_json).transpose()?),
        };
        let replace = OnConflict::columns([Column::ModelVersionId, Column::Dataset, Column::Split])
            .update_columns([
                Column::Images,
                Column::Boxes,
                Column::Summary,
                Column::PerLabel,
                Column::At,
                Column::LeftOut,
                Column::Fitted,
                Column::BestThreshold,
                Column::Intervals,
            ])
            .to_owned();
        let insert = evaluations::Entity::insert(row).on_conflict(replace);
        let tx = self.db.begin().await?;
        insert.exec_without_returning(&tx).await?;
        act.record(&tx, name).await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) fn to_evaluation(row: evaluations::Model) -> Result<Evaluation> {
    let per_label: HashMap<String, _> = from_json(row.per_label, "figures by label")?;
    Ok(Evaluation {
        split: row
            .split
            .parse()
            .map_err(|_| StoreError::corrupt(format!("split of evaluation {}", row.id)))?,
        dataset: row.dataset,
        images: row.images.unsigned_abs(),
        boxes: row.boxes.unsigned_abs(),
        summary: from_json(row.summary, "figures of an evaluation")?,
        per_label: per_label.into_iter().map(|(l, v)| Ok((to_label(l)?, v))).collect::<Result<_>>()?,
        at: Timestamp(row.at),
        left_out: row.left_out.map(|left_out| from_json(left_out, "images left out")).transpose()?,
        fitted: row.fitted,
        best_threshold: row.best_threshold.map(|best| from_json(best, "the best threshold")).transpose()?,
        intervals: row.intervals.map(|json| from_json(json, "intervals of an evaluation")).transpose()?,
    })
}
