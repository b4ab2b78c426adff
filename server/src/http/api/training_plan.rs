//! What a training will do, as the API tells it.

use domain::training::PlanRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a training will do, as it follows from its data and parameters.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct PlanBody {
    /// In a sentence.
    pub sentence: String,
    /// Width of the network's input, px.
    pub input_width: u32,
    /// Height of the network's input, px.
    pub input_height: u32,
    /// Width of the most common size of the pictures, px.
    pub picture_width: u32,
    /// Height of the most common size of the pictures, px.
    pub picture_height: u32,
    /// Nine of ten boxes have a shorter side of at least this many px of the
    /// input.
    pub box_px: Option<f64>,
    /// Images that weights are fitted to.
    pub images: u64,
    /// Images of a pass: those with rare labels count more than once.
    pub images_a_pass: u64,
    /// Images of the val split that weights are chosen by.
    pub held: u64,
    /// Images in a step.
    pub batch_size: u32,
    /// Steps of a pass.
    pub steps_a_pass: u32,
    /// Passes, where no time limit says otherwise.
    pub epochs: u32,
    /// Share of images that are made of four.
    pub mosaic: f64,
    /// Images are zoomed by up to 1 + this.
    pub zoom: f64,
    /// The share of images below which those of a label come more often.
    pub balance: f64,
    /// Measurements without a better one that end it; 0 for never.
    pub patience: u32,
    /// What there is to be said of the data.
    pub notes: Vec<String>,
}

impl From<PlanRecord> for PlanBody {
    fn from(plan: PlanRecord) -> Self {
        Self {
            sentence: plan.sentence,
            input_width: plan.input_width,
            input_height: plan.input_height,
            picture_width: plan.picture_width,
            picture_height: plan.picture_height,
            box_px: plan.box_px,
            images: plan.images,
            images_a_pass: plan.images_a_pass,
            held: plan.held,
            batch_size: plan.batch_size,
            steps_a_pass: plan.steps_a_pass,
            epochs: plan.epochs,
            mosaic: plan.mosaic,
            zoom: plan.zoom,
            balance: plan.balance,
            patience: plan.patience,
            notes: plan.notes,
        }
    }
}
