//! A verdict and its reasons in words.

use crate::name::Label;
use measures::gate::{Reason, Verdict};

/// The verdict in a few words.
#[must_use]
pub fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Undecided => "undecided",
        Verdict::UndecidedAnchored => "undecided (anchored)",
    }
}

/// Why the verdict says no more, in a sentence.
#[must_use]
pub fn reason_words(reason: &Reason, labels: &[Label]) -> String {
    let name = |category: usize| labels.get(category).map_or("?", Label::as_str);
    match *reason {
        Reason::FewImages { have, need } => format!("There are {have} held-out images; it takes {need}."),
        Reason::FewBoxes { category, have, need } => {
            format!("{} has {have} true boxes; it takes {need}.", name(category))
        }
        Reason::NoTruth => "No class has any truth.".to_owned(),
        Reason::IntervalHoldsZero => "The interval holds 0.".to_owned(),
        Reason::ClassRegressed { category } => format!("{} seems to have lost.", name(category)),
        Reason::OverLatencyBudget { measured_ms, budget_ms } => {
            format!(
                "The candidate takes {measured_ms:.0} ms (95th percentile); {budget_ms:.0} ms are allowed."
            )
        }
        Reason::LatencyUnknown => "There is a latency budget, and no measurement.".to_owned(),
        Reason::FewBlindImages { have, need } => {
            format!("{have} images were reviewed from an empty canvas; it takes {need}.")
        }
        Reason::BlindDisagrees => "The blind reviews say the opposite.".to_owned(),
        Reason::DecidedByAnchoredReviews => {
            "Without the reviews that began with the winner's boxes, nothing is decided.".to_owned()
        }
    }
}

/// In words: `once`, `3 times`.
#[must_use]
pub fn times(number: u64) -> String {
    match number {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}
