//! Whether a candidate is better than the champion, and how sure that is.
//!
//! Both are measured on the same held-out reviewed images; the difference of
//! AP (IoU 0.50:0.95, mean over the gated classes) gets a paired image-level
//! bootstrap interval ([`crate::metrics::bootstrap`]). `better` needs the whole
//! interval above 0, and nothing that speaks against it; `worse` needs it
//! below 0; all else is undecided, with the reasons ([`judge`]). How often the
//! gate errs is measured in [`rates`].

mod judge;
pub mod rates;

pub use judge::judge;

use crate::{
    metrics::{
        bootstrap::{Bootstrap, NotPaired},
        coco::ImageMatches,
    },
    statistics::Estimate,
};
use serde::{Deserialize, Serialize};

/// What the gate asks for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GateSettings {
    /// Images below which nothing is decided.
    pub least_images: u32,
    /// True boxes of a gated class below which nothing is decided.
    pub least_boxes: u32,
    /// Images reviewed from an empty canvas below which nothing is decided
    /// that rests on other reviews, too.
    pub least_blind_images: u32,
    /// AP that a gated class may seem to lose before the candidate is held
    /// back, though the loss be within what chance allows.
    pub class_margin: f64,
    /// What the candidate's latency may be, 95th percentile; `None` for any.
    pub latency_budget_ms: Option<f64>,
    /// How the intervals are made.
    pub bootstrap: Bootstrap,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            least_images: 30,
            least_boxes: 20,
            least_blind_images: 30,
            class_margin: 0.05,
            latency_budget_ms: None,
            bootstrap: Bootstrap::default(),
        }
    }
}

/// What the reviewer of an image saw first: reviewers tend to leave the boxes
/// that they find, which favours the model that drew them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Nothing: the review is blind.
    Empty,
    /// The champion's boxes.
    Champion,
    /// The candidate's boxes.
    Candidate,
}

/// An image on which both models were measured against the same truth.
#[derive(Clone, Copy, Debug)]
pub struct GateImage<'m> {
    /// Where its review began.
    pub start: Start,
    /// The champion's matches.
    pub champion: &'m ImageMatches,
    /// The candidate's matches.
    pub candidate: &'m ImageMatches,
}

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub struct GateInput<'m> {
    /// Held-out images in the order of their ids.
    pub images: &'m [GateImage<'m>],
    /// By index of the category, whether it is gated: known to both models and
    /// not new. Others are shown and not judged.
    pub gated: &'m [bool],
    /// The candidate's latency, 95th percentile; `None` when not measured.
    pub latency_p95_ms: Option<f64>,
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The candidate is better, and nothing speaks against it.
    Better,
    /// The candidate is worse.
    Worse,
    /// Nobody can tell yet, or something speaks against a better candidate.
    Undecided,
    /// It would be decided, but only by reviews that began with the boxes of
    /// the model they favour.
    UndecidedAnchored,
}

/// Why the verdict is not what the interval alone would say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    /// Too few images.
    FewImages {
        /// How many there are.
        have: u64,
        /// How many there must be.
        need: u64,
    },
    /// Too few true boxes of a gated class.
    FewBoxes {
        /// Index of the class.
        category: usize,
        /// How many there are.
        have: u64,
        /// How many there must be.
        need: u64,
    },
    /// No gated class has any truth.
    NoTruth,
    /// The interval holds 0.
    IntervalHoldsZero,
    /// A gated class seems to have lost more than the margin, or has surely
    /// lost something.
    ClassRegressed {
        /// Index of the class.
        category: usize,
    },
    /// The candidate is slower than the budget allows.
    OverLatencyBudget {
        /// 95th percentile.
        measured_ms: f64,
        /// What is allowed.
        budget_ms: f64,
    },
    /// There is a budget, and no measurement.
    LatencyUnknown,
    /// Too few blind reviews beside the others.
    FewBlindImages {
        /// How many there are.
        have: u64,
        /// How many there must be.
        need: u64,
    },
    /// The blind reviews say the opposite.
    BlindDisagrees,
    /// Without the reviews that favour the winner, the interval holds 0.
    DecidedByAnchoredReviews,
}

/// One class in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryComparison {
    /// Whether the verdict looks at it.
    pub gated: bool,
    /// True boxes.
    pub truths: u64,
    /// AP of the champion; `None` without truth.
    pub champion: Option<f64>,
    /// AP of the candidate; `None` without truth.
    pub candidate: Option<f64>,
    /// The candidate's minus the champion's.
    pub difference: Option<Estimate>,
    /// Whether it holds the candidate back.
    pub regressed: bool,
}

/// The verdict with all that it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// What the gate says.
    pub verdict: Verdict,
    /// Why it says no more.
    pub reasons: Vec<Reason>,
    /// Held-out images.
    pub images: u64,
    /// Of them, reviewed from an empty canvas.
    pub blind_images: u64,
    /// ΔAP on all of them: the candidate's minus the champion's.
    pub difference: Option<Estimate>,
    /// ΔAP on the blind ones alone.
    pub blind: Option<Estimate>,
    /// ΔAP on the others alone.
    pub anchored: Option<Estimate>,
    /// By index of the category.
    pub per_category: Vec<CategoryComparison>,
    /// How many more reviews would probably (four times of five) decide it, if
    /// what is seen so far is how it is; `None` when it is decided, or when
    /// nobody can say.
    pub more_reviews: Option<u64>,
    /// With which seed, confidence and number of resamples it can be repeated.
    pub settings: GateSettings,
}

/// The categories of the input are not those of the matches.
pub type GateError = NotPaired;

#[cfg(test)]
mod tests;
