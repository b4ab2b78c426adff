//! The terms of a run, as they follow from what was asked for: the plan, steps
//! at most, variation, and what a time limit leaves.

use super::schedule::Schedule;
use crate::data::{Feed, Variation};
use domain::{
    geometry::Size,
    training::{TrainError, TrainParams, TrainPlan, TrainRequest, memory::TRAINING_BUDGET_BYTES},
};
use std::{collections::HashSet, time::Duration};

/// How far beyond `epochs` a time limit may stretch a run.
pub(super) const STRETCH: u64 = 4;
/// Seconds of a time limit kept for the last measurement and the file.
const RESERVE: f64 = 1.5;

/// What will be done, or why it cannot be.
pub(super) fn plan(request: &TrainRequest) -> Result<TrainPlan, TrainError> {
    request.params.validate().map_err(|error| TrainError::Request(error.to_string()))?;
    let labels: HashSet<_> = request.labels.iter().collect();
    if labels.is_empty() || labels.len() != request.labels.len() {
        return Err(TrainError::Request("a training needs labels, each once".to_owned()));
    }
    let unknown = request.images.iter().flat_map(|image| &image.annotations);
    if let Some(label) = unknown.map(|annotation| &annotation.label).find(|label| !labels.contains(label)) {
        return Err(TrainError::Request(format!("a box has the label {label}, which is not listed")));
    }
    let plan =
        TrainPlan::new(&request.params, &request.labels, &request.images).map_err(TrainError::Request)?;
    plan.params
        .check_memory(labels.len(), TRAINING_BUDGET_BYTES)
        .map_err(|error| TrainError::Request(format!("with {} labels, {error}", labels.len())))?;
    Ok(plan)
}

/// Steps at most: what `epochs` needs, stretched under a time limit, and no
/// more than `max_steps`.
pub(super) fn steps(params: &TrainParams, pass: u32) -> u32 {
    let stretch = if params.time_limit_s > 0 { STRETCH } else { 1 };
    let most = if params.max_steps > 0 { params.max_steps } else { 10_000_000 };
    (u64::from(pass) * u64::from(params.epochs) * stretch).min(u64::from(most)) as u32
}

/// What the steps of a run show.
pub(super) fn order(params: &TrainParams, input: Size, schedule: Schedule) -> Feed {
    let variation = Variation {
        flip: 0.5,
        flip_vertical: params.flip_vertical,
        zoom: params.zoom as f32,
        stretch: 0.15,
        shift: 0.15,
        colour: 0.3,
        mosaic: params.mosaic,
    };
    let batch = params.batch_size as usize;
    Feed { seed: params.seed, batch, input, variation, calm: 0.15, schedule }
}

/// What a time limit leaves for steps, the last measurement on so many images
/// taken off.
pub(super) fn budget(params: &TrainParams, measured: usize) -> Option<Duration> {
    let limit = params.time_limit_s as f64;
    let reserve = RESERVE + 0.03 * measured as f64;
    (params.time_limit_s > 0).then(|| Duration::from_secs_f64((limit - reserve).max(limit * 0.5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_epochs_the_limit_and_the_most_allowed() {
        let params = TrainParams { epochs: 10, batch_size: 8, ..TrainParams::default() };
        assert_eq!(steps(&params, 3), 30);
        assert_eq!(steps(&TrainParams { max_steps: 7, ..params.clone() }, 3), 7);
        assert_eq!(steps(&TrainParams { time_limit_s: 60, ..params.clone() }, 3), 120);
        assert_eq!(steps(&TrainParams { time_limit_s: 60, max_steps: 50, ..params }, 3), 50);
    }
}
