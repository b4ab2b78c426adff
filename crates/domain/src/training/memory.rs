//! How much memory a network takes, before there is one: so that what cannot
//! fit is refused with a sentence instead of being killed by the system.
//!
//! The figures follow from the layers of the detector and were measured on
//! them (peak resident set of trainings of 64×64 to 640×640 px, batches of 1
//! to 8, widths 0.25 to 2): per pixel of a step 293 bytes at width 1, which
//! grow with the width, and 15 that do not.

use super::TrainParams;
use crate::geometry::Size;

const GIB: u64 = 1 << 30;
/// The program, the runtime and a batch that is being prepared.
const FIXED_BYTES: f64 = 128e6;
/// Of a pixel of a step, times the width: activations, kept for the gradient.
const STEP_BYTES_PER_PIXEL: f64 = 300.0;
/// Of a pixel of a step at any width: the picture itself, boxes.
const STEP_BYTES_PER_PIXEL_FIXED: f64 = 64.0;
/// Of a pixel of a step and a class: logits, targets and gradients on maps of
/// an eighth, a sixteenth and a thirty-second of each side.
const STEP_BYTES_PER_PIXEL_AND_CLASS: f64 = 0.5;
/// Of the weights at width 1, which grow with its square: themselves, their
/// gradient, two moments and an average.
const WEIGHT_BYTES: f64 = 60e6;
/// Of a pixel when a network is only asked: no activation is kept.
const ANSWER_BYTES_PER_PIXEL: f64 = 64.0;
const ANSWER_BYTES_PER_PIXEL_FIXED: f64 = 32.0;

/// Memory that a training may take: what a large machine has.
pub const TRAINING_BUDGET_BYTES: u64 = 32 * GIB;
/// Memory that a network may take to answer one image; some are answered at
/// the same time.
pub const ANSWER_BUDGET_BYTES: u64 = GIB / 2;

impl TrainParams {
    /// About how many bytes of memory a training takes, for so many labels.
    #[must_use]
    pub fn memory_bytes(&self, labels: usize) -> u64 {
        let or = |given: u32, usual: u32| f64::from(if given > 0 { given } else { usual });
        // What is left to the data is not known here: the usual case.
        let pixels = or(self.input_width, 416) * or(self.input_height, 320) * or(self.batch_size, 8);
        let per_pixel = STEP_BYTES_PER_PIXEL * self.width
            + STEP_BYTES_PER_PIXEL_FIXED
            + STEP_BYTES_PER_PIXEL_AND_CLASS * labels as f64;
        (FIXED_BYTES + WEIGHT_BYTES * self.width * self.width + pixels * per_pixel) as u64
    }

    /// Refuses what takes more than `most` bytes of memory for so many labels.
    ///
    /// # Errors
    /// A sentence that says how much it takes, and what to lower.
    pub fn check_memory(&self, labels: usize, most: u64) -> Result<(), String> {
        let bytes = self.memory_bytes(labels);
        if bytes <= most {
            return Ok(());
        }
        Err(format!(
            "steps of {} images of {}×{} px at width {} take about {} of memory, and {} are the most: lower \
             the batch, the input or the width",
            self.batch_size,
            self.input_width,
            self.input_height,
            self.width,
            gigabytes(bytes),
            gigabytes(most)
        ))
    }
}

/// Refuses a network that takes more than [`ANSWER_BUDGET_BYTES`] of memory to
/// answer an image of its input's size.
///
/// # Errors
/// A sentence that says how much it takes.
pub fn check_answer_memory(width: f64, input: Size) -> Result<(), String> {
    let pixels = f64::from(input.width) * f64::from(input.height);
    let bytes = (pixels * (ANSWER_BYTES_PER_PIXEL * width + ANSWER_BYTES_PER_PIXEL_FIXED)) as u64;
    if bytes <= ANSWER_BUDGET_BYTES {
        return Ok(());
    }
    Err(format!(
        "its width {width} and its input {}×{} px together take about {} of memory for each image, and {} are \
         the most",
        input.width,
        input.height,
        gigabytes(bytes),
        gigabytes(ANSWER_BUDGET_BYTES)
    ))
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / GIB as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(side: u32, batch_size: u32, width: f64) -> TrainParams {
        TrainParams { input_width: side, input_height: side, batch_size, width, ..TrainParams::default() }
    }

    /// Peak resident sets of real trainings with one label, in MB.
    #[test]
    fn the_estimate_is_no_lower_than_what_was_measured_and_not_twice_as_high() {
        for (side, batch, width, megabytes) in [
            (256, 4, 1.0, 162.0),
            (512, 4, 1.0, 396.0),
            (512, 8, 1.0, 680.0),
            (512, 4, 2.0, 770.0),
            (512, 8, 0.25, 272.0),
            (640, 8, 1.0, 1013.0),
        ] {
            let estimate = params(side, batch, width).memory_bytes(1) as f64 / f64::from(1 << 20);
            assert!(
                (megabytes..2.0 * megabytes).contains(&estimate),
                "{side} {batch} {width}: {estimate} MB"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_how_much_it_takes() {
        assert!(params(1280, 8, 1.0).check_memory(80, TRAINING_BUDGET_BYTES).is_ok());
        let refused = params(1280, 256, 4.0).check_memory(1, TRAINING_BUDGET_BYTES).unwrap_err();
        assert!(refused.contains("256 images of 1280×1280 px at width 4"), "{refused}");
        assert!(refused.contains("32.0 GB are the most"), "{refused}");
        assert!(params(1280, 32, 1.0).check_memory(10_000, TRAINING_BUDGET_BYTES).is_err(), "many labels");
    }

    #[test]
    fn a_network_answers_what_a_training_may_give_and_nothing_much_larger() {
        let size = |width, height| Size::new(width, height).unwrap();
        assert!(check_answer_memory(4.0, size(1280, 1280)).is_ok());
        assert!(check_answer_memory(0.125, size(2048, 2048)).is_ok());
        let refused = check_answer_memory(4.0, size(4096, 4096)).unwrap_err();
        assert!(refused.contains("4096×4096 px together take about 4.5 GB"), "{refused}");
    }
}
