//! The features of predictions, as drift compares them.

use super::Monitoring;
use crate::{
    convert::to_size,
    error::{Result, StoreError},
    packed,
    sql::{Arg, Fragment, rows},
};
use domain::{
    drift::{ImageFeatures, image_features},
    ids::{DeploymentId, PredictionId, ReferenceId},
    monitor::image_measures::{Appearance, ImageMeasure},
    time::Timestamp,
};
use sea_orm::QueryResult;
use std::collections::HashMap;
use uuid::Uuid;

/// Ids of one statement.
const CHUNK: usize = 500;

/// A prediction in the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivedImage {
    /// Which.
    pub id: PredictionId,
    /// Which camera, line or client; empty when it names none.
    pub source: String,
    /// When the image was taken.
    pub taken: Timestamp,
}

impl Monitoring<'_> {
    /// Predictions after `after` that arrived up to `until`, in the order of
    /// their ids, at most `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn arrived(
        &self,
        id: DeploymentId,
        after: Option<PredictionId>,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<ArrivedImage>> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let text = "SELECT id, source, created FROM predictions WHERE deployment_id = ? AND id > ? \
                    AND received <= ? ORDER BY id LIMIT ?";
        let values = [Arg::Id(id.0), Arg::Id(after), Arg::Int(until.0), Arg::Int(i64::from(most))];
        let arrivals = rows(&self.db.reader, Fragment::with(text, values)).await?;
        arrivals
            .iter()
            .map(|row| {
                let source: Option<String> = row.try_get_by_index(1)?;
                Ok(ArrivedImage {
                    id: PredictionId(row.try_get_by_index(0)?),
                    source: source.unwrap_or_default(),
                    taken: Timestamp(row.try_get_by_index(2)?),
                })
            })
            .collect()
    }

    /// The features of these predictions, in their order; those that are gone
    /// are left out. Outlier distances count only against `reference`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn features(
        &self,
        ids: &[PredictionId],
        reference: ReferenceId,
    ) -> Result<Vec<(PredictionId, ImageFeatures)>> {
        let mut features: HashMap<PredictionId, ImageFeatures> = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            // The measures come last, in the order of their table.
            let measures = ImageMeasure::all().map(ImageMeasure::name).collect::<Vec<_>>().join(", ");
            let text = format!(
                "SELECT id, width, height, outlier_distance, outlier_reference_id, source, visible, {measures} \
                 FROM predictions WHERE "
            );
            let these = Fragment::one_of("id", chunk.iter().map(|id| Arg::Id(id.0)));
            for row in rows(&self.db.reader, Fragment::new(&text).then(these)).await? {
                features.insert(PredictionId(row.try_get_by_index(0)?), features_of(&row, reference)?);
            }
        }
        Ok(ids.iter().filter_map(|id| Some((*id, features.remove(id)?))).collect())
    }
}

fn features_of(row: &QueryResult, reference: ReferenceId) -> Result<ImageFeatures> {
    let size = to_size(row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let size = size.ok_or_else(|| StoreError::corrupt("the size of a prediction"))?;
    let distance: Option<f64> = row.try_get_by_index(3)?;
    let scored_by: Option<Uuid> = row.try_get_by_index(4)?;
    let distance = distance.filter(|_| scored_by == Some(reference.0));
    let source: Option<String> = row.try_get_by_index(5)?;
    let visible: Vec<u8> = row.try_get_by_index(6)?;
    let values = (7..7 + ImageMeasure::ROWS).map(|column| row.try_get_by_index::<Option<f64>>(column));
    let mut values = values.collect::<std::result::Result<Vec<_>, _>>()?.into_iter();
    let appearance = Appearance::measured(|_| values.next().flatten());
    let boxes: Vec<(u32, f64, f64)> = packed::unpack(&visible)?
        .into_iter()
        .map(|stored| {
            let [_, _, w, h] = stored.rect;
            (stored.class, stored.score.unwrap_or_default(), w * h)
        })
        .collect();
    let features = image_features(Some(appearance), size, &boxes, distance);
    Ok(features.from_source(source.unwrap_or_default()))
}
