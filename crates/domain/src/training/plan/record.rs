//! A plan as it is kept and shown: the values, without the data.

use super::TrainPlan;
use crate::training::TrainParams;
use serde::{Deserialize, Serialize};

/// What a training will do, as it is kept with its experiment. Values that
/// were given by hand are in it, too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The plan in a sentence, for people.
    pub sentence: String,
    /// Of the network's input, px.
    pub input_width: u32,
    /// Of the network's input, px.
    pub input_height: u32,
    /// The most common size of the pictures, px.
    pub picture_width: u32,
    /// The most common size of the pictures, px.
    pub picture_height: u32,
    /// Nine of ten boxes have a shorter side of at least this many px of the
    /// input; `None` without boxes.
    pub box_px: Option<f64>,
    /// Images that weights are fitted to.
    pub images: u64,
    /// Images of a pass: those with rare labels count more than once.
    pub images_a_pass: u64,
    /// Images that measurements choose weights by.
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

impl TrainPlan {
    /// The plan in a sentence, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let TrainParams { input_width, input_height, batch_size, epochs, max_steps, mosaic, zoom, .. } =
            &self.params;
        let (w, h) = self.picture;
        let boxes = self.box_px.map_or(String::new(), |side| {
            format!(", where nine of ten boxes keep a side of {side:.0} px or more")
        });
        let more = self.shown.len() - self.images.min(self.shown.len());
        let balance = if more > 0 { format!(", {more} more with rare labels a pass") } else { String::new() };
        let four =
            if *mosaic > 0.0 { format!(", {:.0} % made of four", mosaic * 100.0) } else { String::new() };
        let passes = u64::from(self.steps_of_a_pass()) * u64::from(*epochs);
        let length = if self.params.time_limit_s > 0 {
            format!("{} s", self.params.time_limit_s)
        } else if (1..passes).contains(&u64::from(*max_steps)) {
            format!("{max_steps} steps")
        } else {
            format!("{epochs} passes")
        };
        format!(
            "{input_width}×{input_height} for pictures of {w}×{h} px{boxes}; {} images{balance}, {batch_size} a \
             step{four}, zoomed by up to {:.1}, for {length}",
            self.images,
            1.0 + zoom,
        )
    }

    /// What is kept of it.
    #[must_use]
    pub fn record(&self) -> PlanRecord {
        PlanRecord {
            sentence: self.sentence(),
            input_width: self.params.input_width,
            input_height: self.params.input_height,
            picture_width: self.picture.0,
            picture_height: self.picture.1,
            box_px: self.box_px,
            images: self.images as u64,
            images_a_pass: self.shown.len() as u64,
            held: self.held as u64,
            batch_size: self.params.batch_size,
            steps_a_pass: self.steps_of_a_pass(),
            epochs: self.params.epochs,
            mosaic: self.params.mosaic,
            zoom: self.params.zoom,
            balance: self.params.balance,
            patience: self.params.patience.max(0).cast_unsigned(),
            notes: self.notes.clone(),
        }
    }
}
