//! How good weights are on the validation split.

use super::choice::Measurement;
use crate::{
    ComputeDevice,
    data::{Source, to_input},
    file::Card,
    infer::{Engine, Prepared},
    weights::Weights,
};
use domain::training::TrainError;
use measures::metrics::coco::{DetectedBox, TruthBox, match_image};

/// Images in one run of the network.
const BATCH: usize = 8;

/// What `weights` find after `step` steps on all images of `source`.
pub(super) fn measure(
    step: u32,
    card: &Card,
    weights: &Weights,
    source: &Source<'_>,
    device: &ComputeDevice,
) -> Result<Measurement, TrainError> {
    let engine = Engine::new(card, weights, device).map_err(|error| TrainError::Failed(error.to_string()))?;
    let mut matches = Vec::with_capacity(source.len());
    for first in (0..source.len()).step_by(BATCH) {
        let indices = first..(first + BATCH).min(source.len());
        let prepared = indices
            .clone()
            .map(|index| {
                let sample = source.sample(index)?;
                let mut values = vec![0.0; sample.rgb.len()];
                to_input(&sample.rgb, &mut values);
                Ok(Prepared { values, transform: sample.transform, size: sample.size })
            })
            .collect::<Result<Vec<_>, TrainError>>()?;
        let found = engine.run(&prepared).map_err(|error| TrainError::Failed(error.to_string()))?;
        for (index, inference) in indices.zip(found) {
            let annotations = source.image(index).map(|image| image.annotations.as_slice());
            let truths = annotations.unwrap_or_default().iter().filter_map(|annotation| {
                let class = source.class(&annotation.label)?;
                Some(TruthBox::new(class, &annotation.rect, annotation.ignore))
            });
            let detections = inference.detections.iter().map(|d| DetectedBox::new(d.class, &d.rect, d.score));
            matches.push(match_image(&truths.collect::<Vec<_>>(), &detections.collect::<Vec<_>>()));
        }
    }
    Ok(Measurement::new(step, card.labels.len(), matches))
}
