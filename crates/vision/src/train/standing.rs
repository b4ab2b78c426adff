//! Where a run is: what is learned, counted and kept between two steps.

use super::{
    choice::Choice,
    optimizer::{Average, Optimizer},
    profile::Profile,
    step::State,
};
use crate::{ComputeDevice, anchors::anchors, file::Model, weights::Weights};
use domain::training::TrainParams;
use measures::metrics::coco::Summary;

/// Where a run stands: all that a later attempt needs to go on.
pub(super) struct Standing {
    pub(super) state: State,
    /// Steps done.
    pub(super) step: u32,
    /// Measurements done of those that the schedule asks for.
    pub(super) measured: u32,
    pub(super) choice: Choice,
    /// The weights that the run gives, as measured.
    pub(super) retained: Option<(Summary, Weights)>,
}

impl Standing {
    /// Before the first step from these weights.
    pub(super) fn fresh(model: &Model, params: &TrainParams, device: ComputeDevice) -> Self {
        let input = model.card.input;
        let state = State {
            plan: model.card.plan(),
            input,
            anchors: anchors(input.width as usize, input.height as usize),
            average: Average::new(&model.weights, params.ema_decay),
            optimizer: Optimizer::new(params.weight_decay),
            weights: model.weights.clone(),
            device,
            profile: Profile::default(),
        };
        Self { state, step: 0, measured: 0, choice: Choice::default(), retained: None }
    }
}
